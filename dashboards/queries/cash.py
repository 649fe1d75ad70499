"""Cash on own bank accounts."""

from __future__ import annotations

from datetime import date

import pandas as pd

from dashboards.access import query

_LATEST_STATEMENT = """
with latest_statement as (
    select *
    from marts.fct_bank_statement
    where statement_date <= $as_of
    qualify row_number() over (
        partition by bank_account_id order by statement_date desc, statement_number desc
    ) = 1
)
"""


def cash_by_bank_account(as_of: date) -> pd.DataFrame:
    """One row per own bank account: closing balance of its latest statement up to ``as_of``, own and reporting currency."""
    return query(
        _LATEST_STATEMENT
        + """
        select
            company.name as company,
            bank_account.name as bank_account,
            bank_account.iban,
            bank_account.currency,
            latest_statement.statement_date,
            latest_statement.closing_balance_bank_currency,
            latest_statement.closing_balance_reporting_currency
        from marts.dim_bank_account as bank_account
        left join marts.dim_company as company on company.company_id = bank_account.company_id
        left join latest_statement on latest_statement.bank_account_id = bank_account.bank_account_id
        order by latest_statement.closing_balance_reporting_currency desc nulls last, company, bank_account
        """,
        as_of=as_of,
    )


def cash_by_company(as_of: date) -> pd.DataFrame:
    """One row per company and currency with a balance: cash in that currency and in reporting currency."""
    return query(
        _LATEST_STATEMENT
        + """
        select
            company.name as company,
            latest_statement.currency,
            count(*) as bank_accounts,
            sum(latest_statement.closing_balance_bank_currency) as closing_balance_bank_currency,
            sum(latest_statement.closing_balance_reporting_currency) as closing_balance_reporting_currency
        from latest_statement
        inner join marts.dim_bank_account as bank_account using (bank_account_id)
        left join marts.dim_company as company on company.company_id = bank_account.company_id
        group by all
        order by closing_balance_reporting_currency desc nulls last, company
        """,
        as_of=as_of,
    )


def cash_total(as_of: date) -> pd.DataFrame:
    """One row: cash in reporting currency, bank accounts, and how many of them never had a statement."""
    return query(
        _LATEST_STATEMENT
        + """
        select
            sum(latest_statement.closing_balance_reporting_currency) as cash,
            count(*) as bank_accounts,
            count(*) filter (where latest_statement.bank_account_id is null) as accounts_without_statement
        from marts.dim_bank_account as bank_account
        left join latest_statement on latest_statement.bank_account_id = bank_account.bank_account_id
        """,
        as_of=as_of,
    )
