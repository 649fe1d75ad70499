"""The forecasts of a night at a million invoices, step by step: python tests/benchmarks/nightly.py [options]

A small demo group is made and run, which gives every table of the marts its true shape; then a made-up group of any
size is put into the same tables beside it (nightly.sql): customers with habits of their own (so many days late, some
pay on one weekday, some on one day of the month, some run out of money for a quarter), six companies, five currencies,
invoices paid in parts, discounts, notes, write-offs, credits, orders shipped, billed and waiting, suppliers.
``forecast`` of the nightly run then does all that it does every night: it reads the marts, fits, forecasts each open
receivable with reasons, simulates cash in, forecasts 13 weeks, scores, watches for drift, assesses credit, makes the
worklist, and writes and records all of it.

Asked: at most 3 minutes and 4 GB with a million invoices of history and 100,000 open. Two nights are run, a week apart,
since the second also compares its forecast with the first. Beside them: how far off the medians of the first night
were, against each customer's own median, so that a fit that learns nothing does not look fast.

--invoices N   invoices of history (1,000,000)
--folder DIR   a group that was run before, which is not changed; otherwise a new one at scale 0.05
--keep DIR     leave the made warehouse there, and take it from there when it is there already
--nights N     only the last N of the two nights
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date, datetime
from pathlib import Path
from string import Template

import duckdb
import pandas as pd

from dagster_project.config import load_settings
from dagster_project.forecasting import forecast
from dagster_project.transform import RunContext

ROOT = Path(__file__).resolve().parents[2]
AS_OF = date(2026, 10, 31)
NIGHTS = (date(2026, 10, 24), AS_OF)
MONTHS = 30


def fill(warehouse: duckdb.DuckDBPyConnection, invoices: int) -> None:
    """Put the made-up group into the marts beside the group that is there."""
    text = (Path(__file__).parent / "nightly.sql").read_text(encoding="utf-8")
    parts = dict(part.split("\n", 1) for part in text.split("-- part: ")[1:])
    sizes = {
        "as_of": AS_OF, "months": MONTHS, "customers": max(invoices // 50, 50), "suppliers": max(invoices // 1500, 5),
        "drawn": round(invoices * (1 + 45 / (MONTHS * 30.4 - 45))), "bills": invoices // 5,
        "nights": ", ".join(f"date '{night}'" for night in NIGHTS),
    }  # fmt: skip

    def run(part: str, **more: object) -> None:
        warehouse.execute(Template(parts[part]).substitute(sizes, **more))

    for part in ("parties", "invoices", "receivables"):
        run(part)
    for night in NIGHTS:
        run("aging", side="receivable", night=night)
    for part in ("sales", "payables"):
        run(part)
    for night in NIGHTS:
        run("aging", side="payable", night=night)
    run("flows")
    # what the first night would have planned: the items of the second
    warehouse.execute(
        f"""insert into marts.fct_planned_cash_item by name
            select * replace (date '{NIGHTS[0]}' as as_of) from marts.fct_planned_cash_item
            where as_of = date '{AS_OF}'"""
    )
    warehouse.execute("create or replace table made_paid as select receivable_id, due_date, paid_on from invoice")


def prepare(folder: Path, group: Path | None, invoices: int) -> None:
    if group is None:
        group = folder / "small"
        for arguments in (
            ("demo", "--folder", str(group), "--scale", "0.05"),
            ("run", "--config", f"{group}/company.yml", "--as-of", str(AS_OF)),
        ):
            subprocess.run(
                [sys.executable, "-m", "dagster_project.cli", *arguments],
                cwd=ROOT,
                check=True,
                stdout=subprocess.DEVNULL,
            )
    (folder / "var").mkdir()
    shutil.copy(group / "company.yml", folder)
    shutil.copy(group / "var" / "warehouse.duckdb", folder / "var")


class Steps(logging.Handler):
    """Prints each line of the log with the peak memory of this process since the line before."""

    def emit(self, record: logging.LogRecord) -> None:
        print(f"{record.getMessage():<90} {peak_gigabytes():.2f} GiB", flush=True)


def peak_gigabytes() -> float:
    """Most memory this process held since the last call; Linux only."""
    told = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    Path("/proc/self/clear_refs").write_text("5")
    return int(told.split()[1]) / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--invoices", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--nights", type=int, default=len(NIGHTS))
    asked = parser.parse_args()
    print(f"load of the machine at the start: {os.getloadavg()}, {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as name:
        folder = asked.keep or Path(name)
        if not (folder / "var").exists():
            folder.mkdir(exist_ok=True)
            started = time.perf_counter()
            prepare(folder, asked.folder, asked.invoices)
            with duckdb.connect(str(folder / "var" / "warehouse.duckdb")) as warehouse:
                fill(warehouse, asked.invoices)
            print(f"made in {time.perf_counter() - started:.0f} s")
        settings = load_settings(folder / "company.yml")
        with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
            counts = warehouse.execute(
                f"""select (select count(*) from marts.fct_receivable where kind = 'invoice'),
                    (select count(*) from marts.fct_receivable_aging where as_of = date '{AS_OF}' and kind = 'invoice'),
                    (select count(distinct customer_id) from marts.fct_receivable),
                    (select count(*) from marts.fct_payable)"""
            ).fetchone()
        print("{:,} invoices, {:,} open, of {:,} customers; {:,} payables".format(*(counts or ())))
        log = logging.getLogger("settlehouse")
        log.setLevel(logging.INFO)
        log.addHandler(Steps())
        for night in NIGHTS[len(NIGHTS) - asked.nights :]:
            peak_gigabytes()
            began, used = time.perf_counter(), time.process_time()
            forecast(settings, RunContext(f"bench-{night}", night, datetime(2026, 11, 1)))
            wall, used = time.perf_counter() - began, time.process_time() - used
            print(f"night of {night}: {wall:.0f} s ({used:.0f} s of processor; load {os.getloadavg()[0]:.1f})\n")
        if asked.nights == len(NIGHTS):
            print(accuracy(settings.warehouse))


def accuracy(warehouse: Path) -> str:
    """Mean absolute error in days of the first night's medians, of invoices not yet due then, beside a naive one."""
    with duckdb.connect(str(warehouse), read_only=True) as made:
        rows = made.execute(
            """
            with usual as (
                select item.customer_id, median(paid.paid_on - paid.due_date) as late
                from made_paid as paid
                join marts.fct_receivable as item using (receivable_id)
                where item.cleared_date between $night - 180 and $night
                group by 1
            )
            select model, count(*) as invoices, avg(abs(p50_date - paid_on)) as model_days,
                   avg(abs(greatest(due_date + coalesce(late, 0)::integer, forecast_as_of + 1) - paid_on))
                       as customers_median_days,
                   avg(case when paid_on between p10_date and p90_date then 1.0 else 0.0 end) as covered_80
            from marts.fct_receivable_forecast
            join made_paid using (receivable_id)
            left join usual using (customer_id)
            where forecast_as_of = $night and due_date > $night
            group by 1
            """,
            {"night": NIGHTS[0]},
        ).df()
    return "due after the first night:\n" + rows.round(3).to_string(index=False)


if __name__ == "__main__":
    pd.set_option("display.width", 200)
    main()
