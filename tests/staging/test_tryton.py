"""Tryton's tables become the canonical objects: hand-made tables, random entries, and a real ledger."""

from __future__ import annotations

import lzma
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dagster_project.config import Source
from dagster_project.contracts.canonical import OBJECTS
from dagster_project.contracts.layouts import load_layout
from dagster_project.sources.extract import extract_source
from dagster_project.sources.raw import prepare_warehouse
from tests.conftest import shared_data

DBT = Path(__file__).resolve().parents[2] / "dbt"
STAGING = Path(__file__).parents[2] / "dbt" / "models" / "staging" / "tryton"
OBJECTS_OF_TRYTON = sorted(name for name in OBJECTS if (STAGING / f"stg_tryton__{name}.sql").exists())

# One company in EUR. Accounts: 1 receivable, 2 payable, 3 bank, 4 revenue, 5 exchange loss, 6 VAT, 7 capital,
# 9 exchange gain.
COMPANY = {
    "currency_currency": """
        id | code | rounding
        1  | EUR  | 0.01
        2  | USD  | 0.01
        """,
    "party_party": """
        id | code | name      | active
        1  | OWN  | Our House | true
        7  | C7   | Customer  | true
        8  | S8   | Supplier  | true
        """,
    "company_company": """
        id | party | currency
        1  | 1     | 1
        """,
    "account_account_type": """
        id | parent | company | sequence | statement | receivable | payable | revenue | expense
        1  |        | 1       | 1        | balance   |            |         |         |
        2  |        | 1       | 2        | balance   |            |         |         |
        3  | 2      | 1       | 1        | balance   |            |         |         |
        4  | 2      | 1       | 2        | balance   |            |         |         |
        11 | 1      | 1       | 1        | balance   | true       |         |         |
        12 | 4      | 1       | 1        | balance   |            | true    |         |
        13 | 1      | 1       | 2        | balance   |            |         |         |
        14 |        | 1       | 3        | income    |            |         | true    |
        15 |        | 1       | 4        | income    |            |         |         |
        16 | 4      | 1       | 2        | balance   |            |         |         |
        17 | 3      | 1       | 1        | balance   |            |         |         |
        """,
    "account_account": """
        id | code | name                | type | company
        1  | 400  | Customers           | 11   | 1
        2  | 440  | Suppliers           | 12   | 1
        3  | 550  | Bank                | 13   | 1
        4  | 700  | Revenue             | 14   | 1
        5  | 654  | Sundry one          | 15   | 1
        6  | 451  | VAT                 | 16   | 1
        7  | 100  | Capital             | 17   | 1
        8  | 1    | A title             |      | 1
        9  | 754  | Sundry two          | 15   | 1
        """,
    "account_configuration_default_account": """
        id | company | currency_exchange_debit_account | currency_exchange_credit_account
        1  | 1       | 5                               | 9
        """,
    "account_journal": """
        id | type
        1  | revenue
        2  | cash
        3  | write-off
        """,
    "account_statement_journal": """
        id | name     | company | currency | account
        1  | Our bank | 1       | 1        | 3
        """,
}


def rows_of(text: str) -> list[dict[str, Any]]:
    """A table as text, ``|`` between cells, names in the first line; empty cells are NULL."""
    names, *lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return [dict(zip(names, [cell or None for cell in line], strict=True)) for line in lines]


def in_full(table: str, row: dict[str, Any]) -> dict[str, Any]:
    """The row with the columns that the short names stand for."""
    if table == "account_move":
        return {"company": 1, **row}
    if table == "account_invoice":
        net, tax = row.pop("net"), row.pop("tax")
        return {"company": 1, "move": row["id"], "untaxed_amount_cache": net, "tax_amount_cache": tax, **row}
    if table == "account_move_line":
        amount, usd = Decimal(row.pop("amount")), row.pop("usd")
        return {
            "debit": max(amount, Decimal(0)),
            "credit": max(-amount, Decimal(0)),
            "second_currency": 2 if usd is not None else None,
            "amount_second_currency": usd,
            **row,
        }
    return row


