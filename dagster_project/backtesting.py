"""The backtest of a warehouse on weekly origins: what was known at each, out of the marts; scores, back into them.

Methods are in ml/rolling_origins. An origin is made again only when the method or what it rests on has changed.
"""

from __future__ import annotations

import hashlib
import logging
import time
from datetime import date
from typing import TYPE_CHECKING

import duckdb

from dagster_project.cash_in import read_cash_in
from dagster_project.config import Settings
from dagster_project.errors import SettlehouseError
from dagster_project.forecasting import declare, typed_dates
from dagster_project.live_record import model_version
from dagster_project.warehouse import open_warehouse

if TYPE_CHECKING:
    import pandas as pd

    from ml.rolling_origins import Known

log = logging.getLogger("settlehouse")

SUMS, SCORES = "fct_forecast_backtest", "fct_forecast_score"
WEEKLY_ORIGINS = "weekly_origins"
ORIGINS = 52

# Items of customers outside the group as they stood at the end of $as_of, from postings alone: the aging tables hold
# month-ends only, and cleared_date is what is known now.
_ITEM = """
    with item as (
        select * from marts.fct_receivable as receivable
        where posting_date <= $as_of and not exists (
            select 1 from intermediate.int_intercompany_party as within
            where within.party_kind = 'customer' and within.party_id = receivable.customer_record_id
        )
    ),
    settled as (
        select s.receivable_id, sum(s.amount_document_currency) as document, sum(s.amount_company_currency) as company,
               max(greatest(s.settlement_date, item.posting_date)) as last_on
        from marts.fct_receivable_settlement as s join item using (receivable_id)
        where greatest(s.settlement_date, item.posting_date) <= $as_of
        group by 1
    ),
    state as (
        select item.*, c.currency, item.amount_document_currency - coalesce(settled.document, 0) as open_document,
               item.amount_company_currency - coalesce(settled.company, 0) as open_company,
               coalesce(settled.last_on, item.posting_date) as last_on
        from item left join settled using (receivable_id) join marts.dim_company as c using (company_id)
    )
"""
_HISTORY = f"""{_ITEM}
    select receivable_id, company_id, customer_id, currency, invoice_date, due_date,
           case when open_document = 0 then last_on end as cleared_date,
           cast(amount_company_currency as double) as amount
    from state where kind = 'invoice' order by 1
"""
_OPEN = f"""{_ITEM}
    select receivable_id, company_id, customer_id, currency, kind, coalesce(invoice_date, posting_date) as invoice_date,
           due_date, cast(null as date) as cleared_date, cast(open_company as double) as amount
    from state where open_document <> 0 or open_company <> 0 order by 1
"""
_FLOWS = """
    select company_id, currency, flow, week_start, cast(amount_company_currency as double) as amount
    from marts.fct_cash_flow_weekly where flow = 'receipts' and week_start <= $as_of order by all
"""
_RATES = """
    select currency, cast(reporting_currency_per_unit as double) from marts.dim_exchange_rate
    where valid_from <= $as_of and (valid_to is null or valid_to > $as_of) and reporting_currency_per_unit is not null
"""
# What an origin rests on: all that was known then, and what came in the 13 weeks after it.
_DATA = """
    select list(part order by part) from (
        select concat('item ', count(*), ' ', sum(hash(receivable_id, kind, company_id, customer_id, invoice_id,
                      posting_date, invoice_date, due_date, document_currency, amount_document_currency,
                      amount_company_currency))) as part
        from marts.fct_receivable where posting_date <= $as_of
        union all
        select concat('settlement ', count(*), ' ', sum(hash(receivable_id, kind, settlement_date,
                      amount_document_currency, amount_company_currency)))
        from marts.fct_receivable_settlement where settlement_date <= $known_on
        union all
        select concat('receipt ', count(*), ' ', sum(hash(receipt_id, kind, receipt_date)))
        from marts.fct_receipt where receipt_date <= $as_of
        union all
        select concat('flow ', count(*), ' ', sum(hash(company_id, currency, week_start, amount_company_currency)))
        from marts.fct_cash_flow_weekly where flow = 'receipts' and week_start <= $known_on
        union all
        select concat('rate ', count(*), ' ', sum(hash(currency, valid_from, reporting_currency_per_unit)))
        from marts.dim_exchange_rate where valid_from <= $as_of
        union all
        select concat('order ', count(*), ' ', sum(hash(order_line_id, order_id, company_id, customer_id, is_service,
                      order_date, promised_date, document_currency, unit_price_document_currency, quantity_ordered)))
        from marts.fct_sales_order_line where order_date <= $as_of
        union all
        select concat('shipment ', count(*), ' ', sum(hash(order_line_id, shipment_date, quantity)))
        from marts.fct_shipment_line where shipment_date <= $as_of
        union all
        select concat('bill ', count(*), ' ', sum(hash(invoice_id, company_id, order_line_id, invoice_date, quantity,
                      net_amount_document_currency)))
        from marts.fct_sales_invoice_line where invoice_date <= $as_of
        union all
        select concat('note ', count(*), ' ', sum(hash(event.note_id, event.company_id, event.party_id, event.event,
                      event.event_date, event.amount_document_currency, event.fee_amount_company_currency,
                      note.maturity_date)))
        from marts.fct_note_event as event left join marts.fct_note as note using (note_id)
        where event.event_date <= $as_of and event.direction = 'receivable'
        union all
        select concat('sister ', count(*), ' ', sum(hash(seller_invoice_id)))
        from marts.fct_intercompany_pair as pair
        where exists (
            select 1 from marts.fct_receivable as item
            where item.invoice_id = pair.seller_invoice_id and item.posting_date <= $as_of
        )
        union all
        select concat('customer ', count(*), ' ', sum(hash(customer_id, country, region, segment)))
        from marts.dim_customer
        union all
        select concat('company ', count(*), ' ', sum(hash(company_id, country, currency))) from marts.dim_company
    )
"""


