"""What bank lines pay: the review list, candidates of a line, and what was applied."""

from __future__ import annotations

import pandas as pd

from dashboards.access import ROWS_LISTED, query


def companies() -> pd.DataFrame:
    """One row per company with incoming bank lines."""
    return query(
        """
        select distinct line.company_id, company.name
        from marts.fct_cash_application_line as line join marts.dim_company as company using (company_id)
        order by company.name
        """
    )


def totals(company_id: str | None) -> pd.DataFrame:
    """One row: lines and money (reporting currency) applied by itself, by persons, and to review."""
    return query(
        """
        select
            count(*) filter (where is_to_review) as to_review,
            coalesce(sum(amount_reporting_currency) filter (where is_to_review), 0) as to_review_amount,
            coalesce(max(age_days) filter (where is_to_review), 0) as oldest_days,
            100.0 * count(*) filter (where state in ('applied', 'confirmed'))
                / nullif(count(*) filter (where state <> 'not_customer'), 0) as applied_percent
        from marts.fct_cash_application_line
        where $company_id is null or company_id = $company_id
        """,
        company_id=company_id,
    )


def review_list(company_id: str | None) -> pd.DataFrame:
    """One row per bank line to review, most money first; at most ROWS_LISTED."""
    return query(
        """
        select
            line.bank_movement_id,
            line.booking_date,
            line.counterparty_name as payer,
            line.reference as payment_reference,
            line.amount_bank_currency as line_amount,
            line.bank_currency as currency,
            line.on_account_amount_bank_currency as on_account_amount,
            (100 * line.probability)::decimal(9, 2) as match_percent,
            line.state as cash_state,
            line.erp_state,
            line.age_days as line_age_days,
            line.candidate_count,
            company.name as company
        from marts.fct_cash_application_line as line
        left join marts.dim_company as company using (company_id)
        where line.is_to_review and ($company_id is null or line.company_id = $company_id)
        order by line.amount_reporting_currency desc nulls last, line.bank_movement_id
        limit $most
        """,
        company_id=company_id,
        most=ROWS_LISTED,
    )


def candidates(bank_movement_id: str) -> pd.DataFrame:
    """One row per candidate and item of a bank line, the likeliest first; what persons rejected at the end."""
    return query(
        """
        select
            candidate.rank as candidate,
            candidate.receivable_id,
            candidate.invoice_number,
            coalesce(customer.name, candidate.customer_id) as customer,
            candidate.due_date,
            candidate.document_currency as currency,
            candidate.amount_document_currency as match_amount,
            candidate.discount_amount_document_currency as match_discount,
            candidate.fee_amount_bank_currency as match_fee,
            (100 * candidate.probability)::decimal(9, 2) as match_percent,
            candidate.reasons as cash_reasons
        from marts.fct_cash_application_candidate as candidate
        left join marts.dim_customer as customer using (customer_id)
        where candidate.bank_movement_id = $bank_movement_id
        order by candidate.rank nulls last, candidate.receivable_id
        limit $most
        """,
        bank_movement_id=bank_movement_id,
        most=ROWS_LISTED,
    )


def applied(company_id: str | None) -> pd.DataFrame:
    """One row per bank line and item that it pays, newest first; at most ROWS_LISTED."""
    return query(
        """
        select
            cash.booking_date,
            cash.invoice_number,
            coalesce(customer.name, cash.customer_id) as customer,
            cash.amount_document_currency as match_amount,
            cash.document_currency as currency,
            cash.discount_amount_document_currency as match_discount,
            cash.fee_amount_bank_currency as match_fee,
            (100 * cash.probability)::decimal(9, 2) as match_percent,
            cash.state as cash_state,
            cash.erp_state,
            cash.decided_by as cash_decided_by,
            cash.decision_id,
            cash.reasons as cash_reasons
        from marts.fct_cash_application as cash
        left join marts.dim_customer as customer using (customer_id)
        where $company_id is null or cash.company_id = $company_id
        order by cash.booking_date desc, cash.bank_movement_id, cash.receivable_id
        limit $most
        """,
        company_id=company_id,
        most=ROWS_LISTED,
    )
