select
    company_id,
    code,
    name,
    currency,
    country,
    tax_identifier,
    source_system,
    source_key
from {{ ref('int_company') }}
