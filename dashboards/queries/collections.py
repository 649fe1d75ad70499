"""Whom to call and about what: worklist, open invoices with their forecast, promises, warnings."""

from __future__ import annotations

from datetime import date

import pandas as pd

from dashboards.access import ROWS_LISTED, query


def worklist(as_of: date, company_id: str | None) -> pd.DataFrame:
    """One row per company and customer on the list, first to call first; at most ROWS_LISTED."""
    return query(
        """
        select
            work.company_id,
            work.customer_id,
            work.rank,
            coalesce(customer.name, work.customer_id) as customer,
            work.action,
            work.grade,
            work.expected_moved_amount_reporting_currency,
            work.overdue_amount_reporting_currency,
            work.soon_late_amount_reporting_currency,
            work.oldest_days_overdue,
            (100 * work.probability_paid_30)::decimal(9, 4) as paid_in_30_days_percent,
            work.disputed_amount_reporting_currency,
            work.credit_amount_reporting_currency,
            work.overdue_item_count,
            work.reminder_level,
            work.open_promise_count,
            work.broken_promise_count,
            work.next_promise_date,
            company.name as company,
            customer.region
        from marts.fct_collection_worklist as work
        left join marts.dim_company as company using (company_id)
        left join marts.dim_customer as customer using (customer_id)
        where work.forecast_as_of = $as_of and ($company_id is null or work.company_id = $company_id)
        order by work.rank
        limit $most
        """,
        as_of=as_of,
        company_id=company_id,
        most=ROWS_LISTED,
    )


def worklist_total(as_of: date, company_id: str | None) -> pd.DataFrame:
    """One row in reporting currency: overdue, expected_moved, customers, broken_promises."""
    return query(
        """
        select
            sum(overdue_amount_reporting_currency) as overdue,
            sum(expected_moved_amount_reporting_currency) as expected_moved,
            count(*) as customers,
            coalesce(sum(broken_promise_count), 0)::bigint as broken_promises
        from marts.fct_collection_worklist
        where forecast_as_of = $as_of and ($company_id is null or company_id = $company_id)
        """,
        as_of=as_of,
        company_id=company_id,
    )


def open_invoices_of(as_of: date, company_id: str | None, customer_id: str | None) -> pd.DataFrame:
    """One row per open item of a customer at a company (None: all), oldest first, with its forecast and the
    reasons that weigh most."""
    return query(
        """
        select
            aging.receivable_id,
            aging.invoice_number,
            aging.due_date,
            aging.days_overdue,
            aging.document_currency,
            aging.open_amount_document_currency,
            aging.open_amount_reporting_currency,
            item.action,
            item.is_disputed,
            forecast.p10_date,
            forecast.p50_date,
            forecast.p90_date,
            (100 * forecast.probability_paid_30)::decimal(9, 4) as paid_in_30_days_percent,
            (100 * forecast.probability_paid_90)::decimal(9, 4) as paid_in_90_days_percent,
            (100 * forecast.probability_never)::decimal(9, 4) as never_paid_percent,
            item.expected_moved_amount_reporting_currency,
            forecast.reason_1, forecast.reason_1_days, forecast.reason_1_value,
            forecast.reason_2, forecast.reason_2_days, forecast.reason_2_value,
            forecast.reason_3, forecast.reason_3_days, forecast.reason_3_value
        from marts.fct_receivable_aging as aging
        left join marts.fct_collection_item as item
            on item.forecast_as_of = $as_of and aging.receivable_id = item.receivable_id
        left join marts.fct_receivable_forecast as forecast
            on forecast.forecast_as_of = $as_of and aging.receivable_id = forecast.receivable_id
        where aging.as_of = $as_of and ($company_id is null or aging.company_id = $company_id)
            and aging.customer_id is not distinct from $customer_id
        order by aging.due_date, aging.receivable_id
        limit $most
        """,
        as_of=as_of,
        company_id=company_id,
        customer_id=customer_id,
        most=ROWS_LISTED,
    )


def promises() -> pd.DataFrame:
    """One row per promise that the run knows, newest first."""
    return query(
        """
        select
            promise.promise_id,
            promise.company_id,
            promise.customer_id,
            coalesce(customer.name, promise.customer_id) as customer,
            item.invoice_number,
            promise.given_date,
            promise.promised_date,
            promise.document_currency,
            promise.amount_document_currency,
            promise.received_amount_document_currency,
            promise.state,
            promise.noted_by,
            promise.reason
        from marts.fct_payment_promise as promise
        left join marts.dim_customer as customer using (customer_id)
        left join (select distinct receivable_id, invoice_number from marts.fct_receivable_aging) as item
            using (receivable_id)
        order by promise.promise_id desc
        """
    )


def alerts(as_of: date, company_id: str | None, alert: str | None) -> pd.DataFrame:
    """One row per warning, most money first, at most ROWS_LISTED."""
    return query(
        """
        select
            alert.rank,
            alert.alert,
            coalesce(customer.name, alert.customer_id) as customer,
            aging.invoice_number,
            aging.due_date,
            alert.value as alert_value,
            alert.reference as alert_reference,
            alert.reference_date as alert_reference_date,
            alert.amount_reporting_currency,
            company.name as company
        from marts.fct_late_payment_alert as alert
        left join marts.dim_company as company using (company_id)
        left join marts.dim_customer as customer using (customer_id)
        left join marts.fct_receivable_aging as aging
            on aging.as_of = $as_of and alert.receivable_id = aging.receivable_id
        where alert.forecast_as_of = $as_of
            and ($company_id is null or alert.company_id = $company_id)
            and ($alert is null or alert.alert = $alert)
        order by alert.rank
        limit $most
        """,
        as_of=as_of,
        company_id=company_id,
        alert=alert,
        most=ROWS_LISTED,
    )
