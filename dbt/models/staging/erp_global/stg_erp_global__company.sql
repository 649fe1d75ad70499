with company as (
    select * from {{ source('erp_global', 'companies') }}
)

select
    _source || ':' || id::varchar as company_id,
    code::varchar as code,
    name::varchar as name,
    currency_code::varchar as currency,
    country_code::varchar as country,
    nullif(tax_number, '')::varchar as tax_identifier,
    6::integer as rate_decimals,
    _source::varchar as source_system,
    id::varchar as source_key
from company
