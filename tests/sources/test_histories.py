"""Random histories of a source over several extractions: what is kept as newest is what a first extraction reads."""

from __future__ import annotations

import sqlite3
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.config import Source
from dagster_project.sources import raw, sql
from tests.sources.conftest import LAYOUT

# What happens to invoice `key`; stamps are hours from the moment of the next extraction, so 30 is behind the allowance.
KEYS, AMOUNTS, HOURS = st.integers(1, 6), st.integers(-300, 300), st.sampled_from([0, 2, 20, 30, 900])
event = st.one_of(
    st.tuples(st.just("insert"), KEYS, AMOUNTS, HOURS),
    st.tuples(st.just("change"), KEYS, AMOUNTS, st.sampled_from([0, 2, 20])),
    st.tuples(st.just("unmoved"), KEYS, AMOUNTS, st.just(0)),
    st.tuples(st.just("delete"), KEYS, AMOUNTS, HOURS),
    st.tuples(st.just("reverse"), KEYS, AMOUNTS, HOURS),
    st.tuples(st.just("term"), KEYS, AMOUNTS, HOURS),
)
# Between two events the night's run may come, or not.
histories = st.lists(st.one_of(event, st.just(("extract", 0, 0, 0))), min_size=1, max_size=25)

START = datetime(2026, 1, 1)


def apply(shop: sqlite3.Connection, now: datetime, kind: str, key: int, amount: int, hours: int) -> None:
    stamp = f"{now - timedelta(hours=hours):%Y-%m-%d %H:%M:%S}"
    exists = shop.execute("select amount from invoice where id = ?", [key]).fetchone()
    if kind == "insert" and not exists:
        shop.execute("insert into invoice values (?, ?, '2026-03-01', 'n', ?, null)", [key, amount, stamp])
    elif kind == "change":
        shop.execute(
            "update invoice set amount = ?, name = name || 'x', updated_at = ? where id = ?", [amount, stamp, key]
        )
    elif kind == "unmoved":
        shop.execute("update invoice set amount = ? where id = ?", [amount, key])
    elif kind == "delete":
        shop.execute("delete from invoice where id = ?", [key])
    elif kind == "reverse" and exists:
        (last,) = shop.execute("select max(id) from invoice").fetchone()
        shop.execute(
            "insert into invoice select ?, -amount, due, name, ?, remark from invoice where id = ?",
            [last + 1, stamp, key],
        )
    elif kind == "term":
        shop.execute("insert or replace into term values (?, ?)", [f"N{key}", amount])


def newest(warehouse: duckdb.DuckDBPyConnection) -> list[list[tuple]]:
    return [
        warehouse.execute(f"select * exclude (_extracted_at) from latest.{table.identifier} order by all").fetchall()
        for table in LAYOUT.tables
    ]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(history=histories)
def test_the_newest_rows_are_those_of_a_first_extraction(history: list[tuple[str, int, int, int]]):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "shop.sqlite"
        with sqlite3.connect(file, isolation_level=None) as shop:
            shop.execute(
                "create table invoice (id integer, amount numeric(20,6), due date, name varchar(80), "
                "updated_at timestamp, remark varchar(40))"
            )
            shop.execute("create table term (code varchar(8) primary key, days integer)")
            shop.execute('create view "pay-term" as select code, days from term')
            shop.execute("insert into invoice values (99, 1, null, 'first', '2026-01-01 00:00:00', null)")
            source = Source("erp", LAYOUT, f"sqlite:///{file}", None)
            kept, fresh = duckdb.connect(), duckdb.connect()
            raw.prepare_warehouse(kept, [LAYOUT])
            raw.prepare_warehouse(fresh, [LAYOUT])
            now = START
            for kind, key, amount, hours in [*history, ("extract", 0, 0, 0)]:
                now += timedelta(hours=3)
                if kind == "extract":
                    sql.extract(kept, source, run_id=f"{now:%Y%m%dT%H}")
                else:
                    apply(shop, now, kind, key, amount, hours)
            sql.extract(fresh, source, run_id="first")
        assert newest(kept) == newest(fresh)
        # Every version is kept: the newest one of each key in raw is the row, or says that it is gone.
        of_raw = kept.execute(
            """select id, amount, name from (
                   select *, row_number() over (partition by id order by _extracted_at desc) as back
                   from raw.shop__invoice) where back = 1 and _deleted_at is null order by id"""
        ).fetchall()
        assert of_raw == kept.execute("select id, amount, name from latest.shop__invoice order by id").fetchall()
        kept.close()
        fresh.close()
