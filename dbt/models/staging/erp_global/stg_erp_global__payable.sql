with

document as (
    select * from {{ source('erp_global', 'supplier_documents') }}
),

control_account as (
    select * from {{ source('erp_global', 'accounts') }}
),

account as (
    select
        _source,
        company_id,
        min(id) as id
    from control_account
    where subledger = 'AP'
    group by _source, company_id
)

select
    document._source || ':' || document.id as payable_id,
    'invoice' as kind,
    document._source || ':' || document.id as invoice_id,
    document.document_number::varchar as invoice_number,
    document._source || ':' || document.company_id as company_id,
    document._source || ':' || document.partner_id as supplier_id,
    document._source || ':' || account.id as account_id,
    document.posting_date::date as posting_date,
    document.document_date::date as invoice_date,
    coalesce(document.due_date, document.posting_date)::date as due_date,
    document.currency_code::varchar as document_currency,
    (document.net_total + document.tax_total)::decimal(18, 4) as amount_document_currency,
    (document.net_total_base + document.tax_total_base)::decimal(18, 4) as amount_company_currency,
    false as is_disputed,
    document._source::varchar as source_system,
    document.id::varchar as source_key
from document
left join account on document._source = account._source and document.company_id = account.company_id
where document.state = 'posted'
