"""Cash in of the next 90 days: frames out of the marts, the simulation of ml/cash_in.py, frames for the marts.

Everything as it was known at the end of as_of: what was cleared later is open, what was posted later is not there.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    import pandas as pd

    from ml.cash_in import CashInData
    from ml.receipts import ReceiptForecaster

log = logging.getLogger("settlehouse")

# What was open of each item at the end of as_of, from postings alone: aging tables hold month-ends and days of runs,
# and cleared_date is what is known now, not what was known then. An item is paid when the money came, which may be days
# before it was applied; a value day beside the day of booking is the bank's habit, not the customer's, and is left out.
_PAID = """
    with paid as (
        select settlement.*,
               case when receipt.receipt_date < settlement.settlement_date - 1 then receipt.receipt_date
                   else settlement.settlement_date end as paid_on
        from marts.fct_receivable_settlement as settlement
        left join marts.fct_receipt as receipt
            on receipt.receipt_id = settlement.receivable_settlement_id and receipt.kind = 'payment'
        where settlement.settlement_date <= $as_of
    )
"""
_STATE = f"""{_PAID},
    settled as (
        select item.receivable_id, sum(paid.amount_document_currency) as amount,
               max(greatest(paid.paid_on, item.posting_date)) as last_on
        from paid
        join marts.fct_receivable as item using (receivable_id)
        where item.posting_date <= $as_of
        group by 1
    ),
    state as (
        select item.*, item.amount_document_currency - coalesce(settled.amount, 0) as open_amount,
               coalesce(settled.last_on, item.posting_date) as last_on
        from marts.fct_receivable as item
        left join settled using (receivable_id)
        where item.posting_date <= $as_of
    )
"""
_INVOICES = f"""{_STATE}
    select receivable_id, company_id, customer_id, document_currency as currency,
           coalesce(invoice_date, posting_date) as invoice_date, due_date,
           case when open_amount = 0 then last_on end as cleared_date,
           cast(amount_document_currency as double) as amount
    from state
    where kind = 'invoice'
    order by 1
"""
_PAYMENTS = f"""{_PAID}
    select receivable_id, paid_on as day, kind, cast(amount_document_currency as double) as amount
    from paid
    order by all
"""
# One sale per invoice, with its order where it has one; then what is ordered and not invoiced, in net prices, which are
# brought to gross as the company's (better: the customer's) invoices of the last year were. What of an order was
# shipped and billed by then is counted again, as fct_sales_order_line counts it at the end of a run's day: a service is
# shipped when it is billed, and a bill against the direction of its order takes back.
_SALES = """
    with ordered as (
        select line.invoice_id, min(ordered.order_date) as order_date, max(ordered.promised_date) as promised_date,
               sum(line.net_amount_document_currency) as net
        from marts.fct_sales_invoice_line as line
        left join marts.fct_sales_order_line as ordered using (order_line_id)
        where line.invoice_date <= $as_of
        group by line.invoice_id
    ),
    invoiced as (
        select item.receivable_id, item.company_id, item.customer_id, item.document_currency as currency,
               ordered.order_date, ordered.promised_date,
               coalesce(item.invoice_date, item.posting_date) as invoice_date, item.due_date,
               item.amount_document_currency as amount, ordered.net
        from marts.fct_receivable as item
        left join ordered using (invoice_id)
        where item.kind = 'invoice' and item.posting_date <= $as_of
    ),
    gross as (
        select company_id, customer_id, cast(sum(amount) as double) / cast(sum(net) as double) as ratio
        from invoiced
        where net > 0 and amount > 0 and invoice_date > $as_of - 365
        group by grouping sets ((company_id, customer_id), (company_id))
        having sum(net) > 0
    ),
    shipped as (
        select order_line_id, sum(quantity) as quantity
        from marts.fct_shipment_line
        where shipment_date <= $as_of
        group by 1
    ),
    billed as (
        select line.order_line_id, sum(line.quantity) as quantity
        from marts.fct_sales_invoice_line as line
        join marts.fct_sales_order_line as ordered using (order_line_id, company_id)
        where line.invoice_date <= $as_of
            and sign(line.quantity) * sign(ordered.quantity_ordered) >= 0
            and (
                line.quantity <> 0 or sign(line.net_amount_company_currency) * sign(ordered.quantity_ordered) >= 0
            )
        group by 1
    ),
    delivered as (
        select ordered.*, coalesce(billed.quantity, 0) as billed,
               case when ordered.is_service then coalesce(billed.quantity, 0) else coalesce(shipped.quantity, 0) end
                   as delivered
        from marts.fct_sales_order_line as ordered
        left join shipped using (order_line_id)
        left join billed using (order_line_id)
        where ordered.order_date <= $as_of
    ),
    still as (
        select *,
               case when quantity_ordered >= 0 then greatest(quantity_ordered - delivered, 0)
                   else least(quantity_ordered - delivered, 0) end as backlog,
               case when quantity_ordered >= 0 then greatest(delivered - billed, 0)
                   else least(delivered - billed, 0) end as uninvoiced
        from delivered
    ),
    waiting as (
        select order_id, company_id, customer_id, document_currency as currency, order_date, promised_date,
               sum(
                   round(cast(backlog as decimal(16, 4)) * cast(unit_price_document_currency as decimal(16, 6)), 2)
                   + round(cast(uninvoiced as decimal(16, 4)) * cast(unit_price_document_currency as decimal(16, 6)), 2)
               ) as net
        from still
        group by all
        having net > 0
    )
    select receivable_id as sale_id, company_id, customer_id, currency, order_date, promised_date, invoice_date,
           due_date, cast(amount as double) as amount
    from invoiced
    union all
    select concat(waiting.order_id, ' ', coalesce(waiting.promised_date::varchar, '')), waiting.company_id,
           waiting.customer_id, waiting.currency, waiting.order_date, waiting.promised_date, null, null,
           round(cast(waiting.net as double) * coalesce(own.ratio, company.ratio, 1.0), 2)
    from waiting
    left join gross as own on own.company_id = waiting.company_id and own.customer_id = waiting.customer_id
    left join gross as company on company.company_id = waiting.company_id and company.customer_id is null
    order by all
