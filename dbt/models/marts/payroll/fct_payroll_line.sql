select
    line.payroll_line_id,
    line.company_id,
    line.employee_id,
    line.pay_date,
    line.element,
    line.currency,
    line.amount_company_currency,
    {{ converted('line.amount_company_currency', 'rate.rate_to_reporting') }} as amount_reporting_currency,
    line.source_system,
    line.source_key
from {{ ref('int_payroll_line') }} as line
left join {{ ref('int_company') }} as company on line.company_id = company.company_id
left join {{ ref('int_reporting_rate') }} as rate
    on
        company.source_system = rate.source_system
        and company.currency = rate.currency
        and line.pay_date = rate.date_day
where {{ not_quarantined('payroll_line', 'line.payroll_line_id') }}
