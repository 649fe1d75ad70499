with

employee as (
    {{ union_staging('employee', [
        'employee_id', 'company_code', 'name', 'department', 'bank_account_number', 'is_active', 'source_system',
        'source_key'
    ]) }}
),

-- HR names companies by code; where two systems have a company of that code, one stands for it, always the same one.
company as (
    select
        company_id,
        code
    from {{ ref('int_company') }}
    where code is not null
    qualify row_number() over (partition by code order by company_id) = 1
)

select
    employee.*,
    company.company_id
from employee
left join company on employee.company_code = company.code
