"""Laws of cash application that hold whatever comes."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.cash_application import matching
from dagster_project.cash_application.assign import assign
from dagster_project.cash_application.candidates import explain
from tests.benchmarks.cash_application import fill as fill_many
from tests.cash_application.conftest import AS_OF, NAMES, fill

_DAY = date(2026, 4, 1)
_MONEY = st.sampled_from([10, 20, 30, 49, 50, 98, 100, 120, 150, 230])
_ITEM = st.tuples(st.sampled_from(sorted(NAMES)), _MONEY, st.integers(0, 10))
_LINE = st.tuples(
    st.sampled_from([*NAMES.values(), "Meridian Factoring Ltd"]), _MONEY, st.integers(11, 40),
    st.sampled_from([None, "payment", "INV-2026-000100", "INV-2026-000101 INV-2026-000102", "RG 103"]),
)  # fmt: skip


def _tables(items, lines):  # type: ignore[no-untyped-def]
    of_items = [
        (f"I{n}", customer, f"INV-2026-{100 + n:06d}", amount, str(_DAY + timedelta(days=day)))
        for n, (customer, amount, day) in enumerate(items)
    ]
    of_lines = [
        (f"L{n}", str(_DAY + timedelta(days=day)), amount, payer, None, reference)
        for n, (payer, amount, day, reference) in enumerate(lines)
    ]
    return of_items, of_lines


def _match(items, lines, decisions=()):  # type: ignore[no-untyped-def]
    with duckdb.connect() as connection:
        fill(connection, items, lines, (), decisions)
        matching.match(connection, AS_OF)
        return connection.execute(
            """select line_id, item_id, scored_item.amount, scored_item.discount, scored_item.fee, line.amount,
                   left_over, round(chosen.probability, 6)
               from chosen join scored_item using (line_id, set_key) join line using (line_id)
               left join scored using (line_id, set_key) order by all"""
        ).fetchall(), connection.execute(
            "select line_id, set_key from chosen where is_confirmed order by all"
        ).fetchall()


def _law_of(rows, items) -> None:  # type: ignore[no-untyped-def]
    """No item gets more than is open; of a line every cent is with an item or left over."""
    of_item: dict[str, Decimal] = defaultdict(Decimal)
    of_line: dict[str, Decimal] = defaultdict(Decimal)
    whole: dict[str, Decimal] = {}
    for line_id, item_id, amount, discount, fee, line_amount, left_over, _ in rows:
        of_item[item_id] += amount + discount
        of_line[line_id] += amount - fee
        whole[line_id] = line_amount - (left_over or 0)
    opens = {item_id: Decimal(str(amount)) for item_id, _, _, amount, _ in items}
    assert all(amount <= opens[item_id] for item_id, amount in of_item.items())
    assert of_line == whole


@settings(max_examples=6, deadline=None)
@given(st.lists(_ITEM, min_size=1, max_size=8), st.lists(_LINE, min_size=1, max_size=6), st.randoms())
def test_every_cent_once_and_in_any_order(items, lines, random) -> None:
    of_items, of_lines = _tables(items, lines)
    rows, _ = _match(of_items, of_lines)
    _law_of(rows, of_items)
    random.shuffle(of_items)
    random.shuffle(of_lines)
    assert _match(of_items, of_lines)[0] == rows


@settings(max_examples=4, deadline=None)
@given(st.lists(_ITEM, min_size=2, max_size=6), st.lists(_LINE, min_size=2, max_size=5))
def test_a_persons_word_survives_every_run(items, lines) -> None:
    of_items, of_lines = _tables(items, lines)
    amount = min(of_items[0][3], of_lines[0][2])
    said = [(1, "L0", "I0", amount, "confirmed", str(_DAY + timedelta(days=60)))]
    for part in (of_lines[:1], of_lines):
        rows, confirmed = _match(of_items, part, said)
        assert confirmed == [("L0", "I0")]
        assert [(row[1], row[2]) for row in rows if row[0] == "L0"] == [("I0", amount)]
        _law_of([row for row in rows if row[0] != "L0"], of_items)


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=6), st.integers(1, 3 * 10**9), st.integers(0, 10**6),
    st.lists(st.sampled_from([0.02, 0.03]), max_size=2, unique=True),
)  # fmt: skip
def test_shares_of_named_items_add_up_to_the_line(opens, wanted, fee_most, rates) -> None:
    how, amounts, discounts, fee, left_over = explain(opens, wanted, fee_most, [1] * len(opens), rates)
    if how is None:
        return
    assert sum(amounts) - fee + left_over == wanted
    assert all(0 <= part + discount <= whole and part >= 0 for part, discount, whole in
               zip(amounts, discounts, opens, strict=True))  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(1, 9), st.floats(0, 1)), max_size=20))
def test_rooms_are_never_overdrawn(asks) -> None:
    asks = list({(line, item): (line, item, amount, chance) for line, item, amount, chance in asks}.values())
    asks.sort(key=lambda ask: -ask[3])
    candidates = pd.DataFrame({"line": [ask[0] for ask in asks], "is_confirmed": False})
    shares = pd.DataFrame(
        [(place, item, amount) for place, (_, item, amount, _) in enumerate(asks)], columns=["place", "item", "cleared"]
    )
    chosen = assign(candidates, shares, np.full(6, 10))
    taken = shares.iloc[chosen]
    assert candidates["line"].iloc[chosen].is_unique
    assert (taken.groupby("item")["cleared"].sum() <= 10).all()
    # Whoever went without asked for more than was left.
    left = 10 - taken.groupby("item")["cleared"].sum().reindex(range(6), fill_value=0)
    without = ~candidates["line"].isin(candidates["line"].iloc[chosen])
    assert (shares["cleared"][without].to_numpy() > left[shares["item"][without]].to_numpy()).all()


def test_the_size_of_a_block_changes_nothing() -> None:
    said = [
        (1, "confirmed", [("L7", "I2", 10)]), (2, "rejected", [("L20", "I761", 1), ("L20", "I81", 1)]),
        (3, "confirmed", [("L30", None, None)]),
    ]  # fmt: skip

    def outcome(lines_at_once: int) -> tuple[list[Any], list[Any]]:
        with duckdb.connect() as connection:
            fill_many(connection, 400)
            for decision_id, verdict, rows in said:
                for row in rows:
                    connection.execute(
                        "insert into decision select $1, $2, $3, $4, $5, min(day) from line",
                        [decision_id, *row, verdict],
                    )
            as_of = connection.execute("select max(day) from line").fetchall()[0][0]
            matching.match(connection, as_of, lines_at_once)
            return (
                connection.execute("select line_id, set_key, probability, rank from scored order by all").fetchall(),
                connection.execute(
                    """select line_id, set_key, probability, is_confirmed, item_id, amount, discount, fee
                       from chosen left join scored_item using (line_id, set_key) order by all"""
                ).fetchall(),
            )

    whole = outcome(10_000)
    assert {row[0] for row in whole[1] if row[3]} == {"L7", "L30"}
    assert sum(row[2] >= matching.APPLIED_FROM for row in whole[1]) > 50
    for lines_at_once in (400, 90):
        assert outcome(lines_at_once) == whole
