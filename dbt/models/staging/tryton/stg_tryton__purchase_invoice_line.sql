with document_line as (
    select * from {{ ref('base_tryton__document_line') }}
    where side = 'payable'
),

invoice_line as (
    select * from {{ source('tryton', 'account_invoice_line') }}
)

select
    document_line._source || ':' || document_line.document_key || ':'
    || coalesce(document_line.line::varchar, 'tax') as invoice_line_id,
    document_line._source || ':' || document_line.document_key as invoice_id,
    document_line._source || ':' || document_line.company::varchar as company_id,
    (invoice_line._source || ':' || invoice_line.product::varchar)::varchar as product_id,
    invoice_line.description::varchar as description,
    (invoice_line._source || ':' || invoice_line.account::varchar)::varchar as account_id,
    (document_line.factor * coalesce(invoice_line.quantity, 0))::decimal(18, 6) as quantity,
    invoice_line.unit_price::decimal(18, 6) as unit_price_document_currency,
    document_line.net_amount::decimal(18, 4) as net_amount_document_currency,
    document_line.tax_amount::decimal(18, 4) as tax_amount_document_currency,
    document_line.net_amount_company_currency::decimal(18, 4) as net_amount_company_currency,
    document_line.tax_amount_company_currency::decimal(18, 4) as tax_amount_company_currency,
    document_line.tax_rate::decimal(28, 12) as tax_rate,
    (document_line._source || ':' || document_line.tax_account::varchar)::varchar as tax_account_id,
    case
        when invoice_line.origin like 'purchase.line,%' and invoice_line.origin not like '%,-%'
            then invoice_line._source || ':' || invoice_line.origin
    end::varchar as order_line_id,
    document_line._source::varchar as source_system,
    (document_line.document_key || ':' || coalesce(document_line.line::varchar, 'tax'))::varchar as source_key
from document_line
left join invoice_line on document_line.line = invoice_line.id and document_line._source = invoice_line._source
