"""Cash on own bank accounts, as the newest statement of each by the run's as_of tells it."""

from __future__ import annotations

from datetime import date

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


# What cash can be looked at by → SQL of its name. A bank's name is that of its accounts without their currency.
CASH_BY = {
    "company": "coalesce(company.name, statement.company_id)",
    "bank": "regexp_replace(coalesce(bank_account.name, statement.bank_account_id), '\\s+[A-Z]{3}$', '')",
    "currency": "statement.currency",
}


def cash_by(by: str) -> pd.DataFrame:
    """One row per member of ``by`` (a name of CASH_BY), the largest first: name, bank_accounts,
    closing_balance_reporting_currency and its share of all in percent."""
    return query(
        f"""
        select
            {CASH_BY[by]} as name,
            count(*) as bank_accounts,
            sum(statement.closing_balance_reporting_currency) as closing_balance_reporting_currency,
            (100 * sum(statement.closing_balance_reporting_currency)
                / nullif(sum(sum(statement.closing_balance_reporting_currency)) over (), 0))::decimal(9, 2)
                as share_percent
        from marts.fct_bank_statement as statement
        left join marts.dim_bank_account as bank_account
            on bank_account.bank_account_id = statement.bank_account_id
        left join marts.dim_company as company on company.company_id = statement.company_id
        where statement.is_newest
        group by 1
        order by closing_balance_reporting_currency desc nulls last, name
        """
    )


def cash_by_month(as_of: date) -> pd.DataFrame:
    """One row per month of the last year, oldest first: day (its last, or ``as_of``) and cash in reporting currency, of
    the newest statement of each account by then that is not older than two months."""
    return query(
        """
        with month as (
            select least(last_day(start::date), $as_of::date) as day
            from (
                select unnest(generate_series(
                    date_trunc('month', $as_of::date) - interval 12 month, date_trunc('month', $as_of::date),
                    interval 1 month
                )) as start
            )
        ),
        newest as (
            select month.day, statement.closing_balance_reporting_currency
            from month
            inner join marts.fct_bank_statement as statement
                on statement.statement_date <= month.day and statement.statement_date > month.day - 62
            qualify row_number() over (
                partition by month.day, statement.bank_account_id
                order by statement.statement_date desc, statement.statement_number desc
            ) = 1
        )
        select day, sum(closing_balance_reporting_currency) as cash
        from newest
        group by day
        order by day
        """,
        as_of=as_of,
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
