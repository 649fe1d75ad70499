"""Receivables by age."""

from __future__ import annotations

from datetime import date

import pandas as pd

from dashboards.access import ROWS_LISTED, query

# Bucket of the mart → its column in aging_by_company.
BUCKETS = {
    "not_due": "not_due",
    "1-30": "days_1_30",
    "31-60": "days_31_60",
    "61-90": "days_61_90",
    "91+": "days_91_up",
}


def aging_dates() -> list[date]:
    """Days the published aging holds, newest first."""
    return query("select distinct as_of from marts.fct_receivable_aging order by as_of desc")["as_of"].tolist()


# Open items of a day that the aging does not hold, by the aging's own rules: what was posted by then less what was
# settled by then, at the rate of the day. Due dates are today's; the aging knows those of the past.
_OF_ANY_DAY = """
    aging as (
        select
            $as_of::date as as_of,
            item.*,
            round(item.open_amount_company_currency * rate.reporting_currency_per_unit, 2)::decimal(18, 4)
                as open_amount_reporting_currency,
            case
                when item.days_overdue <= 0 then 'not_due'
                when item.days_overdue <= 30 then '1-30'
                when item.days_overdue <= 60 then '31-60'
                when item.days_overdue <= 90 then '61-90'
                else '91+'
            end as bucket
        from (
            select
                item.receivable_id,
                item.company_id,
                item.customer_id,
                item.invoice_number,
                item.due_date,
                item.document_currency,
                item.amount_document_currency - coalesce(settled.amount_document_currency, 0)
                    as open_amount_document_currency,
                item.amount_company_currency - coalesce(settled.amount_company_currency, 0)
                    as open_amount_company_currency,
                $as_of::date - item.due_date as days_overdue
            from marts.fct_receivable as item
            left join (
                select
                    receivable_id,
                    sum(amount_document_currency) as amount_document_currency,
                    sum(amount_company_currency) as amount_company_currency
                from marts.fct_receivable_settlement
                where settlement_date <= $as_of
                group by receivable_id
            ) as settled using (receivable_id)
            where item.posting_date <= $as_of
        ) as item
        left join marts.dim_company as company using (company_id)
        left join marts.dim_exchange_rate as rate
            on rate.currency = company.currency
            and rate.valid_from <= $as_of
            and (rate.valid_to is null or rate.valid_to > $as_of)
        where item.open_amount_document_currency <> 0 or item.open_amount_company_currency <> 0
    )
"""
_PUBLISHED = "aging as (select * from marts.fct_receivable_aging where as_of = $as_of)"


def _aging(as_of: date) -> str:
    """SQL of the rows ``aging`` of a day: as published where that day is, else from postings and settlements."""
    return _PUBLISHED if as_of in aging_dates() else _OF_ANY_DAY


def first_day() -> date | None:
    """The first day of which there is an aging: that of the first posting; None where nothing was posted."""
    found: date | None = query("select min(posting_date) as first_day from marts.fct_receivable")["first_day"].iloc[0]
    return None if pd.isna(found) else found


def aging_by_company(as_of: date) -> pd.DataFrame:
    """One row per company, largest first, in reporting currency: open amount per bucket (a column each) and total."""
    return query(
        f"""
        with {_aging(as_of)}
        select
            aging.company_id,
            company.name as company,
            sum(aging.open_amount_reporting_currency) filter (where aging.bucket = 'not_due') as not_due,
            sum(aging.open_amount_reporting_currency) filter (where aging.bucket = '1-30') as days_1_30,
            sum(aging.open_amount_reporting_currency) filter (where aging.bucket = '31-60') as days_31_60,
            sum(aging.open_amount_reporting_currency) filter (where aging.bucket = '61-90') as days_61_90,
            sum(aging.open_amount_reporting_currency) filter (where aging.bucket = '91+') as days_91_up,
            sum(aging.open_amount_reporting_currency) as total,
            count(*) as open_items
        from aging
        left join marts.dim_company as company using (company_id)
        group by all
        order by total desc nulls last, company
        """,
        as_of=as_of,
    )


def open_invoices(as_of: date, company_id: str | None, bucket: str | None) -> pd.DataFrame:
    """One row per open item, largest first, at most ROWS_LISTED; an empty filter means all."""
    return query(
        f"""
        with {_aging(as_of)}
        select
            aging.customer_id,
            aging.invoice_number,
            customer.name as customer,
            aging.due_date,
            aging.days_overdue,
            aging.bucket,
            aging.open_amount_reporting_currency,
            aging.document_currency,
            aging.open_amount_document_currency,
            company.name as company
        from aging
        left join marts.dim_company as company using (company_id)
        left join marts.dim_customer as customer using (customer_id)
        where ($company_id is null or aging.company_id = $company_id)
            and ($bucket is null or aging.bucket = $bucket)
        order by abs(aging.open_amount_reporting_currency) desc nulls last, aging.receivable_id
        limit $most
        """,
        as_of=as_of,
        company_id=company_id,
        bucket=bucket,
        most=ROWS_LISTED,
    )


def aging_total(as_of: date) -> pd.DataFrame:
    """One row in reporting currency: open, overdue, over_90 days overdue, overdue_percent of open."""
    return query(
        f"""
        with {_aging(as_of)}
        select
            sum(open_amount_reporting_currency) as open,
            sum(open_amount_reporting_currency) filter (where bucket <> 'not_due') as overdue,
            sum(open_amount_reporting_currency) filter (where bucket = '91+') as over_90,
            (100.0 * sum(open_amount_reporting_currency) filter (where bucket <> 'not_due')
                / nullif(sum(open_amount_reporting_currency), 0))::decimal(18, 1) as overdue_percent
        from aging
        """,
        as_of=as_of,
    )
