"""The forecasts of a run: frames out of the marts, methods in ml/, frames back into the marts.

Money leaves DECIMAL here, at the door of ml/, and nothing that happened after as_of goes through it.
"""

from __future__ import annotations

import json
import logging
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from dagster_project.config import Settings
from dagster_project.contracts.published import FORECASTS
from dagster_project.errors import SettlehouseError
from dagster_project.transform import RunContext
from dagster_project.warehouse import open_warehouse

if TYPE_CHECKING:
    import pandas as pd

log = logging.getLogger("settlehouse")

_TABLES = {table.name: table.columns for table in FORECASTS}

# Everything as it was known at the end of as_of: what was cleared later is open, what was posted later is not there.
_HISTORY = """
    select i.{item}_id as receivable_id, i.company_id, i.{party}_id as customer_id, i.invoice_date, i.due_date,
           case when i.cleared_date <= $as_of then i.cleared_date end as cleared_date,
           cast(i.amount_company_currency as double) as amount, c.currency, i.source_system, i.source_key, {about}
    from marts.fct_{item} as i
    join marts.dim_company as c using (company_id)
    left join marts.dim_{party} as p using ({party}_id)
    where i.kind = 'invoice' and i.posting_date <= $as_of
    order by 1
"""
_OPEN = """
    select a.{item}_id as receivable_id, a.company_id, i.{party}_id as customer_id,
           coalesce(i.invoice_date, i.posting_date) as invoice_date, i.due_date,
           cast(null as date) as cleared_date, cast(a.open_amount_company_currency as double) as amount, c.currency,
           i.source_system, i.source_key, i.kind, {about}
    from marts.fct_{item}_aging as a
    join marts.fct_{item} as i using ({item}_id)
    join marts.dim_company as c on c.company_id = a.company_id
    left join marts.dim_{party} as p on p.{party}_id = i.{party}_id
    where a.as_of = $as_of
    order by 1
"""
_FLOWS = """
    select company_id, currency, flow, week_start, cast(amount_company_currency as double) as amount
    from marts.fct_cash_flow_weekly
    where week_start <= $as_of
    order by all
"""
_CAPITAL = """
    select capital_project_id, version, flow_month as flow_date, cast(amount_company_currency as double) as amount,
           cast(discount_rate as double) as discount_rate, company_id, currency, source_system, source_key
    from marts.fct_capital_project_cash_flow
    where approved_date <= $as_of
    order by all
"""


def forecast(settings: Settings, run: RunContext) -> dict[str, int]:
    """Forecast receipts and cash as of the run's day, score the method on the past, and append all three to the marts.

    Returns the rows written per table. Running the same day again replaces that day's forecast and no other.
    """
    import pandas as pd

    started = time.perf_counter()
    as_of = pd.Timestamp(run.as_of)
    with open_warehouse(settings.warehouse) as warehouse:

        def frame(query: str, item: str = "", party: str = "") -> pd.DataFrame:
            about = "p.country, p.segment" if party == "customer" else "p.country"
            result = warehouse.execute(query.format(item=item, party=party, about=about), {"as_of": run.as_of}).df()
            for column in result.columns:
                if column.endswith("_date") or column == "week_start":
                    result[column] = pd.to_datetime(result[column]).astype("datetime64[ns]")
            return result

        frames = _forecast_frames(
            history=frame(_HISTORY, "receivable", "customer"),
            open_items=frame(_OPEN, "receivable", "customer"),
            payable_history=frame(_HISTORY, "payable", "supplier"),
            open_payables=frame(_OPEN, "payable", "supplier"),
            flows=frame(_FLOWS),
            capital=frame(_CAPITAL),
            as_of=as_of,
        )
        rows = {table: _append(warehouse, table, frames[table], run.as_of) for table in _TABLES}
    log.info(
        "forecast %-14s %8d receivables, %d weekly flows, %d scores  %.1f s",
        "receipts, cash",
        rows["fct_receivable_forecast"],
        rows["fct_cash_forecast"],
        rows["fct_forecast_score"],
        time.perf_counter() - started,
    )
    return rows


