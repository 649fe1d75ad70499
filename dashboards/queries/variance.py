"""Why receipts differ from an earlier forecast: by cause, down to documents. All in reporting currency."""

from __future__ import annotations

from datetime import date

import pandas as pd

from dashboards.access import ROWS_LISTED, query

# Which weeks of the first forecast are looked at.
SPANS = ("over", "ahead", "all")
_SPAN = "($span = 'all' or bridge.is_over = ($span = 'over'))"


def comparisons() -> pd.DataFrame:
    """Pairs of forecasts that are compared, the newest first: compared_as_of, forecast_as_of."""
    return query(
        """
        select distinct compared_as_of, forecast_as_of
        from marts.fct_forecast_bridge
        order by compared_as_of desc, forecast_as_of desc
        """
    )


def bridge_total(first: date, second: date, company_id: str | None, span: str) -> pd.DataFrame:
    """One row: forecast, received, still_expected and their difference; empty sums where no week is in the span."""
    return query(
        f"""
        select
            sum(forecast_amount_reporting_currency)::decimal(18, 2) as forecast,
            sum(received_amount_reporting_currency)::decimal(18, 2) as received,
            sum(still_expected_amount_reporting_currency)::decimal(18, 2) as still_expected,
            sum(difference_reporting_currency)::decimal(18, 2) as difference,
            count(distinct week_start) as weeks
        from marts.fct_forecast_bridge as bridge
        where forecast_as_of = $first and compared_as_of = $second
            and ($company_id is null or company_id = $company_id)
            and {_SPAN}
        """,
        first=first,
        second=second,
        company_id=company_id,
        span=span,
    )


def bridge_by_week(first: date, second: date, company_id: str | None, span: str) -> pd.DataFrame:
    """One row per week: forecast, what came and is still expected, difference, running difference, then each cause."""
    return query(
        f"""
        with cause as (
            select
                company_id,
                week_start,
                sum(amount_reporting_currency) filter (where cause = 'timing') as timing,
                sum(amount_reporting_currency) filter (where cause = 'permanent') as permanent,
                sum(amount_reporting_currency) filter (where cause = 'new') as new,
                sum(amount_reporting_currency) filter (where cause = 'changed_amount') as changed_amount,
                sum(amount_reporting_currency) filter (where cause = 'currency') as currency,
                sum(amount_reporting_currency) filter (where cause = 'not_itemised') as not_itemised
            from marts.fct_forecast_variance
            where forecast_as_of = $first and compared_as_of = $second
            group by all
        ),
        week as (
            select
                bridge.week_start,
                sum(forecast_amount_reporting_currency)::decimal(18, 2) as forecast_amount,
                sum(received_amount_reporting_currency)::decimal(18, 2) as received_amount,
                sum(still_expected_amount_reporting_currency)::decimal(18, 2) as still_expected_amount,
                sum(difference_reporting_currency)::decimal(18, 2) as difference,
                coalesce(sum(timing), 0)::decimal(18, 2) as timing,
                coalesce(sum(permanent), 0)::decimal(18, 2) as permanent,
                coalesce(sum(new), 0)::decimal(18, 2) as new,
                coalesce(sum(changed_amount), 0)::decimal(18, 2) as changed_amount,
                coalesce(sum(currency), 0)::decimal(18, 2) as currency,
                coalesce(sum(not_itemised), 0)::decimal(18, 2) as not_itemised
            from marts.fct_forecast_bridge as bridge
            left join cause on cause.company_id = bridge.company_id and cause.week_start = bridge.week_start
            where bridge.forecast_as_of = $first and bridge.compared_as_of = $second
                and ($company_id is null or bridge.company_id = $company_id)
                and {_SPAN}
            group by bridge.week_start
        )
        select
            week_start,
            forecast_amount,
            received_amount,
            still_expected_amount,
            difference,
            (sum(difference) over (order by week_start))::decimal(18, 2) as cumulative_difference,
            timing,
            permanent,
            new,
            changed_amount,
            currency,
            not_itemised
        from week
        order by week_start
        """,
        first=first,
        second=second,
        company_id=company_id,
        span=span,
    )


_CHOSEN = f"""
    from marts.fct_forecast_variance as variance
    inner join marts.fct_forecast_bridge as bridge using (forecast_as_of, compared_as_of, company_id, week_start)
    where forecast_as_of = $first and compared_as_of = $second
        and ($company_id is null or company_id = $company_id)
        and {_SPAN}
"""


def by_cause(first: date, second: date, company_id: str | None, span: str) -> pd.DataFrame:
    """One row per cause and reason: documents behind it, more and less receipts, and the sum."""
    return query(
        f"""
        select
            cause,
            reason,
            count(distinct receivable_id) as documents,
            coalesce(sum(amount_reporting_currency) filter (where amount_reporting_currency > 0), 0)::decimal(18, 2)
                as more,
            coalesce(sum(amount_reporting_currency) filter (where amount_reporting_currency < 0), 0)::decimal(18, 2)
                as less,
            sum(amount_reporting_currency)::decimal(18, 2) as amount
        {_CHOSEN}
        group by cause, reason
        order by
            case cause when 'timing' then 0 when 'permanent' then 1 when 'new' then 2 when 'changed_amount' then 3
                when 'currency' then 4 else 5 end,
            reason
        """,
        first=first,
        second=second,
        company_id=company_id,
        span=span,
    )


def documents(
    first: date, second: date, company_id: str | None, span: str, cause: str | None, reason: str | None
) -> pd.DataFrame:
    """One row per document, week and cause, the largest first; ``cause`` and ``reason`` None: all."""
    return query(
        f"""
        select
            variance.week_start,
            variance.invoice_number,
            customer.name as customer,
            variance.amount_reporting_currency,
            variance.cause,
            variance.reason,
            variance.other_week_start,
            company.name as company,
            variance.source_system,
            variance.source_key
        from (select variance.* {_CHOSEN}) as variance
        left join marts.dim_customer as customer using (customer_id)
        left join marts.dim_company as company on company.company_id = variance.company_id
        where ($cause is null or variance.cause = $cause) and ($reason is null or variance.reason = $reason)
        order by abs(variance.amount_reporting_currency) desc, variance.week_start, variance.invoice_number
        limit {ROWS_LISTED}
        """,
        first=first,
        second=second,
        company_id=company_id,
        span=span,
        cause=cause,
        reason=reason,
    )
