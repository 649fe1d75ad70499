with product as (
    select * from {{ source('erp_china', 't_wuliao') }}
)

select
    _source || ':' || wlbm as product_id,
    wlbm::varchar as code,
    wlmc::varchar as name,
    wllb::varchar as category,
    jldw::varchar as unit,
    bzsj::decimal(18, 6) as list_price,
    bzcb::decimal(18, 6) as cost_price,
    (not coalesce(tingyong, false))::boolean as is_active,
    _source::varchar as source_system,
    wlbm::varchar as source_key
from product
