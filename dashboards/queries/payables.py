"""What is owed to suppliers: what is due, what may be saved, and when each invoice should be paid."""

from __future__ import annotations

from datetime import date

import pandas as pd

from dashboards.access import ROWS_LISTED, query

# By when it falls due → its column in due_by_company.
DUE = {
    "overdue": "due_overdue",
    "1-7": "due_1_7",
    "8-14": "due_8_14",
    "15-21": "due_15_21",
    "22-28": "due_22_28",
    "29+": "due_29_up",
}
# What payables are added up by → the expression of its members.
LEVELS = {
    "company": "company",
    "supplier": "supplier",
    "document_currency": "document_currency",
    "due_week": "strftime(due_week, '%Y-%m-%d')",
    "match_status": "match_status",
    "payment_state": "state",
}

_NEWEST = "forecast_as_of = (select max(forecast_as_of) from marts.fct_payment_proposal)"
_PROPOSAL = f"""
with proposal as (
    select
        item.*,
        company.name as company,
        supplier.name as supplier,
        date_trunc('week', item.due_date)::date as due_week,
        item.due_date - item.forecast_as_of as days_to_due,
        item.state <> 'credit' as owed
    from marts.fct_payment_proposal as item
    left join marts.dim_company as company using (company_id)
    left join marts.dim_supplier as supplier using (supplier_id)
    where item.{_NEWEST}
        and ($company_id is null or item.company_id = $company_id)
        and ($state is null or item.state = $state)
        and ($reason is null or $reason in (select unnest(string_split(item.reasons, ','))))
)
"""


def payables_total(as_of: date) -> pd.DataFrame:
    """One row in reporting currency: open, and overdue, at the end of ``as_of``."""
    return query(
        """
        select
            sum(open_amount_reporting_currency) as open,
            sum(open_amount_reporting_currency) filter (where bucket <> 'not_due') as overdue
        from marts.fct_payable_aging
        where as_of = $as_of
        """,
        as_of=as_of,
    )


def payment_filters() -> pd.DataFrame:
    """Every company_id, company, state and reason that an open payable has."""
    return query(
        f"""
        select distinct item.company_id, company.name as company, item.state, unnest(string_split(item.reasons, ','))
            as reason
        from marts.fct_payment_proposal as item
        left join marts.dim_company as company using (company_id)
        where {_NEWEST}
        order by all
        """
    )


def payment_total(**filters: object) -> pd.DataFrame:
    """One row, amounts in reporting currency: open, due_week (within 7 days), overdue, offered (discounts that stand),
    first_offer_date, discount (taken by proposals), next_run_date, next_run, saving, held_back, held_back_items."""
    return query(
        _PROPOSAL
        + """,
        next as (
            select min(proposed_date) as run_date from proposal where state = 'proposed'
        )
        select
            coalesce(sum(open_amount_reporting_currency), 0)::decimal(38, 2) as open,
            coalesce(sum(open_amount_reporting_currency) filter (where days_to_due between 1 and 7), 0)
                ::decimal(38, 2) as due_week,
            coalesce(sum(open_amount_reporting_currency) filter (where owed and days_to_due <= 0), 0)
                ::decimal(38, 2) as overdue,
            coalesce(sum(offered_amount_reporting_currency), 0)::decimal(38, 2) as offered,
            min(discount_date) filter (where offered_amount_reporting_currency > 0) as first_offer_date,
            coalesce(sum(discount_amount_reporting_currency), 0)::decimal(38, 2) as discount,
            any_value(next.run_date) as next_run_date,
            coalesce(
                sum(open_amount_reporting_currency - discount_amount_reporting_currency)
                    filter (where proposed_date = next.run_date), 0
            )::decimal(38, 2) as next_run,
            coalesce(sum(saving_reporting_currency), 0)::decimal(38, 2) as saving,
            coalesce(sum(open_amount_reporting_currency) filter (where state = 'not_proposed'), 0)::decimal(38, 2)
                as held_back,
            count(*) filter (where state = 'not_proposed') as held_back_items
        from proposal
        left join next on true
        """,
        **filters,
    )


def due_by_company(**filters: object) -> pd.DataFrame:
    """One row per company in reporting currency, a column per time of falling due, credits apart, and a total."""
    return query(
        _PROPOSAL
        + """
        select
            company_id,
            company,
            coalesce(
                sum(open_amount_reporting_currency) filter (where owed and days_to_due <= 0), 0
            )::decimal(38, 2) as due_overdue,
            coalesce(
                sum(open_amount_reporting_currency) filter (where owed and days_to_due between 1 and 7), 0
            )::decimal(38, 2) as due_1_7,
            coalesce(
                sum(open_amount_reporting_currency) filter (where owed and days_to_due between 8 and 14), 0
            )::decimal(38, 2) as due_8_14,
            coalesce(
                sum(open_amount_reporting_currency) filter (where owed and days_to_due between 15 and 21), 0
            )::decimal(38, 2) as due_15_21,
            coalesce(
                sum(open_amount_reporting_currency) filter (where owed and days_to_due between 22 and 28), 0
            )::decimal(38, 2) as due_22_28,
            coalesce(
                sum(open_amount_reporting_currency) filter (where owed and days_to_due >= 29), 0
            )::decimal(38, 2) as due_29_up,
            coalesce(sum(open_amount_reporting_currency) filter (where state = 'credit'), 0)::decimal(38, 2)
                as payables_credits,
            sum(open_amount_reporting_currency)::decimal(38, 2) as payables_open
        from proposal
        group by company_id, company
        order by payables_open desc, company_id
        """,
        **filters,
    )


