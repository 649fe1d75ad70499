"""Our own bank accounts: where cash is counted."""

from __future__ import annotations

import pandas as pd

from expectations.check_digits import account_number_valid, compact
from expectations.iso_codes import CURRENCIES
from expectations.prepare import Context, given_where_provided
from expectations.rules import (
    COMPLETENESS,
    CONSISTENCY,
    CRITICAL,
    TIMELINESS,
    TREASURY,
    UNIQUENESS,
    VALIDITY,
    WARNING,
    Rule,
    between,
    in_set,
    is_true,
    not_null,
    unique,
)  # fmt: skip
from expectations.suites.suite import Suite

CASH = ("dim_bank_account", "fct_bank_movement", "fct_cash_forecast")
STATEMENT_DAYS = 10  # a bank that sends weekly statements, and a holiday

RULES = (
    Rule("bank_account_name_present", COMPLETENESS, WARNING, TREASURY, "name", not_null("name"), CASH,
         "Bank account {record} has no name.", "银行账户 {record} 没有名称。"),
    Rule("bank_account_number_present", COMPLETENESS, WARNING, TREASURY, "iban", is_true("iban_given"), CASH,
         "Bank account {record} has no account number, so statements cannot be assigned to it.",
         "银行账户 {record} 没有账号，无法对应银行对账单。"),
    Rule("bank_account_number_valid", VALIDITY, CRITICAL, TREASURY, "iban", is_true("iban_valid"), CASH,
         "Bank account {record} has the number {value}, whose form or check digits are wrong.",
         "银行账户 {record} 的账号 {value} 格式或校验位有误。"),
    # With the currency: some banks keep one number for an account in several currencies.
    Rule("bank_account_number_unique", UNIQUENESS, CRITICAL, TREASURY, "iban",
         unique("source_system", "iban_compared", "currency"), CASH,
         "Bank account {record} has the number {value} of another account: its cash would be counted twice.",
         "银行账户 {record} 的账号 {value} 与另一账户重复，资金会被重复计算。"),
    Rule("bank_account_currency_iso", VALIDITY, CRITICAL, TREASURY, "currency", in_set("currency", CURRENCIES), CASH,
         "Bank account {record} has the currency {value}, which is no ISO 4217 code.",
         "银行账户 {record} 的币种 {value} 不符合 ISO 4217。"),
    Rule("bank_account_currency_present", COMPLETENESS, CRITICAL, TREASURY, "currency", not_null("currency"), CASH,
         "Bank account {record} has no currency.", "银行账户 {record} 没有币种。"),
    Rule("bank_account_company_known", CONSISTENCY, CRITICAL, TREASURY, "company_id", is_true("company_known"), CASH,
         "Bank account {record} belongs to {value}, which is no company of the group.",
         "银行账户 {record} 所属公司 {value} 不在集团公司之列。"),
    Rule("bank_account_statement_recent", TIMELINESS, WARNING, TREASURY, "last_statement_date",
         between("days_since_last_statement", None, STATEMENT_DAYS), CASH,
         f"Bank account {{record}} has had no statement for more than {STATEMENT_DAYS} days; the last is of {{value}}.",
         f"银行账户 {{record}} 已超过 {STATEMENT_DAYS} 天没有对账单，最近一份日期为 {{value}}。"),
)  # fmt: skip


def prepare(frame: pd.DataFrame, context: Context) -> dict[str, pd.Series]:
    """``last_statement_date`` is no part of the canonical object; where the frame has it, its age is checked."""
    iban = frame["iban"]
    columns = {
        "iban_given": given_where_provided(frame, "iban"),
        "iban_valid": account_number_valid(iban),
        "iban_compared": compact(iban),
    }
    companies = context.values("company", "company_id")
    if len(companies):
        known = frame["company_id"].isin(companies)
        columns["company_known"] = known.astype("boolean").where(frame["company_id"].notna())
    if "last_statement_date" in frame:
        age = pd.Timestamp(context.as_of) - pd.to_datetime(frame["last_statement_date"])
        columns["days_since_last_statement"] = age.dt.days
    return columns


SUITE = Suite("bank_account", RULES, prepare, optional_columns=frozenset({"last_statement_date"}))
