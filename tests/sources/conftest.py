"""An operational system small enough to check by eye, in a real SQLite, PostgreSQL and MariaDB database each."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.config import Source
from dagster_project.contracts.layouts import Layout, LayoutColumn, LayoutTable
from dagster_project.sources import raw

INVOICE = LayoutTable(
    name="invoice",
    identifier="shop__invoice",
    key=("id",),
    changed_at=("updated_at",),
    columns=(
        LayoutColumn("id", "bigint", False),
        LayoutColumn("amount", "decimal(18,4)", False),
        LayoutColumn("due", "date", False),
        LayoutColumn("name", "varchar", False),
        LayoutColumn("updated_at", "timestamp", False),
        LayoutColumn("terms", "integer", True),
    ),
    optional=False,
    pattern=None,
)
# Without a time of change the whole table is compared.
TERM = LayoutTable(
    name="pay-term",
    identifier="shop__pay_term",
    key=("code",),
    changed_at=(),
    columns=(LayoutColumn("code", "varchar", False), LayoutColumn("days", "integer", False)),
    optional=True,
    pattern=None,
)
LAYOUT = Layout("shop", "sql", (INVOICE, TERM))

Execute = Callable[[str], Any]


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Source, Execute]]:
    """An operational system with three invoices, and a way to change it."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'shop.sqlite'}"
        connection: Any = sqlite3.connect(tmp_path / "shop.sqlite", isolation_level=None)
    elif request.param == "postgresql":
        import psycopg

        url = request.getfixturevalue("postgresql_url")
        connection = psycopg.connect(url, autocommit=True)
    else:
        from urllib.parse import urlsplit

        import pymysql

        url = request.getfixturevalue("mariadb_url")
        at = urlsplit(url)
        connection = pymysql.connect(
            host=at.hostname, port=at.port or 3306, user=at.username, password=at.password or "",
            database=at.path.lstrip("/"), autocommit=True, charset="utf8mb4",
        )  # fmt: skip
    quote = "`" if request.param == "mariadb" else '"'

    def execute(statement: str) -> None:
        cursor = connection.cursor()
        cursor.execute(statement.replace('"', quote))
        cursor.close()

    execute(
        "create table invoice (id integer primary key, amount numeric(20,6), due date, name varchar(80), "
        "updated_at timestamp, remark varchar(40))"
    )
    execute('create table "pay-term" (code varchar(8) primary key, days integer)')
    execute(
        "insert into invoice values (1, 0.10, '2026-01-31', '杭州信达电子', '2026-01-02 08:00:00', 'a'), "
        "(2, 12345678901.2345, '2026-02-28', 'O''Neil', '2026-01-03 08:00:00', null), "
        "(3, -7.5, null, 'Æther', '2026-01-04 08:00:00', null)"
    )
    execute("""insert into "pay-term" values ('N30', 30), ('N60', 60)""")
    try:
        yield Source("erp", LAYOUT, url, None), execute
    finally:
        connection.close()


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect(str(tmp_path / "warehouse.duckdb"))
    raw.prepare_warehouse(connection, [LAYOUT])
    yield connection
    connection.close()


_STATEMENT_REPORT = pytest.StashKey[list[tuple[str, ...]]]()


@pytest.fixture(scope="session")
def statement_report(pytestconfig: pytest.Config) -> list[tuple[str, ...]]:
    """Rows for the test report: file, state, opening, entries, closing, reason."""
    return pytestconfig.stash.setdefault(_STATEMENT_REPORT, [])


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The table of bank statement files, at the end of every test run that read them."""
    rows = config.stash.get(_STATEMENT_REPORT, [])
    if not rows:
        return
    terminalreporter.section("statements of real banks, by file")
    head = ("file", "state", "opening", "entries", "closing", "reason")
    for file, state, opening, entries, closing, reason in (head, *rows):
        terminalreporter.write_line(
            f"{file:<48} {state:<8} {opening:>16} {entries:>7} {closing:>16}  {reason}".rstrip()
        )
