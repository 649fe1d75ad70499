with line as (
    select * from {{ source('erp_global', 'purchase_order_lines') }}
),

header as (
    select * from {{ source('erp_global', 'purchase_orders') }}
)

select
    line._source || ':' || line.id::varchar as order_line_id,
    line._source || ':' || line.purchase_order_id::varchar as order_id,
    header.order_number::varchar as order_number,
    line._source || ':' || header.company_id::varchar as company_id,
    (line._source || ':' || header.partner_id::varchar)::varchar as supplier_id,
    (line._source || ':' || line.product_id::varchar)::varchar as product_id,
    line.product_id is null as is_service,
    header.ordered_on::date as order_date,
    header.expected_on::date as promised_date,
    header.currency_code::varchar as document_currency,
    line.quantity::decimal(18, 6) as quantity,
    line.unit_price::decimal(18, 6) as unit_price_document_currency,
    line.net_amount::decimal(18, 4) as net_amount_document_currency,
    header.requested_by::varchar as requested_by,
    header.approved_by::varchar as approved_by,
    header.approved_at::timestamp as approved_at,
    line._source::varchar as source_system,
    line.id::varchar as source_key
from line
inner join header on line.purchase_order_id = header.id and line._source = header._source
