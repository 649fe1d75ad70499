"""Totals on the pages and in the board pack are those of the certificate, on the demo group."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pypdfium2
import pytest

from dashboards import access
from dashboards.board_pack.content import Pack, board_pack
from dashboards.queries import receivables
from dashboards.queries.cash import cash_by_bank_account, cash_by_company, cash_total
from dashboards.queries.cells import documents_of_flow, parts_of_position
from dashboards.queries.controls import certificate_total
from dashboards.queries.forecast import FLOWS, NET, weekly_sheet
from dashboards.queries.margin import LEVELS, margin_by, margin_total
from dashboards.queries.payables import payables_total
from dashboards.queries.receivables import aging_by_company, aging_total
from dashboards.queries.run import current_run
from tests.end_to_end.conftest import settlehouse, succeeded


@pytest.fixture
def reader(demo_group: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published file, opened beside the pages, which are told of it."""
    link = demo_group / "var" / "published" / "current.duckdb"
    monkeypatch.setenv("SETTLEHOUSE_PUBLISHED", str(link))
    access.choose_file()
    with duckdb.connect(str(link), read_only=True, config={"enable_external_access": "false"}) as connection:
        yield connection


def certified(reader: duckdb.DuckDBPyConnection, control: str, key: str, condition: str = "true") -> dict[str, Decimal]:
    """Left totals of a control by ``key``, after making sure that the control agrees there."""
    rows = reader.execute(
        f"""select {key}, sum(left_total), bool_and(passed) from marts.fct_tie_out
            where control = ? and {condition} group by 1""",
        [control],
    ).fetchall()
    assert rows, control
    assert all(passed for *_, passed in rows), control
    return {name: total for name, total, _ in rows}


@pytest.mark.parametrize("side", ["receivable", "payable"])
def test_open_items_are_those_that_tie_out_to_the_ledger(reader: duckdb.DuckDBPyConnection, side: str) -> None:
    as_of = current_run()["as_of"]
    told = certified(reader, f"{side}_ledger", "company_id", f"as_of = date '{as_of}'")
    rows = reader.execute(
        f"""select company_id, sum(open_amount_company_currency), sum(open_amount_reporting_currency)
            from marts.fct_{side}_aging where as_of = ? group by 1""",
        [as_of],
    ).fetchall()
    assert {company: own for company, own, _ in rows} == told, "the rows behind the page are those of the certificate"
    in_group_currency = sum(reporting for *_, reporting in rows)
    if side == "payable":
        assert payables_total(as_of).iloc[0]["open"] == in_group_currency
        return
    assert aging_total(as_of).iloc[0]["open"] == in_group_currency
    by_company = aging_by_company(as_of)
    assert by_company["total"].sum() == in_group_currency
    assert dict(zip(by_company["company_id"], by_company["total"], strict=True)) == {row[0]: row[2] for row in rows}
    buckets = ["not_due", "days_1_30", "days_31_60", "days_61_90", "days_91_up"]
    assert sum(by_company[name].sum() for name in buckets) == in_group_currency


@pytest.mark.parametrize("months_back", [0, 1, 5, 11])
def test_aging_of_any_day_is_the_published_one(
    reader: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, months_back: int
) -> None:
    day = receivables.aging_dates()[months_back]
    columns = ["invoice_number", "customer_id", "open_amount_document_currency", "open_amount_reporting_currency"]

    def items() -> list[tuple[object, ...]]:
        found = receivables.open_invoices(day, None, None)[columns]
        return sorted(found.itertuples(index=False, name=None), key=str)

    kept, total = items(), aging_total(day).iloc[0]["open"]
    monkeypatch.setattr(receivables, "aging_dates", list)
    assert kept
    assert items() == kept
    assert aging_total(day).iloc[0]["open"] == total


@pytest.mark.parametrize("week", [0, 1, 6, 12])
def test_documents_of_every_cell_add_up_to_the_cell(reader: duckdb.DuckDBPyConnection, week: int) -> None:
    as_of = current_run()["as_of"]
    company = reader.execute("select min(company_id) from marts.dim_company").fetchall()[0][0]
    for company_id in (None, company):
        row = weekly_sheet(as_of, company_id).iloc[week]
        start = row["week_start"]
        for flow in (*FLOWS, NET):
            made_of = documents_of_flow(as_of, company_id, flow, start)["expected_amount"].sum()
            assert round(made_of, 2) == pytest.approx(row[flow], abs=Decimal("0.02")), (company_id, flow)
        for line in ("opening_cash", "closing_cash", "headroom"):
            if not pd.isna(row[line]):
                made_of = parts_of_position(as_of, company_id, start, line)["expected_amount"].sum()
                assert made_of == pytest.approx(row[line], abs=Decimal("0.2")), (company_id, line)