class Tryton:
    """The warehouse of a Tryton source: rows go into ``latest``, ``build`` runs the staging models over them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.connection = duckdb.connect(str(folder / "warehouse.duckdb"))
        prepare_warehouse(self.connection, [load_layout("tryton")])

    def add(self, tables: dict[str, str], source: str = "erp") -> None:
        for table, text in tables.items():
            for row in rows_of(text):
                self.insert(table, {**row, "_source": source})

    def insert(self, table: str, row: dict[str, Any]) -> None:
        row = in_full(table, dict(row))
        columns, marks = ", ".join(row), ", ".join("?" * len(row))
        self.connection.execute(f"insert into latest.tryton__{table} ({columns}) values ({marks})", list(row.values()))

    def build(self, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
        """Run the models and their tests, in a project that holds nothing else; gives dbt's results."""
        from dbt.cli.main import dbtRunner

        project = self.folder / "dbt"
        shutil.copytree(DBT / "models/staging/tryton", project / "models/staging/tryton")
        shutil.copytree(DBT / "macros", project / "macros")
        shutil.copytree(DBT / "tests/generic", project / "tests/generic")
        for file in ("dbt_project.yml", "profiles.yml"):
            shutil.copy(DBT / file, project / file)
        self.connection.close()
        monkeypatch.setenv("SETTLEHOUSE_WAREHOUSE", str(self.folder / "warehouse.duckdb"))
        outcome = dbtRunner().invoke(
            ["build", "--quiet", "--project-dir", str(project), "--profiles-dir", str(project),
             "--target-path", str(self.folder / "target"), "--log-path", str(self.folder), "--log-level", "none"]
        )  # fmt: skip
        assert not outcome.exception, outcome.exception
        self.connection = duckdb.connect(str(self.folder / "warehouse.duckdb"))
        return list(outcome.result.results)  # type: ignore[union-attr]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows with dates and amounts as plain text, easy to compare by eye."""
        return [
            tuple(f"{cell:f}".removesuffix("00") if isinstance(cell, Decimal) else cell and str(cell) for cell in row)
            for row in self.connection.execute(query).fetchall()
        ]

    def settlements(self, side: str, keys: tuple[int | str, ...]) -> list[tuple[Any, ...]]:
        listed = ", ".join(f"'erp:{key}'" for key in keys)
        return self.rows(
            f"""select replace({side}_id, 'erp:', ''), kind, settlement_date, amount_document_currency,
                amount_company_currency, exchange_difference_company_currency
            from staging.stg_tryton__{side}_settlement where {side}_id in ({listed}) order by 1, settlement_date, 4"""
        )

    def items(self, side: str, keys: tuple[int | str, ...]) -> list[tuple[Any, ...]]:
        listed = ", ".join(f"'erp:{key}'" for key in keys)
        return self.rows(
            f"""select replace({side}_id, 'erp:', ''), kind, invoice_number, posting_date, due_date,
                amount_document_currency, amount_company_currency
            from staging.stg_tryton__{side} where {side}_id in ({listed}) order by 1"""
        )


