"""The forecasts of a run: frames out of the marts, methods in ml/, frames back into the marts.

Money leaves DECIMAL here, at the door of ml/, and nothing that happened after as_of goes through it.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from dagster_project.cash_in import forecast_cash_in
from dagster_project.config import Settings
from dagster_project.contracts.published import FORECASTS
from dagster_project.credit_control import credit_control
from dagster_project.errors import SettlehouseError
from dagster_project.live_record import EXPECTATION, record_forecast, thin_out
from dagster_project.payment_proposals import payment_proposals
from dagster_project.transform import RunContext
from dagster_project.warehouse import open_warehouse

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from ml.cash_flow import FlowPaths, Receipts
    from ml.cash_position import CashPositions
    from ml.hazard import PaymentHazard
    from ml.payment_proposals import CompanyCash
    from ml.receipts import ReceiptForecaster

log = logging.getLogger("settlehouse")

_TABLES = {table.name: table.columns for table in FORECASTS}
# Large, and asked for today's forecast alone.
_NEWEST_ONLY = {"fct_cash_in_path", "fct_cash_forecast_document"}

# Everything as it was known at the end of as_of: what was cleared later is open, what was posted later is not there.
_HISTORY = """
    select i.{item}_id as receivable_id, i.company_id, i.{party}_id as customer_id, i.invoice_date, i.due_date,
           case when i.cleared_date <= $as_of then i.cleared_date end as cleared_date,
           cast(i.amount_company_currency as double) as amount, c.currency, i.source_system, i.source_key, {about}
    from marts.fct_{item} as i
    join marts.dim_company as c using (company_id)
    left join marts.dim_{party} as p using ({party}_id)
    -- older ones are read by nobody
    where i.kind = 'invoice' and i.posting_date <= $as_of and i.due_date > $as_of - 730
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
_DOCUMENT_ITEMS = """
    select a.{item}_id as receivable_id, a.company_id, a.{party}_id as customer_id,
           coalesce(i.invoice_date, i.posting_date) as invoice_date, a.due_date, cast(null as date) as cleared_date,
           cast(a.open_amount_company_currency as double) as amount, c.currency,
           within.company_id as counterparty_company_id
    from marts.fct_{item}_aging as a
    join marts.fct_{item} as i using ({item}_id)
    join marts.dim_company as c on c.company_id = a.company_id
    left join intermediate.int_intercompany_party as within
        on within.party_kind = '{party}' and within.party_id = a.{party}_record_id
    where a.as_of = $as_of
    order by 1
"""
_DOCUMENT_HISTORY = """
    select i.{item}_id as receivable_id, i.company_id, i.{party}_id as customer_id, i.invoice_date, i.due_date,
           case when i.cleared_date <= $as_of then i.cleared_date end as cleared_date,
           cast(i.amount_company_currency as double) as amount, c.currency,
           within.company_id as counterparty_company_id
    from marts.fct_{item} as i
    join marts.dim_company as c using (company_id)
    left join intermediate.int_intercompany_party as within
        on within.party_kind = '{party}' and within.party_id = i.{party}_record_id
    where i.kind = 'invoice' and i.posting_date <= $as_of
    order by 1
"""
# Receipts from outside the group are simulated elsewhere at night: their history is not asked for twice.
_DOCUMENT_HISTORY_WITHIN = _DOCUMENT_HISTORY.replace(
    "i.posting_date <= $as_of", "i.posting_date <= $as_of and within.company_id is not null"
)
# How much of a party's items was settled by money and how much by bills in the last year; bills are items of their own.
_CASH_SHARE = """
    select company_id, {party}_id as customer_id,
           cast(sum(case when kind = 'payment' then amount_company_currency else 0 end)
                / nullif(sum(amount_company_currency), 0) as double) as cash_share,
           count(*) as settlements
    from marts.fct_{item}_settlement
    where kind in ('payment', 'note') and settlement_date <= $as_of and settlement_date > $as_of - 364
    group by grouping sets ((company_id, {party}_id), (company_id))
    order by all
"""
_MOVEMENTS = """
    select company_id, currency, flow, component, moved_on, known_on,
           cast(amount_company_currency as double) as amount
    from marts.fct_cash_flow_daily
    where moved_on <= $as_of
    order by all
"""
# Open documents fall into weeks by their own payment timing; all else that is planned stands at its day.
_PLANNED = """
    select company_id, company_currency as currency, flow, component, planned_date,
           cast(amount_company_currency as double) as amount, cast(amount_spread_share as double) as spread,
           document_type = 'recurring_payment' as recurs, planned_cash_item_id
    from marts.fct_planned_cash_item
    where as_of = $as_of and status <> 'actual' and is_counted
      and planned_date is not null and amount_company_currency is not null
      and not (status = 'planned' and document_type in ('receivable', 'payable'))
    order by all
"""
_RUN_DAYS = """
    select company_id, cast(run_day as timestamp) as run_date
    from intermediate.int_payment_run_day
    where is_habit and run_day > $as_of
    order by all
"""
_ACCOUNTS = """
    select c.company_id, c.currency, cast(c.cash_floor_company_currency as double) as cash_floor,
           cast(rate.reporting_currency_per_unit as double) as rate,
           cast(sum(s.closing_balance_reporting_currency) as double) as opening_reporting_currency,
           count(s.bank_statement_id) as statements,
           count(s.closing_balance_reporting_currency) as statements_with_rate,
           cast(sum(s.closing_balance_bank_currency) filter (where s.currency = c.currency) as double) as opening_own,
           count(*) filter (where s.currency <> c.currency) as statements_in_other_currency
    from marts.dim_company as c
    left join marts.fct_bank_statement as s
        on s.company_id = c.company_id and s.is_newest and s.statement_date <= $as_of
    left join marts.dim_exchange_rate as rate
        on rate.currency = c.currency and rate.valid_from <= $as_of
        and (rate.valid_to is null or rate.valid_to > $as_of)
    group by all
    order by 1
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

    from ml.drift import watch
    from ml.track_record import score_night

    started = time.perf_counter()
    as_of = pd.Timestamp(run.as_of)
    with open_warehouse(settings.warehouse) as warehouse:
        check_floors(settings, warehouse)
        cash_in = forecast_cash_in(warehouse, run.as_of, settings.group.reporting_currency)

        def frame(query: str, item: str = "", party: str = "") -> pd.DataFrame:
            return _frame(warehouse, run.as_of, query, item, party)

        frames = dict(cash_in.tables)
        with _step("payment timing"):
            history = frame(_HISTORY, "receivable", "customer")
            hazard, timing = _payment_timing(history, frame(_OPEN, "receivable", "customer"), as_of)
            frames["fct_receivable_forecast"] = timing
        with _step("drift, scores"):
            frames["fct_forecast_alarm"] = watch(history, as_of, by="company_id")
            frames["fct_forecast_score"] = score_night(hazard.trial_, frame(_FLOWS), as_of).assign(backtest="nightly")
            del history
        with _step("13 weeks"):
            direct = read_direct(warehouse, settings, run.as_of, receipts_given=True)
            simulated = simulate_direct(direct, as_of, receipts=cash_in.receipts)
            frames |= _weeks(direct, simulated, cash_in.documents)
            frames["fct_capital_project_result"] = _appraisals(frame(_CAPITAL), as_of)
        with _step("payments"):
            purse = (direct.reporting_currency, direct.group_floor)
            frames |= payment_proposals(warehouse, run.as_of, company_cash(direct, simulated), simulated.weeks, purse)
        with _step("credit"):
            frames |= credit_control(warehouse, run.as_of, timing)
        with _step("record"):
            for table in _TABLES:
                declare(warehouse, table)
            rows = {table: _append(warehouse, table, made, run.as_of) for table, made in frames.items()}
            record_forecast(warehouse, run)
            thinned = {*frames, EXPECTATION} - {"fct_forecast_score"}
            gone = thin_out(warehouse, thinned, run.as_of, settings.group.forecasts_kept_days)
    if gone:
        log.info("forecast %-14s %8d rows of earlier nights taken out, month-ends stay", "record", gone)
    log.info(
        "forecast %-14s %8d receivables, %d weekly flows, %d scores  %.1f s",
        "receipts, cash",
        rows["fct_receivable_forecast"],
        rows["fct_cash_forecast"],
        rows["fct_forecast_score"],
        time.perf_counter() - started,
    )
    return rows


@dataclass(frozen=True)
class DirectInputs:
    """What the direct forecast reads, as known at the end of its day; amounts in currency of the books.

    Of documents, the party is called customer_id on both sides; counterparty_company_id is set where it is a company of
    the group. ``group_floor`` is in reporting currency.
    """

    receivables: pd.DataFrame
    receivable_history: pd.DataFrame
    receivable_cash_share: pd.DataFrame
    payables: pd.DataFrame
    payable_history: pd.DataFrame
    payable_cash_share: pd.DataFrame
    movements: pd.DataFrame
    planned: pd.DataFrame
    run_days: pd.DataFrame
    accounts: pd.DataFrame
    reporting_currency: str
    group_floor: float


def read_direct(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings, as_of: date, receipts_given: bool = False
) -> DirectInputs:
    """What the direct forecast reads, from marts that were built as of that day.

    ``receipts_given``: receipts are simulated elsewhere; then receivable_history is what companies of the group owe.
    """

    def frame(query: str, item: str = "", party: str = "") -> pd.DataFrame:
        return _frame(warehouse, as_of, query, item, party)

    return DirectInputs(
        receivables=frame(_DOCUMENT_ITEMS, "receivable", "customer"),
        receivable_history=frame(
            _DOCUMENT_HISTORY_WITHIN if receipts_given else _DOCUMENT_HISTORY, "receivable", "customer"
        ),
        receivable_cash_share=frame(_CASH_SHARE, "receivable", "customer"),
        payables=frame(_DOCUMENT_ITEMS, "payable", "supplier"),
        payable_history=frame(_DOCUMENT_HISTORY, "payable", "supplier"),
        payable_cash_share=frame(_CASH_SHARE, "payable", "supplier"),
        movements=frame(_MOVEMENTS),
        planned=frame(_PLANNED),
        run_days=frame(_RUN_DAYS),
        accounts=frame(_ACCOUNTS),
        reporting_currency=settings.group.reporting_currency,
        group_floor=float(settings.group.cash_floor),
    )


def _frame(
    warehouse: duckdb.DuckDBPyConnection, as_of: date, query: str, item: str = "", party: str = ""
) -> pd.DataFrame:
    about = "p.country, p.segment" if party == "customer" else "p.country"
    filled = query.format(item=item, party=party, about=about)
    return typed_dates(warehouse.execute(filled, {"as_of": as_of}).df())


def simulate_direct(
    direct: DirectInputs,
    as_of: pd.Timestamp,
    receipts_forecaster: ReceiptForecaster | None = None,
    receipts: Receipts | None = None,
    seed: int = 0,
) -> FlowPaths:
    """Paths of all flows of all companies. ``receipts``: paths of customers' receipts simulated elsewhere."""
    import pandas as pd

    from ml.cash_flow import OpenItems, simulate_cash
    from ml.receipts import SimilarInvoices

    def outside(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["counterparty_company_id"].isna()].reset_index(drop=True)

    def within(receivables: pd.DataFrame, payables: pd.DataFrame) -> pd.DataFrame:
        # one luck per pair of companies, so that what one pays the other receives
        inside = receivables[receivables["counterparty_company_id"].notna()]
        paid = payables[payables["counterparty_company_id"].notna()]
        sold = inside.assign(customer_id=inside["company_id"] + " > " + inside["counterparty_company_id"])
        bought = paid.assign(
            customer_id=paid["counterparty_company_id"] + " > " + paid["company_id"], amount=-paid["amount"]
        )
        return pd.concat([sold, bought], ignore_index=True)

    receivables = direct.receivables.assign(document_type="receivable")
    payables = direct.payables.assign(document_type="payable")
    customers, suppliers = outside(receivables), outside(payables)
    sold, bought = outside(direct.receivable_history), outside(direct.payable_history)
    between = within(receivables, payables)
    between_history = within(direct.receivable_history, direct.payable_history)
    learnt = between_history.assign(amount=between_history["amount"].abs())
    known = [
        OpenItems(
            "supplier_payments", -1.0, _with_cash_share(suppliers, direct.payable_cash_share), bought,
            SimilarInvoices().fit(bought, as_of), ("supplier_invoices",), run_days=direct.run_days,
        ),
        OpenItems(
            "intercompany", 1.0, between, learnt, SimilarInvoices().fit(learnt, as_of),
            ("intercompany_receivables", "intercompany_payables"), customer_link=0.95,
        ),
    ]  # fmt: skip
    if receipts is None:
        forecaster = receipts_forecaster or SimilarInvoices().fit(sold, as_of)
        items = _with_cash_share(customers, direct.receivable_cash_share)
        known.append(OpenItems("receipts", 1.0, items, sold, forecaster, ("customer_invoices",), weeks_vary=True))
    flows = direct.movements.assign(
        week_start=direct.movements["moved_on"] - pd.to_timedelta(direct.movements["moved_on"].dt.day_of_week, unit="D")
    )
    return simulate_cash(
        flows, as_of, tuple(known), seed, planned=direct.planned, movements=direct.movements, receipts=receipts
    )


