with

document as (
    select * from {{ source('erp_global', 'customer_documents') }}
),

line as (
    select * from {{ source('erp_global', 'customer_document_lines') }}
)

select
    line._source || ':' || line.id as invoice_line_id,
    line._source || ':' || line.document_id as invoice_id,
    line._source || ':' || document.company_id as company_id,
    line._source || ':' || line.product_id as product_id,
    line.line_text::varchar as description,
    line._source || ':' || line.account_id as account_id,
    line.quantity::decimal(18, 6) as quantity,
    line.unit_price::decimal(18, 6) as unit_price_document_currency,
    line.net_amount::decimal(18, 4) as net_amount_document_currency,
    line.tax_amount::decimal(18, 4) as tax_amount_document_currency,
    line.net_amount_base::decimal(18, 4) as net_amount_company_currency,
    line.tax_amount_base::decimal(18, 4) as tax_amount_company_currency,
    line._source || ':' || line.sales_order_line_id as order_line_id,
    line.cost_base::decimal(18, 4) as cost_amount_company_currency,
    cast(null as varchar) as region,
    cast(null as varchar) as channel,
    cast(null as varchar) as salesperson_id,
    line._source::varchar as source_system,
    line.id::varchar as source_key
from line
inner join document on line._source = document._source and line.document_id = document.id
where document.state = 'posted'
