with

posting as (
    select *
    from {{ ref('int_journal_line') }} as line
    where posting_date <= {{ as_of() }} and {{ not_quarantined('journal_line', 'line.journal_line_id') }}
),

-- One row per day first: there are few days and many postings.
posting_of_day as (
    select
        company_id,
        account_id,
        posting_date,
        sum(debit_company_currency) as debit,
        sum(credit_company_currency) as credit
    from posting
    group by company_id, account_id, posting_date
),

posting_of_period as (
    select
        posting.company_id,
        posting.account_id,
        period.start_date,
        sum(posting.debit) as debit,
        sum(posting.credit) as credit
    from posting_of_day as posting
    inner join {{ ref('int_ledger_period') }} as period
        on
            posting.company_id = period.company_id
            and posting.posting_date >= period.posted_from
            and posting.posting_date < period.posted_before
    group by posting.company_id, posting.account_id, period.start_date
),

used_account as (
    select distinct
        company_id,
        account_id
    from posting_of_period
),

-- Every account in every period, also where nothing was posted.
every_period as (
    select
        used_account.company_id,
        used_account.account_id,
        period.fiscal_year,
        period.fiscal_period,
        period.start_date,
        period.end_date,
        coalesce(posting.debit, 0) as debit,
        coalesce(posting.credit, 0) as credit
    from used_account
    inner join {{ ref('int_ledger_period') }} as period on used_account.company_id = period.company_id
    left join posting_of_period as posting
        on
            used_account.company_id = posting.company_id
            and used_account.account_id = posting.account_id
            and period.start_date = posting.start_date
),

running as (
    select
        *,
        sum(debit - credit) over (
            partition by company_id, account_id order by start_date rows between unbounded preceding and current row
        ) as closing
    from every_period
)

select
    running.company_id,
    running.account_id,
    running.fiscal_year,
    running.fiscal_period,
    running.start_date as period_start,
    running.end_date as period_end,
    company.currency,
    cast(running.closing - running.debit + running.credit as decimal(18, 4)) as opening,
    cast(running.debit as decimal(18, 4)) as debit,
    cast(running.credit as decimal(18, 4)) as credit,
    cast(running.closing as decimal(18, 4)) as closing,
    account.source_system,
    account.source_key
from running
left join {{ ref('int_company') }} as company on running.company_id = company.company_id
left join {{ ref('int_account') }} as account on running.account_id = account.account_id
