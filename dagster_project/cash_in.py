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

    from ml.cash_in import CashInData, Links
    from ml.receipts import ReceiptForecaster

log = logging.getLogger("settlehouse")

_INVOICES = """
    select receivable_id, company_id, customer_id, document_currency as currency,
           coalesce(invoice_date, posting_date) as invoice_date, due_date,
           case when cleared_date <= $as_of then cleared_date end as cleared_date,
           cast(amount_document_currency as double) as amount
    from marts.fct_receivable
    where kind = 'invoice' and posting_date <= $as_of
    order by 1
"""
_PAYMENTS = """
    select receivable_id, settlement_date as day, kind, cast(amount_document_currency as double) as amount
    from marts.fct_receivable_settlement
    where settlement_date <= $as_of
    order by all
"""
# One sale per invoice, with its order where it has one; then what is ordered and not invoiced, in net prices, which are
# brought to gross as the company's (better: the customer's) invoices of the last year were.
_SALES = """
    with ordered as (
        select line.invoice_id, min(ordered.order_date) as order_date, max(ordered.promised_date) as promised_date,
               sum(cast(line.net_amount_document_currency as double)) as net
        from marts.fct_sales_invoice_line as line
        left join marts.fct_sales_order_line as ordered using (order_line_id)
        where line.invoice_date <= $as_of
        group by line.invoice_id
    ),
    invoiced as (
        select item.receivable_id, item.company_id, item.customer_id, item.document_currency as currency,
               ordered.order_date, ordered.promised_date,
               coalesce(item.invoice_date, item.posting_date) as invoice_date, item.due_date,
               cast(item.amount_document_currency as double) as amount, ordered.net
        from marts.fct_receivable as item
        left join ordered using (invoice_id)
        where item.kind = 'invoice' and item.posting_date <= $as_of
    ),
    gross as (
        select company_id, customer_id, sum(amount) / sum(net) as ratio
        from invoiced
        where net > 0 and amount > 0 and invoice_date > $as_of - 365
        group by grouping sets ((company_id, customer_id), (company_id))
        having sum(net) > 0
    ),
    waiting as (
        select order_id, company_id, customer_id, document_currency as currency, order_date, promised_date,
               sum(cast(backlog_amount_document_currency + uninvoiced_amount_document_currency as double)) as net
        from marts.fct_sales_order_line
        where order_date <= $as_of
        group by all
        having sum(backlog_amount_document_currency + uninvoiced_amount_document_currency) > 0
    )
    select receivable_id as sale_id, company_id, customer_id, currency, order_date, promised_date, invoice_date,
           due_date, amount
    from invoiced
    union all
    select concat(waiting.order_id, ' ', coalesce(waiting.promised_date::varchar, '')), waiting.company_id,
           waiting.customer_id, waiting.currency, waiting.order_date, waiting.promised_date, null, null,
           round(waiting.net * coalesce(own.ratio, company.ratio, 1.0), 2)
    from waiting
    left join gross as own on own.company_id = waiting.company_id and own.customer_id = waiting.customer_id
    left join gross as company on company.company_id = waiting.company_id and company.customer_id is null
    order by all
"""
_NOTES = """
    with came as (
        select note_id, min(event_date) as received_date, min_by(company_id, event_date) as company_id,
               min_by(party_id, event_date) as customer_id, min_by(document_currency, event_date) as currency,
               cast(min_by(amount_document_currency, event_date) as double) as amount
        from marts.fct_note_event
        where direction = 'receivable' and event = 'received' and event_date <= $as_of
        group by note_id
    ),
    went as (
        select note_id, min(event_date) as ended_date, min_by(event, event_date) as ending,
               sum(case when event in ('discounted', 'matured')
                   then cast(amount_document_currency as double)
                       * (1 - cast(fee_amount_company_currency as double) / nullif(amount_company_currency, 0))
                   else 0 end) as cash
        from marts.fct_note_event
        where direction = 'receivable' and event in ('discounted', 'matured', 'endorsed', 'dishonoured')
            and event_date <= $as_of
        group by note_id
    )
    select came.note_id, came.company_id, came.customer_id, came.currency, came.received_date, note.maturity_date,
           went.ended_date, went.ending, came.amount, went.cash
    from came
    left join went using (note_id)
    left join marts.fct_note as note using (note_id)
    order by 1
"""
_CREDITS = """
    select item.receivable_id as credit_id, open.company_id, open.customer_id, open.document_currency as currency,
           item.posting_date as day, cast(null as date) as cleared_date,
           -cast(open.open_amount_document_currency as double) as amount
    from marts.fct_receivable_aging as open
    join marts.fct_receivable as item using (receivable_id)
    where open.as_of = $as_of and open.open_amount_document_currency < 0
    order by 1
"""
# A sister company is a segment of its own, whatever the CRM says of it.
_CUSTOMERS = """
    with sister as (
        select distinct item.customer_id
        from marts.fct_receivable as item
        join marts.fct_intercompany_pair as pair on pair.seller_invoice_id = item.invoice_id
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
LINK_INVOICES = 60_000
LINK_ORIGINS_DAYS = (63, 91, 119)
"""Days before as_of at which forecasts are made again, to see how far invoices moved together."""


@dataclass(frozen=True)
class CashInForecast:
    """tables: frames of fct_cash_in_forecast and fct_cash_in_path. receipts: (company_id, currency of its books) →
    cents, paths × weeks of ml.cash_flow.forecast_weeks."""

    tables: dict[str, pd.DataFrame]
    receipts: dict[tuple[str, str], Any]


def read_cash_in(warehouse: duckdb.DuckDBPyConnection, as_of: date) -> CashInData:
    """What the marts know of money to come in, as of ``as_of``."""
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
        forecaster: fitted on what was known at ``as_of``; SimilarInvoices fitted here when none is given.
    """
    import pandas as pd

    from ml.cash_in import PATHS_KEPT, CashInTables, cash_in_blocks, largest_debtors
    from ml.receipts import SimilarInvoices

    started = time.perf_counter()
    day = pd.Timestamp(as_of)
    data = read_cash_in(warehouse, as_of)
    rates = dict(warehouse.execute(_RATES, {"as_of": as_of}).fetchall())
    rates.setdefault(reporting_currency, 1.0)
    fitted = forecaster or SimilarInvoices().fit(data.invoices, day)
    links = _links(data.invoices, day)
    buckets = largest_debtors(data, day, rates)
    books = dict(zip(data.companies["company_id"], data.companies["currency"], strict=True))
    # a table of a few million rows at most, whatever the size of the group
    kept = max(50, min(PATHS_KEPT, 20_000_000 // max(len(data.invoices[data.invoices["cleared_date"].isna()]), 1)))
    tables = CashInTables(day, rates, reporting_currency, books, kept)
    for block in cash_in_blocks(data, day, fitted, links, seed=seed, by_customer=buckets):
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
    return CashInForecast(result, tables.receipts())


def _links(history: pd.DataFrame, as_of: pd.Timestamp) -> Links:
    import pandas as pd

    from ml.cash_in import estimate_links, observed_luck
    from ml.receipts import SimilarInvoices

    # links are a few averages: some tens of thousands of invoices, whole customers of them, tell them well enough
    names = sorted(history["customer_id"].astype(str).unique())
    some = names[:: max(1, len(history) // LINK_INVOICES)]
    history = history[history["customer_id"].astype(str).isin(some)]
    luck = []
    for days in LINK_ORIGINS_DAYS:
        origin = as_of - pd.Timedelta(days=days)
        if (history["invoice_date"] <= origin).any():
            luck.append(observed_luck(history, SimilarInvoices().fit(history, origin), origin, as_of))
    return estimate_links(pd.concat(luck) if luck else pd.DataFrame({"origin": [], "customer_id": [], "luck": []}))


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
