"""The chart of accounts. Only warnings: an account cannot be held out of the ledger that posts to it.

It has no rule of timeliness: charts carry no date, and an account may rightly rest for years.
"""

from __future__ import annotations

import pandas as pd

from expectations.prepare import Context
from expectations.rules import (
    ACCURACY,
    COMPLETENESS,
    CONSISTENCY,
    CONTROLLER,
    TREASURY,
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

LEDGER = ("dim_account", "fct_trial_balance_monthly", "fct_balance_sheet_monthly")
TYPES = ("asset", "liability", "equity", "income", "expense")
# Sub-ledger or use of an account → the type it needs; exchange differences are income in one chart, expense in others.
CONTROLS = {
    "receivable": "asset",
    "note_receivable": "asset",
    "bank": "asset",
    "payable": "liability",
    "note_payable": "liability",
    "realised_exchange": None,
    "realised_exchange_gain": None,
    "realised_exchange_loss": None,
    "unrealised_exchange": None,
}
PURPOSES = (
    "cash", "receivable", "inventory", "fixed_asset", "payable", "tax", "loan", "equity", "retained_earnings",
    "revenue", "cost_of_sales", "operating_expense", "depreciation", "interest", "income_tax", "exchange_difference",
    "other",
)  # fmt: skip
LINES_THAT_TELL = 20

RULES = (
    Rule("account_name_present", COMPLETENESS, WARNING, CONTROLLER, "name", not_null("name"), LEDGER,
         "Account {record} has no name.", "科目 {record} 没有名称。"),
    Rule("account_type_present", COMPLETENESS, WARNING, CONTROLLER, "type", not_null("type"), LEDGER,
         "Account {record} has no type, so no statement takes it up.", "科目 {record} 没有类别，无法计入报表。"),
    Rule("account_type_known", VALIDITY, WARNING, CONTROLLER, "type", in_set("type", TYPES), LEDGER,
         "Account {record} is of the type {value}, which is none of asset, liability, equity, income, expense.",
         "科目 {record} 的类别 {value} 不是资产、负债、权益、收入或费用。"),
    Rule("account_control_known", VALIDITY, WARNING, CONTROLLER, "control", in_set("control", CONTROLS), LEDGER,
         "Account {record} is kept by {value}, which is no sub-ledger.",
         "科目 {record} 的辅助核算 {value} 不是已知的明细账。"),
    Rule("account_purpose_known", VALIDITY, WARNING, CONTROLLER, "purpose", in_set("purpose", PURPOSES), LEDGER,
         "Account {record} stands in the line {value}, which the statements do not have.",
         "科目 {record} 的报表项目 {value} 不存在。"),
    Rule("account_code_unique", UNIQUENESS, WARNING, CONTROLLER, "code", unique("company_id", "code"), LEDGER,
         "Account {record} shares its number {value} with another account of its company.",
         "科目 {record} 的编号 {value} 与本公司另一科目重复。"),
    Rule("account_company_known", CONSISTENCY, WARNING, CONTROLLER, "company_id", is_true("company_known"), LEDGER,
         "Account {record} belongs to {value}, which is no company of the group.",
         "科目 {record} 所属公司 {value} 不在集团公司之列。"),
    Rule("account_type_agrees_with_control", CONSISTENCY, WARNING, CONTROLLER, "type",
         is_true("type_agrees_with_control"), LEDGER,
         "Account {record} is of the type {value} but kept by the sub-ledger {control}.",
         "科目 {record} 的类别 {value} 与辅助核算 {control} 不符。"),
    Rule("account_agrees_between_companies", CONSISTENCY, WARNING, CONTROLLER, "type", is_true("like_elsewhere"),
         LEDGER, "Account {record} is of the type {value} with sub-ledger {control}; in other companies it is not.",
         "科目 {record} 的类别为 {value}、辅助核算为 {control}，与其他公司不一致。"),
    Rule("account_followed_by_bank_account", CONSISTENCY, WARNING, TREASURY, "control", is_true("followed"), LEDGER,
         "Account {record} is a bank account in the ledger, but no own bank account belongs to it.",
         "科目 {record} 为银行存款科目，但没有对应的银行账户。"),
    Rule("account_control_agrees_with_postings", ACCURACY, WARNING, CONTROLLER, "control",
         is_true("control_agrees_with_postings"), LEDGER,
         "Account {record} belongs to no sub-ledger, but invoices post to it with a party: open items are missing.",
         "科目 {record} 未设辅助核算，但发票分录带有往来单位，往来明细可能缺失。"),
)  # fmt: skip


def prepare(frame: pd.DataFrame, context: Context) -> dict[str, pd.Series]:
    control, type_ = frame["control"], frame["type"]
    needed = control.map(CONTROLS)
    told = frame["source_system"] + "\0" + frame["code"]
    alike = told + "\0" + type_.fillna("") + "\0" + control.fillna("")
    companies = frame["company_id"].groupby(told).transform("nunique")
    columns = {
        "type_agrees_with_control": type_.eq(needed).astype("boolean").where(needed.notna() & type_.notna()),
        # One of two companies alone says nothing of which is right: then both are told.
        "like_elsewhere": (alike.groupby(alike).transform("size") * 2 > companies)
        .astype("boolean")
        .where(companies.gt(1)),
    }
    known = context.values("company", "company_id")
    if len(known):
        columns["company_known"] = frame["company_id"].isin(known).astype("boolean").where(frame["company_id"].notna())
    if "invoice_lines" in frame:
        # Ledgers that note a party everywhere do so in income and expense, too.
        balance_sheet = type_.isin(["asset", "liability"]) & frame["invoice_lines"].ge(LINES_THAT_TELL)
        with_party = frame["invoice_lines_with_party"] * 20 >= frame["invoice_lines"] * 19
        columns |= {
            "followed": frame["bank_accounts"].gt(0).astype("boolean").where(control.eq("bank").fillna(False)),
            "control_agrees_with_postings": (~with_party | control.notna()).astype("boolean").where(balance_sheet),
        }
    return columns


SUITE = Suite(
    "account", RULES, prepare, conditional=frozenset({"company_known", "followed", "control_agrees_with_postings"})
)
