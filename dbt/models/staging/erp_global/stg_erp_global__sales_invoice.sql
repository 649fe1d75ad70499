with document as (
    select * from {{ source('erp_global', 'customer_documents') }}
    where state = 'posted'
)

select
    _source || ':' || id::varchar as invoice_id,
    document_number::varchar as invoice_number,
    null::varchar as reference,
    case document_type when 'CRN' then 'credit_note' else 'invoice' end::varchar as kind,
    _source || ':' || company_id::varchar as company_id,
    _source || ':' || partner_id::varchar as customer_id,
    document_date::date as invoice_date,
    currency_code::varchar as document_currency,
    net_total::decimal(18, 4) as net_amount_document_currency,
    tax_total::decimal(18, 4) as tax_amount_document_currency,
    (dispute_code is not null)::boolean as is_disputed,
    _source::varchar as source_system,
    id::varchar as source_key
from document
