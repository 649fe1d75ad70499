with payroll as (
    select
        *,
        company_code || ':' || employee_number as employee_key,
        max(period) over (partition by _source, company_code) as last_period
    from {{ source('hr_payroll', 'payroll') }}
),

latest as (
    select * from payroll
    qualify row_number() over (partition by _source, employee_key order by period desc) = 1
)

select
    _source || ':' || employee_key as employee_id,
    company_code::varchar as company_code,
    employee_name::varchar as name,
    department::varchar as department,
    replace(bank_account, ' ', '')::varchar as bank_account_number,
    (period = last_period)::boolean as is_active,
    _source::varchar as source_system,
    employee_key::varchar as source_key
from latest
