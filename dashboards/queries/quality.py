"""Scores of the data by dimension, object and day, and who is late."""

from __future__ import annotations

import pandas as pd

from dashboards.access import query

_SCORED = """
with score as (
    select *
    from marts.fct_quality_score
    where ($object is null or object = $object)
        and ($source is null or source_system = $source)
        and ($company is null or company_id = $company)
        and (records > 0 or amount_reporting_currency <> 0)
),

newest as (
    select * from score where score_date = (select max(score_date) from marts.fct_quality_score)
)
"""
# Of several scores together: the share of their sums, by money where there is any.
_SCORE = """
    round(case
        when sum(amount_reporting_currency) > 0
            then 100 - 100 * sum(failing_amount_reporting_currency) / sum(amount_reporting_currency)
        else 100 - 100 * sum(failing_records) / nullif(sum(records), 0)
    end, 2)::decimal(9, 2)
"""


def score_filters() -> pd.DataFrame:
    """Every object, source and company that has a score: object, source, company_id, company."""
    return query(
        """
        select distinct score.object, score.source_system as source, score.company_id, company.name as company
        from marts.fct_quality_score as score
        left join marts.dim_company as company on score.company_id = company.company_id
        order by all
        """
    )


def score_by_dimension(**filters: object) -> pd.DataFrame:
    """One row per quality dimension of the newest day: score, records, failing ones, money at stake of these."""
    return query(
        f"""
        {_SCORED}
        select
            quality_dimension,
            {_SCORE} as score_percent,
            sum(records)::bigint as records,
            sum(failing_records)::bigint as failing_records,
            sum(failing_amount_reporting_currency) as amount_at_stake_reporting_currency
        from newest
        group by quality_dimension
        order by score_percent, quality_dimension
        """,
        **filters,
    )


_DIMENSIONS = ("completeness", "validity", "uniqueness", "consistency", "timeliness", "accuracy")


def _by(columns: str, group: str) -> str:
    """Query of the newest scores by ``group``: one column per quality dimension."""
    cells = ", ".join(f"max(score) filter (where quality_dimension = '{d}') as {d}_score_percent" for d in _DIMENSIONS)
    return f"""
        {_SCORED}
        , cell as (
            select {group}, quality_dimension, {_SCORE} as score
            from newest
            group by {group}, quality_dimension
        )
        select {columns}, {cells}
        from cell
        """


def score_by_object(**filters: object) -> pd.DataFrame:
    """One row per object of the newest day, one column per quality dimension with its score."""
    return query(f"{_by('object', 'object')} group by object order by object", **filters)


def score_by_company(**filters: object) -> pd.DataFrame:
    """One row per source and company of the newest day, one column per quality dimension with its score.

    The company is missing for records that no company has money at stake with.
    """
    return query(
        _by("cell.source_system, company.name as company", "source_system, company_id")
        + """
        left join marts.dim_company as company on cell.company_id = company.company_id
        group by cell.source_system, cell.company_id, company.name
        order by cell.source_system, company.name nulls last, cell.company_id
        """,
        **filters,
    )


def score_by_day(**filters: object) -> pd.DataFrame:
    """One row per run day and quality dimension: its score."""
    return query(
        f"""
        {_SCORED}
        select score_date, quality_dimension, {_SCORE} as score_percent
        from score
        group by score_date, quality_dimension
        order by score_date, quality_dimension
        """,
        **filters,
    )


def total_score(**filters: object) -> pd.DataFrame:
    """One row: score_percent of the newest day over all dimensions."""
    return query(f"{_SCORED} select {_SCORE} as score_percent from newest", **filters)


def owners() -> pd.DataFrame:
    """One row per owner and severity, the latest first: open, accepted, overdue faults and the money that hangs on."""
    return query(
        """
        select owner, severity, open_issues, accepted_issues, overdue_issues, most_days_overdue, next_due_date,
            amount_at_stake_reporting_currency, overdue_amount_reporting_currency
        from marts.fct_quality_owner
        order by overdue_amount_reporting_currency desc, overdue_issues desc, open_issues desc, owner, severity
        """
    )
