"""The run's certificate: two totals and their difference per control."""

from __future__ import annotations

import pandas as pd

from dashboards.access import ROWS_LISTED, query

_COMPARISON = """
with comparison as (
    select
        tie_out.*,
        company.name as company,
        company.currency as company_currency
    from marts.fct_tie_out as tie_out
    left join marts.dim_company as company using (company_id)
    where ($control is null or control = $control)
        and ($company_id is null or company_id = $company_id)
        and (not $only_differences or not passed)
)
"""


def control_filters() -> pd.DataFrame:
    """Every control of the certificate with the companies (company_id, company) it speaks of."""
    return query(
        """
        select distinct tie_out.control, tie_out.company_id, company.name as company
        from marts.fct_tie_out as tie_out
        left join marts.dim_company as company using (company_id)
        order by all
        """
    )


def certificate_total(**filters: object) -> pd.DataFrame:
    """One row: comparisons, passed, blocking_differences, other_differences."""
    return query(
        _COMPARISON
        + """
        select
            count(*) as comparisons,
            count(*) filter (where passed) as passed,
            count(*) filter (where not passed and blocking) as blocking_differences,
            count(*) filter (where not passed and not blocking) as other_differences
        from comparison
        """,
        **filters,
    )


def controls(**filters: object) -> pd.DataFrame:
    """One row per control, those with differences first: comparisons, passed, differences, whether it blocks."""
    return query(
        _COMPARISON
        + """
        select
            control,
            count(*) as comparisons,
            count(*) filter (where passed) as passed,
            count(*) filter (where not passed) as differences,
            count(distinct company_id) as companies,
            bool_or(blocking) as blocking
        from comparison
        group by control
        order by differences desc, control
        """,
        **filters,
    )


def comparisons(**filters: object) -> pd.DataFrame:
    """One row per comparison, differences first, largest first, at most ROWS_LISTED."""
    return query(
        _COMPARISON
        + """
        select
            passed,
            control,
            company,
            difference,
            left_total,
            right_total,
            left_label,
            right_label,
            detail,
            as_of
        from comparison
        order by passed, abs(difference) desc, control, company, as_of desc, detail
        limit $most
        """,
        most=ROWS_LISTED,
        **filters,
    )
