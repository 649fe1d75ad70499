"""The cash forecast of the next weeks, what is planned in it, and how good the forecasts are.

A company is shown in the currency of its books, all companies together in reporting currency. Every figure of a sum
comes from the forecast's own sums of paths; nothing is added up here but expected values.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from dashboards.access import ROWS_LISTED, query

POSITION = "position"
FLOWS = (
    "receipts", "supplier_payments", "payroll", "tax", "intercompany", "debt", "capital_projects", "other",
)  # fmt: skip
NET = "net"

_NEWEST = "(select max(forecast_as_of) from marts.{table} where forecast_as_of <= $as_of)"
_PURSE = """
    {table}.forecast_as_of = (select max(forecast_as_of) from marts.{table} where forecast_as_of <= $as_of)
    and {table}.scope = case when $company_id is null then 'group' else 'company' end
    and ($company_id is null or {table}.company_id = $company_id)
"""


def forecast_companies(as_of: date) -> pd.DataFrame:
    """Companies of the newest forecast: company_id, company, currency."""
    return query(
        f"""
        select distinct position.company_id, coalesce(company.name, position.company_id) as company, position.currency
        from marts.fct_cash_position_forecast as position
        left join marts.dim_company as company using (company_id)
        where position.scope = 'company'
            and position.forecast_as_of = {_NEWEST.format(table="fct_cash_position_forecast")}
        order by company
        """,
        as_of=as_of,
    )


def without_statement(as_of: date) -> list[str]:
    """Companies whose cash no bank statement tells, or not at a known rate."""
    frame = query(
        f"""
        select distinct coalesce(company.name, position.company_id) as company
        from marts.fct_cash_position_forecast as position
        left join marts.dim_company as company using (company_id)
        where position.scope = 'company' and position.empty_reason is not null
            and position.forecast_as_of = {_NEWEST.format(table="fct_cash_position_forecast")}
        order by company
        """,
        as_of=as_of,
    )
    return frame["company"].tolist()


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
    """One row per week of a flow: mean, p05, p25, p75, p95; money out is negative."""
    table = "fct_cash_flow_forecast" if company_id is None else "fct_cash_forecast"
    where = "scope = 'group'" if company_id is None else "company_id = $company_id"
    of_company = {} if company_id is None else {"company_id": company_id}
    return query(
        f"""
        select
            week_start,
            mean::decimal(18, 2) as mean,
            p05::decimal(18, 2) as p05,
            p25::decimal(18, 2) as p25,
            p75::decimal(18, 2) as p75,
            p95::decimal(18, 2) as p95
        from marts.{table}
        where {where} and flow = $flow and forecast_as_of = {_NEWEST.format(table=table)}
        order by week_start
        """,
        as_of=as_of,
        flow=flow,
        **of_company,
    )


def cash_position_by_week(as_of: date, company_id: str | None) -> pd.DataFrame:
    """One row per week: opening, cash at the week's end (mean, p05, p25, p75, p95), floor and the chances to fall
    under it in percent; ``empty_reason`` where there are no figures."""
    return query(
        f"""
        select
            week_start,
            week_end,
            currency,
            opening::decimal(18, 2) as opening,
            closing_mean::decimal(18, 2) as mean,
            p05::decimal(18, 2) as p05,
            p25::decimal(18, 2) as p25,
            p75::decimal(18, 2) as p75,
            p95::decimal(18, 2) as p95,
            cash_floor::decimal(18, 2) as cash_floor,
            100 * probability_below_floor as below_floor_percent,
            100 * probability_below_floor_so_far as below_floor_so_far_percent,
            empty_reason
        from marts.fct_cash_position_forecast
        where {_PURSE.format(table="fct_cash_position_forecast")}
        order by week_start
        """,
        as_of=as_of,
        company_id=company_id,
    )


def weekly_sheet(as_of: date, company_id: str | None) -> pd.DataFrame:
    """One row per week: opening, each flow's mean, closing, headroom over the floor, the chance to fall under it."""
    table = "fct_cash_flow_forecast" if company_id is None else "fct_cash_forecast"
    where = "flow.scope = 'group'" if company_id is None else "flow.company_id = $company_id"
    flows = ",\n".join(f"sum(mean) filter (where flow = '{flow}')::decimal(18, 2) as {flow}" for flow in (*FLOWS, NET))
    listed = ", ".join(f"coalesce(week.{flow}, 0)::decimal(18, 2) as {flow}" for flow in (*FLOWS, NET))
    return query(
        f"""
        with week as (
            select week_start, {flows}
            from marts.{table} as flow
            where {where} and forecast_as_of = {_NEWEST.format(table=table)}
            group by week_start
        )
        select
            position.week_start,
            position.opening::decimal(18, 2) as opening_cash,
            {listed},
            position.closing_mean::decimal(18, 2) as closing_cash,
            (position.closing_mean - position.cash_floor)::decimal(18, 2) as headroom,
            100 * position.probability_below_floor as below_floor_percent
        from marts.fct_cash_position_forecast as position
        left join week on position.week_start = week.week_start
        where {_PURSE.format(table="position").replace("marts.position", "marts.fct_cash_position_forecast")}
        order by position.week_start
        """,
        as_of=as_of,
        company_id=company_id,
    )


