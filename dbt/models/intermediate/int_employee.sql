with

employee as (
    {{ union_staging('employee', [
        'employee_id', 'company_code', 'name', 'department', 'bank_account_number', 'is_active', 'source_system',
        'source_key'
    ]) }}
),

company as (
    {{ company_by_code() }}
)

select
    employee.*,
    company.company_id
from employee
left join company on employee.company_code = company.code
