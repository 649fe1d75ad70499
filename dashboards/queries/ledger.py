"""The ERP's ledger beside the entries derived from documents: what is equal, and what explains the rest."""

from __future__ import annotations

import pandas as pd

from dashboards.access import ROWS_LISTED, query

_DIFFERENCE = """
with difference as (
    select
        difference.*,
        company.name as company,
        company.currency,
        concat(account.code, ' ', account.name) as account
    from marts.fct_ledger_difference as difference
    left join marts.dim_company as company using (company_id)
    left join marts.dim_account as account on difference.account_id = account.account_id
    where ($company_id is null or difference.company_id = $company_id)
        and ($cause is null or difference.cause = $cause)
)
"""


def ledger_companies() -> pd.DataFrame:
    """Companies (company_id, company) whose ledger is compared."""
    return query(
        """
        select company_id, name as company
        from marts.dim_company
        where company_id in (select company_id from marts.fct_ledger_comparison)
        order by company
        """
    )


def difference_causes() -> list[str]:
    """Every cause a difference has."""
    return query("select distinct cause from marts.fct_ledger_difference order by cause")["cause"].tolist()


def ledger_total(company_id: object) -> pd.DataFrame:
    """One row: account_periods, equal, equal_percent, unexplained (accounts and periods with an unexplained rest)."""
    return query(
        """
        select
            count(*) as account_periods,
            count(*) filter (where difference_company_currency = 0) as equal,
            (100.0 * count(*) filter (where difference_company_currency = 0) / nullif(count(*), 0))::decimal(9, 1)
                as equal_percent,
            count(*) filter (where unexplained_amount_company_currency <> 0) as unexplained
        from marts.fct_ledger_comparison
        where $company_id is null or company_id = $company_id
        """,
        company_id=company_id,
    )


def differences_by_cause(**filters: object) -> pd.DataFrame:
    """One row per company and cause, largest first: documents, amount that differs in company currency, one side."""
    return query(
        _DIFFERENCE
        + """
        select
            company,
            cause,
            count(distinct concat(document_type, ' ', document_id)) as ledger_documents,
            coalesce(sum(abs(difference_company_currency)) / 2, 0)::decimal(18, 2) as amount_company_currency,
            currency
        from difference
        group by company, cause, currency
        order by company, amount_company_currency desc, cause
        """,
        **filters,
    )


def differences_listed(**filters: object) -> pd.DataFrame:
    """One row per document, account and period that differs, newest period and largest first, at most ROWS_LISTED."""
    return query(
        _DIFFERENCE
        + """
        select
            company,
            period_start,
            cause,
            document_type,
            coalesce(entry_number, document_id) as document_number,
            account,
            erp_amount_company_currency,
            derived_amount_company_currency,
            difference_company_currency,
            currency
        from difference
        order by period_start desc, abs(difference_company_currency) desc, ledger_difference_id
        limit $most
        """,
        most=ROWS_LISTED,
        **filters,
    )
