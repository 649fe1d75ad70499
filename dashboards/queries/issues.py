"""Faults of records, by object and rule."""

from __future__ import annotations

import pandas as pd

from dashboards.access import query

_OPEN = """
with issue as (
    select *
    from marts.fct_data_issue
    where resolved_at is null
        and ($object is null or object = $object)
        and ($rule is null or rule = $rule)
        and ($severity is null or severity = $severity)
        and ($owner is null or owner = $owner)
        and ($status is null or status = $status)
        and (not $only_overdue or is_overdue)
)
"""


def issue_filters() -> pd.DataFrame:
    """Every object, rule, severity, owner and status that has a fault which is not mended."""
    return query(
        """
        select distinct object, rule, severity, owner, status
        from marts.fct_data_issue
        where resolved_at is null
        order by object, rule, severity, owner, status
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
            count(*) filter (where status = 'open') as open_issues,
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
    """One row per fault that is not mended: its record's key, the failed value, what is wrong. No row is left out."""
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
            days_overdue,
            {detail} as detail,
            status,
            source_system,
            detected_at::date as detected_date,
            first_run_id,
            last_run_id,
            issue_id
        from issue
        order by amount_at_stake_reporting_currency desc nulls last, object, rule, source_system, source_key
        """,
        **filters,
    )


def one_issue(issue_id: str, language: str) -> pd.DataFrame:
    """The fault with this id, mended or not: object, record_id, source_key, rule, status, owner, detail."""
    detail = "detail_zh" if language == "zh" else "detail_en"
    return query(
        f"""
        select object, record_id, source_key, rule, status, owner, {detail} as detail
        from marts.fct_data_issue
        where issue_id = $issue_id
        """,
        issue_id=issue_id,
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
            count(*) filter (where status = 'open') as open_issues,
            count(*) filter (where severity = 'critical' and status = 'open') as critical_issues,
            count(*) filter (where is_overdue) as overdue_issues,
            (select sum(amount_at_stake) from record) as amount_at_stake
        from issue
        """,
        **filters,
    )
