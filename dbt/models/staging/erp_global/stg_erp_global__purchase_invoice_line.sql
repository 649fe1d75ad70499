with line as (
    select * from {{ source('erp_global', 'supplier_document_lines') }}
),

document as (
    select
        _source,
        id,
        company_id
    from {{ source('erp_global', 'supplier_documents') }}
    where state = 'posted'
)

select
    line._source || ':' || line.id::varchar as invoice_line_id,
    line._source || ':' || line.document_id::varchar as invoice_id,
    line._source || ':' || document.company_id::varchar as company_id,
    (line._source || ':' || line.product_id::varchar)::varchar as product_id,
    line.line_text::varchar as description,
    (line._source || ':' || line.account_id::varchar)::varchar as account_id,
    line.quantity::decimal(18, 6) as quantity,
    line.unit_price::decimal(18, 6) as unit_price_document_currency,
    line.net_amount::decimal(18, 4) as net_amount_document_currency,
    line.tax_amount::decimal(18, 4) as tax_amount_document_currency,
    line.net_amount_base::decimal(18, 4) as net_amount_company_currency,
    line.tax_amount_base::decimal(18, 4) as tax_amount_company_currency,
    line.tax_rate::decimal(28, 12) as tax_rate,
    (line._source || ':' || line.tax_account_id::varchar)::varchar as tax_account_id,
    (line._source || ':' || line.purchase_order_line_id::varchar)::varchar as order_line_id,
    line._source::varchar as source_system,
    line.id::varchar as source_key
from line
inner join document on line.document_id = document.id and line._source = document._source
