"""Cash on own bank accounts, as the newest statement of each by the run's as_of tells it."""

from __future__ import annotations

import pandas as pd

from dashboards.access import query


def cash_total() -> pd.DataFrame:
    """One row: cash in reporting currency, bank accounts, how many have no statement and how many no exchange rate."""
    return query(
        """
        select
            sum(statement.closing_balance_reporting_currency) as cash,
            count(*) as bank_accounts,
            count(*) filter (where statement.bank_account_id is null) as accounts_without_statement,
            count(*) filter (
                where statement.closing_balance_bank_currency <> 0
                    and statement.closing_balance_reporting_currency is null
            ) as accounts_without_rate
        from marts.dim_bank_account as bank_account
        left join marts.fct_bank_statement as statement
            on statement.bank_account_id = bank_account.bank_account_id and statement.is_newest
        """
    )


def cash_by_company() -> pd.DataFrame:
    """One row per company and currency with a balance: cash in that currency and in reporting currency."""
    return query(
        """
        select
            company.name as company,
            statement.currency,
            count(*) as bank_accounts,
            sum(statement.closing_balance_bank_currency) as closing_balance_bank_currency,
            sum(statement.closing_balance_reporting_currency) as closing_balance_reporting_currency
        from marts.fct_bank_statement as statement
        left join marts.dim_company as company on company.company_id = statement.company_id
        where statement.is_newest
        group by all
        order by closing_balance_reporting_currency desc nulls last, company
        """
    )


def cash_by_bank_account() -> pd.DataFrame:
    """One row per own bank account: closing balance of its newest statement, in own and reporting currency."""
    return query(
        """
        select
            company.name as company,
            bank_account.name as bank_account,
            bank_account.iban,
            bank_account.currency,
            statement.statement_date,
            statement.closing_balance_bank_currency,
            statement.closing_balance_reporting_currency
        from marts.dim_bank_account as bank_account
        left join marts.dim_company as company on company.company_id = bank_account.company_id
        left join marts.fct_bank_statement as statement
            on statement.bank_account_id = bank_account.bank_account_id and statement.is_newest
        order by statement.closing_balance_reporting_currency desc nulls last, company, bank_account
        """
    )
