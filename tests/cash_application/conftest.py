"""A small company: bank lines and items that a person can check by eye."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import duckdb
import pytest

from dagster_project.cash_application import inputs, matching

AS_OF = date(2026, 6, 30)
NAMES = {"K1": "Harbour Controls GmbH", "K2": "苏州科佳工程有限公司", "K3": "Cedar Lighting Ltd"}

Table = Sequence[tuple[Any, ...]]


def fill(
    connection: duckdb.DuckDBPyConnection, items: Table, lines: Table, settlements: Table = (), decisions: Table = ()
) -> None:
    """Items: id, customer, number, amount, posted. Lines: id, day, amount, payer, account, reference."""
    inputs.empty_tables(connection)
    connection.execute("insert into rate values ('EUR', '2026-05-01', 1.0), ('USD', '2026-05-01', 0.9)")
    for customer_id, name in NAMES.items():
        connection.execute("insert into customer_name values (?, ?)", [customer_id, name])
    for item_id, customer_id, number, amount, posted, *currency in items:
        connection.execute(
            "insert into item values (?, 'C', ?, ?, null, ?, ?, ?, ?::date + 30)",
            [item_id, customer_id, number, currency[0] if currency else "EUR", amount, posted, posted],
        )
    for line_id, day, amount, payer, account, reference in lines:
        connection.execute(
            "insert into line values (?, 'C', ?, 'EUR', ?, ?, ?, ?)", [line_id, day, amount, payer, account, reference]
        )
    for row in settlements:
        connection.execute("insert into settlement values (?, ?, ?, ?, ?)", list(row))
    for row in decisions:
        connection.execute("insert into decision values (?, ?, ?, ?, ?, ?)", list(row))


@pytest.fixture
def pays() -> Callable[..., dict[str, dict[str, float]]]:
    """What each line pays: by line, the amount that each item is reduced by."""

    def run(*tables: Table) -> dict[str, dict[str, float]]:
        with duckdb.connect() as connection:
            fill(connection, *tables)
            matching.match(connection, AS_OF)
            rows = connection.execute(
                "select line_id, item_id, amount + discount from chosen left join scored_item using (line_id, set_key)"
            ).fetchall()
        found: dict[str, dict[str, float]] = {}
        for line_id, item_id, amount in rows:
            found.setdefault(line_id, {}).update({item_id: float(amount)} if item_id else {})
        return found

    return run
