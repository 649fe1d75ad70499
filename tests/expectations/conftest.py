"""A small group whose master data has no fault: every test plants its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

import expectations

AS_OF = date(2026, 10, 31)

# Identifiers are made up; their check digits are right.
CUSTOMERS = [
    # id    name                   tax identifier        country email               currency days limit
    ("cn:1", "信达电子有限公司", "913100000000000149", "CN", "ar@xinda.example", "CNY", 30, "500000.0000"),
    ("cn:2", "恒通贸易有限公司", "913100000000000224", "CN", "pay@hengtong.example", "CNY", 60, "0.0000"),
    ("gl:1", "Nordwind GmbH", "DE136695976", "DE", "buchhaltung@nordwind.example", "EUR", 14, "90000.0000"),
    ("gl:2", "Harbour Ltd", "GB980780684", "GB", None, "GBP", 0, None),
    ("gl:3", "Prairie Inc.", "12-3456789", "US", "ap@prairie.example; cfo@prairie.example", "USD", None, "1.0000"),
]
SUPPLIERS = [
    ("cn:1", "华东钢铁有限公司", "91310000000000030Y", "CN", None, "CNY", 30, "6222020200112233445"),
    ("gl:1", "Acier SA", "BE0428759497", "BE", "facture@acier.example", "EUR", 30, "BE71096123456769"),
    ("gl:2", "Stahl AG", "DE129273398", "DE", None, "EUR", 45, "DE89370400440532013000"),
]
PRODUCTS = [
    ("cn:1", "P-1", "轴承", "bearings", "pcs", "120.000000", "80.000000"),
    ("cn:2", "P-2", "法兰", "flanges", "pcs", "15.500000", "15.500000"),
    ("gl:1", "P-1", "Bearing", "bearings", "pcs", "0.000000", "9.000000"),
]
BANK_ACCOUNTS = [
    ("cn:1", "cn:c1", "基本户", "CNY", "110060149018000000001", "cn:1", date(2026, 10, 31), 31),
    ("gl:1", "gl:c1", "Main", "EUR", "DE89370400440532013000", "gl:1", date(2026, 10, 28), 1),
    ("gl:2", "gl:c1", "Dollar", "USD", "DE89370400440532013000", "gl:1", date(2026, 10, 30), 7),
]
# id, company, code, name, type, control, purpose, lines of invoices, of these with a party, own bank accounts
ACCOUNTS = [
    ("cn:1", "cn:c1", "1002", "银行存款", "asset", "bank", "cash", 0, 0, 1),
    ("cn:2", "cn:c1", "1122", "应收账款", "asset", "receivable", "receivable", 40, 40, 0),
    ("gl:1", "gl:c1", "1200", "Bank", "asset", "bank", "cash", 0, 0, 2),
    ("gl:2", "gl:c1", "4000", "Sales", "income", None, "revenue", 50, 0, 0),
    ("gl:3", "gl:c1", "7100", "Exchange differences", "expense", "realised_exchange", "exchange_difference", 0, 0, 0),
    ("gl:4", "gl:c2", "4000", "Sales", "income", None, "revenue", 50, 0, 0),
    ("gl:5", "gl:c3", "4000", "Sales", "income", None, "revenue", 50, 0, 0),
]
# id, currency, day, units per base, before, days since, newest, missing, to reporting, elsewhere, usual days, last used
RATES = [
    ("gl:1", "USD", date(2026, 10, 29), "1.1000", "1.0950", 1, False, None, 0.909, 0.9085, 1, date(2026, 10, 30)),
    ("gl:2", "USD", date(2026, 10, 30), "1.1100", "1.1000", 1, True, None, 0.901, None, 1, date(2026, 10, 30)),
    ("gl:3", "EUR", date(2020, 1, 1), "1.0000", None, None, True, None, None, None, None, date(2026, 10, 30)),
    ("gl:4", "GBP", date(2026, 8, 31), "0.8500", "0.8600", 31, True, None, None, None, 31, date(2026, 10, 30)),
]
# id, customer number, name, tax identifier, country, salesperson and name, customers of that number, as the ERP has it
CRM_ACCOUNTS = [
    ("crm:1", "C1", "Nordwind GmbH", "DE136695976", "DE", "U1", "Ana Weber", 1, "Nordwind GmbH", "DE136695976", "DE"),
    ("crm:2", "C2", "Harbour Ltd", None, "GB", None, None, 1, "Harbour Ltd", "GB980780684", "GB"),
    ("crm:3", None, "Prospect Ltd", None, "GB", "U9", None, None, None, None, None),
]
COMPANIES = [
    ("cn:c1", "SH", "Settle 上海", "CNY", "CN", None),
    ("gl:c1", "DE", "Settle GmbH", "EUR", "DE", "DE136695976"),
    ("gl:c2", "AT", "Settle Austria GmbH", "EUR", "AT", None),
    ("gl:c3", "NL", "Settle BV", "EUR", "NL", None),
]
EMPLOYEES = [
    ("hr:1", "SH", "李雷", "6222020200998877665", date(2026, 10, 10)),
    ("hr:2", "DE", "Ana Weber", "DE75512108001245126199", date(2026, 10, 28)),
]
# What documents and the bank say: last document, currency and term of a year's invoices, account paid to and when.
CUSTOMER_EVIDENCE = [
    (date(2026, 10, 30), "CNY", 30), (date(2026, 9, 1), None, None), (date(2025, 1, 15), "EUR", 14), (None, None, None),
    (date(2022, 11, 30), None, None),
]  # fmt: skip
SUPPLIER_EVIDENCE = [
    (date(2026, 10, 30), "CNY", 30, None, None),
    (date(2026, 10, 1), "EUR", 30, None, None),
    (None, None, None, None, None),
]
PRODUCT_EVIDENCE = [(date(2026, 10, 30),), (None,), (date(2026, 1, 1),)]


def _frame(object_: str, columns: list[str], rows: list[tuple]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=[f"{object_}_id", *columns])
    ids = frame[f"{object_}_id"].str.split(":", expand=True)
    return frame.assign(source_system=ids[0], source_key=ids[1])


def _money(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Decimals, as they come out of Arrow."""
    return frame.assign(**{c: frame[c].map(Decimal, na_action="ignore").astype(object) for c in columns})


