"""How good forecasts were: the backtest of a year of weekly origins, and every forecast ever made beside what came."""

from __future__ import annotations

from datetime import date

import pandas as pd

from dashboards.access import query

LEVELS = ("week", "month", "90_days", "invoice")
HORIZONS = {
    "week": ("weeks 1-13", "weeks 1-4", "weeks 5-13"),
    "month": ("months 1-3", "month 1", "month 2", "month 3"),
    "90_days": ("90 days",),
    "invoice": ("due within 28 days",),
}

_NEWEST = """
    backtest = 'weekly_origins'
    and forecast_as_of = (select max(forecast_as_of) from marts.fct_forecast_score where backtest = 'weekly_origins')
"""


def backtest_span() -> pd.DataFrame:
    """One row, or none before the first backtest: origins, first_origin, last_origin."""
    return query(
        f"""
        select max(origins) as origins, min(first_origin) as first_origin, max(last_origin) as last_origin
        from marts.fct_forecast_score
        where {_NEWEST}
        having count(*) > 0
        """
    )


def headline(company_id: str | None) -> pd.DataFrame:
    """One row: WAPE by week and over 90 days, CRPS under AutoETS's by week, coverage of 80 % by week, in percent."""
    return query(
        f"""
        select
            100.0 * max(value) filter (where horizon = 'weeks 1-13' and metric = 'wape') as week_wape,
            100.0 * max(value) filter (where horizon = '90 days' and metric = 'wape') as ninety_days_wape,
            100.0 * (1 - max(value / nullif(baseline_value, 0)) filter (
                where horizon = 'weeks 1-13' and metric = 'crps_share' and baseline = 'auto_ets'
            )) as better_than_smoothing,
            100.0 * max(value) filter (where horizon = 'weeks 1-13' and metric = 'coverage_80') as week_covered
        from marts.fct_forecast_score
        where {_NEWEST} and company_id is not distinct from $company_id
        """,
        company_id=company_id,
    )


def headline_beside() -> pd.DataFrame:
    """The group's headline scores, each beside its best baseline: measure, score_percent, baseline, baseline_percent
    (of coverage the share to meet, and no baseline), is_weekly (of the weekly backtest, else of the nightly one)."""
    return query(
        """
        with score as (
            select
                backtest is not distinct from 'weekly_origins' as is_weekly,
                forecast_as_of, company_id, model, baseline, level, horizon, metric, value, baseline_value
            from marts.fct_forecast_score
        ),
        wanted as (
            select * from (
                values
                (true, 1, 'week_wape', 'week', 'weeks 1-13', 'wape'),
                (true, 2, 'ninety_days_wape', '90_days', '90 days', 'wape'),
                (true, 3, 'week_crps', 'week', 'weeks 1-13', 'crps_share'),
                (true, 4, 'week_covered', 'week', 'weeks 1-13', 'coverage_80'),
                (false, 1, 'near_weeks_wape', 'flow receipts', 'weeks 1-4', 'wape'),
                (false, 2, 'far_weeks_wape', 'flow receipts', 'weeks 5-13', 'wape'),
                (false, 3, 'near_weeks_covered', 'flow receipts', 'weeks 1-4', 'coverage_80'),
                (false, 4, 'far_weeks_covered', 'flow receipts', 'weeks 5-13', 'coverage_80')
            ) as wanted (is_weekly, place, measure, level, horizon, metric)
        ),
        newest as (
            select is_weekly, max(forecast_as_of) as forecast_as_of from score group by is_weekly
        ),
        found as (
            select
                wanted.is_weekly,
                wanted.place,
                wanted.measure,
                100.0 * max(score.value) as score_percent,
                case when wanted.metric <> 'coverage_80' then arg_min(score.baseline, score.baseline_value) end
                    as baseline,
                case when wanted.metric = 'coverage_80' then 80.0 else 100.0 * min(score.baseline_value) end
                    as baseline_percent
            from wanted
            inner join newest using (is_weekly)
            inner join score
                on score.is_weekly = wanted.is_weekly
                and score.forecast_as_of = newest.forecast_as_of
                and score.level = wanted.level
                and score.horizon = wanted.horizon
                and score.metric = wanted.metric
                and score.company_id is null
                and score.model <> 'past_weeks'
            group by wanted.is_weekly, wanted.place, wanted.measure, wanted.metric
        )
        select measure, score_percent, baseline, baseline_percent, is_weekly
        from found
        where is_weekly = (select max(is_weekly) from found)
        order by place
        """
    )


