{% for system in systems_with('supplier').split(',') -%}
select
    'supplier' as object,
    supplier_id as record_id,
    '{{ system }}' as system,
    code,
    name,
    tax_identifier,
    country,
    region,
    city,
    email,
    currency,
    payment_term_days,
    is_active,
    bank_account_number,
    changed_at,
    source_system,
    source_key
from {{ ref('stg_' ~ system ~ '__supplier') }}
{% if not loop.last %}union all
{% endif -%}
{% endfor %}
