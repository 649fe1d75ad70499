"""The cash forecast of the next weeks, and how good the forecasts are."""

from __future__ import annotations

from datetime import date

import pandas as pd

from dashboards.access import query

POSITION = "position"
FLOWS = ("receipts", "supplier_payments", "payroll", "other", "net")

# Companies and currencies add up at the rate of the forecast's day. Means add up exactly; quantiles are added as if all
# companies had their bad weeks together, which makes the band rather too wide than too narrow.
_FORECAST = """
with forecast as (
    select
        cash.flow,
        cash.week_start,
        sum(cash.mean * rate.reporting_currency_per_unit)::decimal(18, 2) as mean,
        sum(cash.p05 * rate.reporting_currency_per_unit)::decimal(18, 2) as p05,
        sum(cash.p25 * rate.reporting_currency_per_unit)::decimal(18, 2) as p25,
        sum(cash.p50 * rate.reporting_currency_per_unit)::decimal(18, 2) as p50,
        sum(cash.p75 * rate.reporting_currency_per_unit)::decimal(18, 2) as p75,
        sum(cash.p95 * rate.reporting_currency_per_unit)::decimal(18, 2) as p95
    from marts.fct_cash_forecast as cash
    inner join marts.dim_exchange_rate as rate
        on rate.currency = cash.currency
        and rate.valid_from <= $as_of
        and (rate.valid_to is null or rate.valid_to > $as_of)
    where cash.forecast_as_of = (select max(forecast_as_of) from marts.fct_cash_forecast where forecast_as_of <= $as_of)
        and ($company_id is null or cash.company_id = $company_id)
    group by all
)
"""
_OPENING = """
, opening as (
    select
        coalesce(sum(closing_balance_reporting_currency), 0)::decimal(18, 2) as cash,
        count(closing_balance_reporting_currency) > 0 as known
    from marts.fct_bank_statement
    where is_newest
        and ($company_id is null or company_id = $company_id)
)
"""


def forecast_companies() -> pd.DataFrame:
    """Companies that have a forecast: company_id, company."""
    return query(
        """
        select distinct cash.company_id, company.name as company
        from marts.fct_cash_forecast as cash
        left join marts.dim_company as company using (company_id)
        order by company
        """
    )


def currencies_without_rate(as_of: date) -> list[str]:
    """Currencies of the forecast that have no rate to the reporting currency, so that their flows are in no total."""
    frame = query(
        """
        select distinct cash.currency
        from marts.fct_cash_forecast as cash
        where not exists (
            select 1
            from marts.dim_exchange_rate as rate
            where rate.currency = cash.currency
                and rate.valid_from <= $as_of
                and (rate.valid_to is null or rate.valid_to > $as_of)
        )
        order by cash.currency
        """,
        as_of=as_of,
    )
    return frame["currency"].tolist()


def flow_by_week(as_of: date, company_id: str | None, flow: str) -> pd.DataFrame:
    """One row per week of a flow in reporting currency: mean, p05, p25, p50, p75, p95; money out is negative."""
    return query(
        _FORECAST
        + """
        select week_start, mean, p05, p25, p50, p75, p95
        from forecast
        where flow = $flow
        order by week_start
        """,
        as_of=as_of,
        company_id=company_id,
        flow=flow,
    )


def cash_position_by_week(as_of: date, company_id: str | None) -> pd.DataFrame:
    """One row per week in reporting currency: opening cash today, cash at the week's end: mean, p05, p25, p75, p95.

    The bands add the weeks' quantiles up, as if one bad week never makes up for another: rather too wide.
    """
    return query(
        _FORECAST
        + _OPENING
        + """
        select
            week_start,
            (week_start + interval 6 day)::date as week_end,
            opening.cash as opening,
            opening.known as opening_known,
            opening.cash + sum(mean) over weeks as mean,
            opening.cash + sum(p05) over weeks as p05,
            opening.cash + sum(p25) over weeks as p25,
            opening.cash + sum(p75) over weeks as p75,
            opening.cash + sum(p95) over weeks as p95
        from forecast
        cross join opening
        where flow = 'net'
        window weeks as (order by week_start rows unbounded preceding)
        order by week_start
        """,
        as_of=as_of,
        company_id=company_id,
    )


def weekly_sheet(as_of: date, company_id: str | None, floor: object) -> pd.DataFrame:
    """One row per week in reporting currency: opening, each flow's mean, closing, headroom over the floor if given."""
    return query(
        _FORECAST
        + _OPENING
        + """
        , week as (
            select
                week_start,
                sum(mean) filter (where flow = 'receipts') as receipts,
                sum(mean) filter (where flow = 'supplier_payments') as supplier_payments,
                sum(mean) filter (where flow = 'payroll') as payroll,
                sum(mean) filter (where flow = 'other') as other,
                sum(mean) filter (where flow = 'net') as net
            from forecast
            group by all
        )
        select
            week.week_start,
            opening.cash + sum(net) over weeks - net as opening_cash,
            week.receipts,
            week.supplier_payments,
            week.payroll,
            week.other,
            week.net,
            opening.cash + sum(net) over weeks as closing_cash,
            opening.cash + sum(net) over weeks - $floor::decimal(18, 2) as headroom
        from week
        cross join opening
        window weeks as (order by week_start rows unbounded preceding)
        order by week_start
        """,
        as_of=as_of,
        company_id=company_id,
        floor=floor,
    )


def track_record() -> pd.DataFrame:
    """One row per score of the newest backtest: what was forecast, how far ahead, the model's value, the baseline's.

    ``better_percent`` is how much nearer to perfect the model comes, where that can be said of the metric: errors and
    bias are better when smaller, shares of hits when larger; coverage has no better, it has a share to meet.
    """
    return query(
        """
        with score as (
            select
                forecast_as_of,
                level,
                horizon::varchar as horizon,
                metric,
                model,
                nullif(value::double, 'nan'::double) as value,
                baseline,
                nullif(baseline_value::double, 'nan'::double) as baseline_value
            from marts.fct_forecast_score
            where forecast_as_of = (
                    select max(forecast_as_of) from marts.fct_forecast_score
                    where backtest is distinct from 'weekly_origins'
                )
                and backtest is distinct from 'weekly_origins'
                and metric not in ('invoices_scored', 'invoices_still_unpaid', 'weeks_scored')
        )
        select
            level,
            horizon,
            metric,
            value,
            baseline_value,
            case
                when metric like 'coverage%' or baseline_value = 0 then null
                when metric like 'share_within%' then 100.0 * (value - baseline_value) / baseline_value
                else 100.0 * (abs(baseline_value) - abs(value)) / abs(baseline_value)
            end as better_percent,
            model,
            baseline
        from score
        order by level desc, horizon, metric, model
        """
    )