def known_at(warehouse: duckdb.DuckDBPyConnection, day: date) -> Known:
    """What was known at the end of ``day``, from rows of that day or earlier and no others."""
    from ml.rolling_origins import Known

    values = {"as_of": day}
    return Known(
        history=typed_dates(warehouse.execute(_HISTORY, values).df()),
        open_items=typed_dates(warehouse.execute(_OPEN, values).df()),
        flows=typed_dates(warehouse.execute(_FLOWS, values).df()),
        rates=dict(warehouse.execute(_RATES, values).fetchall()),
        cash_in=read_cash_in(warehouse, day),
    )


def backtest_warehouse(settings: Settings, as_of: date, origins: int) -> dict[str, int]:
    """Score the receipts forecast on the last ``origins`` weekly origins whose 13 weeks were over at ``as_of``.

    Every origin is written as soon as it is made, so that a run that is stopped goes on where it was. Returns the rows
    written per table. Raises SettlehouseError where the history is too short for a single origin.
    """
    with open_warehouse(settings.warehouse) as warehouse:
        return run_backtest(warehouse, as_of, origins)


def run_backtest(warehouse: duckdb.DuckDBPyConnection, as_of: date, origins: int) -> dict[str, int]:
    """``backtest_warehouse`` on an open warehouse."""
    import pandas as pd

    from ml import rolling_origins as rolling

    started = time.perf_counter()
    declare(warehouse, SUMS)
    declare(warehouse, SCORES)
    (begun,) = warehouse.execute(
        "select min(settlement_date) from marts.fct_receivable_settlement where settlement_date <= ?", [as_of]
    ).fetchone() or (None,)
    days = [day for day in rolling.weekly_origins(pd.Timestamp(as_of), origins) if begun and day.date() >= begun]
    if not days:
        raise SettlehouseError(
            f"no origin can be scored as of {as_of}: it takes a receipt and 13 weeks after the Sunday behind it. "
            "Run again when there are that many weeks"
        )
    if len(days) < origins:
        log.info("backtest the history reaches back to %s: %d origins instead of %d", begun, len(days), origins)
    flows = paid_on = None
    fits: dict[pd.Timestamp, rolling.Fitted] = {}
    forms: dict[pd.Timestamp, dict] = {}
    cuts: dict[pd.Timestamp, str] = {}
    made = 0
    for number, day in enumerate(days, start=1):
        cuts[day] = _data_hash(warehouse, day.date(), (day + rolling.HORIZON_DAYS * rolling.DAY).date())
        label = f"backtest origin {number:3d} of {len(days)}  {day.date()}"
        if warehouse.execute(
            f"select count(*) from marts.{SUMS} where forecast_as_of = ? and model_version = ? and data_hash = ?",
            [day.date(), model_version(), cuts[day]],
        ).fetchone() != (0,):
            log.info("%s  kept: same method, same data", label)
            continue
        at = time.perf_counter()
        if flows is None or paid_on is None:
            flows = typed_dates(warehouse.execute(_FLOWS, {"as_of": as_of}).df())
            history = typed_dates(warehouse.execute(_HISTORY, {"as_of": as_of}).df())
            paid_on = history.set_index("receivable_id")["cleared_date"]
        fitted_on = rolling.fit_day(day)
        if fitted_on not in fits:
            chosen_on = rolling.fit_day(day, rolling.FORM_WEEKS)
            if chosen_on not in forms:
                forms = {chosen_on: rolling.fit_forms(known_at(warehouse, chosen_on.date()), chosen_on)}
            fits = {fitted_on: rolling.fit_origin(known_at(warehouse, fitted_on.date()), fitted_on, forms[chosen_on])}
        forecast = rolling.forecast_origin(fits[fitted_on], known_at(warehouse, day.date()), day)
        rows = rolling.score_origin(forecast, paid_on, flows).assign(
            fitted_on=fitted_on, model_version=model_version(), data_hash=cuts[day]
        )
        _write(warehouse, SUMS, rows, "forecast_as_of = ?", [day.date()])
        made += 1
        log.info("%s  %d invoices, %d figures  %.1f s", label, len(forecast.invoices), len(rows),
                 time.perf_counter() - at)  # fmt: skip
    sums = warehouse.execute(
        f"select * from marts.{SUMS} where forecast_as_of between ? and ?", [days[0].date(), days[-1].date()]
    ).df()
    scores = rolling.score_table(typed_dates(sums)).assign(forecast_as_of=as_of, backtest=WEEKLY_ORIGINS)
    written = _write(warehouse, SCORES, scores, "forecast_as_of = ? and backtest = ?", [as_of, WEEKLY_ORIGINS])
    log.info("backtest %d origins scored, %d of them made now, %d scores  %.1f s", len(days), made, written,
             time.perf_counter() - started)  # fmt: skip
    return {SUMS: made, SCORES: written}


def _data_hash(warehouse: duckdb.DuckDBPyConnection, as_of: date, known_on: date) -> str:
    (parts,) = warehouse.execute(_DATA, {"as_of": as_of, "known_on": known_on}).fetchone() or ([],)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _write(
    warehouse: duckdb.DuckDBPyConnection, table: str, rows: pd.DataFrame, replaced: str, values: list[object]
) -> int:
    """Put ``rows`` in the place of those that ``replaced`` names; columns that they lack stay empty."""
    kept = [name for (name,) in warehouse.execute(
        "select column_name from duckdb_columns() where schema_name = 'marts' and table_name = ?", [table]
    ).fetchall() if name in rows.columns]  # fmt: skip
    warehouse.register("made", rows[kept])
    columns = ", ".join(kept)
    warehouse.execute("begin")
    try:
        warehouse.execute(f"delete from marts.{table} where {replaced}", values)
        warehouse.execute(f"insert into marts.{table} ({columns}) select {columns} from made")
        warehouse.execute("commit")
    except BaseException:
        warehouse.execute("rollback")
        raise
    finally:
        warehouse.unregister("made")
    return len(rows)
