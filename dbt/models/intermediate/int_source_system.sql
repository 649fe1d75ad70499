{% for system in systems_with('company').split(',') -%}
select distinct
    source_system,
    '{{ system }}' as system
from {{ ref('stg_' ~ system ~ '__company') }}
{% if not loop.last %}union all
{% endif %}
{%- endfor %}
