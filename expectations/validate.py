"""Runs the suites over the master frames and says which record fails which rule: every failing key, never a sample."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from string import Formatter
from typing import TYPE_CHECKING, Any

import pandas as pd

from expectations.prepare import Context, trimmed
from expectations.rules import CRITICAL, Rule
from expectations.suites import SUITES, Suite

if TYPE_CHECKING:
    from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResult
    from great_expectations.data_context import AbstractDataContext

ISSUE_COLUMNS = (
    "rule", "quality_dimension", "severity", "object", "record_id", "company_id", "source_system", "source_key",
    "owner", "due_days", "failed_value", "detail_en", "detail_zh",
)  # fmt: skip
SUITE_COLUMNS = (
    "object", "rows_checked", "rules", "failed_rules", "failed_records", "held_records", "success", "error",
)  # fmt: skip


@dataclass(frozen=True)
class ValidationResult:
    """Outcome of the gate.

    ``issues``: one row per record and rule it fails: rule, quality_dimension, severity, object, record_id (the
    object's ``<object>_id``), company_id (missing where the object has none), source_system, source_key, owner,
    due_days, failed_value (text, missing where the value is), detail_en, detail_zh.
    ``suites``: one row per object: object, rows_checked, rules (run), failed_rules, failed_records, held_records
    (records that fail a critical rule), success (no rule failed), error (why the suite could not be evaluated, a
    sentence; empty where it was). Of a suite with an error there are no issues: nothing is known of its records.
    """

    issues: pd.DataFrame
    suites: pd.DataFrame


def validate(
    frames: Mapping[str, pd.DataFrame], *, as_of: date, data_docs_folder: str | None = None
) -> ValidationResult:
    """Check the master frames, keyed by object (customer, supplier, …: the keys of ``SUITES``).

    Each frame has the columns of its canonical object, and may have those of its evidence (``int_<object>_evidence``),
    without which the rules that need them do not run; objects without a frame are left out. ``as_of`` is the day
    the data stands for. ``data_docs_folder``: where Great Expectations writes its Data Docs (index.html), replacing
    those of the run before; None writes none.

    A suite that cannot be evaluated (a frame lacks a column, a rule names one that does not exist) gives an error, and
    the others go on. Raises ValueError for an unknown object.
    """
    unknown = sorted(set(frames) - set(SUITES))
    if unknown:
        raise ValueError(f"no suite for {', '.join(unknown)}: suites exist for {', '.join(SUITES)}")
    gx_context = _gx_context()
    context = Context({name: trimmed(frame) for name, frame in frames.items()}, as_of)
    issues, summaries, results = [], [], []
    for suite in SUITES.values():
        if suite.object not in frames:
            continue
        frame = context.frames[suite.object]
        rules: dict[str, Rule] = {}
        try:
            looked_at = _looked_at(suite, frame, context)
            rules = {rule.id: rule for rule in suite.rules if set(rule.expect.columns) <= set(looked_at.columns)}
            result = _run(gx_context, suite.object, looked_at, rules)
            failing = _failing_rows(suite.object, result)
        except SuiteError as error:
            issues.append(_concat([]))
            summaries.append(_summary(suite, len(frame), len(rules), issues[-1], str(error)))
            continue
        found = _concat([_issues(suite, rules[rule], frame.iloc[rows]) for rule, rows in failing.items()])
        issues.append(found)
        summaries.append(_summary(suite, len(frame), len(rules), found))
        results.append(result)
    if data_docs_folder is not None:
        from expectations.data_docs import write_data_docs

        write_data_docs(gx_context, results, as_of, data_docs_folder)
    return ValidationResult(_concat(issues), pd.DataFrame(summaries, columns=list(SUITE_COLUMNS)))


class SuiteError(Exception):
    """A suite cannot be evaluated; the message is a sentence that says what to mend."""


def _looked_at(suite: Suite, frame: pd.DataFrame, context: Context) -> pd.DataFrame:
    """The frame with all columns that the rules look at. Raises SuiteError where one is neither there nor prepared."""
    missing = sorted(suite.required_columns - set(frame.columns))
    if missing:
        raise SuiteError(
            f"{suite.object} frame lacks {', '.join(missing)}: pass all columns of the canonical object {suite.object}"
        )
    try:
        looked_at = frame.assign(**suite.prepare(frame, context))
    except KeyError as error:
        raise SuiteError(
            f"{suite.object} frame lacks {error.args[0]}: pass all columns of the canonical object {suite.object}"
        ) from None
    except (TypeError, ValueError) as error:
        raise SuiteError(f"{suite.object} frame holds values of another kind than its contract: {error}") from None
    for rule in suite.rules:
        unknown = sorted(set(rule.expect.columns) - set(looked_at.columns) - suite.conditional)
        if unknown:
            raise SuiteError(
                f"rule {rule.id} names {', '.join(unknown)}, which is no column of {suite.object} nor prepared for it: "
                f"correct the rule, or prepare the column in expectations/suites/{suite.object}.py"
            )
    return looked_at


def load_great_expectations() -> Any:
    """The library, without its usage statistics; importing it takes seconds, so it may be called ahead of time."""
    # Read when the library is imported, which is why the import stands here.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations

    return great_expectations


def _gx_context() -> AbstractDataContext:
    great_expectations = load_great_expectations()
    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    return context


def _run(
    context: AbstractDataContext, name: str, frame: pd.DataFrame, rules: Mapping[str, Rule]
) -> ExpectationSuiteValidationResult:
    from great_expectations import ExpectationSuite

    suite = ExpectationSuite(
        name=name,
        expectations=[
            rule.expect.build(meta={"rule": rule.id}, description=_description(rule)) for rule in rules.values()
        ],
    )
    suite = context.suites.add(suite)
    asset = context.data_sources.add_pandas(name).add_dataframe_asset(name)
    batch = asset.add_batch_definition_whole_dataframe("all records").get_batch({"dataframe": frame})
    # COMPLETE without index columns: row numbers, in one list per rule. With index columns the library makes a
    # dictionary per failing row; and its "query" would be a text as long as the list.
    return batch.validate(
        suite,
        result_format={
            "result_format": "COMPLETE",
            "exclude_unexpected_values": True,
            "return_unexpected_index_query": False,
        },
    )


def _description(rule: Rule) -> str:
    sentence = re.sub(r"\{\w+\}", "…", rule.en)
    return f"{rule.id} · {rule.quality_dimension} · {rule.severity} · {rule.owner} · fails when: {sentence}"


def _failing_rows(name: str, result: ExpectationSuiteValidationResult) -> dict[str, list[int]]:
    """Row numbers that fail, by rule; only rules that some row fails."""
    failing = {}
    for outcome in result.results:
        rule = outcome.expectation_config.meta["rule"]  # type: ignore[union-attr]
        exception = _exception(outcome.exception_info)
        if exception:
            raise SuiteError(f"rule {rule} could not be evaluated on the {name} frame: {exception}")
        if not outcome.success:
            failing[rule] = outcome.result["unexpected_index_list"]
    return failing


def _exception(info: Any) -> str | None:
    """The library gives one such dictionary, or a dictionary of them by metric."""
    for entry in [info] if "raised_exception" in info else info.values():
        if entry["raised_exception"]:
            return str(entry["exception_message"])
    return None


def _issues(suite: Suite, rule: Rule, records: pd.DataFrame) -> pd.DataFrame:
    """One row per failing record of one rule."""
    value = _as_text(records[rule.attribute])
    texts = {"record": _label(suite, records), "value": value.fillna("")}
    for _, name, _, _ in Formatter().parse(rule.en + rule.zh):
        if name and name not in texts:
            texts[name] = _as_text(records[name]).fillna("")
    columns = {
        "rule": rule.id,
        "quality_dimension": rule.quality_dimension,
        "severity": rule.severity,
        "object": suite.object,
        "record_id": records[suite.key].astype("str"),
        "company_id": _as_text(records["company_id"]) if "company_id" in records else None,
        "source_system": records["source_system"].astype("str"),
        "source_key": records["source_key"].astype("str"),
        "owner": rule.owner,
        "due_days": rule.due_days,
        "failed_value": value,
        "detail_en": _sentence(rule.en, texts),
        "detail_zh": _sentence(rule.zh, texts),
    }
    return pd.DataFrame(columns, index=records.index).reset_index(drop=True)


def _label(suite: Suite, records: pd.DataFrame) -> pd.Series:
    """What people call the records: code and name, say."""
    first, last = suite.label
    number = _as_text(records[first]).fillna(records["source_key"]) if first in records else records["source_key"]
    return (number.astype("str").fillna("") + " " + _as_text(records[last]).fillna("")).str.strip()


def _as_text(values: pd.Series) -> pd.Series:
    if pd.api.types.is_float_dtype(values.dtype) and values.dropna().mod(1).eq(0).all():
        values = values.astype("Int64")  # whole numbers with gaps arrive as floats: 45, not 45.0
    return values.astype("str").where(values.notna())


def _sentence(template: str, texts: Mapping[str, pd.Series]) -> pd.Series | str:
    """The template filled in for all rows at once."""
    sentence: pd.Series | str = ""
    for literal, field, _, _ in Formatter().parse(template):
        sentence = sentence + literal + (texts[field] if field else "")
    return sentence


def _summary(suite: Suite, rows: int, rules: int, issues: pd.DataFrame, error: str = "") -> dict[str, object]:
    return {
        "object": suite.object,
        "rows_checked": rows,
        "rules": rules,
        "failed_rules": issues["rule"].nunique(),
        "failed_records": issues["record_id"].nunique(),
        "held_records": issues.loc[issues["severity"] == CRITICAL, "record_id"].nunique(),
        "success": issues.empty and not error,
        "error": error,
    }


def _concat(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Issues under each other; text columns and types also when there is none."""
    types = {column: "int64" if column == "due_days" else "str" for column in ISSUE_COLUMNS}
    parts = [part for part in parts if not part.empty] or [pd.DataFrame(columns=list(ISSUE_COLUMNS))]
    return pd.concat(parts, ignore_index=True).astype(types)
