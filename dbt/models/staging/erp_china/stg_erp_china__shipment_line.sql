with line as (
    select * from {{ source('erp_china', 't_xs_chuku_mx') }}
),

header as (
    select * from {{ source('erp_china', 't_xs_chuku') }}
)

select
    line._source || ':' || line.ckid::varchar || ':' || line.hh::varchar as shipment_line_id,
    line._source || ':' || line.ckid::varchar as shipment_id,
    header.ckdh::varchar as shipment_number,
    line._source || ':' || line.ddid::varchar || ':' || line.ddhh::varchar as order_line_id,
    line._source || ':' || header.gsdm as company_id,
    (line._source || ':' || line.wlbm)::varchar as product_id,
    header.ckrq::date as shipment_date,
    line.sl::decimal(18, 6) as quantity,
    line._source::varchar as source_system,
    (line.ckid::varchar || ':' || line.hh::varchar)::varchar as source_key
from line
inner join header on line.ckid = header.ckid and line._source = header._source
