"""The variance bridge over small tables of documents: every cause by hand, and its sum by law."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dagster_project.contracts.published import FORECASTS
from dagster_project.variance import CAUSES, compare

FIRST, SECOND = date(2026, 10, 4), date(2026, 11, 1)  # Sundays, four weeks apart
WEEK = timedelta(weeks=1)
MONDAYS = [FIRST + timedelta(days=1) + n * WEEK for n in range(13)]


@pytest.fixture
def marts() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as warehouse:
        warehouse.execute(
            """
            create schema marts;
            create table marts.fct_receivable (receivable_id varchar, kind varchar, company_id varchar,
                customer_id varchar, invoice_number varchar, source_system varchar, source_key varchar);
            create table marts.fct_receivable_settlement (receivable_id varchar, kind varchar, settlement_date date,
                amount_document_currency decimal(18, 4));
            create table marts.fct_receipt (kind varchar, company_id varchar, receivable_id varchar, receipt_date date,
                amount_document_currency decimal(18, 4), amount_reporting_currency decimal(18, 4),
                is_intercompany boolean);
            create table marts.fct_cash_forecast (forecast_as_of date, company_id varchar, currency varchar,
                flow varchar, week_start date, mean double);
            create table marts.dim_exchange_rate (currency varchar, valid_from date, valid_to date,
                reporting_currency_per_unit decimal(28, 12));
            insert into marts.dim_exchange_rate values ('EUR', '2020-01-01', null, 1);
            """
        )
        for table in FORECASTS:
            if table.name in ("fct_receipt_expectation", "fct_forecast_bridge", "fct_forecast_variance"):
                columns = ", ".join(f"{column.name} {column.type}" for column in table.columns)
                warehouse.execute(f"create table marts.{table.name} ({columns})")
        yield warehouse


def document(marts: duckdb.DuckDBPyConnection, name: str, kind: str = "invoice") -> None:
    marts.execute("insert into marts.fct_receivable values (?, ?, 'A', 'C', ?, 'erp', ?)", [name, kind, name, name])


def expect(
    marts: duckdb.DuckDBPyConnection, as_of: date, name: str, day: date, document_amount: str, amount: str,
    is_disputed: bool = False,
) -> None:  # fmt: skip
    marts.execute(
        """insert into marts.fct_receipt_expectation by name select ? as forecast_as_of, ? as receivable_id,
           'A' as company_id, ? as expected_date, ?::decimal(18, 4) as open_amount_document_currency,
           ?::decimal(18, 2) as amount_reporting_currency, ? as is_disputed""",
        [as_of, name, day, document_amount, amount, is_disputed],
    )


def receive(marts: duckdb.DuckDBPyConnection, name: str | None, day: date, document_amount: str, amount: str) -> None:
    marts.execute(
        "insert into marts.fct_receipt values (?, 'A', ?, ?, ?, ?, false)",
        ["payment" if name else "note", name, day, document_amount, amount],
    )


def settle(marts: duckdb.DuckDBPyConnection, name: str, kind: str, day: date, document_amount: str) -> None:
    marts.execute("insert into marts.fct_receivable_settlement values (?, ?, ?, ?)", [name, kind, day, document_amount])


def forecast(marts: duckdb.DuckDBPyConnection, as_of: date, amounts: dict[date, str]) -> None:
    for week, amount in amounts.items():
        marts.execute(
            "insert into marts.fct_cash_forecast values (?, 'A', 'EUR', 'receipts', ?, ?)", [as_of, week, amount]
        )


def causes(marts: duckdb.DuckDBPyConnection, name: str | None) -> list[tuple]:
    """(week number from 0, cause, reason, amount) of a document, in the order of weeks."""
    rows = marts.execute(
        """select week_start, cause, reason, amount_reporting_currency from marts.fct_forecast_variance
           where receivable_id is not distinct from ? order by week_start, cause""",
        [name],
    ).fetchall()
    return [((week - MONDAYS[0]).days // 7, cause, reason, str(amount)) for week, cause, reason, amount in rows]


def differences(marts: duckdb.DuckDBPyConnection) -> list[tuple]:
    """Weeks whose causes do not add up to the difference: there must be none."""
    return marts.execute(
        """
        select week_start, bridge.difference_reporting_currency, coalesce(sum(amount_reporting_currency), 0)
        from marts.fct_forecast_bridge as bridge
        left join marts.fct_forecast_variance using (forecast_as_of, compared_as_of, company_id, week_start)
        group by all
        having bridge.difference_reporting_currency <> coalesce(sum(amount_reporting_currency), 0)
            or bridge.difference_reporting_currency <> any_value(received_amount_reporting_currency)
                + any_value(still_expected_amount_reporting_currency) - any_value(forecast_amount_reporting_currency)
        """
    ).fetchall()


def test_each_cause_by_hand(marts: duckdb.DuckDBPyConnection):
    for name in ("late", "part", "off", "dollar", "more", "fought", "fresh"):
        document(marts, name)
    # 100 expected in week 0, paid in week 2
    expect(marts, FIRST, "late", MONDAYS[0], "100", "100")
    receive(marts, "late", MONDAYS[2] + timedelta(days=3), "100", "100")
    # 90 expected in week 1: 30 paid in week 1, 20 credited, 40 still expected in week 6
    expect(marts, FIRST, "part", MONDAYS[1], "90", "90")
    receive(marts, "part", MONDAYS[1], "30", "30")
    settle(marts, "part", "credit_note", MONDAYS[2], "20")
    expect(marts, SECOND, "part", MONDAYS[6], "40", "40")
    # written off
    expect(marts, FIRST, "off", MONDAYS[5], "50", "50")
    settle(marts, "off", "write_off", MONDAYS[3], "50")
    # 10 dollars expected at 7.00, came in the same week at 7.10
    expect(marts, FIRST, "dollar", MONDAYS[1], "10", "70")
    receive(marts, "dollar", MONDAYS[1], "10", "71")
    # the document says 60 now
    expect(marts, FIRST, "more", MONDAYS[7], "55", "55")
    expect(marts, SECOND, "more", MONDAYS[7], "60", "60")
    # disputed since, so expected later
    expect(marts, FIRST, "fought", MONDAYS[4], "25", "25")
    expect(marts, SECOND, "fought", MONDAYS[9], "25", "25", is_disputed=True)
    # not known at the first
    expect(marts, SECOND, "fresh", MONDAYS[8], "33", "33")
    # 500 a week were forecast; 7 came by a bill in week 0
    forecast(marts, FIRST, dict.fromkeys(MONDAYS, "500"))
    forecast(marts, SECOND, dict.fromkeys(MONDAYS[4:], "480.555"))
    receive(marts, None, MONDAYS[0], "7", "7")

    assert compare(marts, FIRST, SECOND)[0] == 13
    assert causes(marts, "late") == [(0, "timing", "paid_later", "-100.00"), (2, "timing", "paid_later", "100.00")]
    assert causes(marts, "part") == [
        (1, "permanent", "credit_note", "-20.00"),
        (1, "timing", "expected_later", "-40.00"),
        (6, "timing", "expected_later", "40.00"),
    ]
    assert causes(marts, "off") == [(5, "permanent", "write_off", "-50.00")]
    assert causes(marts, "dollar") == [(1, "currency", "rate", "1.00")]
    assert causes(marts, "more") == [(7, "changed_amount", "amount", "5.00")]
    assert causes(marts, "fought") == [(4, "timing", "disputed", "-25.00"), (9, "timing", "disputed", "25.00")]
    assert causes(marts, "fresh") == [(8, "new", "open", "33.00")]
    # week 0: not itemised 500 - 100 = 400 were forecast, 7 came
    assert causes(marts, None)[0] == (0, "not_itemised", "not_itemised", "-393.00")
    assert differences(marts) == []
    # the same again changes nothing
    before = marts.execute("select * from marts.fct_forecast_variance order by all").fetchall()
    compare(marts, FIRST, SECOND)
    assert marts.execute("select * from marts.fct_forecast_variance order by all").fetchall() == before


cents = st.integers(1, 10_000_000).map(lambda n: Decimal(n) / 100)
days = st.integers(1, 28)
ahead = st.integers(1, 100)
pieces = st.lists(st.tuples(days, cents, cents), max_size=3)
documents = st.fixed_dictionaries(
    {
        "first": st.none() | st.tuples(ahead, cents, cents),
        "second": st.none() | st.tuples(ahead, cents, cents, st.booleans()),
        "paid": pieces,
        "settled": st.lists(
            st.tuples(days, cents, st.sampled_from(["write_off", "credit_note", "discount"])), max_size=2
        ),
        "kind": st.sampled_from(["invoice", "invoice", "invoice", "other"]),
    }
)


@given(st.lists(documents, max_size=6), st.lists(cents, min_size=13, max_size=13), st.lists(cents, max_size=9))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_causes_add_up_to_the_cent_whatever_becomes_of_documents(
    marts: duckdb.DuckDBPyConnection, drawn: list[dict], first: list[Decimal], second: list[Decimal]
):
    for table in ("fct_receivable", "fct_receivable_settlement", "fct_receipt", "fct_cash_forecast",
                  "fct_receipt_expectation", "fct_forecast_bridge", "fct_forecast_variance"):  # fmt: skip
        marts.execute(f"delete from marts.{table}")
    for number, one in enumerate(drawn):
        name = f"d{number}"
        document(marts, name, one["kind"])
        if one["kind"] == "invoice" and one["first"]:
            day, document_amount, amount = one["first"]
            expect(marts, FIRST, name, FIRST + timedelta(days=day), str(document_amount), str(amount))
        if one["kind"] == "invoice" and one["second"]:
            day, document_amount, amount, is_disputed = one["second"]
            expect(marts, SECOND, name, SECOND + timedelta(days=day), str(document_amount), str(amount), is_disputed)
        for day, document_amount, amount in one["paid"]:
            receive(marts, name, FIRST + timedelta(days=day), str(document_amount), str(amount))
        for day, document_amount, kind in one["settled"]:
            settle(marts, name, kind, FIRST + timedelta(days=day), str(document_amount))
    forecast(marts, FIRST, {week: str(amount) for week, amount in zip(MONDAYS, first, strict=True)})
    forecast(marts, SECOND, {week: str(amount) for week, amount in zip(MONDAYS[4:], second, strict=False)})
    compare(marts, FIRST, SECOND)
    assert differences(marts) == []
    found = {cause for (cause,) in marts.execute("select distinct cause from marts.fct_forecast_variance").fetchall()}
    assert found <= set(CAUSES)
    # a document's timing moves money from week to week and makes none, as long as both weeks are looked at
    within = marts.execute(
        """select receivable_id, sum(amount_reporting_currency) from marts.fct_forecast_variance
           where cause = 'timing' and other_week_start between ? and ?
           group by 1 having sum(amount_reporting_currency) <> 0
        """,
        [MONDAYS[0], MONDAYS[-1]],
    ).fetchall()
    assert within == []