# Every case has its own hundred of ids; an invoice's entry has its id. ``net`` and ``tax`` stand for the cached totals,
# ``amount`` for debit (positive) or credit, ``usd`` for an amount in the second currency.
CASES = {
    "account_invoice": """
        id  | type | number | state     | party | currency | account | cancel_move | invoice_date | net  | tax
        100 | out  | INV-1  | posted    | 7     | 1        | 1       |             | 2024-01-03   | 100  | 0
        200 | out  | INV-2  | paid      | 7     | 1        | 1       |             | 2024-01-03   | 100  | 0
        300 | out  | INV-3  | paid      | 7     | 1        | 1       |             | 2024-01-03   | 100  | 0
        400 | out  | INV-4  | paid      | 7     | 2        | 1       |             | 2024-01-03   | 100  | 0
        500 | out  | INV-5  | paid      | 7     | 1        | 1       |             | 2024-01-03   | 100  | 0
        501 | out  | CN-5   | paid      | 7     | 1        | 1       |             | 2024-01-20   | -100 | 0
        600 | out  | INV-6  | cancelled | 7     | 1        | 1       | 601         | 2024-01-03   | 100  | 21
        700 | out  | INV-7  | posted    | 7     | 1        | 1       |             | 2024-01-10   | 100  | 0
        800 | in   | BILL-8 | paid      | 8     | 2        | 2       |             | 2024-01-03   | 100  | 0
        900 | out  | INV-9  | cancelled | 7     | 1        | 1       | 901         | 2024-01-03   | 50   | 0
        901 | out  | CN-9   | paid      | 7     | 1        | 1       |             | 2024-01-20   | -50  | 0
        950 | out  |        | validated | 7     | 1        | 1       |             | 2024-01-03   | 10   | 0
        """,
    "account_invoice_line": """
        id  | invoice | type | product | account | quantity | unit_price | origin
        600 | 600     | line | 1       | 4       | 2        | 40         | sale.line,9
        601 | 600     | line |         | 4       | 1        | 20         | sale.line,-1
        602 | 600     | title |        |         |          |            |
        """,
    "account_invoice_tax": """
        id  | invoice | tax | amount
        600 | 600     | 2   | 21
        """,
    "account_tax": """
        id | parent
        1  |
        2  | 1
        """,
    "account_invoice_line_account_tax": """
        id | line | tax
        1  | 600  | 1
        2  | 601  | 1
        """,
    "account_move": """
        id   | date       | state  | number | journal | origin
        100  | 2024-01-03 | posted | 100    | 1       |
        101 | 2024-01-10 | posted | 101    | 2       |
        200 | 2024-01-03 | posted | 200    | 1       |
        201 | 2024-01-10 | posted | 201    | 2       |
        202 | 2024-01-20 | posted | 202    | 2       |
        300 | 2024-01-03 | posted | 300    | 1       |
        301 | 2024-01-10 | draft  | 301    | 2       |
        400 | 2024-01-03 | posted | 400    | 1       |
        401 | 2024-01-10 | posted | 401    | 2       |
        402 | 2024-01-20 | posted | 402    | 2       |
        403 | 2024-01-20 | posted | 403    | 3       |
        500 | 2024-01-03 | posted | 500    | 1       |
        501 | 2024-01-20 | posted | 501    | 1       |
        600 | 2024-01-03 | posted | 600    | 1       |
        601 | 2024-01-31 | posted | 601    | 1       |
        700 | 2024-01-10 | posted | 700    | 1       |
        701 | 2024-01-03 | posted | 701    | 2       |
        800 | 2024-01-03 | posted | 800    | 1       |
        801 | 2024-01-20 | posted | 801    | 2       |
        802 | 2024-01-20 | posted | 802    | 3       |
        900 | 2024-01-03 | posted | 900    | 1       |
        901 | 2024-01-20 | posted | 901    | 1       |
        950 | 2024-01-03 | draft  | 950    | 1       |
        1000 | 2024-01-25 | posted | 1000   | 2       | account.payment,1000
        1100 | 2024-01-26 | posted | 1100   | 2       | account.invoice,100
        1200 | 2024-01-20 | posted | 1200   | 2       |
        """,
    # Money that is paid, and told by the bank; the other side is capital, so that no open item moves.
    "account_payment": """
        id   | number | kind    | company | party | journal | clearing_move
        1000 | P1000  | payable | 1       | 8     | 1       | 1000
        1001 | P1001  | payable | 1       | 8     | 1       |
        """,
    "account_payment_journal": """
        id | currency | clearing_account
        1  | 1        | 3
        """,
    "account_invoice_payment_method": """
        id | company | debit_account | credit_account
        1  | 1       | 3             | 3
        """,
    # Goods: 1 at average cost, 2 at a fixed one; the category leaves its accounts to the one above.
    "product_category": """
        id | name  | parent | account_parent
        1  | All   |        | false
        2  | Goods | 1      | true
        """,
    "product_category_account": """
        id | category | company | account_expense | account_stock | account_stock_in | account_stock_out | account_cogs
        1  | 1        | 1       | 5               | 3             | 4                | 6                 | 7
        """,
    "product_template": """
        id | name | type  | account_category
        1  | One  | goods | 2
        2  | Two  | goods | 2
        """,
    "product_product": """
        id | template | code
        1  | 1        | G1
        2  | 2        | G2
        """,
    "product_cost_price_method": """
        id | template | company | cost_price_method
        1  | 1        | 1       | average
        """,
    "account_fiscalyear": """
        id | company | name | start_date | end_date   | account_stock_method
        1  | 1       | 2024 | 2024-01-01 | 2024-12-31 | anglo_saxon
        """,
    "stock_location": """
        id | type
        1  | storage
        2  | customer
        3  | supplier
        """,
    "stock_move": """
        id | state | company | product | from_location | to_location | quantity | internal_quantity | cost_price | unit_price | currency | effective_date | origin
        1  | done  | 1       | 1       | 3             | 1           | 10       | 10                | 9          | 11         | 2        | 2024-01-05     | purchase.line,1
        2  | done  | 1       | 2       | 3             | 1           | 10       | 10                | 9          | 10         | 1        | 2024-01-05     | purchase.line,2
        3  | done  | 1       | 1       | 1             | 2           | 4        | 4                 | 9.125      | 20         | 1        | 2024-01-06     | sale.line,9
        4  | done  | 1       | 1       | 2             | 1           | 1        | 1                 | 9.125      | 20         | 1        | 2024-01-07     | sale.line,8
        5  | draft | 1       | 1       | 1             | 2           | 1        | 1                 | 9          | 20         | 1        | 2024-01-07     | sale.line,9
        6  | done  | 1       | 1       | 1             | 1           | 1        | 1                 | 9          | 20         | 1        | 2024-01-07     |
        """,  # noqa: E501
    "account_invoice_line_stock_move": """
        id | invoice_line | stock_move
        1  | 600          | 3
        """,
    "account_move_line": """
        id  | move | account | party | amount | usd  | maturity_date | reconciliation | origin
        110 | 100  | 1       | 7     | 50     |      | 2024-02-02    |                |
        111 | 100  | 1       | 7     | 50     |      | 2024-03-03    |                |
        112 | 101  | 1       | 7     | -70    |      |               |                |
        210 | 200  | 1       | 7     | 100    |      | 2024-02-02    | 2              |
        211 | 201  | 1       | 7     | -40    |      |               | 2              |
        212 | 202  | 1       | 7     | -60    |      |               | 2              |
        310 | 300  | 1       | 7     | 100    |      | 2024-02-02    | 3              |
        311 | 301  | 1       | 7     | -100   |      |               | 3              |
        410 | 400  | 1       | 7     | 90     | 100  | 2024-02-02    | 4              |
        411 | 401  | 1       | 7     | -46    | -50  |               | 4              |
        412 | 402  | 1       | 7     | -47    | -50  |               | 4              |
        413 | 403  | 1       | 7     | 3      |      |               | 4              |
        414 | 403  | 5       |       | -3     |      |               |                |
        510 | 500  | 1       | 7     | 100    |      | 2024-02-02    | 5              |
        511 | 501  | 1       | 7     | -100   |      | 2024-01-20    | 5              |
        610 | 600  | 1       | 7     | 121    |      | 2024-02-02    | 6              |
        612 | 600  | 4       |       | -80    |      |               |                | account.invoice.line,600
        613 | 600  | 4       |       | -20    |      |               |                | account.invoice.line,601
        614 | 600  | 6       |       | -21    |      |               |                | account.invoice.tax,600
        611 | 601  | 1       | 7     | -121   |      | 2024-02-02    | 6              |
        710 | 700  | 1       | 7     | 100    |      | 2024-02-09    |                |
        711 | 701  | 1       | 7     | -130   |      |               |                |
        810 | 800  | 2       | 8     | -90    | -100 | 2024-02-02    | 8              |
        811 | 801  | 2       | 8     | 88     | 100  |               | 8              |
        812 | 802  | 2       | 8     | 2      |      |               | 8              |
        813 | 802  | 5       |       | -2     |      |               |                |
        910 | 900  | 1       | 7     | 50     |      | 2024-02-02    | 9              |
        911 | 901  | 1       | 7     | -50    |      | 2024-02-02    | 9              |
        950 | 950  | 1       | 7     | 10     |      |               |                |
        1010 | 1000 | 7      |       | 30     |      |               |                |
        1011 | 1000 | 3      |       | -30    |      |               |                |
        1110 | 1100 | 3      |       | 12     |      |               |                |
        1111 | 1100 | 7      |       | -12    |      |               |                |
        1210 | 1200 | 3      |       | -5     |      |               |                |
        1211 | 1200 | 7      |       | 5      |      |               |                |
        """,
    "account_invoice_account_move_line": """
        id | invoice | line
        1  | 100     | 112
        2  | 200     | 211
        3  | 200     | 212
        4  | 300     | 311
        5  | 400     | 411
        6  | 400     | 412
        7  | 700     | 711
        8  | 800     | 811
        """,
    "account_statement": """
        id | journal | name | date       | state  | start_balance | end_balance
        1  | 1       | S1   | 2024-01-10 | posted |               |
        2  | 1       | S2   | 2024-01-20 | posted |               |
        3  | 1       | S3   | 2024-01-31 | draft  |               |
        """,
    "account_statement_line": """
        id | statement | date       | amount | party | account | related_to          | move
        1  | 1         | 2024-01-10 | 70     | 7     | 1       | account.invoice,100 | 101
        2  | 2         | 2024-01-20 | -5     |       | 7       |                     | 1200
        3  | 2         | 2024-01-20 | 60     | 7     | 1       |                     |
        4  | 3         | 2024-01-31 | 1      |       | 5       |                     |
        """,
    "currency_currency_rate": """
        id | currency | date       | rate
        1  | 1        |            | 1
        2  | 2        | 2024-01-01 | 1.10
        """,
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tryton, list[Any]]]:
    """All the cases above, of two sources whose ids are the same, built once."""
    tryton = Tryton(tmp_path_factory.mktemp("tryton"))
    tryton.add(COMPANY | CASES)
    tryton.add(COMPANY | CASES, source="other")
    with pytest.MonkeyPatch.context() as monkeypatch:
        results = tryton.build(monkeypatch)
    yield tryton, results
    tryton.connection.close()