def scores(company_id: str | None, level: str, horizon: str) -> pd.DataFrame:
    """One row per metric: the model's score beside each baseline's; ``better_percent`` is against the best of them.

    Errors are better when smaller, bias when nearer to 0. Shares are in percent (wape_percent, crps_percent), days in
    days. Coverage and width are in ``intervals``.
    """
    return query(
        f"""
        with score as (
            select
                baseline,
                case
                    when kept.metric = 'wape' then 'wape_percent'
                    else regexp_replace(kept.metric, '_share$', '_percent')
                end as metric,
                case when kept.metric = 'wape' or ends_with(kept.metric, '_share') then 100.0 else 1.0 end as unit,
                unit * value as value,
                unit * baseline_value as baseline_value
            from marts.fct_forecast_score as kept
            where {_NEWEST}
                and company_id is not distinct from $company_id
                and level = $level
                and horizon = $horizon
                and kept.metric not like 'coverage%'
                and kept.metric not like 'width%'
                and kept.metric <> 'forecasts'
        )
        select
            metric,
            max(value) as model_score,
            max(baseline_value) filter (where baseline = 'due_date') as due_date,
            max(baseline_value) filter (where baseline = 'customer_recent_average') as customer_recent_average,
            max(baseline_value) filter (where baseline = 'seasonal_naive') as seasonal_naive,
            max(baseline_value) filter (where baseline = 'auto_ets') as auto_ets,
            100.0 * (min(abs(baseline_value)) - abs(max(value))) / nullif(min(abs(baseline_value)), 0) as better_percent
        from score
        group by metric
        order by
            case when metric like 'wape%' then 0 when metric like 'bias%' then 1 when metric like 'crps%' then 2 end,
            metric
        """,
        company_id=company_id,
        level=level,
        horizon=horizon,
    )


def intervals(company_id: str | None) -> pd.DataFrame:
    """One row per level, horizon and interval: share of actuals in it, of the model and of AutoETS, and its width.

    Widths are in shares of what came, of invoices in days.
    """
    return query(
        f"""
        with score as (
            select
                level,
                horizon,
                metric,
                max(nullif(value, 'nan'::double)) as value,
                max(nullif(baseline_value, 'nan'::double)) filter (where baseline = 'auto_ets') as smoothing
            from marts.fct_forecast_score
            where {_NEWEST} and company_id is not distinct from $company_id
            group by all
        )
        select
            coverage.level,
            coverage.horizon,
            regexp_extract(coverage.metric, '[0-9]+')::double as nominal_percent,
            100.0 * coverage.value as covered_percent,
            100.0 * coverage.smoothing as smoothing_covered_percent,
            case when coverage.level <> 'invoice' then 100.0 * width.value end as width_percent,
            case when coverage.level = 'invoice' then width.value end as width_days,
            count.value::bigint as forecasts
        from score as coverage
        left join score as width
            on width.level = coverage.level
            and width.horizon = coverage.horizon
            and width.metric like 'width\\_' || regexp_extract(coverage.metric, '[0-9]+') || '\\_%' escape '\\'
        left join score as count
            on count.level = coverage.level and count.horizon = coverage.horizon and count.metric = 'forecasts'
        where coverage.metric like 'coverage%'
        order by
            case coverage.level when 'invoice' then 0 when 'week' then 1 when 'month' then 2 else 3 end,
            coverage.horizon,
            nominal_percent
        """,
        company_id=company_id,
    )


def backtest_path(company_id: str | None, level: str, step: int) -> pd.DataFrame:
    """One row per origin: what was forecast for ``step`` weeks (months) ahead, p10 … p90, and what came.

    ``week_start`` is the Monday the period begins on. The group is in reporting currency, a company in its own.
    """
    return query(
        """
        select
            (forecast_as_of + 1 + case $level when 'week' then 7 when 'month' then 28 else 0 end
                * ($step::integer - 1))::date as week_start,
            p50 as mean, p10, p25, p75, p90, p025, p975, actual
        from marts.fct_forecast_backtest
        where company_id is not distinct from $company_id
            and level = $level
            and step = $step
            and model not in ('due_date', 'customer_recent_average', 'seasonal_naive', 'auto_ets')
        order by week_start
        """,
        company_id=company_id,
        level=level,
        step=step,
    )


def scored_companies() -> pd.DataFrame:
    """Companies with a forecast on record: company_id, company, currency."""
    return query(
        """
        select distinct outcome.company_id, company.name as company, outcome.currency
        from marts.fct_forecast_outcome as outcome
        left join marts.dim_company as company using (company_id)
        order by company
        """
    )


