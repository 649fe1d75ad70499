with line as (
    select * from {{ source('erp_global', 'goods_receipt_lines') }}
),

header as (
    select * from {{ source('erp_global', 'goods_receipts') }}
)

select
    line._source || ':' || line.id::varchar as goods_receipt_line_id,
    line._source || ':' || line.goods_receipt_id::varchar as goods_receipt_id,
    header.receipt_number::varchar as receipt_number,
    line._source || ':' || line.purchase_order_line_id::varchar as order_line_id,
    line._source || ':' || header.company_id::varchar as company_id,
    (line._source || ':' || line.product_id::varchar)::varchar as product_id,
    header.received_on::date as receipt_date,
    line.quantity::decimal(18, 6) as quantity,
    line._source::varchar as source_system,
    line.id::varchar as source_key
from line
inner join header on line.goods_receipt_id = header.id and line._source = header._source