def positions_of(direct: DirectInputs, simulated: FlowPaths) -> CashPositions:
    """Cash from opening to closing of each company, currency and the group."""
    from ml.cash_position import Account, cash_positions

    accounts = [
        Account(str(row.company_id), str(row.currency), _opening(row), _number(row.cash_floor), _number(row.rate))
        for row in direct.accounts.itertuples()
    ]
    return cash_positions(simulated, accounts, direct.reporting_currency, direct.group_floor)


def company_cash(direct: DirectInputs, simulated: FlowPaths) -> dict[str, CompanyCash]:
    """Cash of each company in the currency of its books, without what is open with suppliers outside the group.

    A company without a floor of its own is to keep its accounts from going below zero.
    """
    import numpy as np

    from ml.payment_proposals import CompanyCash

    net = simulated.net()
    nothing = np.zeros((simulated.paths, len(simulated.weeks)))
    result = {}
    for row in direct.accounts.itertuples():
        where = (str(row.company_id), str(row.currency))
        planned = simulated.open_items.get((*where, "supplier_payments"), nothing)
        flows = net.get(where, nothing) - planned
        floor = _number(row.cash_floor) or 0.0
        result[where[0]] = CompanyCash(where[1], _opening(row), floor, flows, _number(row.rate))
    return result


