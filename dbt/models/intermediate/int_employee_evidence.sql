select
    employee_id,
    max(pay_date) as last_pay_date
from {{ ref('int_payroll_line') }}
where employee_id is not null and pay_date <= {{ as_of() }}
group by employee_id
