with rate as (
    select
        *,
        bizhong || ':' || riqi::varchar as rate_key
    from {{ source('erp_china', 't_huilv') }}
    where huilv > 0
)

-- The ERP quotes CNY for one unit of the currency.
select
    _source || ':' || rate_key as exchange_rate_id,
    bizhong::varchar as currency,
    'spot'::varchar as rate_type,
    riqi::date as rate_date,
    (1 / huilv::double)::decimal(28, 12) as units_per_base,
    _source::varchar as source_system,
    rate_key::varchar as source_key
from rate
