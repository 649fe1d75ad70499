with document as (
    select * from {{ ref('base_tryton__document') }}
    where side = 'payable'
)

select
    _source || ':' || document_key as invoice_id,
    coalesce(number, document_key)::varchar as invoice_number,
    reference::varchar as reference,
    case when factor = -1 or net_amount + tax_amount < 0 then 'credit_note' else 'invoice' end::varchar as kind,
    _source || ':' || company::varchar as company_id,
    _source || ':' || party::varchar as supplier_id,
    coalesce(invoice_date, posting_date)::date as invoice_date,
    currency_code::varchar as document_currency,
    net_amount::decimal(18, 4) as net_amount_document_currency,
    tax_amount::decimal(18, 4) as tax_amount_document_currency,
    null::boolean as is_disputed,
    _source::varchar as source_system,
    document_key::varchar as source_key
from document
