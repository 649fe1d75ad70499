{# Companies by the code that other systems name them by. Where two systems have a company of that code, one stands for
   it, always the same one. #}
{% macro company_by_code() -%}
select
    company_id,
    code,
    currency,
    source_system
from {{ ref('int_company') }}
where code is not null
qualify row_number() over (partition by code order by company_id) = 1
{%- endmacro %}
