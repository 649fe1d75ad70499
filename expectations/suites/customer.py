"""Customers: whom we invoice, remind and grant credit."""

from __future__ import annotations

import pandas as pd

from expectations.prepare import Context
from expectations.rules import AR_ACCOUNTANT, CRITICAL, VALIDITY, Rule, between
from expectations.suites.party import PARTY_EVIDENCE, party_rules, prepare_party
from expectations.suites.suite import Suite

DOCUMENTS = ("fct_sales_invoice_line", "fct_receivable_aging")

RULES = (
    *party_rules("customer", "客户", AR_ACCOUNTANT, DOCUMENTS, "fct_receivable_forecast"),
    Rule("customer_credit_limit_not_negative", VALIDITY, CRITICAL, AR_ACCOUNTANT, "credit_limit_company_currency",
         between("credit_limit_company_currency", 0, None), ("dim_customer",),
         "Customer {record} has a negative credit limit: {value}.", "客户 {record} 的信用额度为负数：{value}。"),
)  # fmt: skip


def prepare(frame: pd.DataFrame, context: Context) -> dict[str, pd.Series]:
    return prepare_party(frame, "customer", context)


SUITE = Suite("customer", RULES, prepare, conditional=PARTY_EVIDENCE)
