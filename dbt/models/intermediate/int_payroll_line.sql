with

payroll as (
    {{ union_staging('payroll_line', [
        'payroll_line_id', 'company_code', 'employee_id', 'pay_date', 'element', 'currency',
        'amount_company_currency', 'source_system', 'source_key'
    ]) }}
),

company as (
    {{ company_by_code() }}
)

select
    payroll.*,
    company.company_id
from payroll
left join company on payroll.company_code = company.code
