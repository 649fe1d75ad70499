"""The receipts forecast on 52 weekly origins of a demo group, beside its baselines, and whether it ever looked ahead.

usage: python -m tests.benchmarks.track_record [FOLDER]    (a group that was run; default: a new one at scale 1)

Prints the table, seconds and peak memory, then cuts all data after some origins and counts the figures of their
forecasts that change: 0 is the only right number. Nothing was tuned on these origins.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from dagster_project.backtesting import known_at, run_backtest
from ml import rolling_origins as rolling

ROOT = Path(__file__).resolve().parents[2]
AS_OF = date(2026, 10, 31)
CHECKED = (0, 25, 50)
"""Places, among the origins, of those whose data are cut."""


def cut_copy(warehouse: Path, day: date) -> duckdb.DuckDBPyConnection:
    """The marts that the backtest reads as they would be had the world ended on ``day``."""
    copy = duckdb.connect()
    copy.execute(f"attach '{warehouse}' as whole (read_only)")
    copy.execute("create schema marts")
    copy.execute("create schema intermediate")
    # who is a company of the group, and where a customer is, is today's: sources keep no history of it
    copy.execute("create table intermediate.int_intercompany_party as from whole.intermediate.int_intercompany_party")
    for table, condition in (
        ("dim_company", "true"),
        ("dim_customer", "true"),
        ("fct_shipment_line", f"shipment_date <= date '{day}'"),
        ("fct_sales_invoice_line", f"invoice_date <= date '{day}'"),
        ("fct_intercompany_pair", f"seller_posting_date <= date '{day}'"),
        ("fct_note_event", f"event_date <= date '{day}'"),
        ("fct_note", "note_id in (from (select note_id from marts.fct_note_event))"),
        ("fct_receivable", f"posting_date <= date '{day}'"),
        ("fct_receivable_settlement", f"settlement_date <= date '{day}'"),
        ("fct_receipt", f"receipt_date <= date '{day}'"),
        ("fct_cash_flow_weekly", f"week_start <= date '{day}'"),
        ("dim_exchange_rate", f"valid_from <= date '{day}'"),
    ):
        copy.execute(f"create table marts.{table} as select * from whole.marts.{table} where {condition}")
    # only what was ordered: what of it was shipped, billed and settled is told as of the run's day
    copy.execute(
        f"""create table marts.fct_sales_order_line as
            select order_line_id, order_id, company_id, customer_id, is_service, order_date, promised_date,
                   document_currency, unit_price_document_currency, quantity_ordered
            from whole.marts.fct_sales_order_line where order_date <= date '{day}'"""
    )
    # what is known only later is not known: the day a receivable was cleared, how long a rate held
    copy.execute(f"update marts.fct_receivable set cleared_date = null where cleared_date > date '{day}'")
    copy.execute("update marts.fct_note set status = null, last_event_date = null")
    copy.execute(f"update marts.dim_exchange_rate set valid_to = null where valid_to > date '{day}'")
    copy.execute("detach whole")
    return copy


def forecast_at(warehouse: duckdb.DuckDBPyConnection, origin: pd.Timestamp) -> dict[object, np.ndarray]:
    """Every figure of an origin's forecast: model and company → paths, model → probabilities of payment by day."""
    fitted_on = rolling.fit_day(origin)
    chosen_on = rolling.fit_day(origin, rolling.FORM_WEEKS)
    forms = rolling.fit_forms(known_at(warehouse, chosen_on.date()), chosen_on)
    fitted = rolling.fit_origin(known_at(warehouse, fitted_on.date()), fitted_on, forms)
    made = rolling.forecast_origin(fitted, known_at(warehouse, origin.date()), origin)
    return {**made.weekly, **made.paid_by}


def figures_that_differ(warehouse: Path, origin: pd.Timestamp) -> tuple[int, int]:
    """How many figures there are, and how many of them change by a bit when all data after ``origin`` are cut."""
    with duckdb.connect(str(warehouse), read_only=True) as whole:
        seen = forecast_at(whole, origin)
    with cut_copy(warehouse, origin.date()) as cut:
        blind = forecast_at(cut, origin)
    if seen.keys() != blind.keys() or any(seen[key].shape != blind[key].shape for key in seen):
        return sum(made.size for made in seen.values()), -1
    differing = sum(int((seen[key] != blind[key]).sum()) for key in seen)
    return sum(made.size for made in seen.values()), differing


def table(warehouse: duckdb.DuckDBPyConnection, company: bool) -> str:
    """Scores of the newest backtest as text: the model beside its baselines; ``company``: each company instead."""
    rows = warehouse.execute(
        f"""select {"company_id," if company else ""} level, horizon, metric, any_value(value) as model,
                   any_value(baseline_value) filter (where baseline = 'due_date') as due_date,
                   any_value(baseline_value) filter (where baseline = 'customer_recent_average') as recent_average,
                   any_value(baseline_value) filter (where baseline = 'seasonal_naive') as seasonal_naive,
                   any_value(baseline_value) filter (where baseline = 'auto_ets') as auto_ets
            from marts.fct_forecast_score
            where backtest = 'weekly_origins' and (company_id is {"not" if company else ""} null)
                and {
            "horizon in ('weeks 1-13', '90 days') and metric in ('wape', 'crps_share', 'coverage_80', 'coverage_95')"
            if company
            else "true"
        }
            group by all order by all"""
    ).df()
    return rows.to_string(index=False, float_format=lambda value: f"{value:.3f}", na_rep="")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        if len(sys.argv) > 1:
            warehouse = Path(shutil.copy(Path(sys.argv[1]) / "var" / "warehouse.duckdb", name))
        else:
            for arguments in (
                ("demo", "--folder", name),
                ("run", "--config", f"{name}/company.yml", "--as-of", str(AS_OF)),
            ):
                command = [sys.executable, "-m", "dagster_project.cli", *arguments]
                subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            warehouse = Path(name) / "var" / "warehouse.duckdb"
        started, used = time.perf_counter(), time.process_time()
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute("drop table if exists marts.fct_forecast_backtest")
            run_backtest(connection, AS_OF, rolling.ORIGINS)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
            print(f"{rolling.ORIGINS} origins in {time.perf_counter() - started:.0f} s "
                  f"({time.process_time() - used:.0f} s of processor), peak memory {memory:.1f} GB\n")  # fmt: skip
            print("the group, in reporting currency; shares of what came, invoices in days\n")
            print(table(connection, company=False))
            print("\nby company, in its own currency\n")
            print(table(connection, company=True))
            again = time.perf_counter()
            run_backtest(connection, AS_OF, rolling.ORIGINS)
            print(f"\nthe same again, nothing to make: {time.perf_counter() - again:.1f} s")
        origins = rolling.weekly_origins(pd.Timestamp(AS_OF))
        for origin in origins[list(CHECKED)]:
            figures, differing = figures_that_differ(warehouse, origin)
            print(f"leakage {origin.date()}: {figures} figures, {differing} change when all later data are cut")


if __name__ == "__main__":
    main()
