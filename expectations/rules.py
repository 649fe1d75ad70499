"""What a rule is: what it expects of which column, and who does what by when if a record fails it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from great_expectations.expectations import Expectation

COMPLETENESS, VALIDITY, UNIQUENESS = "completeness", "validity", "uniqueness"
CONSISTENCY, TIMELINESS, ACCURACY = "consistency", "timeliness", "accuracy"
DIMENSIONS = (COMPLETENESS, VALIDITY, UNIQUENESS, CONSISTENCY, TIMELINESS, ACCURACY)

CRITICAL, WARNING = "critical", "warning"  # critical: the record is held
DUE_DAYS = {CRITICAL: 3, WARNING: 30}

DATA_STEWARD, AR_ACCOUNTANT, AP_ACCOUNTANT = "data_steward", "ar_accountant", "ap_accountant"
TREASURY, COST_ACCOUNTANT, HR_PAYROLL, CONTROLLER = "treasury", "cost_accountant", "hr_payroll", "controller"
OWNERS = (DATA_STEWARD, AR_ACCOUNTANT, AP_ACCOUNTANT, TREASURY, COST_ACCOUNTANT, HR_PAYROLL, CONTROLLER)


@dataclass(frozen=True)
class Expect:
    """A Great Expectations expectation by name, not yet built: the library is slow to import."""

    kind: str
    columns: tuple[str, ...]
    arguments: dict[str, Any]

    def build(self, **annotations: Any) -> Expectation:
        """The real expectation; ``annotations`` are its meta and description."""
        from great_expectations import expectations as library

        built: Expectation = getattr(library, self.kind)(**self.arguments, **annotations)
        return built


def not_null(column: str) -> Expect:
    return Expect("ExpectColumnValuesToNotBeNull", (column,), {"column": column})


def is_true(column: str) -> Expect:
    """A prepared yes/no column is never no; where it is missing, the rule does not apply."""
    return Expect("ExpectColumnValuesToBeInSet", (column,), {"column": column, "value_set": [True]})


def in_set(column: str, values: Collection[str]) -> Expect:
    return Expect("ExpectColumnValuesToBeInSet", (column,), {"column": column, "value_set": sorted(values)})


def between(column: str, least: float | None, most: float | None) -> Expect:
    arguments = {"column": column, "min_value": least, "max_value": most}
    return Expect("ExpectColumnValuesToBeBetween", (column,), arguments)


def matches(column: str, regex: str) -> Expect:
    return Expect("ExpectColumnValuesToMatchRegex", (column,), {"column": column, "regex": regex})


def matches_not(column: str, regex: str) -> Expect:
    return Expect("ExpectColumnValuesToNotMatchRegex", (column,), {"column": column, "regex": regex})


def unique(*columns: str) -> Expect:
    """No two records agree in all these columns; records where one is missing are left out."""
    if len(columns) == 1:
        return Expect("ExpectColumnValuesToBeUnique", columns, {"column": columns[0]})
    arguments = {"column_list": list(columns), "ignore_row_if": "any_value_is_missing"}
    return Expect("ExpectCompoundColumnsToBeUnique", columns, arguments)


@dataclass(frozen=True)
class Rule:
    """One rule of master data.

    ``attribute`` is the column a steward mends; its value is shown as the failed value. ``endangers`` names the
    published tables whose figures a failing record puts in doubt. ``en`` and ``zh`` say what is wrong with a record;
    in them {record} is the record's code (or source key) and name, {value} the failed value, and any other name a
    column of the frame.
    """

    id: str
    quality_dimension: str
    severity: str
    owner: str
    attribute: str
    expect: Expect
    endangers: tuple[str, ...]
    en: str
    zh: str

    @property
    def due_days(self) -> int:
        """Days the owner has from the day the fault is found."""
        return DUE_DAYS[self.severity]


def rule_catalogue() -> pd.DataFrame:
    """Every rule, one row each: rule, object, quality_dimension, severity, owner, due_days, attribute, expectation,
    endangers (comma-separated table names), sentence_en, sentence_zh."""
    from expectations.suites import SUITES

    return pd.DataFrame(
        {
            "rule": rule.id,
            "object": suite.object,
            "quality_dimension": rule.quality_dimension,
            "severity": rule.severity,
            "owner": rule.owner,
            "due_days": rule.due_days,
            "attribute": rule.attribute,
            "expectation": rule.expect.kind,
            "endangers": ", ".join(rule.endangers),
            "sentence_en": rule.en,
            "sentence_zh": rule.zh,
        }
        for suite in SUITES.values()
        for rule in suite.rules
    )