@pytest.fixture
def tryton(built: tuple[Tryton, list[Any]]) -> Tryton:
    return built[0]


def test_models_and_their_tests_pass(built: tuple[Tryton, list[Any]]):
    failed = [
        (str(result.node.name), result.message) for result in built[1] if result.status not in ("success", "pass")
    ]
    assert not failed


@pytest.mark.parametrize("name", OBJECTS_OF_TRYTON)
def test_columns_are_those_of_the_contract(tryton: Tryton, name: str):
    columns = tryton.connection.execute(f"describe staging.stg_tryton__{name}").fetchall()
    assert [(column[0], column[1]) for column in columns] == [(c.name, c.type) for c in OBJECTS[name].columns]


def test_partial_payment_fills_the_earliest_instalment_first(tryton: Tryton):
    assert tryton.items("receivable", (110, 111, 112)) == [
        ("110", "invoice", "INV-1", "2024-01-03", "2024-02-02", "50.00", "50.00"),
        ("111", "invoice", "INV-1", "2024-01-03", "2024-03-03", "50.00", "50.00"),
    ]
    assert tryton.settlements("receivable", (110, 111)) == [
        ("110", "payment", "2024-01-10", "50.00", "50.00", "0.00"),
        ("111", "payment", "2024-01-10", "20.00", "20.00", "0.00"),
    ]


