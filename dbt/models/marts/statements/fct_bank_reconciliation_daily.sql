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
                    'movement.amount_bank_currency',
                    '(cast(bank.rate_to_reporting as double) / rate.rate_to_reporting)'
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
),

-- What customers paid into the account by the books of the day, and what of it is applied to open items by as_of.
receipt as (
    select
        payment.account_id,
        payment.payment_date as moved_on,
        sum(payment.amount_company_currency) as received
    from (
        select distinct
            payment_id,
            account_id,
            payment_date,
            amount_company_currency
        from {{ ref('int_payment') }}
        where direction = 'received' and payment_date <= {{ as_of() }}
    ) as payment
    group by payment.account_id, payment.payment_date
),

applied as (
    select
        payment.account_id,
        payment.payment_date as moved_on,
        sum(
            settlement.amount_company_currency + settlement.exchange_difference_company_currency
        ) as applied
    from {{ ref('fct_receivable_settlement') }} as settlement
    -- Money on account has a row of its own, which is taken back when it is applied.
    inner join {{ ref('int_receivable') }} as item
        on settlement.receivable_id = item.receivable_id and item.kind <> 'unapplied_cash'
    inner join {{ ref('int_receivable_settlement') }} as stated
        on settlement.receivable_settlement_id = stated.receivable_settlement_id
    inner join (
        select distinct
            payment_id,
            account_id,
            payment_date
        from {{ ref('int_payment') }}
    ) as payment on stated.payment_id = payment.payment_id
    where settlement.kind = 'payment' and settlement.settlement_date <= {{ as_of() }}
    group by payment.account_id, payment.payment_date
),

-- A difference that an equal one takes back within five days was on its way.
taken_back as (
    select distinct
        one.account_id,
        one.moved_on
    from explained as one
    inner join explained as other
        on
            one.account_id = other.account_id
            and one.open_difference = -other.open_difference
            and other.moved_on between {{ add_days('one.moved_on', -5) }} and {{ add_days('one.moved_on', 5) }}
    where one.open_difference <> 0
),

caused as (
    select
        explained.*,
        coalesce(receipt.received, 0) as received,
        coalesce(receipt.received, 0) - coalesce(applied.applied, 0) as unapplied,
        case
            when explained.open_difference = 0 and coalesce(receipt.received, 0) - coalesce(applied.applied, 0) >= 1
                then 'not_applied'
            when explained.open_difference = 0 then null
            when taken_back.account_id is not null then 'on_its_way'
            when explained.moved_on > {{ add_days(as_of(), -5) }} then 'young'
            when explained.booked = explained.revaluation then 'not_booked'
            when explained.banked = 0 then 'not_at_bank'
            else 'amounts_differ'
        end as cause
    from explained
    left join taken_back
        on explained.account_id = taken_back.account_id and explained.moved_on = taken_back.moved_on
    left join receipt on explained.account_id = receipt.account_id and explained.moved_on = receipt.moved_on
    left join applied on explained.account_id = applied.account_id and explained.moved_on = applied.moved_on
),

told as (
    select
        *,
        case when cause = 'not_applied' then unapplied when cause is null then 0 else open_difference end
            as break_amount
    from caused
)

select
    followed.company_id,
    told.account_id,
    told.moved_on as date_day,
    company.currency,
    cast(told.banked as decimal(18, 4)) as bank_movement_company_currency,
    cast(told.revaluation as decimal(18, 4)) as revaluation_company_currency,
    cast(told.rounding as decimal(18, 4)) as rate_rounding_company_currency,
    cast(told.open_difference as decimal(18, 4)) as open_difference_company_currency,
    cast(told.booked as decimal(18, 4)) as ledger_movement_company_currency,
    cast(told.received as decimal(18, 4)) as received_amount_company_currency,
    cast(told.unapplied as decimal(18, 4)) as unapplied_amount_company_currency,
    cast(told.break_amount as decimal(18, 4)) as break_amount_company_currency,
    {{ converted('told.break_amount', 'rate.rate_to_reporting') }} as break_amount_reporting_currency,
    told.first_document,
    told.cause,
    case when told.cause is not null then {{ days_between('told.moved_on', as_of()) }} end as age_days,
    case
        when told.cause = 'not_applied' then 'ar_accountant'
        when told.cause is not null then 'treasury'
    end as owner,
    account.source_system,
    account.source_key
from told
inner join followed on told.account_id = followed.account_id
inner join {{ ref('int_account') }} as account on told.account_id = account.account_id
inner join {{ ref('int_company') }} as company on followed.company_id = company.company_id
{{ join_rate_of_day('told.moved_on') }}
