"""Aging as of past days against what the runs of those days made of it: python tests/benchmarks/as_of_replay.py

For each of the last month-ends, oldest first, the two ERPs of the demo group are cut to what they held on that day, and
one warehouse runs over them as it would have night by night: rows appear, headers change, allocations arrive. The aging
of each day is kept. Then the whole sources are read, and today's answer for each of those days is compared with what
was kept: every row, every column. Options: --scale, --months, --seed.
"""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from dagster_project.config import Settings, load_settings
from dagster_project.pipeline import extract_system
from dagster_project.sources.raw import prepare_warehouse
from dagster_project.transform import RunContext, build
from demo import AS_OF, generate

AGING = ("fct_receivable_aging", "fct_payable_aging")
# Table → the day from which its rows exist. Master data stand there from the start.
DATED = {
    "erp_china": {
        "t_huilv": "riqi", "t_xs_dingdan": "ddrq", "t_xs_chuku": "ckrq", "t_xs_fapiao": "kprq", "t_shoukuan": "skrq",
        "t_ys_hexiao": "hxrq", "t_cg_dingdan": "ddrq", "t_cg_ruku": "rkrq", "t_cg_fapiao": "jzrq", "t_fukuan": "fkrq",
        "t_yf_hexiao": "hxrq", "t_pingzheng": "pzrq",
    },
    "erp_global": {
        "exchange_rates": "valid_from", "sales_orders": "ordered_on", "shipments": "shipped_on",
        "customer_documents": "document_date", "receipts": "received_on", "receipt_allocations": "allocated_on",
        "purchase_orders": "ordered_on", "goods_receipts": "received_on", "supplier_documents": "posting_date",
        "payments": "paid_on", "payment_allocations": "allocated_on", "journal_entries": "posted_on",
    },
}  # fmt: skip
# Lines exist as long as their document: table → its document's key, the document's table and key there.
LINES = {
    "erp_china": {
        "t_xs_dingdan_mx": ("ddid", "t_xs_dingdan", "ddid"), "t_xs_fapiao_mx": ("fpid", "t_xs_fapiao", "fpid"),
        "t_cg_dingdan_mx": ("ddid", "t_cg_dingdan", "ddid"), "t_cg_ruku_mx": ("rkid", "t_cg_ruku", "rkid"),
        "t_cg_fapiao_mx": ("fpid", "t_cg_fapiao", "fpid"), "t_pingzheng_fl": ("pzid", "t_pingzheng", "pzid"),
    },
    "erp_global": {
        "sales_order_lines": ("sales_order_id", "sales_orders", "id"),
        "customer_document_lines": ("document_id", "customer_documents", "id"),
        "purchase_order_lines": ("purchase_order_id", "purchase_orders", "id"),
        "goods_receipt_lines": ("goods_receipt_id", "goods_receipts", "id"),
        "supplier_document_lines": ("document_id", "supplier_documents", "id"),
        "journal_entry_lines": ("entry_id", "journal_entries", "id"),
    },
}  # fmt: skip
CHANGED_AT = {"erp_china": "xgsj", "erp_global": "updated_at"}


@dataclass(frozen=True)
class Day:
    """One day replayed: rows that its run made, and rows that only one of the two answers has."""

    as_of: date
    rows: int
    differing: int


def cut(database: Path, system: str, day: date) -> None:
    """Take a demo ERP back to the end of a day: what is dated later goes, and no row was changed later."""
    with closing(sqlite3.connect(database)) as erp, erp:
        for table, column in DATED[system].items():
            erp.execute(f"delete from {table} where {column} > ?", [day.isoformat()])
        for table, (key, document, document_key) in LINES[system].items():
            erp.execute(f"delete from {table} where {key} not in (select {document_key} from {document})")
        changed_at = CHANGED_AT[system]
        for (table,) in erp.execute("select name from sqlite_master where type = 'table'").fetchall():
            erp.execute(
                f"update {table} set {changed_at} = ? where {changed_at} > ?",
                [f"{day} 18:00:00", f"{day} 23:59:59"],
            )


def month_ends(last: date, count: int) -> list[date]:
    """The last month-ends before a day, oldest first."""
    found: list[date] = []
    day = last.replace(day=1) - timedelta(days=1)
    while len(found) < count:
        found.append(day)
        day = day.replace(day=1) - timedelta(days=1)
    return found[::-1]


def replay(folder: Path, days: list[date]) -> list[Day]:
    """Run over the demo group in ``folder`` as of each day, then as of today; compare the aging of each day."""
    settings = load_settings(folder / "company.yml")
    erps = tuple(source for source in settings.sources if source.layout.system in DATED)
    settings = replace(settings, home=folder / "replay", sources=erps)
    whole = {system: folder / f"{system}.whole" for system in DATED}
    for system, copy in whole.items():
        shutil.copy(folder / f"{system}.sqlite", copy)
    for day in days:
        for system, copy in whole.items():
            shutil.copy(copy, folder / f"{system}.sqlite")
            cut(folder / f"{system}.sqlite", system, day)
        run(settings, day)
        with duckdb.connect(str(settings.warehouse)) as warehouse:
            warehouse.execute("create schema if not exists kept")
            for table in AGING:
                made = f"select * from marts.{table} where as_of = '{day}'"
                exists = warehouse.execute(
                    "select count(*) from duckdb_tables() where schema_name = 'kept' and table_name = ?", [table]
                ).fetchone()
                assert exists
                warehouse.execute(
                    f"insert into kept.{table} {made}" if exists[0] else f"create table kept.{table} as {made}"
                )
    for system, copy in whole.items():
        shutil.copy(copy, folder / f"{system}.sqlite")
    run(settings, AS_OF)
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        return [_compared(warehouse, day) for day in days]


def run(settings: Settings, day: date) -> None:
    """Extraction and the models that aging stands on."""
    context = RunContext(f"replay-{day}", day, datetime.now(UTC).replace(tzinfo=None))
    settings.home.mkdir(exist_ok=True)
    with duckdb.connect(str(settings.warehouse)) as warehouse:
        prepare_warehouse(warehouse)
    for system in DATED:
        extract_system(settings, system, context)
    build(settings, context, " ".join(f"+{table}" for table in AGING))


def _compared(warehouse: duckdb.DuckDBPyConnection, day: date) -> Day:
    rows = differing = 0
    for table in AGING:
        kept, today = (f"select * from {schema}.{table} where as_of = '{day}'" for schema in ("kept", "marts"))
        counted = warehouse.execute(
            f"""select (select count(*) from ({kept})),
                (select count(*) from (({kept}) except all ({today})))
                + (select count(*) from (({today}) except all ({kept})))"""
        ).fetchone()
        assert counted
        rows, differing = rows + counted[0], differing + counted[1]
    return Day(day, rows, differing)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--scale", type=float, default=0.1)
    arguments.add_argument("--months", type=int, default=24)
    arguments.add_argument("--seed", type=int, default=7)
    asked = arguments.parse_args()
    with TemporaryDirectory() as made:
        folder = Path(made)
        generate(folder, scale=asked.scale, seed=asked.seed)
        started = time.perf_counter()
        days = replay(folder, month_ends(AS_OF, asked.months))
        for day in days:
            print(f"{day.as_of}  {day.rows:7d} rows  {day.differing:5d} differ")
        rows, differing = sum(d.rows for d in days), sum(d.differing for d in days)
        equal = sum(d.differing == 0 for d in days)
        print(
            f"{equal} of {len(days)} days equal, {rows} rows, {differing} differ, {time.perf_counter() - started:.0f} s"
        )


if __name__ == "__main__":
    main()