def chances_below_floor(as_of: date) -> pd.DataFrame:
    """One row per purse that has a floor (a company, or the group: company empty) and week: below_floor_percent."""
    return query(
        f"""
        select
            position.scope,
            coalesce(company.name, position.company_id) as line,
            position.week_start,
            100 * position.probability_below_floor as below_floor_percent,
            100 * position.probability_below_floor_so_far as below_floor_so_far_percent
        from marts.fct_cash_position_forecast as position
        left join marts.dim_company as company using (company_id)
        where position.probability_below_floor is not null
            and position.forecast_as_of = {_NEWEST.format(table="fct_cash_position_forecast")}
        order by position.scope desc, line, position.week_start
        """,
        as_of=as_of,
    )


def breach_weeks(as_of: date, company_id: str | None) -> pd.DataFrame:
    """Weeks in which paths fall under the floor: week_start, below_floor_percent; the likeliest first."""
    return query(
        f"""
        select week_start, max(100 * probability_below_floor) as below_floor_percent
        from marts.fct_cash_breach_path
        where {_PURSE.format(table="fct_cash_breach_path")}
        group by week_start
        order by below_floor_percent desc, week_start
        """,
        as_of=as_of,
        company_id=company_id,
    )


def breach_flows(as_of: date, company_id: str | None, week: date) -> pd.DataFrame:
    """One row per flow, from the forecast's day to the end of the week: expected, and in the paths that fall under the
    floor; what pulls most stands first, the sum last."""
    return query(
        f"""
        select
            flow,
            mean_all_paths::decimal(18, 2) as mean_all_paths,
            mean_breaching_paths::decimal(18, 2) as mean_breaching_paths,
            difference::decimal(18, 2) as difference
        from marts.fct_cash_breach_path
        where {_PURSE.format(table="fct_cash_breach_path")} and week_start = $week
        order by flow = 'net', difference
        """,
        as_of=as_of,
        company_id=company_id,
        week=week,
    )


def planned_items(as_of: date, company_id: str | None, flow: str | None, week: date | None) -> pd.DataFrame:
    """Planned and confirmed items by the day the money is expected: what stands behind a cell of the sheet.

    Args:
        company_id: None for all companies; flow: None for all; week: its Monday, None for all.
    """
    return query(
        f"""
        select
            coalesce(receipt.expected_payment_date, item.planned_date) as expected_date,
            coalesce(company.name, item.company_id) as company,
            item.flow,
            item.component,
            item.document_number,
            coalesce(other.name, customer.name, supplier.name, item.party_id) as party,
            item.status,
            item.confirmed_by,
            item.document_currency,
            item.amount_document_currency,
            item.amount_company_currency,
            item.due_date,
            item.document_type,
            item.reason,
            item.planned_cash_item_id
        from marts.fct_planned_cash_item as item
        left join marts.dim_company as company on item.company_id = company.company_id
        left join marts.dim_company as other on item.counterparty_company_id = other.company_id
        left join marts.dim_customer as customer
            on item.document_type = 'receivable' and item.party_id = customer.customer_id
        left join marts.dim_supplier as supplier
            on item.document_type = 'payable' and item.party_id = supplier.supplier_id
        left join marts.fct_receivable_forecast as receipt
            on item.document_type = 'receivable' and item.document_id = receipt.receivable_id
            and receipt.forecast_as_of = {_NEWEST.format(table="fct_receivable_forecast")}
        where item.status <> 'actual' and item.is_counted
            and ($company_id is null or item.company_id = $company_id)
            and ($flow is null or item.flow = $flow)
            and ($week is null or (
                coalesce(receipt.expected_payment_date, item.planned_date) >= $week
                and coalesce(receipt.expected_payment_date, item.planned_date) < $week::date + 7
            ))
        order by coalesce(receipt.expected_payment_date, item.planned_date), abs(item.amount_company_currency) desc
        limit {ROWS_LISTED}
        """,
        as_of=as_of,
        company_id=company_id,
        flow=flow,
        week=week,
    )


def memo_records(company_id: str | None) -> pd.DataFrame:
    """Every version of every memo record that the run knows, the newest first."""
    return query(
        """
        select
            memo.memo_id,
            memo.status,
            coalesce(company.name, memo.company_id) as company,
            memo.flow,
            memo.currency,
            memo.amount as memo_amount,
            memo.first_date,
            memo.recurrence,
            memo.end_date,
            memo.known_from,
            memo.decided_by,
            memo.decided_at,
            memo.reason
        from marts.fct_memo_record as memo
        left join marts.dim_company as company using (company_id)
        where $company_id is null or memo.company_id = $company_id
        order by memo.decision_id desc
        """,
        company_id=company_id,
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
