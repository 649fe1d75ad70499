with line as (
    select * from {{ source('erp_global', 'shipment_lines') }}
),

header as (
    select * from {{ source('erp_global', 'shipments') }}
)

select
    line._source || ':' || line.id::varchar as shipment_line_id,
    line._source || ':' || line.shipment_id::varchar as shipment_id,
    header.shipment_number::varchar as shipment_number,
    line._source || ':' || line.sales_order_line_id::varchar as order_line_id,
    line._source || ':' || header.company_id::varchar as company_id,
    (line._source || ':' || line.product_id::varchar)::varchar as product_id,
    header.shipped_on::date as shipment_date,
    line.quantity::decimal(18, 6) as quantity,
    line._source::varchar as source_system,
    line.id::varchar as source_key
from line
inner join header on line.shipment_id = header.id and line._source = header._source
