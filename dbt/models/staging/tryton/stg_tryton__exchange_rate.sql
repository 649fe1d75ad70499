with rate as (
    select * from {{ source('tryton', 'currency_currency_rate') }}
),

currency as (
    select * from {{ source('tryton', 'currency_currency') }}
)

-- A rate without a date holds from the beginning.
select
    rate._source || ':' || rate.id::varchar as exchange_rate_id,
    currency.code::varchar as currency,
    'spot'::varchar as rate_type,
    coalesce(rate.date, '1970-01-01'::date)::date as rate_date,
    rate.rate::decimal(28, 12) as units_per_base,
    rate._source::varchar as source_system,
    rate.id::varchar as source_key
from rate
inner join currency on rate.currency = currency.id and rate._source = currency._source
where rate.rate > 0
