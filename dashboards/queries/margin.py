"""Margin from region down to the invoice line."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from dashboards.access import ROWS_LISTED, query

# What a reader drills through, in this order; each is one expression over the lines joined below. The last is the line.
LEVELS: dict[str, str] = {
    "region": "line.region",
    "country": "customer.country",
    "category": "product.category",
    "product": "product.name",
    "customer": "customer.name",
}
_FROM = """
from marts.fct_sales_invoice_line as line
left join marts.dim_customer as customer on customer.customer_id = line.customer_id
left join marts.dim_product as product on product.product_id = line.product_id
left join marts.dim_company as company on company.company_id = line.company_id
"""
# Margin covers the lines whose cost is known, and is set against the revenue of those.
_MEASURES = """
    count(distinct line.invoice_id) as invoices,
    sum(line.net_amount_reporting_currency) as revenue_reporting_currency,
    sum(line.cost_amount_reporting_currency) as cost_reporting_currency,
    sum(line.margin_amount_reporting_currency) as margin_reporting_currency,
    (100.0 * sum(line.margin_amount_reporting_currency) / nullif(
        sum(line.net_amount_reporting_currency) filter (where line.margin_amount_reporting_currency is not null), 0
    ))::decimal(18, 1) as margin_percent
"""


def fiscal_years() -> list[str]:
    """Fiscal years with sales, newest first."""
    frame = query(
        f"""
        select distinct date.fiscal_year::varchar as fiscal_year
        {_FROM}
        inner join marts.dim_date as date on date.date_day = line.invoice_date
        order by fiscal_year desc
        """
    )
    return frame["fiscal_year"].tolist()


def fiscal_year_of(day: date) -> str | None:
    """The fiscal year that ``day`` is in; None where the calendar does not hold it."""
    frame = query("select fiscal_year::varchar as year from marts.dim_date where date_day = $day", day=day)
    return None if frame.empty else str(frame["year"].iloc[0])


def fiscal_periods(fiscal_year: str) -> list[int]:
    """Periods of a fiscal year."""
    frame = query(
        """
        select distinct fiscal_period::integer as fiscal_period
        from marts.dim_date
        where fiscal_year::varchar = $fiscal_year
        order by fiscal_period
        """,
        fiscal_year=fiscal_year,
    )
    return frame["fiscal_period"].tolist()


def margin_total(path: Mapping[str, str], fiscal_year: str | None, fiscal_period: int | None) -> pd.DataFrame:
    """One row: the measures of everything under ``path``, and the revenue whose cost is not known."""
    where, values = _where(path, fiscal_year, fiscal_period)
    return query(
        f"""
        select
            {_MEASURES},
            sum(line.net_amount_reporting_currency) filter (
                where line.margin_amount_reporting_currency is null
            ) as revenue_without_cost
        {_FROM}
        {where}
        """,
        **values,
    )


def margin_by(level: str, path: Mapping[str, str], fiscal_year: str | None, fiscal_period: int | None) -> pd.DataFrame:
    """One row per member of ``level`` (a key of LEVELS) under ``path``: invoices, revenue, cost, margin, margin %."""
    where, values = _where(path, fiscal_year, fiscal_period)
    return query(
        f"""
        select {LEVELS[level]} as member, {_MEASURES}
        {_FROM}
        {where}
        group by all
        order by revenue_reporting_currency desc nulls last, member
        """,
        **values,
    )


def invoice_lines(path: Mapping[str, str], fiscal_year: str | None, fiscal_period: int | None) -> pd.DataFrame:
    """One row per invoice line under ``path``, newest first, at most ROWS_LISTED."""
    where, values = _where(path, fiscal_year, fiscal_period)
    return query(
        f"""
        select
            line.invoice_date,
            line.invoice_number,
            line.quantity,
            line.net_amount_reporting_currency as revenue_reporting_currency,
            line.cost_amount_reporting_currency as cost_reporting_currency,
            line.margin_amount_reporting_currency as margin_reporting_currency,
            line.document_currency,
            line.net_amount_document_currency,
            company.name as company,
            product.name as product,
            customer.name as customer,
            line.invoice_line_id
        {_FROM}
        {where}
        order by line.invoice_date desc, line.invoice_number, line.invoice_line_id
        limit $most
        """,
        **values,
        most=ROWS_LISTED,
    )


def _where(
    path: Mapping[str, str], fiscal_year: str | None, fiscal_period: int | None
) -> tuple[str, dict[str, object]]:
    """The condition of a drilled view. The empty text stands for "none", as a link cannot hold a NULL."""
    conditions = [f"{LEVELS[level]} is not distinct from nullif($at_{level}, '')" for level in path]
    values: dict[str, object] = {f"at_{level}": member for level, member in path.items()}
    if fiscal_year is not None:
        # A range of days rather than a join, so that a year is found without touching every line's date.
        conditions.append(
            """
            line.invoice_date in (
                select date_day
                from marts.dim_date
                where fiscal_year::varchar = $fiscal_year
                    and ($fiscal_period is null or fiscal_period = $fiscal_period)
            )
            """
        )
        values |= {"fiscal_year": fiscal_year, "fiscal_period": fiscal_period}
    return ("where " + " and ".join(conditions)) if conditions else "", values
