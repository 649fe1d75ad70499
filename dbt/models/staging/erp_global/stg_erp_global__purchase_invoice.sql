with

document as (
    select * from {{ source('erp_global', 'supplier_documents') }}
)

select
    _source || ':' || id as invoice_id,
    document_number::varchar as invoice_number,
    supplier_reference::varchar as reference,
    'invoice' as kind,
    _source || ':' || company_id as company_id,
    _source || ':' || partner_id as supplier_id,
    document_date::date as invoice_date,
    currency_code::varchar as document_currency,
    net_total::decimal(18, 4) as net_amount_document_currency,
    tax_total::decimal(18, 4) as tax_amount_document_currency,
    false as is_disputed,
    _source::varchar as source_system,
    id::varchar as source_key
from document
where state = 'posted'
