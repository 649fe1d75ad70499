with document as (
    select * from {{ source('erp_global', 'customer_documents') }}
    where state = 'posted'
),

receipt as (
    select * from {{ source('erp_global', 'receipts') }}
),

-- Worth in the books: the invoice's rate and the exchange difference make up the receipt's own rate.
applied_at_once as (
    select
        receipt._source,
        receipt.id,
        sum(allocation.amount) as amount,
        sum(allocation.amount_base + coalesce(allocation.exchange_difference_base, 0)) as amount_base
    from {{ source('erp_global', 'receipt_allocations') }} as allocation
    inner join receipt on allocation.receipt_id = receipt.id and allocation._source = receipt._source
    where allocation.allocation_kind = 'PAYMENT' and allocation.allocated_on <= receipt.received_on
    group by receipt._source, receipt.id
),

unapplied as (
    select
        receipt._source,
        receipt.id,
        receipt.company_id,
        receipt.partner_id,
        receipt.received_on,
        receipt.currency_code,
        receipt.amount - coalesce(applied_at_once.amount, 0) as amount,
        receipt.amount_base - coalesce(applied_at_once.amount_base, 0) as amount_base
    from receipt
    left join applied_at_once on receipt.id = applied_at_once.id and receipt._source = applied_at_once._source
),

item as (
    select
        _source,
        id::varchar as item_key,
        case document_type when 'CRN' then 'credit_note' else 'invoice' end as kind,
        id as document_id,
        document_number,
        company_id,
        partner_id,
        document_date as posting_date,
        document_date as invoice_date,
        coalesce(due_date, document_date) as due_date,
        currency_code,
        net_total + tax_total as amount,
        net_total_base + tax_total_base as amount_base,
        dispute_code is not null as is_disputed
    from document
    union all
    select
        _source,
        'receipt-' || id::varchar as item_key,
        'unapplied_cash' as kind,
        null as document_id,
        null as document_number,
        company_id,
        partner_id,
        received_on as posting_date,
        null as invoice_date,
        received_on as due_date,
        currency_code,
        -amount as amount,
        -amount_base as amount_base,
        null as is_disputed
    from unapplied
    where amount <> 0 or amount_base <> 0
),

-- Documents do not name it: the company's account with the customers' sub-ledger.
control_account as (
    select
        _source,
        company_id,
        min(id) as account_id
    from {{ source('erp_global', 'accounts') }}
    where subledger = 'AR'
    group by _source, company_id
)

select
    item._source || ':' || item.item_key as receivable_id,
    item.kind::varchar as kind,
    (item._source || ':' || item.document_id::varchar)::varchar as invoice_id,
    item.document_number::varchar as invoice_number,
    item._source || ':' || item.company_id::varchar as company_id,
    (item._source || ':' || item.partner_id::varchar)::varchar as customer_id,
    (item._source || ':' || control_account.account_id::varchar)::varchar as account_id,
    item.posting_date::date as posting_date,
    item.invoice_date::date as invoice_date,
    item.due_date::date as due_date,
    item.currency_code::varchar as document_currency,
    item.amount::decimal(18, 4) as amount_document_currency,
    item.amount_base::decimal(18, 4) as amount_company_currency,
    item.is_disputed::boolean as is_disputed,
    item._source::varchar as source_system,
    item.item_key::varchar as source_key
from item
left join control_account
    on item.company_id = control_account.company_id and item._source = control_account._source
