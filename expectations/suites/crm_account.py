"""Customers as the CRM knows them, beside what the ERP says of the same customer number."""

from __future__ import annotations

import pandas as pd

from expectations.prepare import Context
from expectations.rules import CONSISTENCY, DATA_STEWARD, UNIQUENESS, WARNING, Rule, is_true, unique
from expectations.suites.suite import Suite

SALES = ("dim_customer", "fct_sales_invoice_line")

RULES = (
    Rule("crm_account_customer_known", CONSISTENCY, WARNING, DATA_STEWARD, "customer_code", is_true("customer_known"),
         SALES, "CRM account {record} has the customer number {value}, which no ERP knows.",
         "CRM 客户 {record} 的客户编号 {value} 在 ERP 中不存在。"),
    Rule("crm_account_customer_unique", UNIQUENESS, WARNING, DATA_STEWARD, "customer_code",
         unique("source_system", "customer_code"), SALES,
         "CRM account {record} shares the customer number {value} with another CRM account.",
         "CRM 客户 {record} 与另一 CRM 客户使用同一客户编号 {value}。"),
    Rule("crm_account_name_agrees", CONSISTENCY, WARNING, DATA_STEWARD, "name", is_true("name_agrees"), SALES,
         "CRM account {record} is called {value}, in the ERP {erp_name}.",
         "CRM 客户 {record} 的名称为 {value}，ERP 中为 {erp_name}。"),
    Rule("crm_account_tax_identifier_agrees", CONSISTENCY, WARNING, DATA_STEWARD, "tax_identifier",
         is_true("tax_identifier_agrees"), SALES,
         "CRM account {record} has the tax identifier {value}, in the ERP {erp_tax_identifier}.",
         "CRM 客户 {record} 的税务识别号为 {value}，ERP 中为 {erp_tax_identifier}。"),
    Rule("crm_account_country_agrees", CONSISTENCY, WARNING, DATA_STEWARD, "country", is_true("country_agrees"), SALES,
         "CRM account {record} has the country {value}, in the ERP {erp_country}.",
         "CRM 客户 {record} 的国家为 {value}，ERP 中为 {erp_country}。"),
    Rule("crm_account_salesperson_known", CONSISTENCY, WARNING, DATA_STEWARD, "salesperson_id",
         is_true("salesperson_known"), SALES,
         "CRM account {record} is looked after by {value}, whom the CRM does not know.",
         "CRM 客户 {record} 的销售员 {value} 不存在。"),
)  # fmt: skip


def prepare(frame: pd.DataFrame, context: Context) -> dict[str, pd.Series]:
    is_customer = frame["customer_code"].notna()
    columns = {
        "salesperson_known": frame["salesperson_name"].notna().astype("boolean").where(
            is_customer & frame["salesperson_id"].notna()
        )
    }  # fmt: skip
    if "customers" in frame:
        in_erp = frame["customers"].gt(0)
        columns["customer_known"] = in_erp.astype("boolean").where(is_customer)
        for name in ("name_agrees", "tax_identifier_agrees", "country_agrees"):
            columns[name] = frame[name].astype("boolean").where(in_erp)
    return columns


SUITE = Suite(
    "crm_account",
    RULES,
    prepare,
    conditional=frozenset({"customer_known", "name_agrees", "tax_identifier_agrees", "country_agrees"}),
    label=("source_key", "name"),
)
