with

pay as (
    select
        company_id,
        employee_id,
        pay_date,
        currency,
        min(source_system) as source_system,
        min(source_key) as source_key,
        min(payroll_line_id) as payroll_line_id,
        sum(
            case
                when element in ('gross', 'income_tax', 'employee_contribution') then amount_company_currency
                else 0
            end
        ) as computed,
        sum(case when element = 'net' then amount_company_currency else 0 end) as net,
        sum(case when element = 'gross' then amount_company_currency else 0 end) as gross,
        sum(case when element = 'employer_contribution' then amount_company_currency else 0 end)
            as employer_contribution
    from {{ ref('int_payroll_line') }}
    where company_id is not null
    group by company_id, employee_id, pay_date, currency
),

employer_share as (
    select
        company_id,
        quantile_cont(cast(employer_contribution as double) / cast(gross as double), 0.5) as usual
    from pay
    where gross > 0
    group by company_id
    having count(*) >= 10
),

paid as (
    select
        pay.company_id,
        pay.pay_date,
        min(pay.source_system) as source_system,
        min(pay.source_key) as source_key,
        min(pay.payroll_line_id) as payroll_line_id,
        count(*) as employees,
        {{ listed('pay.employee_id') }} as employee_ids,
        sum(pay.net) as net
    from pay
    group by pay.company_id, pay.pay_date
),

-- Who was paid before and after, but not in between, and runs that come later than they always do.
turn as (
    select
        pay.company_id,
        pay.employee_id,
        pay.pay_date,
        run.number,
        min(pay.source_system) as source_system,
        min(pay.source_key) as source_key,
        min(pay.payroll_line_id) as payroll_line_id,
        lag(run.number) over (partition by pay.company_id, pay.employee_id order by run.number) as number_before
    from pay
    inner join (
        select
            company_id,
            pay_date,
            row_number() over (partition by company_id order by pay_date) as number
        from paid
    ) as run on pay.company_id = run.company_id and pay.pay_date = run.pay_date
    group by pay.company_id, pay.employee_id, pay.pay_date, run.number
),

skipped as (
    select
        turn.*,
        missed.pay_date as missed_date
    from turn
    left join (
        select distinct
            any_turn.company_id,
            any_turn.number,
            any_turn.pay_date
        from turn as any_turn
    ) as missed
        on
            turn.company_id = missed.company_id
            and turn.number_before < turn.number - 1
            and turn.number - 1 = missed.number
),

run_gap as (
    select
        *,
        quantile_cont(days, 0.5) over (partition by company_id) as usual_days
    from (
        select
            paid.*,
            {{ days_between('paid.date_before', 'paid.pay_date') }} as days
        from (
            select
                *,
                lag(pay_date) over (partition by company_id order by pay_date) as date_before
            from paid
        ) as paid
    ) as pay_run
),

-- The money left a bank account on the day or near it, in one sum.
compared as (
    select
        paid.*,
        exists (  -- noqa: LT01, LT06
            select 1
            from {{ ref('int_bank_movement') }} as movement
            where
                movement.company_id = paid.company_id
                and movement.amount_bank_currency = -paid.net
                and abs({{ days_between('movement.booking_date', 'paid.pay_date') }}) <= 5
        ) as is_at_bank
    from paid
)

select
    {{ warning(
        'pay_arithmetic', 'payroll_line', 'record.payroll_line_id', 'record.payroll_line_id',
        "concat('employee ', record.employee_id, ' on ', cast(record.pay_date as varchar), ': gross less deductions ', "
        ~ "cast(record.computed as varchar), ', net ', cast(record.net as varchar))"
    ) }}
from pay as record
where record.computed <> record.net

union all

select
    {{ warning(
        'employer_contribution_unusual', 'payroll_line', 'record.payroll_line_id', 'record.payroll_line_id',
        "concat('employee ', record.employee_id, ' on ', cast(record.pay_date as varchar), ': employer contribution ', "
        ~ "cast(record.employer_contribution as varchar), ' on gross ', cast(record.gross as varchar))"
    ) }}
from (
    select
        pay.*,
        employer_share.usual
    from pay
    inner join employer_share on pay.company_id = employer_share.company_id
) as record
where
    abs(cast(record.employer_contribution as double) - cast(record.gross as double) * record.usual)
    > 0.02 + 0.2 * cast(record.gross as double) * record.usual

union all

select
    {{ warning(
        'pay_currency_differs', 'payroll_line', 'record.payroll_line_id', 'record.payroll_line_id',
        "concat('employee ', record.employee_id, ' on ', cast(record.pay_date as varchar), ' is paid in ', "
        ~ "record.currency, ', the books are in ', record.currency_of_books)"
    ) }}
from (
    select
        pay.*,
        company.currency as currency_of_books
    from pay
    inner join {{ ref('int_company') }} as company on pay.company_id = company.company_id
) as record
where record.currency <> record.currency_of_books

union all

select
    {{ warning(
        'payroll_not_at_bank', 'payroll_line', 'record.payroll_line_id', 'record.payroll_line_id',
        "concat('payroll of ', record.company_id, ' on ', cast(record.pay_date as varchar), ': net pay ', "
        ~ "cast(record.net as varchar), ' of ', cast(record.employees as varchar), ' employees left no bank account')"
    ) }}
from (
    select
        *,
        count(*) over (partition by company_id) as days,
        sum(case when is_at_bank then 1 else 0 end) over (partition by company_id) as days_at_bank
    from compared
    where pay_date <= {{ add_days(as_of(), -3) }}
) as record
where not record.is_at_bank and record.days_at_bank * 10 >= record.days * 8

union all

select
    {{ warning(
        'employee_not_paid', 'payroll_line', 'record.payroll_line_id', 'record.payroll_line_id',
        "concat('employee ', record.employee_id, ' is paid on ', cast(record.pay_date as varchar), ' and before, but not on ', "
        ~ "cast(record.missed_date as varchar))"
    ) }}
from {{ rare_cases('skipped', 'missed_date is not null') }} as record

union all

select
    {{ warning(
        'pay_run_missing', 'payroll_line', 'record.payroll_line_id', 'record.payroll_line_id',
        "concat('no payroll of ', record.company_id, ' for ', substr(cast(" ~ add_days('record.date_before', 'cast(record.usual_days as integer)')
        ~ " as varchar), 1, 7), ', between ', cast(record.date_before as varchar), ' and ', "
        ~ "cast(record.pay_date as varchar), ': employees ', record.employee_ids)"
    ) }}
from {{ rare_cases('run_gap', 'days > 1.6 * usual_days') }} as record
