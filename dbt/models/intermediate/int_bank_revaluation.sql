with

bank_account as (
    select
        account.bank_account_id,
        account.company_id,
        account.currency,
        account.account_id,
        company.currency as company_currency,
        company.rate_decimals,
        account.source_system,
        account.source_key
    from {{ ref('int_bank_account') }} as account
    inner join {{ ref('int_company') }} as company on account.company_id = company.company_id
    where
        account.currency <> company.currency
        and account.account_id is not null
        -- A ledger account that follows several bank accounts tells nothing about one of them.
        and not exists (
            select 1
            from {{ ref('int_bank_account') }} as other
            where other.account_id = account.account_id and other.bank_account_id <> account.bank_account_id
        )
),

month as (
    select distinct
        source_system,
        month_end
    from {{ ref('int_reporting_rate_monthly') }}
    where month_end <= {{ as_of() }}
),

revaluation_entry as (
    select distinct line.journal_entry_id
    from {{ ref('int_journal_line') }} as line
    inner join {{ ref('int_account') }} as account on line.account_id = account.account_id
    where account.control = 'unrealised_exchange'
),

-- What the books carry without revaluations, and what the ERP revalued so far.
posting as (
    select
        line.account_id,
        line.posting_date,
        sum(
            case
                when revaluation_entry.journal_entry_id is null
                    then line.debit_company_currency - line.credit_company_currency
                else 0
            end
        ) as booked,
        sum(
            case
                when revaluation_entry.journal_entry_id is not null
                    then line.debit_company_currency - line.credit_company_currency
                else 0
            end
        ) as revalued
    from {{ ref('int_journal_line') }} as line
    left join revaluation_entry on line.journal_entry_id = revaluation_entry.journal_entry_id
    where
        line.account_id in (select account_id from bank_account)
        and {{ not_quarantined('journal_line', 'line.journal_line_id') }}
    group by line.account_id, line.posting_date
),

booked as (
    select
        bank_account.bank_account_id,
        month.month_end,
        sum(posting.booked) as booked,
        sum(posting.revalued) as posted
    from bank_account
    inner join {{ ref('int_company') }} as company on bank_account.company_id = company.company_id
    inner join month on company.source_system = month.source_system
    inner join posting on bank_account.account_id = posting.account_id and month.month_end >= posting.posting_date
    group by bank_account.bank_account_id, month.month_end
),

held as (
    select
        statement.bank_account_id,
        company.company_id,
        month.month_end,
        statement.closing_balance_bank_currency
    from {{ ref('int_bank_statement') }} as statement
    inner join {{ ref('int_company') }} as company on statement.company_id = company.company_id
    inner join month
        on company.source_system = month.source_system and statement.statement_date <= month.month_end
    where {{ not_quarantined('bank_statement', 'statement.bank_statement_id') }}
    qualify row_number() over (
        partition by statement.bank_account_id, month.month_end
        order by statement.statement_date desc, statement.statement_number desc, statement.bank_statement_id desc
    ) = 1
),

-- The month's closing rate, rounded as the books round rates.
rate as (
    select
        bank_account.bank_account_id,
        document.month_end,
        cast(
            {{ rounded_rate(
                '(cast(document.month_end_rate_to_reporting as double) / own.month_end_rate_to_reporting)',
                'coalesce(bank_account.rate_decimals, 12)'
            ) }} as decimal(20, 12)
        ) as rate_to_company
    from bank_account
    inner join {{ ref('int_company') }} as company on bank_account.company_id = company.company_id
    inner join {{ ref('int_reporting_rate_monthly') }} as document
        on company.source_system = document.source_system and bank_account.currency = document.currency
    inner join {{ ref('int_reporting_rate_monthly') }} as own
        on
            company.source_system = own.source_system
            and company.currency = own.currency
            and document.month_start = own.month_start
),

revalued as (
    select
        bank_account.*,
        held.month_end,
        held.closing_balance_bank_currency,
        coalesce(booked.booked, 0) as booked,
        coalesce(booked.posted, 0) as posted,
        round(held.closing_balance_bank_currency * rate.rate_to_company, 2) as wanted
    from bank_account
    inner join held on bank_account.bank_account_id = held.bank_account_id
    inner join rate on bank_account.bank_account_id = rate.bank_account_id and held.month_end = rate.month_end
    left join booked on bank_account.bank_account_id = booked.bank_account_id and held.month_end = booked.month_end
)

select
    bank_account_id,
    month_end,
    company_id,
    account_id,
    currency,
    company_currency,
    closing_balance_bank_currency,
    cast(booked as decimal(18, 4)) as booked_amount_company_currency,
    cast(posted as decimal(18, 4)) as posted_difference_company_currency,
    cast(wanted - booked as decimal(18, 4)) as difference_company_currency,
    -- What the month's entry has to bring: a difference of the month before that still stands is not booked again.
    cast(
        wanted - booked - lag(wanted - booked, 1, 0) over (partition by bank_account_id order by month_end)
        as decimal(18, 4)
    ) as change_company_currency,
    source_system,
    source_key
from revalued