@pytest.fixture
def frames() -> dict[str, pd.DataFrame]:
    party = ["name", "tax_identifier", "country", "email", "currency", "payment_term_days"]
    of_invoices = ["last_document_date", "invoiced_currency", "invoiced_term_days"]
    customer = _frame(
        "customer",
        [*party, "credit_limit_company_currency", *of_invoices],
        [(*told, *by_documents) for told, by_documents in zip(CUSTOMERS, CUSTOMER_EVIDENCE, strict=True)],
    )
    supplier = _frame(
        "supplier",
        [*party, "bank_account_number", *of_invoices, "paid_account_number", "paid_date"],
        [(*told, *by_documents) for told, by_documents in zip(SUPPLIERS, SUPPLIER_EVIDENCE, strict=True)],
    )
    product = _frame(
        "product",
        ["code", "name", "category", "unit", "list_price", "cost_price", "last_document_date"],
        [(*told, *by_documents) for told, by_documents in zip(PRODUCTS, PRODUCT_EVIDENCE, strict=True)],
    )
    bank = _frame(
        "bank_account",
        ["company_id", "name", "currency", "iban", "account_id", "last_statement_date", "usual_days_between"],
        BANK_ACCOUNTS,
    )
    company = _frame("company", ["code", "name", "currency", "country", "tax_identifier"], COMPANIES)
    employee = _frame("employee", ["company_code", "name", "bank_account_number", "last_pay_date"], EMPLOYEES)
    account = _frame(
        "account",
        ["company_id", "code", "name", "type", "control", "purpose", "invoice_lines", "invoice_lines_with_party",
         "bank_accounts"],
        ACCOUNTS,
    )  # fmt: skip
    rate = _frame(
        "exchange_rate",
        ["currency", "rate_date", "units_per_base", "units_before", "days_since_before", "is_newest", "missing_dates",
         "rate_to_reporting", "rate_elsewhere", "usual_days_between", "last_used_date"],
        RATES,
    ).assign(rate_type="spot")  # fmt: skip
    crm = _frame(
        "crm_account",
        ["customer_code", "name", "tax_identifier", "country", "salesperson_id", "salesperson_name", "customers",
         "erp_name", "erp_tax_identifier", "erp_country"],
        CRM_ACCOUNTS,
    ).assign(name_agrees=True, tax_identifier_agrees=True, country_agrees=True)  # fmt: skip
    customer = customer.assign(
        code="C" + customer["source_key"], is_active=True, segment="wholesale", replaced_by_customer_id=None
    )
    supplier = supplier.assign(code="S" + supplier["source_key"], is_active=True, replaced_by_supplier_id=None)
    return {
        "customer": _money(customer, "credit_limit_company_currency"),
        "supplier": supplier,
        "product": _money(product.assign(is_active=True), "list_price", "cost_price"),
        "bank_account": bank,
        "company": company,
        "employee": employee.assign(is_active=True),
        "account": account,
        "exchange_rate": _money(rate, "units_per_base", "units_before"),
        "crm_account": crm,
    }


@pytest.fixture
def gate() -> Callable[..., expectations.ValidationResult]:
    def run(frames: dict[str, pd.DataFrame], docs: str | None = None) -> expectations.ValidationResult:
        return expectations.validate(frames, as_of=AS_OF, data_docs_folder=docs)

    return run
