with line as (
    select * from {{ source('erp_china', 't_cg_ruku_mx') }}
),

header as (
    select * from {{ source('erp_china', 't_cg_ruku') }}
)

select
    line._source || ':' || line.rkid::varchar || ':' || line.hh::varchar as goods_receipt_line_id,
    line._source || ':' || line.rkid::varchar as goods_receipt_id,
    header.rkdh::varchar as receipt_number,
    line._source || ':' || line.ddid::varchar || ':' || line.ddhh::varchar as order_line_id,
    line._source || ':' || header.gsdm as company_id,
    (line._source || ':' || line.wlbm)::varchar as product_id,
    header.rkrq::date as receipt_date,
    line.sl::decimal(18, 6) as quantity,
    line._source::varchar as source_system,
    (line.rkid::varchar || ':' || line.hh::varchar)::varchar as source_key
from line
inner join header on line.rkid = header.rkid and line._source = header._source
