select
    employee.employee_id,
    employee.company_id,
    employee.company_code,
    {{ as_decided('employee', 'name') }},
    {{ as_decided('employee', 'department') }},
    employee.is_active,
    employee.source_system,
    employee.source_key
from {{ ref('int_employee') }} as employee
