with

payroll as (
    {{ union_staging('payroll_line', [
        'payroll_line_id', 'company_code', 'employee_id', 'pay_date', 'element', 'currency',
        'amount_company_currency', 'source_system', 'source_key'
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
    payroll.*,
    company.company_id
from payroll
left join company on payroll.company_code = company.code
