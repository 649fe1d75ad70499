select
    account_id,
    company_id,
    code,
    name,
    type,
    control,
    purpose,
    source_system,
    source_key
from {{ ref('int_account') }}
