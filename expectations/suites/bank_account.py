"""Our own bank accounts: where cash is counted."""

from __future__ import annotations

import pandas as pd

from expectations.check_digits import account_number_valid, compact
from expectations.iso_codes import CURRENCIES
from expectations.prepare import Context, days_until, given_where_provided
from expectations.rules import (
    ACCURACY,
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
GRACE_DAYS = 10  # holidays, and until somebody fetches the file
ONE_STATEMENT_DAYS = 31  # what an account with one statement alone is taken to be used to

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
    # Statements find their account by number and currency: one without any is described wrongly, or nobody reads it.
    Rule("bank_account_on_statements", ACCURACY, WARNING, TREASURY, "iban", is_true("on_statements"), CASH,
         "Bank account {record} with the number {value} in {currency} is on no statement; the other accounts are.",
         "银行账户 {record}（账号 {value}，币种 {currency}）没有任何对账单，而其他账户有。"),
    Rule("bank_account_ledger_account_known", CONSISTENCY, WARNING, TREASURY, "account_id",
         is_true("ledger_account_known"), CASH,
         "Bank account {record} is followed by the ledger account {value}, which no chart has.",
         "银行账户 {record} 对应的总账科目 {value} 不存在。"),
    Rule("bank_account_statement_recent", TIMELINESS, WARNING, TREASURY, "last_statement_date",
         between("days_statement_is_late", None, GRACE_DAYS), CASH,
         f"Bank account {{record}} has had no statement since {{value}}: its next is more than {GRACE_DAYS} days late.",
         f"银行账户 {{record}} 自 {{value}} 起没有对账单，下一份已迟到 {GRACE_DAYS} 天以上。"),
)  # fmt: skip


def prepare(frame: pd.DataFrame, context: Context) -> dict[str, pd.Series]:
    """``last_statement_date`` is no part of the canonical object; where the frame has it, statements are checked."""
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
    accounts = context.values("account", "account_id")
    if len(accounts):
        columns["ledger_account_known"] = (
            frame["account_id"].isin(accounts).astype("boolean").where(frame["account_id"].notna())
        )
    if "last_statement_date" in frame:
        usual_days = frame["usual_days_between"].astype("Float64").fillna(ONE_STATEMENT_DAYS)
        columns["days_statement_is_late"] = days_until(context.as_of, frame["last_statement_date"]) - usual_days
        has_statement = frame["last_statement_date"].notna()
        like = has_statement.groupby(frame["source_system"])
        usual = like.transform("mean").ge(0.5) & like.transform("size").gt(1)
        columns["on_statements"] = has_statement.astype("boolean").where(usual)
    return columns


SUITE = Suite(
    "bank_account",
    RULES,
    prepare,
    conditional=frozenset(
        {"last_statement_date", "days_statement_is_late", "on_statements", "company_known", "ledger_account_known"}
    ),
)
