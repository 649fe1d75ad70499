with

rate as (
    select * from {{ source('erp_china', 't_huilv') }}
)

-- The source says how many CNY one unit costs; the contract wants units for one CNY.
select
    _source || ':' || bizhong || ':' || riqi as exchange_rate_id,
    bizhong::varchar as currency,
    riqi::date as rate_date,
    (1 / huilv)::decimal(28, 12) as units_per_base,
    _source::varchar as source_system,
    bizhong || ':' || riqi as source_key
from rate
where huilv > 0