def _opening(row: Any) -> float | None:
    """Cash at the bank in the currency of the books; None where no statement tells it, or not at a known rate."""
    if not row.statements:
        return None
    if not row.statements_in_other_currency:
        return _number(row.opening_own)
    if row.statements_with_rate < row.statements or _number(row.rate) is None:
        return None
    return float(row.opening_reporting_currency) / float(row.rate)


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def _with_cash_share(items: pd.DataFrame, share: pd.DataFrame) -> pd.DataFrame:
    """Items with the share of them that is settled by money: the party's own, of a few settlements the company's."""
    own = share[share["customer_id"].notna() & (share["settlements"] >= 5)]
    of_party = own.set_index(["company_id", "customer_id"])["cash_share"]
    of_company = share[share["customer_id"].isna()].set_index("company_id")["cash_share"]
    known = items[["company_id", "customer_id"]].join(of_party, on=["company_id", "customer_id"])["cash_share"]
    return items.assign(cash_share=known.fillna(items["company_id"].map(of_company)).fillna(1.0).clip(0.0, 1.0))


def check_floors(settings: Settings, warehouse: duckdb.DuckDBPyConnection) -> None:
    """Raise SettlehouseError where company.yml sets a floor for a company that there is not."""
    known = [row[0] for row in warehouse.execute("select company_id from marts.dim_company order by 1").fetchall()]
    for company_id in settings.group.company_cash_floors:
        if company_id not in known:
            raise SettlehouseError(
                f"{settings.file.name}: key 'group.company_cash_floors': there is no company '{company_id}'. "
                f"There are: {', '.join(known)}"
            )


