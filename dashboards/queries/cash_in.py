"""Cash in of the next 90 days: its distribution by company, currency, region and segment."""

from __future__ import annotations

from datetime import date

import pandas as pd

from dashboards.access import query

# What a reader may look by → level of the table, and the SQL of a member's key and name.
LEVELS = {
    "group": ("group", "'group'", "''"),
    "company": ("company", "cash.company_id", "coalesce(company.name, cash.company_id)"),
    "currency": (
        "company_currency",
        "concat(cash.company_id, '|', cash.currency)",
        "concat(coalesce(company.name, cash.company_id), ' · ', cash.currency)",
    ),
    "region": ("region", "cash.region", "cash.region"),
    "segment": ("segment", "cash.segment", "cash.segment"),
}
PERIODS = ("week", "day", "month", "to_date")
_FORECAST = """
    from marts.fct_cash_in_forecast as cash
    left join marts.dim_company as company using (company_id)
    where cash.forecast_as_of = (
            select max(forecast_as_of) from marts.fct_cash_in_forecast where forecast_as_of <= $as_of
        )
        and cash.level = $level
"""


def cash_in_totals(as_of: date, by: str) -> pd.DataFrame:
    """One row per member of ``by`` (a name of LEVELS), the largest first: 90 days of cash in, in reporting currency
    but for ``currency``, where it is the document currency.

    member (key), name, currency, mean, mean_open, mean_new, mean_notes, p10, p50, p90.
    """
    level, key, name = LEVELS[by]
    return query(
        f"""
        select
            {key} as member,
            {name} as name,
            cash.currency,
            cash.mean::decimal(18, 2) as mean,
            cash.mean_open::decimal(18, 2) as mean_open,
            cash.mean_new::decimal(18, 2) as mean_new,
            cash.mean_notes::decimal(18, 2) as mean_notes,
            cash.p10::decimal(18, 2) as p10,
            cash.p50::decimal(18, 2) as p50,
            cash.p90::decimal(18, 2) as p90
        {_FORECAST}
            and cash.period = 'to_date'
            and cash.period_day = cash.forecast_as_of + 90
        order by cash.mean_reporting_currency desc, member
        """,
        as_of=as_of,
        level=level,
    )


def cash_in_by_period(as_of: date, by: str, member: str, period: str) -> pd.DataFrame:
    """One row per ``period`` (a name of PERIODS) of one member: week_start (first day of the period, or the day), mean,
    mean_open, mean_new, mean_notes, p05, p10, p25, p50, p75, p90, p95."""
    level, key, _ = LEVELS[by]
    return query(
        f"""
        select
            cash.period_day as week_start,
            cash.mean::decimal(18, 2) as mean,
            cash.mean_open::decimal(18, 2) as mean_open,
            cash.mean_new::decimal(18, 2) as mean_new,
            cash.mean_notes::decimal(18, 2) as mean_notes,
            cash.p05::decimal(18, 2) as p05,
            cash.p10::decimal(18, 2) as p10,
            cash.p25::decimal(18, 2) as p25,
            cash.p50::decimal(18, 2) as p50,
            cash.p75::decimal(18, 2) as p75,
            cash.p90::decimal(18, 2) as p90,
            cash.p95::decimal(18, 2) as p95
        {_FORECAST}
            and {key} = $member
            and cash.period = $period
        order by cash.period_day
        """,
        as_of=as_of,
        level=level,
        member=member,
        period=period,
    )


def cash_in_by_path(as_of: date) -> pd.DataFrame:
    """One row per simulated path that is kept: cash in of the 90 days in reporting currency."""
    return query(
        """
        select cash.path, sum(cash.amount_document_currency * rate.reporting_currency_per_unit::double) as amount
        from marts.fct_cash_in_path as cash
        inner join marts.dim_exchange_rate as rate
            on rate.currency = cash.currency
            and rate.valid_from <= $as_of
            and (rate.valid_to is null or rate.valid_to > $as_of)
        where cash.forecast_as_of = (
                select max(forecast_as_of) from marts.fct_cash_in_path where forecast_as_of <= $as_of
            )
            and cash.cash_day <= cash.forecast_as_of + 90
        group by cash.path
        order by cash.path
        """,
        as_of=as_of,
    )