def test_reconciliation_settles_what_partial_payments_left(tryton: Tryton):
    assert tryton.settlements("receivable", (210,)) == [
        ("210", "payment", "2024-01-10", "40.00", "40.00", "0.00"),
        ("210", "payment", "2024-01-20", "60.00", "60.00", "0.00"),
    ]
    assert tryton.items("receivable", (211, 212)) == []


def test_receipt_in_a_draft_entry_leaves_its_amount_on_the_control_account(tryton: Tryton):
    assert tryton.items("receivable", (310, 311, "311-unposted")) == [
        ("310", "invoice", "INV-3", "2024-01-03", "2024-02-02", "100.00", "100.00"),
        ("311-unposted", "other", None, "2024-01-10", "2024-02-02", "100.00", "100.00"),
    ]
    assert tryton.settlements("receivable", (310, "311-unposted")) == [
        ("310", "payment", "2024-01-10", "100.00", "100.00", "0.00")
    ]


def test_exchange_difference_goes_to_the_invoice(tryton: Tryton):
    # 90 booked, 46 + 47 received: a gain of 3.
    assert tryton.settlements("receivable", (410,)) == [
        ("410", "payment", "2024-01-10", "50.00", "46.00", "0.00"),
        ("410", "payment", "2024-01-20", "50.00", "44.00", "3.00"),
    ]
    # 90 owed, 88 paid: a gain of 2.
    assert tryton.items("payable", (810,)) == [
        ("810", "invoice", "BILL-8", "2024-01-03", "2024-02-02", "100.00", "90.00")
    ]
    assert tryton.settlements("payable", (810,)) == [("810", "payment", "2024-01-20", "100.00", "90.00", "2.00")]


def test_credit_note_and_invoice_settle_each_other(tryton: Tryton):
    assert [row[1] for row in tryton.items("receivable", (510, 511))] == ["invoice", "credit_note"]
    assert tryton.settlements("receivable", (510, 511)) == [
        ("510", "credit_note", "2024-01-20", "100.00", "100.00", "0.00"),
        ("511", "credit_note", "2024-01-20", "-100.00", "-100.00", "0.00"),
    ]


def test_cancelled_invoice_is_reversed_by_its_credit_note_or_else_by_a_document_of_its_own(tryton: Tryton):
    invoices = tryton.rows(
        """select source_key, invoice_number, kind, invoice_date, net_amount_document_currency
        from staging.stg_tryton__sales_invoice
        where source_system = 'erp' and invoice_number in ('INV-6', 'INV-9', 'CN-9') order by 1"""
    )
    assert invoices == [
        ("600", "INV-6", "invoice", "2024-01-03", "100.00"),
        ("600-cancelled", "INV-6", "credit_note", "2024-01-31", "-100.00"),
        ("900", "INV-9", "invoice", "2024-01-03", "50.00"),
        ("901", "CN-9", "credit_note", "2024-01-20", "-50.00"),
    ]
    assert tryton.items("receivable", (611,)) == [
        ("611", "credit_note", "INV-6", "2024-01-31", "2024-02-02", "-121.00", "-121.00")
    ]
    assert [row[:3] for row in tryton.settlements("receivable", (610, 611))] == [
        ("610", "credit_note", "2024-01-31"),
        ("611", "credit_note", "2024-01-31"),
    ]