def payables_by(level: str, **filters: object) -> pd.DataFrame:
    """One row per member of one of LEVELS: items, open, overdue, offered and saving in reporting currency."""
    return query(
        _PROPOSAL
        + f"""
        select
            {LEVELS[level]} as {level},
            count(*) as open_items,
            sum(open_amount_reporting_currency)::decimal(38, 2) as payables_open,
            coalesce(
                sum(open_amount_reporting_currency) filter (where owed and days_to_due <= 0), 0
            )::decimal(38, 2) as payables_overdue,
            sum(offered_amount_reporting_currency)::decimal(38, 2) as offered_amount_reporting_currency,
            sum(discount_amount_reporting_currency)::decimal(38, 2) as discount_amount_reporting_currency,
            sum(saving_reporting_currency)::decimal(38, 2) as saving_reporting_currency
        from proposal
        group by 1
        order by {"1 nulls last" if level == "due_week" else "payables_open desc, 1"}
        limit {ROWS_LISTED}
        """,
        **filters,
    )


def plan_of_companies(company_id: str | None) -> pd.DataFrame:
    """One row per company: how its plan was found, chances of breach in percent, costs in currency of its books."""
    return query(
        """
        select
            company.name as company,
            plan.currency,
            plan.cash_floor as plan_floor,
            100 * plan.breach_limit as breach_limit_percent,
            100 * plan.probability_below_floor_usual as breach_usual_percent,
            100 * plan.probability_below_floor_at_once as breach_at_once_percent,
            100 * plan.probability_below_floor_proposed as breach_proposed_percent,
            plan.total_cost_usual,
            plan.total_cost_at_once,
            plan.total_cost_proposed,
            plan.status as plan_status,
            100 * plan.gap as gap_percent,
            plan.payable_count
        from marts.fct_payment_plan_company as plan
        left join marts.dim_company as company using (company_id)
        where plan.forecast_as_of = (select max(forecast_as_of) from marts.fct_payment_plan_company)
            and ($company_id is null or plan.company_id = $company_id)
        order by company.name, plan.company_id
        """,
        company_id=company_id,
    )


def plan_by_week(company_id: str | None) -> pd.DataFrame:
    """One row per week of a company, or of the group: payments in its currency and chances of breach by then in
    percent, by plan."""
    return query(
        """
        select
            week_start,
            currency,
            payments_usual,
            payments_at_once,
            payments_proposed,
            100 * probability_below_floor_so_far_usual as breach_usual_percent,
            100 * probability_below_floor_so_far_at_once as breach_at_once_percent,
            100 * probability_below_floor_so_far_proposed as breach_proposed_percent
        from marts.fct_payment_plan
        where forecast_as_of = (select max(forecast_as_of) from marts.fct_payment_plan)
            and scope = case when $company_id is null then 'group' else 'company' end
            and company_id is not distinct from $company_id
        order by week_start
        """,
        company_id=company_id,
    )


def payment_proposals(**filters: object) -> pd.DataFrame:
    """One row per open payable: by run, largest first, what is not proposed last. None is left out."""
    return query(
        _PROPOSAL
        + f"""
        select
            proposed_date,
            supplier,
            due_date,
            open_amount_reporting_currency as payables_open,
            reasons as payment_reasons,
            invoice_number,
            company,
            document_currency,
            open_amount_document_currency,
            state as payment_state,
            discount_percent as offered_percent,
            discount_date,
            discount_amount_reporting_currency,
            saving_reporting_currency,
            days_late,
            match_status,
            usual_date,
            discount_annual_rate,
            cost_of_cash_annual_rate,
            invoice_id,
            payable_id
        from proposal
        order by proposed_date nulls last, abs(open_amount_reporting_currency) desc, payable_id
        limit {ROWS_LISTED}
        """,
        **filters,
    )


def purchase_lines(invoice_id: str) -> pd.DataFrame:
    """One row per line of a supplier invoice beside its order and what was received."""
    return query(
        """
        select
            line.order_number,
            coalesce(product.name, line.invoice_line_id) as product,
            line.document_currency,
            line.quantity_ordered,
            line.quantity_received,
            line.quantity_invoiced,
            line.order_price_document_currency,
            line.invoice_price_document_currency,
            line.price_difference_percent,
            line.net_amount_document_currency as line_net_amount,
            line.match_status
        from marts.fct_three_way_match as line
        left join marts.dim_product as product using (product_id)
        where line.invoice_id = $invoice_id
        order by line.invoice_line_id
        """,
        invoice_id=invoice_id,
    )
