"""A handful of records in a warehouse in memory, matched for real."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest

from dagster_project.matching.golden import match_object
from dagster_project.sources.raw import prepare_warehouse

_COLUMNS = ("name", "tax_identifier", "country", "region", "city", "email", "bank_account_number", "replaced_by")


class Records:
    """Suppliers S1, S2, … in a warehouse; ``match`` finds their golden records."""

    def __init__(self) -> None:
        self.warehouse = duckdb.connect()
        prepare_warehouse(self.warehouse, [])
        self.warehouse.execute("create schema intermediate")
        listed = ", ".join(f"{name} varchar" for name in _COLUMNS if name != "replaced_by")
        self.warehouse.execute(
            f"create table intermediate.int_supplier (supplier_id varchar, source_key varchar, {listed}, "
            "replaced_by_supplier_id varchar)"
        )

    def add(self, record_id: str, **given: str | None) -> None:
        """A record; whatever is not given is empty."""
        values = [record_id, record_id.rpartition(":")[2], *(given.get(name) for name in _COLUMNS)]
        self.warehouse.execute(f"insert into intermediate.int_supplier values ({', '.join('?' * len(values))})", values)

    def decide(self, number: int, action: str, record_id: str, other: str) -> None:
        self.warehouse.execute(
            """insert into quality.steward_decision
               values (?, 'supplier', ?, ?, ?, null, null, 'A', now()::timestamp, 'why')""",
            [number, action, record_id, other],
        )

    def match(self) -> set[frozenset[str]]:
        """Golden records as sets of record ids."""
        match_object(self.warehouse, "supplier")
        found = self.warehouse.execute(
            "select list(record_id order by record_id) from quality.golden_member group by golden_id"
        ).fetchall()
        return {frozenset(records) for (records,) in found}

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.warehouse.execute(query).fetchall()


@pytest.fixture
def records() -> Iterator[Records]:
    made = Records()
    yield made
    made.warehouse.close()


@pytest.fixture(scope="session")
def new_records() -> Callable[[], Records]:
    return Records
