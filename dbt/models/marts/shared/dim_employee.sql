select
    employee_id,
    company_id,
    company_code,
    name,
    department,
    is_active,
    source_system,
    source_key
from {{ ref('int_employee') }}
