"""What a cell of the 13-week sheet is made of: documents and what each is expected to move, and what has none yet."""

from __future__ import annotations

from datetime import date

import pandas as pd

from dashboards.access import ROWS_LISTED, query
from dashboards.queries.forecast import NET

# Cash of the group counts at the rate of the forecast's day, as in its own sums of paths.
_RATE = """
    rate as (
        select
            company.company_id,
            case when $company_id is null then rate.reporting_currency_per_unit::double else 1.0 end as factor,
            rate.reporting_currency_per_unit::double as of_books
        from marts.dim_company as company
        left join marts.dim_exchange_rate as rate
            on rate.currency = company.currency
            and rate.valid_from <= $as_of
            and (rate.valid_to is null or rate.valid_to > $as_of)
    )
"""
_NEWEST = "(select max(forecast_as_of) from marts.{table} where forecast_as_of <= $as_of)"


def _flows(company_id: str | None) -> tuple[str, str]:
    """Table of the sheet's flows, and which rows of it are the reader's choice."""
    return ("fct_cash_flow_forecast", "flow.scope = 'group'") if company_id is None else (
        "fct_cash_forecast", "flow.company_id = $company_id"
    )  # fmt: skip


def documents_of_flow(as_of: date, company_id: str | None, flow: str, week: date) -> pd.DataFrame:
    """One row per document that may move cash of ``flow`` (or ``net``) in a week, the largest share first, at most
    ROWS_LISTED, then what has no document: invoices not issued yet, and what past weeks had. All add up to the cell.

    expected_amount is the mean over the simulated paths, in the currency of the books, all companies in reporting
    currency. ``documents_total`` and ``documents`` are of all documents, also of those that are not listed.
    """
    table, where = _flows(company_id)
    return query(
        f"""
        with {_RATE},
        cell as (
            select sum(flow.mean)::decimal(24, 6) as mean
            from marts.{table} as flow
            where {where} and flow.flow = $flow and flow.week_start = $week
                and flow.forecast_as_of = {_NEWEST.format(table=table)}
        ),
        document as (
            select
                document.*,
                (document.expected_amount_company_currency::double * rate.factor)::decimal(24, 6) as expected_amount,
                rate.factor
            from marts.fct_cash_forecast_document as document
            inner join rate using (company_id)
            where document.forecast_as_of = {_NEWEST.format(table="fct_cash_forecast_document")}
                and document.week_start = $week
                and ($flow = '{NET}' or document.flow = $flow)
                and ($company_id is null or document.company_id = $company_id)
                and rate.factor is not null
        ),
        named as (
            select
                document.flow,
                case document.document_type when 'planned_item' then item.document_type
                    else document.document_type end as document_type,
                coalesce(
                    receivable.invoice_number, payable.invoice_number, note.note_number, item.document_number,
                    document.document_id
                ) as document_number,
                coalesce(
                    customer.name, supplier.name, drawer.name, other.name, item.party_id
                ) as party,
                coalesce(receivable.due_date, payable.due_date, note.maturity_date, item.due_date) as due_date,
                document.expected_amount,
                (coalesce(
                    receivable.open_amount_company_currency, -payable.open_amount_company_currency,
                    note.open_amount_company_currency, item.amount_company_currency
                )::double * document.factor)::decimal(18, 2) as whole_amount,
                company.name as company,
                item.component
            from document
            left join marts.dim_company as company on company.company_id = document.company_id
            left join marts.fct_receivable_aging as receivable
                on document.document_type = 'receivable' and receivable.as_of = $as_of
                and receivable.receivable_id = document.document_id
            left join marts.dim_customer as customer on customer.customer_id = receivable.customer_id
            left join marts.fct_payable_aging as payable
                on document.document_type = 'payable' and payable.as_of = $as_of
                and payable.payable_id = document.document_id
            left join marts.dim_supplier as supplier on supplier.supplier_id = payable.supplier_id
            left join marts.fct_note as note
                on document.document_type = 'note' and note.note_id = document.document_id
            left join marts.dim_customer as drawer on drawer.customer_id = note.party_id
            left join marts.fct_planned_cash_item as item
                on document.document_type = 'planned_item' and item.planned_cash_item_id = document.document_id
            left join marts.dim_company as other on other.company_id = item.counterparty_company_id
        ),
        total as (
            select coalesce(sum(expected_amount), 0)::decimal(24, 6) as documents_total, count(*) as documents
            from named
        ),
        not_issued as (
            select (coalesce(sum(
                cash.mean_new::double * of_currency.reporting_currency_per_unit::double
                * rate.factor / rate.of_books
            ), 0))::decimal(24, 6) as amount
            from marts.fct_cash_in_forecast as cash
            inner join rate using (company_id)
            inner join marts.dim_exchange_rate as of_currency
                on of_currency.currency = cash.currency
                and of_currency.valid_from <= $as_of
                and (of_currency.valid_to is null or of_currency.valid_to > $as_of)
            where $flow in ('receipts', '{NET}')
                and cash.forecast_as_of = {_NEWEST.format(table="fct_cash_in_forecast")}
                and cash.level = 'leaf' and cash.period = 'week'
                and date_trunc('week', cash.period_day)::date = $week
                and cash.segment is distinct from 'Intercompany'
                and ($company_id is null or cash.company_id = $company_id)
        ),
        rest as (
            -- less than one is rounding of cents on paths, and no money that is not booked
            select
                place,
                case place when 1 then 'not_issued' else 'not_booked' end as document_type,
                case
                    when place = 1 and abs(booked) < 1 then amount + booked
                    when place = 1 then amount
                    when abs(booked) < 1 and amount <> 0 then 0
                    else booked
                end as expected_amount
            from (
                select not_issued.amount, cell.mean - total.documents_total - not_issued.amount as booked
                from cell, total, not_issued
            )
            cross join (values (1), (2)) as part (place)
        )
        select flow, document_type, document_number, party, due_date, expected_amount, whole_amount, company,
            component, documents_total, documents
        from (
            (
                select 0 as place, named.*, total.*
                from named, total
                order by abs(expected_amount) desc, document_number
                limit $most
            )
            union all
            select rest.place, null, rest.document_type, null, null, null, rest.expected_amount::decimal(24, 6), null,
                null, null, total.*
            from rest, total
            where abs(rest.expected_amount) >= 0.01
        )
        order by place, abs(expected_amount) desc, document_number
        """,
        as_of=as_of,
        company_id=company_id,
        flow=flow,
        week=week,
        most=ROWS_LISTED,
    )