def test_money_before_its_invoice_is_unapplied_and_the_rest_of_it_stays_so(tryton: Tryton):
    assert tryton.items("receivable", (711,)) == [
        ("711", "unapplied_cash", "INV-7", "2024-01-03", "2024-01-03", "-130.00", "-130.00")
    ]
    assert tryton.settlements("receivable", (710, 711)) == [
        ("710", "payment", "2024-01-10", "100.00", "100.00", "0.00"),
        ("711", "payment", "2024-01-10", "-100.00", "-100.00", "0.00"),
    ]


def test_tax_is_spread_over_the_lines_that_bear_it(tryton: Tryton):
    assert tryton.rows(
        """select source_key, net_amount_document_currency, tax_amount_document_currency, quantity, order_line_id
        from staging.stg_tryton__sales_invoice_line where source_system = 'erp' order by 1"""
    ) == [
        ("600-cancelled:600", "-80.00", "-16.80", "-2.0000", "erp:sale.line,9"),
        ("600-cancelled:601", "-20.00", "-4.20", "-1.0000", None),
        ("600:600", "80.00", "16.80", "2.0000", "erp:sale.line,9"),
        ("600:601", "20.00", "4.20", "1.0000", None),
    ]


def test_account_types_follow_from_flags_and_tree(tryton: Tryton):
    assert tryton.rows(
        "select code, type, control from staging.stg_tryton__account where source_system = 'erp' order by 1"
    ) == [
        ("100", "equity", None),
        ("400", "asset", "receivable"),
        ("440", "liability", "payable"),
        ("451", "liability", None),
        ("550", "asset", "bank"),
        ("654", "income", "realised_exchange_loss"),
        ("700", "income", None),
        ("754", "income", "realised_exchange_gain"),
    ]


def test_payments_move_money_to_the_account_of_money_on_its_way_or_on_the_spot(tryton: Tryton):
    assert tryton.rows(
        """select source_key, direction, payment_date, account_id, control_account_id, amount_company_currency
        from staging.stg_tryton__payment where source_system = 'erp' order by 1"""
    ) == [
        ("move-1100", "received", "2024-01-26", "erp:3", "erp:7", "12.00"),
        ("payment-1000", "paid", "2024-01-25", "erp:3", "erp:7", "30.00"),
    ]


def test_goods_are_worth_their_price_from_a_supplier_and_their_cost_elsewhere(tryton: Tryton):
    assert tryton.rows(
        """select source_key, document_type, goods_account_id, other_account_id, variance_account_id,
            goods_amount_company_currency, other_amount_company_currency
        from staging.stg_tryton__goods_posting where source_system = 'erp' order by 1"""
    ) == [
        # Two of the four delivered, 9.125 each; a cancelled invoice takes it back.
        ("bill-600-cancelled:600", "sales_invoice", "erp:4", "erp:7", None, "18.25", "18.25"),
        ("bill-600:600", "sales_invoice", "erp:6", "erp:7", None, "-18.25", "-18.25"),
        # 110 USD at 1.10.
        ("move-1", "goods_receipt_line", "erp:3", "erp:4", "erp:5", "100.00", "100.00"),
        # Ten at 9 fixed, bought at 10: the rest is a difference of price.
        ("move-2", "goods_receipt_line", "erp:3", "erp:4", "erp:5", "90.00", "100.00"),
        ("move-3", "shipment_line", "erp:3", "erp:6", "erp:5", "-36.50", "-36.50"),
        # 9.125 is 9.12: halves go to the even digit.
        ("move-4", "shipment_line", "erp:3", "erp:4", "erp:5", "9.12", "9.12"),
    ]


def test_entries_name_the_document_they_post(tryton: Tryton):
    assert tryton.rows(
        """select distinct entry_number, document_type, document_id from staging.stg_tryton__journal_line
        where source_system = 'erp' and entry_number in ('100', '101', '403', '601', '1000', '1100', '1200')
        order by 1"""
    ) == [
        ("100", "sales_invoice", "erp:100"),
        ("1000", "payment", "erp:payment-1000"),
        ("101", "bank_movement", "erp:1"),
        ("1100", "payment", "erp:move-1100"),
        ("1200", "bank_movement", "erp:2"),
        # Differences of exchange are found by their amounts.
        ("403", None, None),
        ("601", "sales_invoice", "erp:600-cancelled"),
    ]