@contextmanager
def _step(name: str) -> Iterator[None]:
    started = time.perf_counter()
    yield
    log.info("forecast %-14s %.1f s", name, time.perf_counter() - started)


def _payment_timing(
    history: pd.DataFrame, open_items: pd.DataFrame, as_of: pd.Timestamp
) -> tuple[PaymentHazard, pd.DataFrame]:
    """The fitted model, and fct_receivable_forecast."""
    from ml.hazard import PaymentHazard
    from ml.reasons import reasons
    from ml.receipts import forecast_receivables

    hazard = PaymentHazard().fit(history, as_of)
    invoices = open_items[open_items["kind"] == "invoice"].reset_index(drop=True)
    timing = forecast_receivables(history, invoices, as_of, hazard)
    timing = timing.join(reasons(hazard, invoices, as_of))
    return hazard, timing.merge(invoices[["receivable_id", "source_system", "source_key"]], on="receivable_id")


def _weeks(direct: DirectInputs, simulated: FlowPaths, receipt_documents: pd.DataFrame) -> dict[str, pd.DataFrame]:
    from ml.cash_flow import summarise_paths

    position = positions_of(direct, simulated)
    return {
        "fct_cash_forecast": summarise_paths(simulated),
        "fct_cash_forecast_document": _documents(receipt_documents, simulated),
        "fct_cash_position_forecast": position.positions,
        "fct_cash_breach_path": position.breaches,
        "fct_cash_flow_forecast": position.flows,
    }


