select
    company.company_id,
    company.code,
    {{ as_decided('company', 'name') }},
    company.currency,
    {{ as_decided('company', 'country') }},
    {{ as_decided('company', 'tax_identifier') }},
    cast(
        case company.company_id
            {% for company_id in var('company_cash_floors', {}) -%}
            when '{{ company_id | replace("'", "''") }}' then {{ var('company_cash_floors')[company_id] }}
            {% endfor -%}
            when '' then null
        end as decimal(18, 4)
    ) as cash_floor_company_currency,
    company.source_system,
    company.source_key
from {{ ref('int_company') }} as company