def test_statements_without_balances_go_on_from_the_ones_before(tryton: Tryton):
    assert tryton.rows(
        """select statement_number, opening_balance_bank_currency, closing_balance_bank_currency
        from staging.stg_tryton__bank_statement where source_system = 'erp' order by 1"""
    ) == [("S1", "0.00", "70.00"), ("S2", "70.00", "125.00")]
    assert tryton.rows(
        """select source_key, matched_status
        from staging.stg_tryton__bank_movement where source_system = 'erp' order by 1"""
    ) == [("1", "matched"), ("2", "matched"), ("3", "unmatched")]


def test_rate_without_a_date_holds_from_the_beginning(tryton: Tryton):
    assert tryton.rows(
        "select currency, rate_date from staging.stg_tryton__exchange_rate where source_system = 'erp' order by 1"
    ) == [("EUR", "1970-01-01"), ("USD", "2024-01-01")]


OPEN_AND_BOOKED = """
with change as (
    select company_id, posting_date as day, amount_company_currency as amount from staging.stg_tryton__{side}
    union all
    select company_id, settlement_date, -amount_company_currency from staging.stg_tryton__{side}_settlement
    union all
    select line.company_id, line.posting_date, {sign} (line.credit_company_currency - line.debit_company_currency)
    from staging.stg_tryton__journal_line as line
    inner join staging.stg_tryton__account as account using (account_id)
    where account.control = '{side}'
),
day as (select company_id, day, sum(amount) as amount from change group by 1, 2)
select company_id, day, sum(amount) over (partition by company_id order by day) as difference
from day qualify difference <> 0
"""


@pytest.mark.parametrize(("side", "sign"), [("receivable", ""), ("payable", "-")])
def test_open_items_equal_the_control_account_on_every_day(tryton: Tryton, side: str, sign: str):
    assert tryton.rows(OPEN_AND_BOOKED.format(side=side, sign=sign)) == []


class LiveModels:
    """The built models over other rows: computed again in milliseconds, without running dbt again."""

    def __init__(self, tryton: Tryton, results: list[Any], folder: Path) -> None:
        self.tryton = Tryton(folder)
        self.tryton.add(COMPANY)
        self.tryton.connection.execute("create schema staging")
        # dbt gives its results in the order in which the models can be built.
        nodes = [result.node for result in results if result.node.resource_type == "model"]
        self.models = [
            f"create or replace {node.config.materialized} staging.{node.name} as "
            + node.compiled_code.replace('"warehouse".', "")
            for node in nodes
            if node.name.startswith("base_")
            or node.name.split("__")[1].startswith(("receivable", "account", "journal", "payment"))
        ]

    def read(self, tables: dict[str, list[dict[str, Any]]], *queries: str) -> list[list[tuple[Any, ...]]]:
        """What the queries give when these rows are all there is; nothing is kept."""
        self.tryton.connection.execute("begin")
        try:
            for table, rows in tables.items():
                for row in rows:
                    self.tryton.insert(table, {**row, "_source": "erp"})
            for model in self.models:
                self.tryton.connection.execute(model)
            return [self.tryton.rows(query) for query in queries]
        finally:
            self.tryton.connection.execute("rollback")


@pytest.fixture(scope="module")
def live(built: tuple[Tryton, list[Any]], tmp_path_factory: pytest.TempPathFactory) -> LiveModels:
    return LiveModels(*built, tmp_path_factory.mktemp("live"))


amounts = st.integers(min_value=1, max_value=50_000).map(lambda cents: Decimal(cents) / 100)


