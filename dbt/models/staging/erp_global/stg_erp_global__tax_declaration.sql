with declared as (
    select * from {{ source('erp_global', 'vat_return_lines') }}
)

select
    _source || ':' || id::varchar as tax_declaration_id,
    _source || ':' || company_id::varchar as company_id,
    period_start::date as period_start,
    period_end::date as period_end,
    lower(side)::varchar as direction,
    tax_rate::decimal(28, 12) as tax_rate,
    taxable_amount::decimal(18, 4) as base_amount_company_currency,
    tax_amount::decimal(18, 4) as tax_amount_company_currency,
    filed_on::date as filed_date,
    _source::varchar as source_system,
    id::varchar as source_key
from declared
