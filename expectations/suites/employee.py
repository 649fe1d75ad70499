"""Employees: whom payroll pays."""

from __future__ import annotations

import pandas as pd

from expectations.check_digits import account_number_valid, compact
from expectations.prepare import Context, given_where_provided
from expectations.rules import (
    COMPLETENESS,
    CRITICAL,
    HR_PAYROLL,
    UNIQUENESS,
    VALIDITY,
    WARNING,
    Rule,
    is_true,
    not_null,
    unique,
)  # fmt: skip
from expectations.suites.suite import Suite

PAYROLL = ("fct_cash_forecast",)

RULES = (
    Rule("employee_name_present", COMPLETENESS, CRITICAL, HR_PAYROLL, "name", not_null("name"), PAYROLL,
         "Employee {record} has no name.", "员工 {record} 没有姓名。"),
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
)  # fmt: skip


def prepare(frame: pd.DataFrame, context: Context) -> dict[str, pd.Series]:
    account = frame["bank_account_number"]
    return {
        "bank_account_given": given_where_provided(frame, "bank_account_number"),
        "bank_account_valid": account_number_valid(account),
        "bank_account_compared": compact(account),
    }


SUITE = Suite("employee", RULES, prepare)
