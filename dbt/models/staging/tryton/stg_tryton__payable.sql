with item as (
    select * from {{ ref('base_tryton__open_item') }}
    where side = 'payable'
)

select
    _source || ':' || item_key as payable_id,
    kind::varchar as kind,
    (_source || ':' || document_key)::varchar as invoice_id,
    document_number::varchar as invoice_number,
    _source || ':' || company::varchar as company_id,
    (_source || ':' || party::varchar)::varchar as supplier_id,
    (_source || ':' || account::varchar)::varchar as account_id,
    posting_date::date as posting_date,
    invoice_date::date as invoice_date,
    due_date::date as due_date,
    currency_code::varchar as document_currency,
    (-amount)::decimal(18, 4) as amount_document_currency,
    (-amount_company_currency)::decimal(18, 4) as amount_company_currency,
    null::boolean as is_disputed,
    null::decimal(18, 4) as discount_percent,
    null::date as discount_date,
    _source::varchar as source_system,
    item_key::varchar as source_key
from item