def parts_of_position(as_of: date, company_id: str | None, week: date, line: str) -> pd.DataFrame:
    """One row per bank statement at the start and per flow since: what ``opening_cash``, ``closing_cash`` or
    ``headroom`` of a week is made of; they add up to the cell. Columns as in ``documents_of_flow``."""
    last = "<" if line == "opening_cash" else "<="
    return query(
        f"""
        with {_RATE},
        -- companies without a bank statement are in no position
        told as (
            select distinct company_id
            from marts.fct_cash_position_forecast
            where scope = 'company' and empty_reason is null
                and ($company_id is null or company_id = $company_id)
                and forecast_as_of = {_NEWEST.format(table="fct_cash_position_forecast")}
        )
        select * from (
            select
                cast(null as varchar) as flow,
                'bank_statement' as document_type,
                statement.statement_number as document_number,
                bank_account.name as party,
                company.name as company,
                statement.statement_date as due_date,
                (statement.closing_balance_reporting_currency::double * rate.factor / rate.of_books)::decimal(18, 2)
                    as expected_amount
            from marts.fct_bank_statement as statement
            inner join rate using (company_id)
            left join marts.dim_company as company using (company_id)
            left join marts.dim_bank_account as bank_account
                on bank_account.bank_account_id = statement.bank_account_id
            where statement.is_newest and ($company_id is null or statement.company_id = $company_id)
            union all
            select
                flow.flow, 'flow_so_far', null, null, null, max(flow.week_start),
                sum(flow.mean::double * rate.factor)::decimal(18, 2)
            from marts.fct_cash_forecast as flow
            inner join rate using (company_id)
            inner join told using (company_id)
            where flow.flow <> '{NET}' and flow.week_start {last} $week
                and flow.forecast_as_of = {_NEWEST.format(table="fct_cash_forecast")}
            group by flow.flow
            having sum(flow.mean) <> 0
            union all
            select null, 'cash_floor', null, null, null, null, -max(position.cash_floor)::decimal(18, 2)
            from marts.fct_cash_position_forecast as position
            where $line = 'headroom' and position.week_start = $week
                and position.scope = case when $company_id is null then 'group' else 'company' end
                and ($company_id is null or position.company_id = $company_id)
                and position.forecast_as_of = {_NEWEST.format(table="fct_cash_position_forecast")}
            having max(position.cash_floor) is not null
        )
        order by
            case document_type when 'bank_statement' then 0 when 'flow_so_far' then 1 else 2 end,
            abs(expected_amount) desc
        """,
        as_of=as_of,
        company_id=company_id,
        week=week,
        line=line,
    )


def past_weeks_of_flow(as_of: date, company_id: str | None, flow: str) -> pd.DataFrame:
    """The last 13 whole weeks of a flow and, of each, what bank lines and payments moved, newest first."""
    return query(
        f"""
        with {_RATE}
        select
            date_trunc('week', moved.moved_on)::date as week_start,
            count(*) as movements,
            sum(moved.amount_company_currency::double * rate.factor)::decimal(18, 2) as actual_amount
        from marts.fct_cash_flow_daily as moved
        inner join rate using (company_id)
        where ($flow = '{NET}' or moved.flow = $flow)
            and ($company_id is null or moved.company_id = $company_id)
            and moved.moved_on < date_trunc('week', $as_of::date + 1)
            and moved.moved_on >= date_trunc('week', $as_of::date + 1) - interval 91 day
        group by 1
        order by 1 desc
        """,
        as_of=as_of,
        company_id=company_id,
        flow=flow,
    )
