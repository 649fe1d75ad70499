with

payroll as (
    select * from {{ source('hr_payroll', 'payroll') }}
),

element as (
    select
        *,
        'gross' as element,
        gross as amount
    from payroll
    union all
    select
        *,
        'employer_contribution' as element,
        employer_contribution as amount
    from payroll
    union all
    select
        *,
        'income_tax' as element,
        -income_tax as amount
    from payroll
    union all
    select
        *,
        'employee_contribution' as element,
        -employee_contribution as amount
    from payroll
    union all
    select
        *,
        'net' as element,
        net_pay as amount
    from payroll
)

select
    _source || ':' || company_code || ':' || period || ':' || employee_number || ':' || element as payroll_line_id,
    company_code::varchar as company_code,
    _source || ':' || company_code || ':' || employee_number as employee_id,
    pay_date::date as pay_date,
    element::varchar as element,
    currency::varchar as currency,
    amount::decimal(18, 4) as amount_company_currency,
    _source::varchar as source_system,
    company_code || ':' || period || ':' || employee_number || ':' || element as source_key
from element
where amount is not null
