-- Prices include tax (含税单价).
with line as (
    select
        *,
        1 + coalesce(shuilv, 0) as with_tax
    from {{ source('erp_china', 't_xs_dingdan_mx') }}
),

header as (
    select * from {{ source('erp_china', 't_xs_dingdan') }}
)

select
    line._source || ':' || line.ddid::varchar || ':' || line.hh::varchar as order_line_id,
    line._source || ':' || line.ddid::varchar as order_id,
    header.ddh::varchar as order_number,
    line._source || ':' || header.gsdm as company_id,
    (line._source || ':' || header.khbm)::varchar as customer_id,
    (line._source || ':' || line.wlbm)::varchar as product_id,
    false as is_service,
    header.ddrq::date as order_date,
    header.jhrq::date as promised_date,
    header.bizhong::varchar as document_currency,
    line.sl::decimal(18, 6) as quantity,
    round(line.hsdj::double / line.with_tax, 6)::decimal(18, 6) as unit_price_document_currency,
    round(line.jshj::double / line.with_tax, 2)::decimal(18, 4) as net_amount_document_currency,
    line._source::varchar as source_system,
    (line.ddid::varchar || ':' || line.hh::varchar)::varchar as source_key
from line
inner join header on line.ddid = header.ddid and line._source = header._source
