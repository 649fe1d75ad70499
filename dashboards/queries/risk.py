"""Risk patterns: alerts, their money and owners, and the documents each was raised on."""

from __future__ import annotations

import pandas as pd

from dashboards.access import query

_ALERT = """
with alert as (
    select *
    from marts.fct_risk_alert
    where ($pattern is null or pattern = $pattern)
        and ($company_id is null or company_id = $company_id)
        and ($owner is null or owner = $owner)
        and ($status is null or status = $status)
)
"""


def risk_filters() -> pd.DataFrame:
    """Every pattern, company_id, company, owner and status that has an alert."""
    return query(
        """
        select distinct alert.pattern, alert.company_id, company.name as company, alert.owner, alert.status
        from marts.fct_risk_alert as alert
        left join marts.dim_company as company using (company_id)
        order by all
        """
    )


def risk_total(**filters: object) -> pd.DataFrame:
    """One row: open_alerts, critical_alerts, amount_at_stake (reporting currency) of open ones, documents."""
    return query(
        _ALERT
        + """
        select
            count(*) filter (where status = 'open') as open_alerts,
            count(*) filter (where status = 'open' and severity = 'critical') as critical_alerts,
            coalesce(sum(amount_at_stake_reporting_currency) filter (where status = 'open'), 0)::decimal(38, 2)
                as amount_at_stake,
            (
                select count(distinct (evidence.document_type, evidence.document_id))
                from marts.fct_risk_evidence as evidence
                where evidence.alert_id in (select alert_id from alert)
            ) as documents
        from alert
        """,
        **filters,
    )


def risk_alerts(language: str, **filters: object) -> pd.DataFrame:
    """One row per alert, gravest and dearest first. None is left out."""
    detail = "detail_zh" if language == "zh" else "detail_en"
    return query(
        _ALERT
        + f"""
        select
            alert.severity,
            alert.pattern,
            company.name as company,
            coalesce(supplier.name, customer.name) as party,
            alert.amount_at_stake_reporting_currency,
            alert.documents,
            alert.last_date,
            {detail} as detail,
            alert.first_date,
            alert.owner,
            alert.status,
            alert.accepted_until,
            alert.alert_id
        from alert
        left join marts.dim_company as company using (company_id)
        left join marts.dim_supplier as supplier using (supplier_id)
        left join marts.dim_customer as customer using (customer_id)
        order by
            case alert.severity when 'critical' then 0 when 'error' then 1 when 'warning' then 2 else 3 end,
            alert.amount_at_stake_reporting_currency desc,
            alert.alert_id
        """,
        **filters,
    )


def risk_evidence(alert_id: str, language: str) -> pd.DataFrame:
    """One row per document or record that the alert was raised on, by day; its pattern and detail with it."""
    detail = "detail_zh" if language == "zh" else "detail_en"
    return query(
        f"""
        select
            evidence.document_type,
            evidence.document_number,
            evidence.document_date,
            company.name as company,
            coalesce(supplier.name, customer.name) as party,
            evidence.amount_company_currency,
            evidence.amount_at_stake_company_currency,
            evidence.company_currency as currency,
            evidence.amount_at_stake_reporting_currency,
            evidence.{detail} as detail,
            evidence.document_id,
            evidence.source_system,
            evidence.source_key,
            evidence.pattern
        from marts.fct_risk_evidence as evidence
        left join marts.dim_company as company using (company_id)
        left join marts.dim_supplier as supplier using (supplier_id)
        left join marts.dim_customer as customer using (customer_id)
        where evidence.alert_id = $alert_id
        order by evidence.document_date, evidence.document_type, evidence.document_id
        """,
        alert_id=alert_id,
    )
