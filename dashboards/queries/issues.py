"""Faults of records, by object and rule."""

from __future__ import annotations

import pandas as pd

from dashboards.access import query

_OPEN = """
with issue as (
    select
        *,
        coalesce(due_at::date < $as_of, false) as is_overdue
    from marts.fct_data_issue
    where resolved_at is null
        and ($object is null or object = $object)
        and ($rule is null or rule = $rule)
        and ($severity is null or severity = $severity)
        and ($owner is null or owner = $owner)
        and (not $only_overdue or coalesce(due_at::date < $as_of, false))
)
"""


def issue_filters() -> pd.DataFrame:
    """Every object, rule, severity and owner that has an open fault."""
    return query(
        """
        select distinct object, rule, severity, owner
        from marts.fct_data_issue
        where resolved_at is null
        order by object, rule, severity, owner
        """
    )


def issues_by_rule(**filters: object) -> pd.DataFrame:
    """One row per object, rule and owner: open faults, overdue ones, money at stake in reporting currency."""
    return query(
        _OPEN
        + """
        select
            object,
            rule,
            severity,
            owner,
            count(*) as open_issues,
            count(*) filter (where is_overdue) as overdue_issues,
            min(due_at)::date as next_due_date,
            sum(amount_at_stake_reporting_currency) as amount_at_stake_reporting_currency
        from issue
        group by object, rule, severity, owner
        order by
            case severity when 'critical' then 0 when 'error' then 1 when 'warning' then 2 else 3 end,
            amount_at_stake_reporting_currency desc nulls last,
            open_issues desc,
            object,
            rule
        """,
        **filters,
    )


def failing_records(language: str, **filters: object) -> pd.DataFrame:
    """One row per open fault: the record's key, the value that failed and what is wrong with it. No row is left out."""
    detail = "detail_zh" if language == "zh" else "detail_en"
    return query(
        _OPEN
        + f"""
        select
            severity,
            object,
            rule,
            source_key,
            failed_value,
            amount_at_stake_reporting_currency,
            owner,
            due_at::date as due_date,
            {detail} as detail,
            status,
            source_system,
            detected_at::date as detected_date
        from issue
        order by amount_at_stake_reporting_currency desc nulls last, object, rule, source_system, source_key
        """,
        **filters,
    )


def issue_total(**filters: object) -> pd.DataFrame:
    """One row: open_issues, critical_issues, overdue_issues, amount_at_stake in reporting currency.

    A record that fails several rules has its money at stake once.
    """
    return query(
        _OPEN
        + """
        , record as (
            select object, source_system, source_key, max(amount_at_stake_reporting_currency) as amount_at_stake
            from issue
            group by all
        )
        select
            count(*) as open_issues,
            count(*) filter (where severity = 'critical') as critical_issues,
            count(*) filter (where is_overdue) as overdue_issues,
            (select sum(amount_at_stake) from record) as amount_at_stake
        from issue
        """,
        **filters,
    )