"""
# A note passed on in part is held for the rest; it has ended when nothing of it is left.
_NOTES = """
    with came as (
        select note_id, min(event_date) as received_date, min_by(company_id, event_date) as company_id,
               min_by(party_id, event_date) as customer_id, min_by(document_currency, event_date) as currency,
               min_by(amount_document_currency, event_date) as amount
        from marts.fct_note_event
        where direction = 'receivable' and event = 'received' and event_date <= $as_of
        group by note_id
    ),
    went as (
        select note_id, max(event_date) as ended_date, max_by(event, event_date) as ending,
               sum(amount_document_currency) as amount,
               sum(case when event in ('discounted', 'matured')
                   then cast(amount_document_currency as double)
                       * (1 - cast(fee_amount_company_currency as double) / nullif(amount_company_currency, 0))
                   else 0 end) as cash
        from marts.fct_note_event
        where direction = 'receivable' and event in ('discounted', 'matured', 'endorsed', 'dishonoured')
            and event_date <= $as_of
        group by note_id
    ),
    fate as (
        select came.*, coalesce(went.amount, 0) as gone, coalesce(went.amount >= came.amount, false) as has_ended,
               went.ended_date, went.ending, went.cash
        from came
        left join went using (note_id)
    )
    select fate.note_id, fate.company_id, fate.customer_id, fate.currency, fate.received_date, note.maturity_date,
           case when has_ended then ended_date end as ended_date, case when has_ended then ending end as ending,
           cast(case when has_ended then fate.amount else fate.amount - gone end as double) as amount,
           case when has_ended then cash end as cash
    from fate
    left join marts.fct_note as note using (note_id)
    order by 1
"""
_CREDITS = f"""{_STATE}
    select receivable_id as credit_id, company_id, customer_id, document_currency as currency, posting_date as day,
           cast(null as date) as cleared_date, -cast(open_amount as double) as amount
    from state
    where open_amount < 0
    order by 1
"""
# A sister company is a segment of its own, whatever the CRM says of it: who was billed as one by then. Country, region
# and segment are today's, sources keep no history of them.
_CUSTOMERS = """
    with sister as (
        select distinct item.customer_id
        from marts.fct_receivable as item
        join marts.fct_intercompany_pair as pair on pair.seller_invoice_id = item.invoice_id
        where item.posting_date <= $as_of
    )
    select customer.customer_id, nullif(trim(concat_ws(' ', customer.country, customer.region)), '') as region,
           customer.country,
           case when sister.customer_id is not null then 'Intercompany' else customer.segment end as segment
    from marts.dim_customer as customer
    left join sister using (customer_id)
    order by 1
"""
_COMPANIES = "select company_id, country, currency from marts.dim_company order by 1"
_RATES = """
    select currency, cast(reporting_currency_per_unit as double) as rate
    from marts.dim_exchange_rate
    where valid_from <= $as_of and (valid_to is null or valid_to > $as_of)
    order by all
