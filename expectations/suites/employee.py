"""Employees: whom payroll pays."""

from __future__ import annotations

import pandas as pd

from expectations.check_digits import account_number_valid, compact
from expectations.prepare import Context, days_until, given_where_provided
from expectations.rules import (
    ACCURACY,
    COMPLETENESS,
    CONSISTENCY,
    CRITICAL,
    HR_PAYROLL,
    TIMELINESS,
    UNIQUENESS,
    VALIDITY,
    WARNING,
    Rule,
    between,
    is_true,
    matches_not,
    not_null,
    unique,
)  # fmt: skip
from expectations.suites.party import STAND_IN
from expectations.suites.suite import Suite

PAYROLL = ("fct_cash_forecast",)
PAY_DAYS = 45  # a month, and the days until its file arrives

RULES = (
    Rule("employee_name_present", COMPLETENESS, CRITICAL, HR_PAYROLL, "name", not_null("name"), PAYROLL,
         "Employee {record} has no name.", "员工 {record} 没有姓名。"),
    Rule("employee_name_real", ACCURACY, WARNING, HR_PAYROLL, "name", matches_not("name", STAND_IN), PAYROLL,
         "Employee {record} has a stand-in for a name: {value}.",
         "员工 {record} 的姓名“{value}”是占位内容，不是真实姓名。"),
    Rule("employee_company_known", CONSISTENCY, WARNING, HR_PAYROLL, "company_code", is_true("company_known"), PAYROLL,
         "Employee {record} works for {value}, which is no company of the group.",
         "员工 {record} 所属公司 {value} 不在集团公司之列。"),
    Rule("employee_bank_account_present", COMPLETENESS, WARNING, HR_PAYROLL, "bank_account_number",
         is_true("bank_account_given"), PAYROLL,
         "Employee {record} has no salary account.", "员工 {record} 没有工资账号。"),
    Rule("employee_bank_account_valid", VALIDITY, CRITICAL, HR_PAYROLL, "bank_account_number",
         is_true("bank_account_valid"), PAYROLL,
         "Employee {record} has the salary account {value}, whose form or check digits are wrong.",
         "员工 {record} 的工资账号 {value} 格式或校验位有误。"),
    # Not critical: couples share accounts. A person who is not there does, too.
    Rule("employee_bank_account_unique", UNIQUENESS, WARNING, HR_PAYROLL, "bank_account_number",
         unique("bank_account_compared"), PAYROLL,
         "Employee {record} shares the salary account {value} with another employee.",
         "员工 {record} 与其他员工共用工资账号 {value}。"),
    Rule("employee_paid_recently", TIMELINESS, WARNING, HR_PAYROLL, "last_pay_date",
         between("days_since_last_pay", None, PAY_DAYS), PAYROLL,
         f"Employee {{record}} counts as employed, but was last paid on {{value}}, more than {PAY_DAYS} days ago.",
         f"员工 {{record}} 在职，但最近一次发薪为 {{value}}，已超过 {PAY_DAYS} 天。"),
)  # fmt: skip


def prepare(frame: pd.DataFrame, context: Context) -> dict[str, pd.Series]:
    account = frame["bank_account_number"]
    columns = {
        "bank_account_given": given_where_provided(frame, "bank_account_number"),
        "bank_account_valid": account_number_valid(account),
        "bank_account_compared": compact(account),
    }
    companies = context.values("company", "code")
    if len(companies):
        columns["company_known"] = (
            frame["company_code"].isin(companies).astype("boolean").where(frame["company_code"].notna())
        )
    if "last_pay_date" in frame:
        is_active = frame["is_active"].astype("boolean").fillna(True)
        columns["days_since_last_pay"] = days_until(context.as_of, frame["last_pay_date"]).where(is_active)
    return columns


SUITE = Suite(
    "employee", RULES, prepare, conditional=frozenset({"last_pay_date", "days_since_last_pay", "company_known"})
)
