"""What cash in would be if: answered from the simulated paths of the newest forecast, without forecasting again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from dashboards.access import query

OTHER = "other"


@dataclass(frozen=True)
class Scenario:
    """A change to every path; the default changes nothing.

    days_later: cash from invoices comes so many days later, of ``late_region`` and ``late_customer`` alone where given.
    default_customer: nothing more comes from this customer's invoices, open and new.
    sales_percent: invoices to come change by this. currency_percent: ``currency`` is worth so much more or less in
    reporting currency. Notes held are other parties' word: no scenario but the currency's touches them.
    """

    days_later: int = 0
    late_region: str | None = None
    late_customer: str | None = None
    default_customer: str | None = None
    sales_percent: float = 0.0
    currency: str | None = None
    currency_percent: float = 0.0


_PATHS = """
    from marts.fct_cash_in_path as cash
    where cash.forecast_as_of = (select max(forecast_as_of) from marts.fct_cash_in_path where forecast_as_of <= $as_of)
"""
# Each path is changed by itself, then summed; quantiles are read last. Floats in between: a change in percent has no
# cents, and the paths are forecasts, not books.
_CHANGED = f"""
with changed as (
    select
        cash.path,
        cash.forecast_as_of,
        cash.cash_day + (case
            when cash.component <> 'notes'
                and ($late_region is null or cash.region = $late_region)
                and ($late_customer is null or cash.customer_bucket = $late_customer)
                then $days_later
            else 0
        end)::integer as cash_day,
        cash.amount_document_currency::double
            * rate.reporting_currency_per_unit::double
            * case when cash.component = 'new' then 1 + $sales_percent::double / 100 else 1 end
            * case when cash.component <> 'notes' and cash.customer_bucket = $default_customer then 0 else 1 end
            * case when cash.currency = $currency then 1 + $currency_percent::double / 100 else 1 end as amount
    from (select * {_PATHS}) as cash
    inner join marts.dim_exchange_rate as rate
        on rate.currency = cash.currency
        and rate.valid_from <= $as_of
        and (rate.valid_to is null or rate.valid_to > $as_of)
),
origin as (
    select max(forecast_as_of) as as_of {_PATHS}
),
week as (
    select unnest(generate_series(
        date_trunc('week', as_of + 1), date_trunc('week', as_of + 1) + interval 12 week, interval 1 week
    ))::date as week_start
    from origin
),
path as (
    select distinct path {_PATHS}
),
of_week as (
    select path.path, week.week_start, coalesce(sum(changed.amount), 0) as amount
    from path
    cross join week
    left join changed
        on changed.path = path.path and date_trunc('week', changed.cash_day)::date = week.week_start
    group by all
),
of_90_days as (
    select path.path, null::date as week_start, coalesce(sum(changed.amount), 0) as amount
    from path
    cross join origin
    left join changed on changed.path = path.path and changed.cash_day <= origin.as_of + 90
    group by all
)
"""


def scenario_choices(as_of: date) -> dict[str, dict[str, str]]:
    """What a scenario may name: regions, customers (the largest debtors, largest first) and currencies, as key → name;
    all empty where there are no paths."""
    rows = query(
        f"""
        with cash as (select * {_PATHS}),
        rated as (
            select cash.*, rate.reporting_currency_per_unit::double as rate
            from cash
            left join marts.dim_exchange_rate as rate
                on rate.currency = cash.currency
                and rate.valid_from <= $as_of
                and (rate.valid_to is null or rate.valid_to > $as_of)
        ),
        choice as (
            select 'region' as kind, region as key, region as name, sum(amount_document_currency * rate) as size
            from rated group by all
            union all
            select 'customer', rated.customer_bucket, coalesce(any_value(customer.name), rated.customer_bucket),
                sum(rated.amount_document_currency * rated.rate) filter (where rated.component = 'open')
            from rated
            left join marts.dim_customer as customer on customer.customer_id = rated.customer_bucket
            where rated.customer_bucket <> '{OTHER}'
            group by rated.customer_bucket
            union all
            select 'currency', currency, currency, sum(amount_document_currency * rate) from rated group by all
        )
        select kind, key, name from choice order by kind, size desc nulls last, key
        """,
        as_of=as_of,
    )
    kinds = {"region": {}, "customer": {}, "currency": {}}  # type: dict[str, dict[str, str]]
    for row in rows.itertuples(index=False):
        kinds[str(row.kind)][str(row.key)] = str(row.name)
    return kinds


def scenario_cash_in(as_of: date, scenario: Scenario) -> pd.DataFrame:
    """Cash in under ``scenario`` in reporting currency: one row per week of 13, then one of 90 days in all.

    week_start (empty in the row of 90 days; the first week counts from the day after the forecast), mean, p10, p50,
    p90.
    """
    return query(
        _CHANGED
        + """
        select
            week_start,
            avg(amount)::decimal(18, 2) as mean,
            quantile_disc(amount, 0.1)::decimal(18, 2) as p10,
            quantile_disc(amount, 0.5)::decimal(18, 2) as p50,
            quantile_disc(amount, 0.9)::decimal(18, 2) as p90
        from (select * from of_week union all select * from of_90_days)
        group by week_start
        order by week_start nulls last
        """,
        as_of=as_of,
        days_later=scenario.days_later,
        late_region=scenario.late_region,
        late_customer=scenario.late_customer,
        default_customer=scenario.default_customer,
        sales_percent=scenario.sales_percent,
        currency=scenario.currency,
        currency_percent=scenario.currency_percent,
    )
