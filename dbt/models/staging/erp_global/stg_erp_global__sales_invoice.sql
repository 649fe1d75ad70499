with

document as (
    select * from {{ source('erp_global', 'customer_documents') }}
)

select
    _source || ':' || id as invoice_id,
    document_number::varchar as invoice_number,
    cast(null as varchar) as reference,
    case when document_type = 'CRN' then 'credit_note' else 'invoice' end as kind,
    _source || ':' || company_id as company_id,
    _source || ':' || partner_id as customer_id,
    document_date::date as invoice_date,
    currency_code::varchar as document_currency,
    net_total::decimal(18, 4) as net_amount_document_currency,
    tax_total::decimal(18, 4) as tax_amount_document_currency,
    dispute_code is not null as is_disputed,
    _source::varchar as source_system,
    id::varchar as source_key
from document
where state = 'posted'