"""


@dataclass(frozen=True)
class CashInForecast:
    """tables: frames of fct_cash_in_forecast and fct_cash_in_path. receipts: (company_id, currency of its books) →
    cents, paths × weeks of ml.cash_flow.forecast_weeks. documents: what each open invoice and note held brings, see
    ml.cash_in.DocumentCash."""

    tables: dict[str, pd.DataFrame]
    receipts: dict[tuple[str, str], Any]
    documents: pd.DataFrame


def read_cash_in(warehouse: duckdb.DuckDBPyConnection, as_of: date) -> CashInData:
    """What was known of money to come in at the end of ``as_of``, whatever day the marts were built as of."""
    import pandas as pd

    from ml.cash_in import CashInData

    def frame(query: str) -> pd.DataFrame:
        result = warehouse.execute(query, {"as_of": as_of} if "$as_of" in query else {}).df()
        for column in result.columns:
            if column.endswith("_date") or column == "day":
                result[column] = pd.to_datetime(result[column]).astype("datetime64[ns]")
        if "customer_id" in result:
            result["customer_id"] = result["customer_id"].astype(object).where(result["customer_id"].notna(), "")
        return result

    return CashInData(
        invoices=frame(_INVOICES), payments=frame(_PAYMENTS), sales=frame(_SALES), notes=frame(_NOTES),
        credits=frame(_CREDITS), customers=frame(_CUSTOMERS), companies=frame(_COMPANIES),
    )  # fmt: skip


def forecast_cash_in(
    warehouse: duckdb.DuckDBPyConnection,
    as_of: date,
    reporting_currency: str,
    forecaster: ReceiptForecaster | None = None,
    seed: int = 0,
) -> CashInForecast:
    """Simulate cash in as of ``as_of``.

    Args:
        forecaster: fitted on first receipts known at ``as_of``; SimilarInvoices fitted here when none is given.
    """
    import pandas as pd

    from ml.cash_in import (
        PATHS_KEPT,
        CashInTables,
        DocumentCash,
        cash_in_blocks,
        first_receipts,
        largest_debtors,
        measure_links,
    )
    from ml.receipts import SimilarInvoices

    started = time.perf_counter()
    day = pd.Timestamp(as_of)
    data = read_cash_in(warehouse, as_of)
    rates = dict(warehouse.execute(_RATES, {"as_of": as_of}).fetchall())
    rates.setdefault(reporting_currency, 1.0)
    history = first_receipts(data, day)
    fitted = forecaster or SimilarInvoices().fit(history, day)
    links = measure_links(history, day)
    buckets = largest_debtors(data, day, rates)
    books = dict(zip(data.companies["company_id"], data.companies["currency"], strict=True))
    # a table of a few million rows at most, whatever the size of the group
    kept = max(50, min(PATHS_KEPT, 20_000_000 // max(len(data.invoices[data.invoices["cleared_date"].isna()]), 1)))
    tables = CashInTables(day, rates, reporting_currency, books, kept)
    documents = DocumentCash(day)
    for block in cash_in_blocks(data, day, fitted, links, seed=seed, by_customer=buckets, documents=documents):
        tables.add(block)
    if tables.without_rate:
        log.warning("cash in    without a rate, so in no total: %s", ", ".join(sorted(tables.without_rate)))
    result = {"fct_cash_in_forecast": _money(tables.forecast()), "fct_cash_in_path": _path_money(tables.paths())}
    if data.invoices.empty and data.sales.empty and data.notes.empty:
        # a group without sales has no cash in to forecast, not a forecast of nothing
        result = {name: frame.iloc[:0] for name, frame in result.items()}
    log.info(
        "forecast cash in        %8d rows, luck shared: customer %.2f, everyone %.2f  %.1f s",
        len(result["fct_cash_in_forecast"]), links.customer, links.everyone, time.perf_counter() - started,
    )  # fmt: skip
    return CashInForecast(result, tables.receipts(), documents.frame(rates, books))


def _money(frame: pd.DataFrame) -> pd.DataFrame:
    """Sums over paths in cents → means as exact decimals of six places: a cent over 400 paths is 0.000025."""
    result = frame.rename(columns={"total_cents_reporting": "total_cents_reporting_currency"})
    for column in [name for name in result.columns if name.startswith("total_cents")]:
        millionths = result.pop(column).to_numpy() * 10_000 // frame["paths"].to_numpy()
        result["mean" + column.removeprefix("total_cents")] = _decimals(millionths, 6)
    for column in ("company_id", "region", "segment"):
        result[column] = result[column].where(result[column] != "", None)
    return result


def _path_money(frame: pd.DataFrame) -> pd.DataFrame:
    result = frame.copy()
    result["amount_document_currency"] = _decimals(result.pop("cents").to_numpy(), 2)
    return result


def _decimals(units: Any, places: int) -> pd.Series:
    """Whole numbers of the last decimal place → exact decimals, without a Python object per figure."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    kind = pa.decimal128(28, places)
    words = np.column_stack([units, units >> 63]).astype("<i8")
    made = pa.Array.from_buffers(kind, len(units), [None, pa.py_buffer(words.tobytes())])
    return pd.Series(made, dtype=pd.ArrowDtype(kind))
