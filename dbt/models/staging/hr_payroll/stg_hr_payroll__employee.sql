with

payroll as (
    select * from {{ source('hr_payroll', 'payroll') }}
),

last_period as (
    select
        _source,
        company_code,
        max(period) as period
    from payroll
    group by _source, company_code
),

newest as (
    select *
    from payroll
    qualify row_number() over (partition by _source, company_code, employee_number order by period desc) = 1
)

select
    newest._source || ':' || newest.company_code || ':' || newest.employee_number as employee_id,
    newest.company_code::varchar as company_code,
    newest.employee_name::varchar as name,
    newest.department::varchar as department,
    newest.bank_account::varchar as bank_account_number,
    newest.period = last_period.period as is_active,
    newest._source::varchar as source_system,
    newest.company_code || ':' || newest.employee_number as source_key
from newest
inner join last_period on newest._source = last_period._source and newest.company_code = last_period.company_code
