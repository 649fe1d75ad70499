with

document as (
    select * from {{ source('erp_global', 'customer_documents') }}
),

receipt as (
    select * from {{ source('erp_global', 'receipts') }}
),

allocation as (
    select * from {{ source('erp_global', 'receipt_allocations') }}
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
    where subledger = 'AR'
    group by _source, company_id
),

applied_at_once as (
    select
        receipt._source,
        receipt.id
    from receipt
    inner join allocation on receipt._source = allocation._source and receipt.id = allocation.receipt_id
    where receipt.received_on = allocation.allocated_on
    group by receipt._source, receipt.id
),

item as (
    select
        _source,
        id::varchar as item_key,
        case when document_type = 'CRN' then 'credit_note' else 'invoice' end as kind,
        _source || ':' || id as invoice_id,
        document_number as invoice_number,
        company_id,
        partner_id,
        document_date as posting_date,
        document_date as invoice_date,
        coalesce(due_date, document_date) as due_date,
        currency_code,
        net_total + tax_total as amount_document_currency,
        net_total_base + tax_total_base as amount_company_currency,
        dispute_code is not null as is_disputed
    from document
    where state = 'posted'

    union all

    -- A receipt is applied whole, on its own day or later: until then it stands against the customer.
    select
        receipt._source,
        'receipt-' || receipt.id as item_key,
        'unapplied_cash' as kind,
        cast(null as varchar) as invoice_id,
        receipt.receipt_number as invoice_number,
        receipt.company_id,
        receipt.partner_id,
        receipt.received_on as posting_date,
        cast(null as date) as invoice_date,
        receipt.received_on as due_date,
        receipt.currency_code,
        -receipt.amount as amount_document_currency,
        -receipt.amount_base as amount_company_currency,
        false as is_disputed
    from receipt
    left join applied_at_once on receipt._source = applied_at_once._source and receipt.id = applied_at_once.id
    where applied_at_once.id is null
)

select
    item._source || ':' || item.item_key as receivable_id,
    item.kind::varchar as kind,
    item.invoice_id::varchar as invoice_id,
    item.invoice_number::varchar as invoice_number,
    item._source || ':' || item.company_id as company_id,
    item._source || ':' || item.partner_id as customer_id,
    item._source || ':' || account.id as account_id,
    item.posting_date::date as posting_date,
    item.invoice_date::date as invoice_date,
    item.due_date::date as due_date,
    item.currency_code::varchar as document_currency,
    item.amount_document_currency::decimal(18, 4) as amount_document_currency,
    item.amount_company_currency::decimal(18, 4) as amount_company_currency,
    item.is_disputed::boolean as is_disputed,
    item._source::varchar as source_system,
    item.item_key::varchar as source_key
from item
left join account on item._source = account._source and item.company_id = account.company_id