@st.composite
def ledger(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Invoices and payments of one customer in two currencies, some linked, some reconciled in balanced groups."""
    moves: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    invoices: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []

    def entry(amount: Decimal, *, foreign: bool = False, group: int | None = None, draft: bool = False) -> int:
        number = len(moves) + 1
        day = f"2024-01-{draw(st.integers(1, 9)):02d}"
        moves.append({"id": number, "date": day, "state": "draft" if draft else "posted", "journal": 1})
        rate = draw(st.sampled_from([Decimal("0.9"), Decimal("1.1")]))
        usd = (amount * rate).quantize(Decimal("0.01")) if foreign else None
        lines.append(
            {
                "id": number,
                "move": number,
                "account": 1,
                "party": 7,
                "reconciliation": group,
                "amount": amount,
                "usd": usd,
            }
        )
        return number

    for group in range(1, draw(st.integers(1, 5))):
        foreign, reconciled = draw(st.booleans()), draw(st.booleans())
        number = group if reconciled else None
        balance, first = Decimal(0), len(moves) + 1
        for _ in range(draw(st.integers(1, 3))):
            amount = draw(amounts) * draw(st.sampled_from([1, 1, 1, -1]))
            move = entry(amount, foreign=foreign, group=number)
            balance += amount
            invoices.append(
                {"id": move, "type": "out", "number": f"I{move}", "state": "posted", "party": 7, "account": 1,
                 "currency": 2 if foreign else 1, "invoice_date": "2024-01-01", "net": amount, "tax": 0}
            )  # fmt: skip
        of_group = [invoice["id"] for invoice in invoices if invoice["id"] >= first]
        if len(of_group) > 1 and draw(st.booleans()):  # a credit note, or an invoice, that pays another one
            paying = of_group.pop()
            links.append({"id": paying, "invoice": draw(st.sampled_from(of_group)), "line": paying})
        for _ in range(draw(st.integers(0, 3))):
            amount = draw(amounts) * draw(st.sampled_from([-1, -1, -1, 1]))
            move = entry(amount, foreign=foreign, group=number, draft=reconciled and draw(st.booleans()))
            balance += amount
            if draw(st.booleans()):
                links.append({"id": move, "invoice": draw(st.sampled_from(of_group)), "line": move})
        if reconciled and balance:
            entry(-balance, foreign=foreign and draw(st.booleans()), group=number)
    return {
        "account_move": moves, "account_move_line": lines, "account_invoice": invoices,
        "account_invoice_account_move_line": links,
    }  # fmt: skip


# Never more is settled than was open: what is left in document currency has the sign of the item.
OVERDONE = """
select receivable_id
from staging.stg_tryton__receivable as item
inner join (
    select receivable_id, sum(amount_document_currency) as settled
    from staging.stg_tryton__receivable_settlement group by 1
) as settlement using (receivable_id)
where sign(amount_document_currency) * (amount_document_currency - settled) < 0
"""


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(tables=ledger())
def test_whatever_is_posted_open_items_equal_the_control_account(
    live: LiveModels, tables: dict[str, list[dict[str, Any]]]
):
    differences, overdone = live.read(tables, OPEN_AND_BOOKED.format(side="receivable", sign=""), OVERDONE)
    assert differences == []
    assert overdone == []


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tryton]:
    """The models over the Tryton database that is kept beside the project."""
    packed = shared_data("tryton/tryton.sqlite.xz")
    tryton = Tryton(tmp_path_factory.mktemp("real"))
    database = tryton.folder / "tryton.sqlite"
    with lzma.open(packed) as source, database.open("wb") as target:
        shutil.copyfileobj(source, target)
    extract_source(
        tryton.connection, Source("erp", load_layout("tryton"), f"sqlite:///{database}", None), run_id="test"
    )
    with pytest.MonkeyPatch.context() as monkeypatch:
        results = tryton.build(monkeypatch)
    assert {result.status for result in results} == {"success", "pass"}
    yield tryton
    tryton.connection.close()


def test_real_ledger_equals_its_open_items_on_every_day(real: Tryton):
    assert real.rows(OPEN_AND_BOOKED.format(side="receivable", sign="")) == []
    assert real.rows(OPEN_AND_BOOKED.format(side="payable", sign="-")) == []
    assert real.rows(OVERDONE) == []


@pytest.mark.parametrize("side", ["sales", "purchase"])
def test_real_invoices_are_the_sum_of_their_lines(real: Tryton, side: str):
    differing = real.rows(
        f"""select invoice_number from staging.stg_tryton__{side}_invoice as invoice
        left join staging.stg_tryton__{side}_invoice_line as line using (invoice_id)
        group by invoice_id, invoice_number, invoice.net_amount_document_currency, invoice.tax_amount_document_currency
        having invoice.net_amount_document_currency is distinct from sum(line.net_amount_document_currency)
            or invoice.tax_amount_document_currency is distinct from sum(line.tax_amount_document_currency)"""
    )
    assert differing == []


@pytest.mark.parametrize("name", OBJECTS_OF_TRYTON)
def test_real_rows_have_all_that_the_contract_requires(real: Tryton, name: str):
    empty = " or ".join(f"{column.name} is null" for column in OBJECTS[name].columns if column.required)
    assert real.rows(f"select source_key from staging.stg_tryton__{name} where {empty}") == []
