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
    ("cn:1", "cn:c1", "基本户", "CNY", "110060149018000000001", date(2026, 10, 31)),
    ("gl:1", "gl:c1", "Main", "EUR", "DE89370400440532013000", date(2026, 10, 28)),
    ("gl:2", "gl:c1", "Dollar", "USD", "DE89370400440532013000", date(2026, 10, 30)),
]
COMPANIES = [("cn:c1", "Settle 上海", "CNY", "CN", None), ("gl:c1", "Settle GmbH", "EUR", "DE", "DE136695976")]
EMPLOYEES = [("hr:1", "李雷", "6222020200998877665"), ("hr:2", "Ana Weber", "DE75512108001245126199")]


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
    customer = _frame("customer", [*party, "credit_limit_company_currency"], CUSTOMERS)
    supplier = _frame("supplier", [*party, "bank_account_number"], SUPPLIERS)
    product = _frame("product", ["code", "name", "category", "unit", "list_price", "cost_price"], PRODUCTS)
    bank = _frame("bank_account", ["company_id", "name", "currency", "iban", "last_statement_date"], BANK_ACCOUNTS)
    company = _frame("company", ["name", "currency", "country", "tax_identifier"], COMPANIES)
    employee = _frame("employee", ["name", "bank_account_number"], EMPLOYEES)
    customer = customer.assign(
        code="C" + customer["source_key"], is_active=True, segment="wholesale", replaced_by_customer_id=None
    )
    supplier = supplier.assign(code="S" + supplier["source_key"], is_active=True, replaced_by_supplier_id=None)
    return {
        "customer": _money(customer, "credit_limit_company_currency"),
        "supplier": supplier,
        "product": _money(product, "list_price", "cost_price"),
        "bank_account": bank,
        "company": company,
        "employee": employee,
    }


@pytest.fixture
def gate() -> Callable[..., expectations.ValidationResult]:
    def run(frames: dict[str, pd.DataFrame], docs: str | None = None) -> expectations.ValidationResult:
        return expectations.validate(frames, as_of=AS_OF, data_docs_folder=docs)

    return run
