"""Suppliers: whom we pay, and to which account."""

from __future__ import annotations

import pandas as pd

from expectations.check_digits import account_number_valid, compact, iban_country
from expectations.iso_codes import SEPA_COUNTRIES
from expectations.prepare import Context, agrees, given_where_provided, not_among, same_account
from expectations.rules import (
    ACCURACY,
    AP_ACCOUNTANT,
    COMPLETENESS,
    CONSISTENCY,
    CRITICAL,
    TREASURY,
    UNIQUENESS,
    VALIDITY,
    WARNING,
    Rule,
    is_true,
    unique,
)  # fmt: skip
from expectations.suites.party import PARTY_EVIDENCE, party_rules, prepare_party
from expectations.suites.suite import Suite

DOCUMENTS = ("fct_purchase_invoice_line", "fct_payable_aging")
PAYMENTS = ("dim_supplier", "fct_cash_forecast")

RULES = (
    *party_rules("supplier", "供应商", AP_ACCOUNTANT, DOCUMENTS, "fct_cash_forecast"),
    Rule("supplier_bank_account_present", COMPLETENESS, WARNING, AP_ACCOUNTANT, "bank_account_number",
         is_true("bank_account_given"), PAYMENTS,
         "Supplier {record} has no bank account to pay to.", "供应商 {record} 没有收款银行账号。"),
    Rule("supplier_bank_account_valid", VALIDITY, CRITICAL, AP_ACCOUNTANT, "bank_account_number",
         is_true("bank_account_valid"), PAYMENTS,
         "Supplier {record} has the bank account {value}, whose form or check digits are wrong.",
         "供应商 {record} 的银行账号 {value} 格式或校验位有误。"),
    # Not critical: branches of one supplier, and factoring companies, share an account rightly.
    Rule("supplier_bank_account_unique", UNIQUENESS, WARNING, TREASURY, "bank_account_number",
         unique("source_system", "bank_account_compared"), PAYMENTS,
         "Supplier {record} shares the bank account {value} with another supplier.",
         "供应商 {record} 与其他供应商共用银行账号 {value}。"),
    Rule("supplier_bank_account_country_agrees", CONSISTENCY, WARNING, TREASURY, "bank_account_number",
         is_true("bank_account_country_agrees"), PAYMENTS,
         "Supplier {record} is paid to {value}, an account in another country than its address.",
         "供应商 {record} 的收款账号 {value} 所在国家与地址国家不一致。"),
    # Not critical: a supplier that moved to another bank must be paid once before the bank can confirm it.
    Rule("supplier_bank_account_agrees_with_payments", ACCURACY, WARNING, TREASURY, "bank_account_number",
         is_true("bank_account_agrees_with_payments"), PAYMENTS,
         "Supplier {record} is recorded with the bank account {value}, but the bank paid {paid_account_number} on "
         "{paid_date}.",
         "供应商 {record} 登记的收款账号为 {value}，但银行于 {paid_date} 实际付款至 {paid_account_number}。"),
    # Not critical: many ERPs keep employees as suppliers to reimburse their expenses.
    Rule("supplier_bank_account_not_of_employee", CONSISTENCY, WARNING, TREASURY, "bank_account_number",
         is_true("bank_account_not_of_employee"), PAYMENTS,
         "Supplier {record} is paid to {value}, which is the salary account of an employee.",
         "供应商 {record} 的收款账号 {value} 与员工工资账号相同。"),
)  # fmt: skip


def prepare(frame: pd.DataFrame, context: Context) -> dict[str, pd.Series]:
    account = frame["bank_account_number"]
    replaced = frame["replaced_by_supplier_id"].notna()
    account_compared = compact(account).mask(replaced)
    salary_accounts = compact(context.values("employee", "bank_account_number"))
    columns = prepare_party(frame, "supplier", context) | {
        "bank_account_compared": account_compared,
        "bank_account_given": given_where_provided(frame, "bank_account_number").mask(replaced),
        "bank_account_valid": account_number_valid(account),
        # Within SEPA an account abroad is ordinary; asking there would bury the odd ones.
        "bank_account_country_agrees": agrees(_area(iban_country(account)), _area(frame["country"])),
        "bank_account_not_of_employee": not_among(account_compared, salary_accounts),
    }
    if "paid_account_number" in frame:
        paid_to = compact(frame["paid_account_number"])
        valid = account_compared.where(columns["bank_account_valid"].fillna(False))  # else its own rule tells
        columns["bank_account_agrees_with_payments"] = same_account(valid, paid_to)
    return columns


def _area(country: pd.Series) -> pd.Series:
    return country.mask(country.isin(SEPA_COUNTRIES), "SEPA")


SUITE = Suite("supplier", RULES, prepare, conditional=PARTY_EVIDENCE | {"bank_account_agrees_with_payments"})
