with

document as (
    {% for line, day in [
        ('int_sales_order_line', 'order_date'), ('int_purchase_order_line', 'order_date'),
        ('int_shipment_line', 'shipment_date'), ('int_goods_receipt_line', 'receipt_date'),
    ] %}
    select
        product_id,
        {{ day }} as document_date
    from {{ ref(line) }}
    union all
    {% endfor %}
    {% for side in ['sales', 'purchase'] %}
    select
        line.product_id,
        invoice.invoice_date as document_date
    from {{ ref('int_' ~ side ~ '_invoice_line') }} as line
    inner join {{ ref('int_' ~ side ~ '_invoice') }} as invoice on line.invoice_id = invoice.invoice_id
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    product_id,
    max(document_date) as last_document_date
from document
where product_id is not null and document_date <= {{ as_of() }}
group by product_id