def _forecast_frames(
    *,
    history: pd.DataFrame,
    open_items: pd.DataFrame,
    payable_history: pd.DataFrame,
    open_payables: pd.DataFrame,
    flows: pd.DataFrame,
    capital: pd.DataFrame,
    as_of: pd.Timestamp,
) -> dict[str, pd.DataFrame]:
    from ml.capital import appraise
    from ml.cash_flow import OpenItems, forecast_cash
    from ml.drift import watch
    from ml.hazard import PaymentHazard
    from ml.reasons import reasons
    from ml.receipts import SimilarInvoices, forecast_receivables
    from ml.track_record import score_rolling

    receipts = PaymentHazard().fit(history, as_of)
    payments = SimilarInvoices().fit(payable_history, as_of)
    invoices = open_items[open_items["kind"] == "invoice"].reset_index(drop=True)
    timing = forecast_receivables(history, invoices, as_of, receipts)
    timing = timing.join(reasons(receipts, invoices, as_of))
    timing = timing.merge(invoices[["receivable_id", "source_system", "source_key"]], on="receivable_id")
    cash = forecast_cash(
        flows,
        as_of,
        (
            OpenItems("receipts", 1.0, open_items, history, receipts),
            OpenItems("supplier_payments", -1.0, open_payables, payable_history, payments),
        ),
    )
    projects = capital[
        ["capital_project_id", "company_id", "currency", "source_system", "source_key"]
    ].drop_duplicates()
    appraisal = appraise(capital).merge(projects, on="capital_project_id").assign(forecast_as_of=as_of)
    return {
        "fct_capital_project_result": appraisal,
        "fct_receivable_forecast": timing,
        "fct_forecast_alarm": watch(history, as_of, by="company_id"),
        "fct_cash_forecast": cash,
        "fct_forecast_score": score_rolling(history, flows, as_of),
    }


def _append(warehouse: duckdb.DuckDBPyConnection, table: str, rows: pd.DataFrame, as_of: date) -> int:
    declared = ", ".join(f"{column.name} {column.type}" for column in _TABLES[table])
    warehouse.execute(f"create table if not exists marts.{table} ({declared})")
    warehouse.register("made", rows)
    columns = ", ".join(column.name for column in _TABLES[table])
    warehouse.execute("begin")
    try:
        warehouse.execute(f"delete from marts.{table} where forecast_as_of = ?", [as_of])
        warehouse.execute(f"insert into marts.{table} ({columns}) select {columns} from made")
        warehouse.execute("commit")
    except BaseException:
        warehouse.execute("rollback")
        raise
    finally:
        warehouse.unregister("made")
    return len(rows)


def backtest_file(invoices: Path, out: Path, score_from: date, days_before_due: int, columns: str | None) -> None:
    """Score the receipts forecaster on a CSV of invoices.

    Writes predictions.csv, scores.json, report.md and calibration.svg to ``out``.

    ``columns`` maps other headings (``customer=customerID,due_date=DueDate``). Raises SettlehouseError with one line
    for a file, heading or value that can't be used.
    """
    import pandas as pd

    from dagster_project.sources.files import read_csv
    from ml.backtest import InvoicesError, backtest_receipts, parse_invoices

    if not invoices.is_file():
        raise SettlehouseError(f"{invoices}: no such file")
    frame = read_csv(invoices).drop_columns(["_line"]).to_pandas()
    started = time.perf_counter()
    try:
        history = parse_invoices(frame, _mapping(columns))
        result = backtest_receipts(history, pd.Timestamp(score_from), days_before_due, log.info)
    except InvoicesError as error:
        raise SettlehouseError(f"{invoices}: {error}") from None
    out.mkdir(parents=True, exist_ok=True)
    result.predictions.to_csv(out / "predictions.csv", index=False, date_format="%Y-%m-%d")
    (out / "scores.json").write_text(json.dumps(result.scores, indent=1, ensure_ascii=False), encoding="utf-8")
    (out / "report.md").write_text(result.report_markdown, encoding="utf-8")
    (out / "calibration.svg").write_text(result.calibration_svg, encoding="utf-8")
    log.info(result.report_markdown)
    log.info("backtest %d invoices scored, in %s  %.1f s", len(result.predictions), out, time.perf_counter() - started)


def _mapping(columns: str | None) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for part in (columns or "").split(","):
        if part.strip():
            name, equals, heading = part.partition("=")
            if not equals or not heading.strip():
                raise SettlehouseError(f"--columns: '{part}' is not name=heading, such as customer=customerID")
            mapping[name.strip()] = heading.strip()
    return mapping
