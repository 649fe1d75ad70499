"""Credit of customers: grades and why, limits, exposure, expected loss twice, proposals to freeze."""

from __future__ import annotations

from datetime import date

import pandas as pd

from dashboards.access import ROWS_LISTED, query

COMPONENTS = (
    "payment_days",
    "trend_days",
    "overdue_share",
    "oldest_overdue_days",
    "disputed_share",
    "loss_share",
    "relation_months",
)


def credit_total(as_of: date, company_id: str | None) -> pd.DataFrame:
    """One row in reporting currency: exposure, expected_loss_model, expected_loss_matrix, freezes_proposed."""
    return query(
        """
        select
            sum(exposure_amount_reporting_currency) as exposure,
            sum(expected_loss_model_reporting_currency) as expected_loss_model,
            sum(expected_loss_matrix_reporting_currency) as expected_loss_matrix,
            count(*) filter (where freeze_proposed) as freezes_proposed
        from marts.fct_credit_assessment
        where forecast_as_of = $as_of and ($company_id is null or company_id = $company_id)
        """,
        as_of=as_of,
        company_id=company_id,
    )


def by_grade(as_of: date, company_id: str | None) -> pd.DataFrame:
    """One row per grade, best first: customers, exposure, probability of default and its past, both expected losses."""
    return query(
        """
        select
            grade.grade,
            count(credit.customer_id) as customers,
            coalesce(sum(credit.exposure_amount_reporting_currency), 0)::decimal(18, 4)
                as exposure_amount_reporting_currency,
            (100 * grade.probability_of_default)::decimal(9, 4) as probability_of_default_percent,
            (100 * grade.observed_rate)::decimal(9, 4) as observed_rate_percent,
            grade.customer_years::decimal(9, 2) as customer_years,
            grade.default_count::decimal(9, 2) as default_count,
            (100 * grade.loss_given_default)::decimal(9, 4) as loss_given_default_percent,
            coalesce(sum(credit.expected_loss_model_reporting_currency), 0)::decimal(18, 4)
                as expected_loss_model_reporting_currency,
            coalesce(sum(credit.expected_loss_matrix_reporting_currency), 0)::decimal(18, 4)
                as expected_loss_matrix_reporting_currency,
            coalesce(
                sum(credit.expected_loss_model_reporting_currency)
                - sum(credit.expected_loss_matrix_reporting_currency),
                0
            )::decimal(18, 4) as expected_loss_difference_reporting_currency
        from marts.fct_credit_grade as grade
        left join marts.fct_credit_assessment as credit
            on grade.forecast_as_of = credit.forecast_as_of and grade.grade = credit.grade
                and ($company_id is null or credit.company_id = $company_id)
        where grade.forecast_as_of = $as_of
        group by all
        order by grade.grade
        """,
        as_of=as_of,
        company_id=company_id,
    )


def assessments(as_of: date, company_id: str | None) -> pd.DataFrame:
    """One row per company and customer, largest exposure first, at most ROWS_LISTED."""
    return query(
        """
        select
            credit.company_id,
            credit.customer_id,
            coalesce(customer.name, credit.customer_id) as customer,
            credit.grade,
            credit.points::double as points,
            credit.freeze_proposed,
            credit.freeze_reason,
            credit.exposure_amount_reporting_currency,
            (100 * credit.limit_use)::decimal(18, 4) as limit_use_percent,
            credit.credit_limit_company_currency,
            company.currency,
            credit.oldest_overdue_days::integer as oldest_days_overdue,
            (100 * credit.probability_of_default)::decimal(9, 4) as probability_of_default_percent,
            credit.expected_loss_model_reporting_currency,
            credit.expected_loss_matrix_reporting_currency,
            credit.broken_promise_count,
            credit.in_default,
            company.name as company,
            customer.region
        from marts.fct_credit_assessment as credit
        left join marts.dim_company as company using (company_id)
        left join marts.dim_customer as customer using (customer_id)
        where credit.forecast_as_of = $as_of and ($company_id is null or credit.company_id = $company_id)
        order by credit.exposure_amount_reporting_currency desc nulls last, credit.company_id, credit.customer_id
        limit $most
        """,
        as_of=as_of,
        company_id=company_id,
        most=ROWS_LISTED,
    )


def grade_explained(as_of: date, company_id: str, customer_id: str | None) -> pd.DataFrame:
    """One row per component of a customer's grade: component, measured, component_points; they add up to the points."""
    parts = "\nunion all\n".join(
        f"select {place} as place, '{name}' as component, {name}::double as measured, "
        f"points_{name}::double as component_points from credit"
        for place, name in enumerate(COMPONENTS)
    )
    return query(
        f"""
        with credit as (
            select * from marts.fct_credit_assessment
            where forecast_as_of = $as_of and company_id = $company_id
                and customer_id is not distinct from $customer_id
        ),
        part as ({parts})
        select component, measured, component_points from part order by place
        """,
        as_of=as_of,
        company_id=company_id,
        customer_id=customer_id,
    )


def exposure_of(as_of: date, company_id: str, customer_id: str | None) -> pd.DataFrame:
    """One row: what a customer's exposure is made of, in the company's currency."""
    return query(
        """
        select
            open_amount_company_currency,
            credit_amount_company_currency,
            note_amount_company_currency,
            backlog_amount_company_currency,
            exposure_amount_company_currency,
            credit_limit_company_currency,
            expected_loss_model_company_currency,
            expected_loss_matrix_company_currency,
            expected_loss_exposure_company_currency
        from marts.fct_credit_assessment
        where forecast_as_of = $as_of and company_id = $company_id
            and customer_id is not distinct from $customer_id
        """,
        as_of=as_of,
        company_id=company_id,
        customer_id=customer_id,
    )
