"""The bridge from one margin to another: whatever was sold, its effects add up to the change, to the last decimal."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from datetime import date
from decimal import Decimal

import duckdb
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.queries.margin import EFFECTS, bridge_sql, effects

_DUCKDB = duckdb.connect()  # a connection for each example would take longer than the example
THEN, NOW = date(2025, 10, 1), date(2026, 10, 1)


@dataclass(frozen=True)
class Line:
    """One row of a roll-up; amounts in the own currency and at the rate of the day."""

    period_start: date
    company_id: str = "A"
    product_id: str = "P"
    document_currency: str = "EUR"
    is_cost_known: bool = True
    quantity: Decimal = Decimal(10)
    net_amount_document_currency: Decimal = Decimal(1000)
    net_amount_reporting_currency: Decimal = Decimal(8000)
    cost_amount_company_currency: Decimal = Decimal(600)
    cost_amount_reporting_currency: Decimal = Decimal(4800)


def bridge(*lines: Line) -> dict[str, dict[str, Decimal]]:
    """The effects on revenue and cost, as DuckDB reckons them over ``lines``."""
    with _DUCKDB.cursor() as con:
        con.execute(
            """create or replace table sold (period_start date, company_id varchar, product_id varchar,
            document_currency varchar, is_cost_known boolean, quantity decimal(18, 6),
            net_amount_document_currency decimal(18, 4),
            net_amount_reporting_currency decimal(18, 4), cost_amount_company_currency decimal(18, 4),
            cost_amount_reporting_currency decimal(18, 4))"""
        )
        con.executemany(f"insert into sold values ({', '.join('?' * 10)})", [astuple(line) for line in lines])
        days = {"now_first": NOW, "now_last": date(2026, 10, 31), "then_first": THEN, "then_last": date(2025, 10, 31)}
        told = con.execute(bridge_sql("sold", ""), days).to_arrow_table().to_pandas(types_mapper=pd.ArrowDtype)
    return {amount: effects(told.iloc[0], amount) for amount in ("revenue", "cost")}


def amounts(lowest: int = -100_000) -> st.SearchStrategy[Decimal]:
    return st.decimals(lowest, 1_000_000, places=4, allow_nan=False)


LINES = st.lists(
    st.builds(
        Line,
        period_start=st.sampled_from((THEN, NOW)),
        company_id=st.sampled_from("AB"),
        product_id=st.sampled_from("PQR"),
        document_currency=st.sampled_from(("EUR", "USD")),
        is_cost_known=st.sampled_from((True, True, True, False)),
        quantity=st.decimals(-50, 5_000, places=3, allow_nan=False),
        net_amount_document_currency=amounts(),
        net_amount_reporting_currency=amounts(),
        cost_amount_company_currency=amounts(),
        cost_amount_reporting_currency=amounts(),
    ),
    min_size=1,
    max_size=12,
)


@given(LINES)
@settings(deadline=None, max_examples=100)
def test_effects_add_up_to_the_change_exactly(lines: list[Line]) -> None:
    found = bridge(*lines)
    for amount, column in (("revenue", "net_amount_reporting_currency"), ("cost", "cost_amount_reporting_currency")):
        step = found[amount]
        known = [line for line in lines if line.is_cost_known]
        assert step["then"] == sum((getattr(one, column) for one in known if one.period_start == THEN), Decimal(0))
        assert step["now"] == sum((getattr(one, column) for one in known if one.period_start == NOW), Decimal(0))
        assert sum(step[name] for name in EFFECTS) == step["now"] - step["then"]
    margin = {name: found["revenue"][name] - found["cost"][name] for name in found["revenue"]}
    assert sum(margin[name] for name in EFFECTS) == margin["now"] - margin["then"]


def moved(found: dict[str, Decimal]) -> dict[str, Decimal]:
    return {name: found[name] for name in EFFECTS if found[name]}


def test_twice_of_everything_is_volume() -> None:
    sold = Line(THEN), Line(THEN, product_id="Q", quantity=Decimal(30))
    twice = [
        replace(line, period_start=NOW, quantity=2 * line.quantity, net_amount_document_currency=Decimal(2000),
                net_amount_reporting_currency=Decimal(16000), cost_amount_company_currency=Decimal(1200),
                cost_amount_reporting_currency=Decimal(9600))
        for line in sold
    ]  # fmt: skip
    found = bridge(*sold, *twice)
    assert moved(found["revenue"]) == {"volume": 16000}
    assert moved(found["cost"]) == {"volume": 9600}


def test_a_dearer_piece_is_price_and_a_dearer_euro_is_currency() -> None:
    # 100 EUR a piece become 110, a euro of 8 becomes one of 9; cost stays 60 EUR a piece.
    now = Line(NOW, net_amount_document_currency=Decimal(1100), net_amount_reporting_currency=Decimal(9900),
               cost_amount_reporting_currency=Decimal(5400))  # fmt: skip
    found = bridge(Line(THEN), now)
    assert moved(found["revenue"]) == {"price": 800, "currency": 1100}
    assert moved(found["cost"]) == {"currency": 600}


def test_as_many_pieces_of_something_else_are_mix() -> None:
    # 10 pieces at 800 and 10 at 200 CNY become 15 and 5: as many, but 3,000 more.
    cheap = Line(
        THEN, product_id="Q", net_amount_document_currency=Decimal(250), net_amount_reporting_currency=Decimal(2000)
    )
    now = (
        Line(NOW, quantity=Decimal(15), net_amount_document_currency=Decimal(1500),
             net_amount_reporting_currency=Decimal(12000)),
        replace(cheap, period_start=NOW, quantity=Decimal(5), net_amount_document_currency=Decimal(125),
                net_amount_reporting_currency=Decimal(1000)),
    )  # fmt: skip
    assert moved(bridge(Line(THEN), cheap, *now)["revenue"]) == {"mix": 3000}


def test_what_came_and_went_stands_apart() -> None:
    found = bridge(Line(THEN), Line(NOW), Line(THEN, product_id="Q"), Line(NOW, product_id="R", quantity=Decimal(0)))
    assert moved(found["revenue"]) == {}, "one went and one came for as much"
    found = bridge(Line(THEN), Line(NOW), Line(NOW, product_id="R"))
    assert moved(found["revenue"]) == {"in_one_period": 8000}
