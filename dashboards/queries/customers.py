"""One customer: who it is, what it owes, how it has paid, what is expected of it."""

from __future__ import annotations

from datetime import date

import pandas as pd

from dashboards.access import ROWS_LISTED, query


def customers_with_items(as_of: date) -> pd.DataFrame:
    """Customers with open items, the largest first, at most ROWS_LISTED: customer_id, customer."""
    return query(
        """
        select aging.customer_id, coalesce(any_value(customer.name), aging.customer_id) as customer
        from marts.fct_receivable_aging as aging
        left join marts.dim_customer as customer using (customer_id)
        where aging.as_of = $as_of and aging.customer_id is not null
        group by aging.customer_id
        order by sum(aging.open_amount_reporting_currency) desc nulls last, aging.customer_id
        limit $most
        """,
        as_of=as_of,
        most=ROWS_LISTED,
    )


def customer(customer_id: str) -> pd.DataFrame:
    """One row, or none for a customer nobody knows: what the golden record says."""
    return query("select * from marts.dim_customer where customer_id = $customer_id", customer_id=customer_id)


def contacts(customer_id: str) -> pd.DataFrame:
    """One row per record of a source system behind the golden record: system, code, name, city, email."""
    return query(
        """
        select record.system, record.code, record.name, record.city, record.email, record.country,
            record.payment_term_days
        from marts.dim_customer_source as record
        where record.customer_id = $customer_id
        order by record.system, record.code
        """,
        customer_id=customer_id,
    )


def customer_total(as_of: date, customer_id: str) -> pd.DataFrame:
    """One row in reporting currency: open, overdue, disputed, expected within 30 days."""
    return query(
        """
        select
            sum(aging.open_amount_reporting_currency) as open,
            coalesce(sum(aging.open_amount_reporting_currency) filter (where aging.bucket <> 'not_due'), 0) as overdue,
            sum(aging.open_amount_reporting_currency::double * forecast.probability_paid_30)::decimal(18, 2)
                as expected_30_days
        from marts.fct_receivable_aging as aging
        left join marts.fct_receivable_forecast as forecast
            on forecast.receivable_id = aging.receivable_id and forecast.forecast_as_of = $as_of
        where aging.as_of = $as_of and aging.customer_id = $customer_id
        """,
        as_of=as_of,
        customer_id=customer_id,
    )


def behaviour_by_month(as_of: date, customer_id: str) -> pd.DataFrame:
    """One row per month of the last three years in which the customer cleared invoices, oldest first: how many, how
    much in reporting currency, and the days late (early: negative), weighted by amount."""
    return query(
        """
        select
            date_trunc('month', cleared_date)::date as month,
            count(*) as invoices_cleared,
            sum(amount_reporting_currency) as cleared_amount_reporting_currency,
            (sum((cleared_date - due_date) * amount_reporting_currency::double)
                / nullif(sum(amount_reporting_currency::double), 0))::decimal(18, 1) as days_late
        from marts.fct_receivable
        where customer_id = $customer_id and kind = 'invoice' and due_date is not null
            and cleared_date <= $as_of and cleared_date > $as_of - interval 36 month
        group by 1
        order by 1
        """,
        as_of=as_of,
        customer_id=customer_id,
    )


def disputes(as_of: date, customer_id: str) -> pd.DataFrame:
    """One row per disputed invoice, open ones first, then the newest: what is open of it at ``as_of``."""
    return query(
        """
        select
            item.invoice_number,
            item.invoice_date,
            item.due_date,
            item.cleared_date,
            item.document_currency,
            item.amount_document_currency,
            coalesce(aging.open_amount_document_currency, 0) as open_amount_document_currency,
            company.name as company
        from marts.fct_receivable as item
        left join marts.fct_receivable_aging as aging
            on aging.as_of = $as_of and aging.receivable_id = item.receivable_id
        left join marts.dim_company as company on company.company_id = item.company_id
        where item.customer_id = $customer_id and item.is_disputed
        order by aging.receivable_id is null, item.due_date desc, item.receivable_id
        limit $most
        """,
        as_of=as_of,
        customer_id=customer_id,
        most=ROWS_LISTED,
    )
