"""Days of sales, purchases and stock, how well is collected, how receivables age, and what may be lost."""

from __future__ import annotations

import pandas as pd

from dashboards.access import ROWS_LISTED, query

RATIOS = (
    "days_sales_outstanding",
    "best_possible_days_sales_outstanding",
    "average_days_delinquent",
    "collection_effectiveness_index",
    "days_payables_outstanding",
    "days_inventory_outstanding",
    "cash_conversion_cycle",
)
LEVELS = ("company", "region", "customer", "supplier")


def working_capital_months() -> list[str]:
    """Months (2026-10) of the ratios, newest first."""
    return query(
        """
        select strftime(month_start, '%Y-%m') as month from marts.fct_working_capital_ratio_monthly
        group by month_start order by month_start desc
        """
    )["month"].tolist()


def group_ratios() -> pd.DataFrame:
    """One row per month and ratio of the group, oldest first: month, ratio, value."""
    return query(
        """
        select strftime(month_start, '%Y-%m') as month, ratio, value
        from marts.fct_working_capital_ratio_monthly
        where level = 'group'
        order by month_start, ratio
        """
    )


def ratios_by(level: str, month: str | None) -> pd.DataFrame:
    """One row per member of ``level`` in the month, by its name: every ratio; at most ROWS_LISTED."""
    columns = ",\n".join(f"max(ratio.value) filter (where ratio.ratio = '{name}') as {name}" for name in RATIOS)
    return query(
        f"""
        with named as (
            select company_id as entity_id, name, 'company' as level from marts.dim_company
            union all
            select customer_id, name, 'customer' from marts.dim_customer
            union all
            select supplier_id, name, 'supplier' from marts.dim_supplier
        )
        select coalesce(named.name, nullif(ratio.entity_id, '')) as member, {columns}
        from marts.fct_working_capital_ratio_monthly as ratio
        left join named on ratio.level = named.level and ratio.entity_id = named.entity_id
        where ratio.level = $level and strftime(ratio.month_start, '%Y-%m') = $month
        group by ratio.entity_id, named.name
        having count(ratio.value) > 0
        order by days_sales_outstanding desc nulls last, member
        limit $most
        """,
        level=level,
        month=month,
        most=ROWS_LISTED,
    )


def roll_rates(month: str | None) -> pd.DataFrame:
    """One row per company and bucket at the start of the month: share of it that is in a later bucket at its end."""
    return query(
        """
        select
            company.name as company,
            roll.opening_bucket as bucket,
            roll.currency,
            roll.opening_amount_company_currency as opening_amount,
            roll.rolled_amount_company_currency as rolled_amount,
            roll.stayed_amount_company_currency as stayed_amount,
            roll.cleared_amount_company_currency as cleared_amount,
            (100 * roll.roll_rate)::decimal(9, 4) as roll_rate_percent
        from marts.fct_receivable_roll_monthly as roll
        left join marts.dim_company as company using (company_id)
        where strftime(roll.as_of, '%Y-%m') = $month
        order by company, list_position(['not_due', '1-30', '31-60', '61-90', '91+'], roll.opening_bucket)
        """,
        month=month,
    )


def expected_losses(month: str | None) -> pd.DataFrame:
    """One row per bucket at the newest day of the month, in reporting currency: exposure, loss rate, expected loss."""
    return query(
        """
        select
            bucket,
            sum(exposure_reporting_currency)::decimal(18, 4) as exposure_reporting_currency,
            max(loss_rate_percent) as loss_rate_percent,
            sum(expected_loss_reporting_currency)::decimal(18, 4) as expected_loss_reporting_currency
        from marts.fct_expected_credit_loss
        where as_of = (
            select max(as_of) from marts.fct_expected_credit_loss where strftime(as_of, '%Y-%m') = $month
        )
        group by bucket
        order by list_position(['not_due', '1-30', '31-60', '61-90', '91+'], bucket)
        """,
        month=month,
    )
