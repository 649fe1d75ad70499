"""Companies of the group. Only warnings: a company cannot be held out of its own books."""

from __future__ import annotations

import pandas as pd

from expectations.check_digits import tax_identifier_valid
from expectations.iso_codes import COUNTRIES, CURRENCIES
from expectations.prepare import Context
from expectations.rules import (
    COMPLETENESS,
    CONTROLLER,
    UNIQUENESS,
    VALIDITY,
    WARNING,
    Rule,
    in_set,
    is_true,
    not_null,
    unique,
)  # fmt: skip
from expectations.suites.suite import Suite

BOOKS = ("dim_company", "fct_trial_balance_monthly")

RULES = (
    Rule("company_name_present", COMPLETENESS, WARNING, CONTROLLER, "name", not_null("name"), BOOKS,
         "Company {record} has no name.", "公司 {record} 没有名称。"),
    Rule("company_code_unique", UNIQUENESS, WARNING, CONTROLLER, "code", unique("source_system", "code"), BOOKS,
         "Company {record} shares the code {value}, by which other systems name it, with another company.",
         "公司 {record} 的代码 {value} 与另一公司重复，其他系统无法区分。"),
    Rule("company_currency_iso", VALIDITY, WARNING, CONTROLLER, "currency", in_set("currency", CURRENCIES), BOOKS,
         "Company {record} keeps its books in {value}, which is no ISO 4217 code.",
         "公司 {record} 的记账本位币 {value} 不符合 ISO 4217。"),
    Rule("company_country_iso", VALIDITY, WARNING, CONTROLLER, "country", in_set("country", COUNTRIES), BOOKS,
         "Company {record} has the country {value}, which is no ISO 3166 code.",
         "公司 {record} 的国家代码 {value} 不符合 ISO 3166。"),
    Rule("company_tax_identifier_valid", VALIDITY, WARNING, CONTROLLER, "tax_identifier",
         is_true("tax_identifier_valid"), BOOKS,
         "Company {record} has the tax identifier {value}, which breaks its country's form or check digit.",
         "公司 {record} 的税务识别号 {value} 格式或校验位不符合所在国家的规则。"),
)  # fmt: skip


def prepare(frame: pd.DataFrame, context: Context) -> dict[str, pd.Series]:
    return {"tax_identifier_valid": tax_identifier_valid(frame["tax_identifier"], frame["country"])}


SUITE = Suite("company", RULES, prepare)