def test_cash_is_what_the_statements_that_add_up_end_with(reader: duckdb.DuckDBPyConnection) -> None:
    # Each account's statements add up and follow on: control bank_statement, and its chain, over all accounts.
    for control in ("bank_statement", "bank_statement_chain"):
        certified(reader, control, "detail")
    accounts = cash_by_bank_account()
    newest = dict(
        reader.execute(
            """select account.name, arg_max(statement.closing_balance_bank_currency, statement.statement_date)
               from marts.fct_bank_statement as statement
               inner join marts.dim_bank_account as account using (bank_account_id)
               where statement.statement_date <= (select as_of from marts.dim_run)
               group by statement.bank_account_id, account.name"""
        ).fetchall()
    )
    shown = dict(zip(accounts["bank_account"], accounts["closing_balance_bank_currency"], strict=True))
    assert shown == newest
    # The same balances stand on the bank's side of the control that compares bank and ledger.
    told = reader.execute(
        "select detail, right_total from marts.fct_tie_out where control = 'bank_ledger' and as_of is not null"
    ).fetchall()
    for detail, right in told:
        name = re.sub(r" on \d{4}-\d\d-\d\d$", "", detail)
        assert shown[name] == right, name
    cash = cash_total().iloc[0]["cash"]
    assert accounts["closing_balance_reporting_currency"].sum() == cash
    assert cash_by_company()["closing_balance_reporting_currency"].sum() == cash


def test_revenue_is_that_of_the_lines_that_agree_with_their_invoices(reader: duckdb.DuckDBPyConnection) -> None:
    key = "company_id || ' ' || split_part(detail, ',', 1)"
    told = certified(reader, "invoice_lines", key, "left_label = 'net of sales invoice lines'")
    lines = reader.execute(
        """select company_id || ' ' || document_currency, sum(net_amount_document_currency),
                sum(net_amount_reporting_currency)
           from marts.fct_sales_invoice_line group by 1"""
    ).fetchall()
    assert {place: own for place, own, _ in lines} == told
    revenue = margin_total({}, None).iloc[0]["revenue_reporting_currency"]
    assert revenue == sum(reporting for *_, reporting in lines)
    for level in LEVELS:
        assert margin_by(level, {}, None)["revenue_reporting_currency"].sum() == revenue, level


def test_the_pack_shows_the_certificate_and_its_totals(reader: duckdb.DuckDBPyConnection) -> None:
    pack: Pack = board_pack("zh")
    shown = {card.measure: card.value for section in pack.sections for card in section.cards}
    shown |= {card.measure: card.value for card in pack.summary}
    as_of = current_run()["as_of"]
    total = certificate_total(company_id=None, control=None, only_differences=False).iloc[0]
    counted = reader.execute("select count(*), count(*) filter (where passed) from marts.fct_tie_out").fetchone()
    assert (
        counted == (shown["comparison_count"], shown["comparisons_passed"]) == (total["comparisons"], total["passed"])
    )
    assert shown["blocking_differences"] == 0
    assert shown["cash_now"] == cash_total().iloc[0]["cash"]
    assert shown["open_receivables"] == aging_total(as_of).iloc[0]["open"]
    assert shown["open_payables"] == payables_total(as_of).iloc[0]["open"]


def test_the_command_writes_pack_and_workbook(demo_group: Path, tmp_path: Path) -> None:
    config, pack, book = demo_group / "company.yml", tmp_path / "pack.pdf", tmp_path / "aging.xlsx"
    succeeded(settlehouse("export", "--config", config, "--board-pack", "--language", "zh", "--out", pack))
    text = " ".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pack))
    assert "董事会报告" in text
    succeeded(
        settlehouse("export", "--config", config, "fct_receivable_aging", "--format", "xlsx", "--language", "zh",
                    "--out", book)
    )  # fmt: skip
    sheets = openpyxl.load_workbook(book, read_only=True)
    assert sheets.sheetnames == ["数据", "定义"]
    neither = settlehouse("export", "--config", config)
    assert neither.exit_code != 0
    assert "--board-pack" in neither.error
