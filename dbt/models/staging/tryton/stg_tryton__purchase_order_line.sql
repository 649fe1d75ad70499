-- Drafts and quotations bind nobody; what was cancelled is not delivered.
with header as (
    select * from {{ source('tryton', 'purchase_purchase') }}
    where state in ('confirmed', 'processing', 'done')
),

line as (
    select * from {{ source('tryton', 'purchase_line') }}
    where coalesce(type, 'line') = 'line'
),

product as (
    select * from {{ source('tryton', 'product_product') }}
),

template as (
    select * from {{ source('tryton', 'product_template') }}
),

currency as (
    select * from {{ source('tryton', 'currency_currency') }}
)

select
    line._source || ':purchase.line,' || line.id::varchar as order_line_id,
    line._source || ':' || header.id::varchar as order_id,
    coalesce(header.number, header.id::varchar)::varchar as order_number,
    line._source || ':' || header.company::varchar as company_id,
    (line._source || ':' || header.party::varchar)::varchar as supplier_id,
    (line._source || ':' || line.product::varchar)::varchar as product_id,
    coalesce(template.type, 'service') = 'service' as is_service,
    coalesce(header.purchase_date, header.create_date::date)::date as order_date,
    header.delivery_date::date as promised_date,
    currency.code::varchar as document_currency,
    coalesce(line.quantity, 0)::decimal(18, 6) as quantity,
    coalesce(line.unit_price, 0)::decimal(18, 6) as unit_price_document_currency,
    coalesce(round(line.quantity::decimal(15, 4) * line.unit_price::decimal(15, 6), 2), 0)::decimal(18, 4)
        as net_amount_document_currency,
    null::varchar as requested_by,
    null::varchar as approved_by,
    null::timestamp as approved_at,
    line._source::varchar as source_system,
    line.id::varchar as source_key
from line
inner join header on line.purchase = header.id and line._source = header._source
left join currency on header.currency = currency.id and header._source = currency._source
left join product on line.product = product.id and line._source = product._source
left join template on product.template = template.id and product._source = template._source
