with

-- Ledger accounts that follow bank accounts of which statements are read.
followed as (
    select distinct
        account.company_id,
        account.account_id
    from {{ ref('dim_bank_account') }} as account
    inner join {{ ref('fct_bank_movement') }} as movement on account.bank_account_id = movement.bank_account_id
    where account.account_id is not null
),

-- Money whose only other side is an exchange difference has changed its value, and not moved.
revaluation as (
    select line.journal_entry_id
    from {{ erp_journal_line() }} as line
    inner join {{ ref('dim_account') }} as account on line.account_id = account.account_id
    where line.posting_date <= {{ as_of() }}
    group by line.journal_entry_id
    having
        bool_and(account.purpose in ('cash', 'exchange_difference'))
        and bool_or(account.purpose = 'exchange_difference')
),

booked as (
    select
        line.account_id,
        line.posting_date as moved_on,
        sum(line.debit_company_currency - line.credit_company_currency) as amount,
        sum(
            case
                when revaluation.journal_entry_id is null then 0
                else line.debit_company_currency - line.credit_company_currency
            end
        ) as revaluation,
        count(*) as lines,
        min(case when revaluation.journal_entry_id is null then line.entry_number end) as first_document
    from {{ erp_journal_line() }} as line
    inner join followed on line.account_id = followed.account_id
    left join revaluation on line.journal_entry_id = revaluation.journal_entry_id
    where line.posting_date <= {{ as_of() }}
    group by line.account_id, line.posting_date
),

-- Bank lines at the rate of their day.
banked as (
    select
        account.account_id,
        movement.booking_date as moved_on,
        sum(
            case
                when movement.currency = company.currency then movement.amount_bank_currency
                else {{ converted(
                    'movement.amount_bank_currency', '(bank.rate_to_reporting / rate.rate_to_reporting)'
                ) }}
            end
        ) as amount,
        count(*) as lines,
        count(*) filter (where movement.currency <> company.currency) as foreign_lines,
        min(movement.statement_number) as first_document
    from {{ ref('fct_bank_movement') }} as movement
    inner join {{ ref('dim_bank_account') }} as account on movement.bank_account_id = account.bank_account_id
    inner join {{ ref('int_company') }} as company on account.company_id = company.company_id
    {{ join_rate_of_day('movement.booking_date') }}
    left join {{ ref('int_reporting_rate') }} as bank
        on
            company.source_system = bank.source_system
            and movement.currency = bank.currency
            and movement.booking_date = bank.date_day
    where account.account_id is not null and movement.booking_date <= {{ as_of() }}
    group by account.account_id, movement.booking_date
),

day_by_day as (
    select
        coalesce(booked.account_id, banked.account_id) as account_id,
        coalesce(booked.moved_on, banked.moved_on) as moved_on,
        coalesce(booked.amount, 0) as booked,
        coalesce(booked.revaluation, 0) as revaluation,
        coalesce(banked.amount, 0) as banked,
        coalesce(banked.foreign_lines, 0) as foreign_lines,
        coalesce(booked.amount, 0) - coalesce(booked.revaluation, 0) - coalesce(banked.amount, 0) as difference,
        coalesce(banked.first_document, booked.first_document) as first_document
    from booked
    full outer join banked on booked.account_id = banked.account_id and booked.moved_on = banked.moved_on
),

-- An amount and its bank charge are rounded apart in the books: two cents at most for each foreign line. What is more
-- is a line that one side lacks.
explained as (
    select
        *,
        case when abs(difference) <= 0.02 * foreign_lines then difference else 0 end as rounding,
        case when abs(difference) <= 0.02 * foreign_lines then 0 else difference end as open_difference
    from day_by_day
)

select
    followed.company_id,
    followed.account_id,
    period.fiscal_year,
    period.fiscal_period,
    period.start_date as period_start,
    period.end_date as period_end,
    company.currency,
    cast(sum(explained.banked) as decimal(18, 4)) as bank_movement_company_currency,
    cast(sum(explained.revaluation) as decimal(18, 4)) as revaluation_company_currency,
    cast(sum(explained.rounding) as decimal(18, 4)) as rate_rounding_company_currency,
    cast(sum(explained.open_difference) as decimal(18, 4)) as open_difference_company_currency,
    cast(sum(explained.booked) as decimal(18, 4)) as ledger_movement_company_currency,
    count(*) filter (where explained.open_difference <> 0) as open_days,
    min(
        case
            when explained.open_difference <> 0
                then concat(cast(explained.moved_on as varchar), ' ', coalesce(explained.first_document, ''))
        end
    ) as first_open_document,
    account.source_system,
    account.source_key
from explained
inner join followed on explained.account_id = followed.account_id
inner join {{ ref('int_account') }} as account on explained.account_id = account.account_id
inner join {{ ref('int_company') }} as company on followed.company_id = company.company_id
inner join {{ ref('int_ledger_period') }} as period
    on
        followed.company_id = period.company_id
        and explained.moved_on >= period.posted_from
        and explained.moved_on < period.posted_before
group by
    followed.company_id, followed.account_id, period.fiscal_year, period.fiscal_period, period.start_date,
    period.end_date, company.currency, account.source_system, account.source_key