def versions() -> pd.DataFrame:
    """One row per forecast ever made, the newest first, with how far off its weeks of receipts were so far."""
    return query(
        """
        with receipts as (
            select
                forecast_version_id,
                count(actual) as weeks_known,
                100.0 * sum(abs(outcome.p50 - outcome.actual::double) * rate.reporting_currency_per_unit)
                    / nullif(sum(abs(outcome.actual::double) * rate.reporting_currency_per_unit), 0) as wape_percent
            from marts.fct_forecast_outcome as outcome
            left join marts.dim_exchange_rate as rate
                on rate.currency = outcome.currency
                and rate.valid_from <= outcome.forecast_as_of
                and (rate.valid_to is null or rate.valid_to > outcome.forecast_as_of)
            where outcome.flow = 'receipts' and outcome.actual is not null
            group by all
        )
        select
            version.forecast_version_id,
            version.forecast_as_of,
            version.run_id,
            coalesce(receipts.weeks_known, 0) as company_weeks_known,
            receipts.wape_percent,
            version.model,
            version.model_version,
            version.features_hash,
            version.code_version,
            version.data_hash,
            version.receivables_count,
            version.open_receivables_count,
            version.weekly_flows_count
        from marts.fct_forecast_version as version
        left join receipts using (forecast_version_id)
        order by version.forecast_as_of desc, version.run_id desc
        """
    )


def outcome_by_week(forecast_version_id: str, company_id: str | None, flow: str) -> pd.DataFrame:
    """One row per week of a forecast: mean and quantiles as made then, and what came (empty where not known yet).

    In reporting currency at the rates of the forecast's day, forecast and actual alike. Quantiles of companies are
    added as if all had their bad weeks together.
    """
    return query(
        """
        select
            outcome.week_start,
            sum(outcome.mean * rate.reporting_currency_per_unit)::decimal(18, 2) as mean,
            sum(outcome.p05 * rate.reporting_currency_per_unit)::decimal(18, 2) as p05,
            sum(outcome.p25 * rate.reporting_currency_per_unit)::decimal(18, 2) as p25,
            sum(outcome.p75 * rate.reporting_currency_per_unit)::decimal(18, 2) as p75,
            sum(outcome.p95 * rate.reporting_currency_per_unit)::decimal(18, 2) as p95,
            case
                when count(outcome.actual) = count(*)
                    then sum(outcome.actual * rate.reporting_currency_per_unit)::decimal(18, 2)
            end as actual
        from marts.fct_forecast_outcome as outcome
        inner join marts.dim_exchange_rate as rate
            on rate.currency = outcome.currency
            and rate.valid_from <= outcome.forecast_as_of
            and (rate.valid_to is null or rate.valid_to > outcome.forecast_as_of)
        where outcome.forecast_version_id = $forecast_version_id
            and outcome.flow = $flow
            and ($company_id is null or outcome.company_id = $company_id)
        group by outcome.week_start
        order by outcome.week_start
        """,
        forecast_version_id=forecast_version_id,
        company_id=company_id,
        flow=flow,
    )


def trailing_four_weeks(as_of: date, company_id: str | None) -> pd.DataFrame:
    """One row per flow: the last four whole weeks as forecast before they began, what came, cumulative, difference.

    The forecast is the newest made before the first of the four weeks; no rows where there is none that old.
    """
    return query(
        """
        with week as (
            select (date_trunc('week', $as_of::date + 1) - interval 28 day)::date as first_week
        ),
        version as (
            select forecast_version_id, forecast_as_of
            from marts.fct_forecast_version cross join week
            where forecast_as_of < first_week and forecast_as_of >= first_week - 28
            qualify row_number() over (order by forecast_as_of desc, run_id desc) = 1
        )
        select
            outcome.flow,
            version.forecast_as_of,
            week.first_week as week_start,
            sum(outcome.mean * rate.reporting_currency_per_unit)::decimal(18, 2) as forecast_amount,
            sum(outcome.actual * rate.reporting_currency_per_unit)::decimal(18, 2) as actual_amount,
            sum(outcome.actual * rate.reporting_currency_per_unit)::decimal(18, 2)
                - sum(outcome.mean * rate.reporting_currency_per_unit)::decimal(18, 2) as difference,
            100.0 * (sum(outcome.actual::double * rate.reporting_currency_per_unit)
                - sum(outcome.mean * rate.reporting_currency_per_unit))
                / nullif(abs(sum(outcome.mean * rate.reporting_currency_per_unit)), 0) as difference_percent
        from marts.fct_forecast_outcome as outcome
        inner join version using (forecast_version_id)
        cross join week
        inner join marts.dim_exchange_rate as rate
            on rate.currency = outcome.currency
            and rate.valid_from <= version.forecast_as_of
            and (rate.valid_to is null or rate.valid_to > version.forecast_as_of)
        where outcome.week_start >= week.first_week
            and outcome.week_start < week.first_week + 28
            and outcome.actual is not null
            and ($company_id is null or outcome.company_id = $company_id)
        group by outcome.flow, version.forecast_as_of, week.first_week
        order by case outcome.flow when 'receipts' then 0 when 'net' then 2 else 1 end, outcome.flow
        """,
        as_of=as_of,
        company_id=company_id,
    )