def _documents(receipts: pd.DataFrame, simulated: FlowPaths) -> pd.DataFrame:
    """The frame of fct_cash_forecast_document: what each document is expected to move in each week."""
    import pandas as pd

    every = pd.concat([receipts.assign(flow="receipts"), simulated.documents], ignore_index=True)
    keys = ["company_id", "flow", "week_start", "document_type", "document_id"]
    summed = every.groupby(keys, sort=True)["expected_amount"].sum()
    return summed.reset_index(name="expected_amount_company_currency").assign(forecast_as_of=simulated.as_of)


def _appraisals(capital: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    from ml.capital import appraise

    projects = capital[
        ["capital_project_id", "company_id", "currency", "source_system", "source_key"]
    ].drop_duplicates()
    return appraise(capital).merge(projects, on="capital_project_id").assign(forecast_as_of=as_of)


def typed_dates(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with its days (``…_date``, week_start, forecast_as_of) as datetime64[ns], which ml/ expects."""
    import pandas as pd

    for column in frame.columns:
        if column.endswith("_date") or column in ("week_start", "forecast_as_of", "moved_on", "known_on"):
            frame[column] = pd.to_datetime(frame[column]).astype("datetime64[ns]")
    return frame


def declare(warehouse: duckdb.DuckDBPyConnection, table: str) -> None:
    """The table as the contract has it; one that an earlier version made is given the columns it lacks, empty."""
    declared = ", ".join(f"{column.name} {column.type}" for column in _TABLES[table])
    warehouse.execute(f"create table if not exists marts.{table} ({declared})")
    for column in _TABLES[table]:
        warehouse.execute(f"alter table marts.{table} add column if not exists {column.name} {column.type}")


def _append(warehouse: duckdb.DuckDBPyConnection, table: str, rows: pd.DataFrame | pa.Table, as_of: date) -> int:
    warehouse.register("made", rows)
    made = {name for name, *_ in warehouse.execute("describe made").fetchall()}
    # a column that another step fills, as the weekly backtest does in fct_forecast_score, is empty here
    columns = ", ".join(column.name for column in _TABLES[table] if column.name in made)
    other = " and backtest is distinct from 'weekly_origins'" if table == "fct_forecast_score" else ""
    warehouse.execute("begin")
    try:
        if table in _NEWEST_ONLY:
            warehouse.execute(f"delete from marts.{table}")
        warehouse.execute(f"delete from marts.{table} where forecast_as_of = ?{other}", [as_of])
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
