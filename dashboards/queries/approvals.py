"""What was approved, by whom, and whether the approval matrix of that day let them."""

from __future__ import annotations

import pandas as pd

from dashboards.access import ROWS_LISTED, query

_CHECK = """
with checked as (
    select
        checked.*,
        company.name as company,
        supplier.name as supplier,
        company.currency
    from marts.fct_approval_check as checked
    left join marts.dim_company as company using (company_id)
    left join marts.dim_supplier as supplier using (supplier_id)
    where ($company_id is null or checked.company_id = $company_id)
        and ($verdict is null or checked.verdict = $verdict)
)
"""


def approval_companies() -> pd.DataFrame:
    """Companies (company_id, company) that have documents under the matrix."""
    return query(
        """
        select company_id, name as company
        from marts.dim_company
        where company_id in (select company_id from marts.fct_approval_check)
        order by company
        """
    )


def verdicts() -> list[str]:
    """Every verdict there is but the good one."""
    return query("select distinct verdict from marts.fct_approval_check where verdict <> 'within' order by 1")[
        "verdict"
    ].tolist()


def approval_total(**filters: object) -> pd.DataFrame:
    """One row: documents, outside the matrix, amount_outside in reporting currency, split (parts of one need)."""
    return query(
        _CHECK
        + """
        select
            count(*) as documents,
            count(*) filter (where verdict <> 'within') as outside,
            coalesce(sum(amount_reporting_currency) filter (where verdict <> 'within'), 0)::decimal(18, 2)
                as amount_outside,
            count(*) filter (where verdict = 'split') as split
        from checked
        """,
        **filters,
    )


def approvals_by_approver(**filters: object) -> pd.DataFrame:
    """One row per company and approver, most outside the matrix first: documents, outside, amounts."""
    return query(
        _CHECK
        + """
        select
            company,
            approved_by,
            max(approver_role) as approver_role,
            count(*) as documents,
            count(*) filter (where verdict <> 'within') as outside_matrix,
            sum(amount_reporting_currency) as amount_reporting_currency
        from checked
        group by company, approved_by
        order by outside_matrix desc, amount_reporting_currency desc, company, approved_by
        """,
        **filters,
    )


def approvals_outside(**filters: object) -> pd.DataFrame:
    """One row per document approved outside the matrix, newest first, at most ROWS_LISTED."""
    return query(
        _CHECK
        + """
        select
            verdict,
            document_date,
            document_number,
            company,
            supplier,
            requested_by,
            approved_by,
            approver_role,
            required_role,
            amount_company_currency,
            limit_company_currency,
            split_documents,
            split_amount_company_currency,
            currency,
            amount_reporting_currency
        from checked
        where verdict <> 'within'
        order by document_date desc, document_id
        limit $most
        """,
        most=ROWS_LISTED,
        **filters,
    )
