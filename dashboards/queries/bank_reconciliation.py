"""Bank, ledger and open items by account and day: breaks, the lines behind a day, statement files and gaps."""

from __future__ import annotations

import pandas as pd

from dashboards.access import ROWS_LISTED, query

_DAY = """
with day as (
    select *
    from marts.fct_bank_reconciliation_daily
    where ($company_id is null or company_id = $company_id)
        and ($account_id is null or account_id = $account_id)
        and ($month is null or strftime(date_day, '%Y-%m') = $month)
),
break as (
    select * from day where cause is not null and ($cause is null or cause = $cause)
)
"""


def reconciliation_filters() -> pd.DataFrame:
    """Every account that follows a bank account: account_id, account, company_id, company, break_amount, most first."""
    return query(
        """
        select
            daily.account_id,
            any_value(concat_ws(' ', account.code, account.name)) as account,
            daily.company_id,
            any_value(company.name) as company,
            coalesce(sum(abs(daily.break_amount_reporting_currency)), 0)::decimal(38, 2) as break_amount
        from marts.fct_bank_reconciliation_daily as daily
        left join marts.dim_account as account using (account_id)
        left join marts.dim_company as company on daily.company_id = company.company_id
        group by daily.account_id, daily.company_id
        order by break_amount desc, daily.account_id
        """
    )


def reconciliation_months() -> list[str]:
    """Months with movement, the newest first, as YYYY-MM."""
    months = query("select distinct strftime(date_day, '%Y-%m') as month from marts.fct_bank_reconciliation_daily")
    return sorted(months["month"], reverse=True)


def break_total(**filters: object) -> pd.DataFrame:
    """One row: breaks, their money (reporting currency) and the days of the oldest."""
    return query(
        _DAY
        + """
        select
            count(*) as breaks,
            coalesce(sum(abs(break_amount_reporting_currency)), 0)::decimal(38, 2) as amount,
            coalesce(max(age_days), 0) as oldest_days
        from break
        """,
        **filters,
    )


def breaks_by_cause(**filters: object) -> pd.DataFrame:
    """One row per cause and owner, most money first."""
    return query(
        _DAY
        + """
        select
            cause as break_cause,
            owner,
            count(*) as break_count,
            sum(abs(break_amount_reporting_currency))::decimal(38, 2) as break_amount_reporting_currency,
            max(age_days) as oldest_break_days
        from break
        group by cause, owner
        order by break_amount_reporting_currency desc nulls last, cause
        """,
        **filters,
    )


def breaks(**filters: object) -> pd.DataFrame:
    """One row per account and day with a break, most money first; at most ROWS_LISTED."""
    return query(
        _DAY
        + """
        select
            break.date_day as break_day,
            company.name as company,
            concat_ws(' ', account.code, account.name) as account,
            break.cause as break_cause,
            break.break_amount_company_currency,
            break.currency,
            break.age_days as break_age_days,
            break.owner,
            break.bank_movement_company_currency as bank_moved_company_currency,
            break.ledger_movement_company_currency as ledger_moved_company_currency,
            break.first_document as break_document,
            break.account_id
        from break
        left join marts.dim_company as company on break.company_id = company.company_id
        left join marts.dim_account as account on break.account_id = account.account_id
        order by abs(break.break_amount_reporting_currency) desc nulls last, break.date_day, break.account_id
        limit $most
        """,
        most=ROWS_LISTED,
        **filters,
    )


def bank_lines_of(account_id: str, day: str) -> pd.DataFrame:
    """One row per bank line of the day on the bank accounts that a ledger account follows; at most ROWS_LISTED."""
    return query(
        """
        select
            movement.booking_date,
            movement.amount_bank_currency as bank_line_amount,
            movement.currency,
            movement.counterparty_name as bank_counterparty,
            movement.reference as payment_reference,
            movement.statement_number,
            own.name as bank_account
        from marts.fct_bank_movement as movement
        join marts.dim_bank_account as own on movement.bank_account_id = own.bank_account_id
        where own.account_id = $account_id and movement.booking_date = $day::date
        order by abs(movement.amount_bank_currency) desc, movement.bank_movement_id
        limit $most
        """,
        account_id=account_id,
        day=day,
        most=ROWS_LISTED,
    )


