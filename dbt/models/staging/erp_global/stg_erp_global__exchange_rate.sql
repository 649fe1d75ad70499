with rate as (
    select * from {{ source('erp_global', 'exchange_rates') }}
)

select
    _source || ':' || id::varchar as exchange_rate_id,
    currency_code::varchar as currency,
    'spot'::varchar as rate_type,
    valid_from::date as rate_date,
    units_per_eur::decimal(28, 12) as units_per_base,
    _source::varchar as source_system,
    id::varchar as source_key
from rate
