with

-- What came in: what was applied to receivables, and what was received and is not applied yet (a negative receivable).
-- The exchange gain is the money above the amount at the booked rate.
moved as (
    select
        company_id,
        'receipts' as flow,
        settlement_date as moved_on,
        amount_company_currency + exchange_difference_company_currency as amount
    from {{ ref('fct_receivable_settlement') }}
    where kind = 'payment'
    union all
    select
        company_id,
        'receipts' as flow,
        posting_date as moved_on,
        -amount_company_currency as amount
    from {{ ref('fct_receivable') }}
    where kind = 'unapplied_cash'
    union all
    select
        company_id,
        'supplier_payments' as flow,
        settlement_date as moved_on,
        exchange_difference_company_currency - amount_company_currency as amount
    from {{ ref('fct_payable_settlement') }}
    where kind = 'payment'
    union all
    select
        company_id,
        'supplier_payments' as flow,
        posting_date as moved_on,
        amount_company_currency as amount
    from {{ ref('fct_payable') }}
    where kind = 'unapplied_cash'
    union all
    -- A bill is money when it is discounted or falls due.
    select
        company_id,
        case direction when 'receivable' then 'receipts' else 'supplier_payments' end as flow,
        event_date as moved_on,
        case direction
            when 'receivable' then amount_company_currency - fee_amount_company_currency
            else -amount_company_currency
        end as amount
    from {{ ref('fct_note_event') }}
    where event in ('discounted', 'matured') and direction is not null
    union all
    -- Taxes and contributions are taken to leave with the pay.
    select
        company_id,
        'payroll' as flow,
        pay_date as moved_on,
        case
            when element in ('net', 'employer_contribution') then -amount_company_currency
            else amount_company_currency
        end as amount
    from {{ ref('fct_payroll_line') }}
    where element in ('net', 'employer_contribution', 'income_tax', 'employee_contribution')
),

explained as (
    select
        company_id,
        flow,
        {{ first_of('week', 'moved_on') }} as week_start,
        sum(amount) as amount
    from moved
    where moved_on <= {{ as_of() }}
    group by company_id, flow, {{ first_of('week', 'moved_on') }}
),

bank_week as (
    select
        movement.company_id,
        {{ first_of('week', 'movement.value_date') }} as week_start,
        sum({{ converted('movement.amount_bank_currency', '(account.rate_to_reporting / books.rate_to_reporting)') }})
            as amount,
        count(*) filter (
            where account.rate_to_reporting is null or books.rate_to_reporting is null
        ) as movements_without_rate
    from {{ ref('fct_bank_movement') }} as movement
    inner join {{ ref('dim_company') }} as company on movement.company_id = company.company_id
    left join {{ ref('int_reporting_rate') }} as account
        on
            company.source_system = account.source_system
            and movement.currency = account.currency
            and movement.value_date = account.date_day
    left join {{ ref('int_reporting_rate') }} as books
        on
            company.source_system = books.source_system
            and company.currency = books.currency
            and movement.value_date = books.date_day
    where movement.value_date <= {{ as_of() }}
    group by movement.company_id, {{ first_of('week', 'movement.value_date') }}
),

-- Where statements are read, what the bank moved beyond the flows above: with it a week adds up to the bank.
unexplained as (
    select
        bank_week.company_id,
        'other' as flow,
        bank_week.week_start,
        bank_week.amount - coalesce(sum(explained.amount), 0) as amount
    from bank_week
    left join explained
        on bank_week.company_id = explained.company_id and bank_week.week_start = explained.week_start
    where bank_week.movements_without_rate = 0
    group by bank_week.company_id, bank_week.week_start, bank_week.amount
),

flow as (
    select * from explained
    union all
    select * from unexplained
)

select
    flow.company_id,
    company.currency,
    flow.flow,
    flow.week_start,
    cast(flow.amount as decimal(18, 4)) as amount_company_currency,
    company.source_system,
    company.source_key
from flow
inner join {{ ref('dim_company') }} as company on flow.company_id = company.company_id
where flow.amount <> 0
