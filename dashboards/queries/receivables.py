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


def aging_by_company(as_of: date) -> pd.DataFrame:
    """One row per company, largest first, in reporting currency: open amount per bucket (a column each) and total."""
    return query(
        """
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
        from marts.fct_receivable_aging as aging
        left join marts.dim_company as company using (company_id)
        where aging.as_of = $as_of
        group by all
        order by total desc nulls last, company
        """,
        as_of=as_of,
    )


def open_invoices(as_of: date, company_id: str | None, bucket: str | None) -> pd.DataFrame:
    """One row per open item, largest first, at most ROWS_LISTED; an empty filter means all."""
    return query(
        """
        select
            aging.invoice_number,
            customer.name as customer,
            aging.due_date,
            aging.days_overdue,
            aging.bucket,
            aging.open_amount_reporting_currency,
            aging.document_currency,
            aging.open_amount_document_currency,
            company.name as company
        from marts.fct_receivable_aging as aging
        left join marts.dim_company as company using (company_id)
        left join marts.dim_customer as customer using (customer_id)
        where aging.as_of = $as_of
            and ($company_id is null or aging.company_id = $company_id)
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
        """
        select
            sum(open_amount_reporting_currency) as open,
            sum(open_amount_reporting_currency) filter (where bucket <> 'not_due') as overdue,
            sum(open_amount_reporting_currency) filter (where bucket = '91+') as over_90,
            (100.0 * sum(open_amount_reporting_currency) filter (where bucket <> 'not_due')
                / nullif(sum(open_amount_reporting_currency), 0))::decimal(18, 1) as overdue_percent
        from marts.fct_receivable_aging
        where as_of = $as_of
        """,
        as_of=as_of,
    )