def journal_lines_of(account_id: str, day: str) -> pd.DataFrame:
    """One row per journal line that the ERP posted to the account on the day; at most ROWS_LISTED."""
    return query(
        """
        select
            line.posting_date as entry_day,
            line.entry_number,
            line.debit_company_currency as entry_debit_company_currency,
            line.credit_company_currency as entry_credit_company_currency,
            line.description as entry_text
        from marts.fct_journal_line as line
        where line.account_id = $account_id and line.posting_date = $day::date and line.origin = 'erp'
        order by line.entry_number, line.journal_line_id
        limit $most
        """,
        account_id=account_id,
        day=day,
        most=ROWS_LISTED,
    )


def running_balances(account_id: str) -> pd.DataFrame:
    """Two lines over the days of an account (columns line: bank or ledger, day, balance), added up from the first day.

    The bank's side has the revaluations and roundings in it that only the books know, so that the distance of the two
    lines is what is open.
    """
    return query(
        """
        with moved as (
            select
                date_day,
                sum(bank_movement_company_currency + revaluation_company_currency + rate_rounding_company_currency)
                    over (order by date_day) as bank,
                sum(ledger_movement_company_currency) over (order by date_day) as ledger
            from marts.fct_bank_reconciliation_daily
            where account_id = $account_id
        )
        select 'bank' as line, date_day as day, bank::decimal(38, 2) as balance from moved
        union all
        select 'ledger', date_day, ledger::decimal(38, 2) from moved
        order by line, day
        """,
        account_id=account_id,
    )


def statement_totals(company_id: str | None) -> pd.DataFrame:
    """One row: files that were rejected, and places where the sequence of statements has a gap."""
    return query(
        """
        select
            (
                select count(*) from marts.fct_bank_statement_file
                where state = 'rejected' and ($company_id is null or company_id = $company_id)
            ) as rejected,
            (
                select count(*) from marts.fct_bank_statement
                where sequence_state in ('balance_gap', 'number_gap')
                    and ($company_id is null or company_id = $company_id)
            ) as gaps
        """,
        company_id=company_id,
    )


def rejected_files(company_id: str | None) -> pd.DataFrame:
    """One row per file that was left out, by name, with the reason; at most ROWS_LISTED."""
    return query(
        """
        select statement_file, line_number as file_line, reason as file_reason
        from marts.fct_bank_statement_file
        where state = 'rejected' and ($company_id is null or company_id = $company_id)
        order by statement_file
        limit $most
        """,
        company_id=company_id,
        most=ROWS_LISTED,
    )


def statement_files(company_id: str | None) -> pd.DataFrame:
    """One row per file, rejected and repeated ones first, then the newest; at most ROWS_LISTED."""
    return query(
        """
        select
            file.state as file_state,
            file.statement_file,
            company.name as company,
            file.first_date as file_first_date,
            file.last_date as file_last_date,
            file.statement_count,
            file.entry_count as bank_line_count
        from marts.fct_bank_statement_file as file
        left join marts.dim_company as company on file.company_id = company.company_id
        where $company_id is null or file.company_id = $company_id
        order by
            case file.state when 'rejected' then 0 when 'repeated' then 1 else 2 end,
            file.last_date desc nulls first,
            file.statement_file
        limit $most
        """,
        company_id=company_id,
        most=ROWS_LISTED,
    )


def sequence_gaps(company_id: str | None) -> pd.DataFrame:
    """One row per statement that does not follow the one before it, the newest first; at most ROWS_LISTED."""
    return query(
        """
        select
            company.name as company,
            account.name as bank_account,
            statement.sequence_state,
            statement.previous_statement_date,
            statement.statement_date as statement_closed_on,
            statement.statement_number,
            statement.missing_statement_count,
            statement.previous_closing_balance_bank_currency,
            statement.opening_balance_bank_currency,
            statement.currency
        from marts.fct_bank_statement as statement
        left join marts.dim_company as company on statement.company_id = company.company_id
        left join marts.dim_bank_account as account on statement.bank_account_id = account.bank_account_id
        where statement.sequence_state in ('balance_gap', 'number_gap', 'unknown_account')
            and ($company_id is null or statement.company_id = $company_id)
        order by statement.statement_date desc, statement.bank_statement_id
        limit $most
        """,
        company_id=company_id,
        most=ROWS_LISTED,
    )
