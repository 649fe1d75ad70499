select
    company.company_id,
    company.code,
    {{ as_decided('company', 'name') }},
    company.currency,
    {{ as_decided('company', 'country') }},
    {{ as_decided('company', 'tax_identifier') }},
    company.source_system,
    company.source_key
from {{ ref('int_company') }} as company
