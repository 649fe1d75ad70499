with

allocation as (
    select * from {{ source('erp_global', 'receipt_allocations') }}
),

receipt as (
    select * from {{ source('erp_global', 'receipts') }}
),

document as (
    select * from {{ source('erp_global', 'customer_documents') }}
),

allocated as (
    select
        allocation.*,
        document.company_id
    from allocation
    inner join document on allocation._source = document._source and allocation.document_id = document.id
),

settlement as (
    select
        _source,
        id::varchar as settlement_key,
        document_id::varchar as item_key,
        company_id,
        case allocation_kind
            when 'PAYMENT' then 'payment'
            when 'DISCOUNT' then 'discount'
            when 'CREDIT' then 'credit_note'
            else 'other'
        end as kind,
        allocated_on,
        amount,
        amount_base,
        exchange_difference_base
    from allocated

    union all

    -- The other side of a credit note: its own open amount falls as well.
    select
        _source,
        'credit-' || id as settlement_key,
        credit_document_id::varchar as item_key,
        company_id,
        'credit_note' as kind,
        allocated_on,
        -amount as amount,
        -amount_base as amount_base,
        0 as exchange_difference_base
    from allocated
    where credit_document_id is not null

    union all

    -- The other side of money applied after its day: it is no longer unapplied.
    select
        allocated._source,
        'receipt-' || allocated.id as settlement_key,
        'receipt-' || allocated.receipt_id as item_key,
        allocated.company_id,
        'payment' as kind,
        allocated.allocated_on,
        -allocated.amount as amount,
        -(allocated.amount_base + allocated.exchange_difference_base) as amount_base,
        0 as exchange_difference_base
    from allocated
    inner join receipt on allocated._source = receipt._source and allocated.receipt_id = receipt.id
    where allocated.allocated_on > receipt.received_on and allocated.allocation_kind = 'PAYMENT'
)

select
    _source || ':' || settlement_key as receivable_settlement_id,
    _source || ':' || item_key as receivable_id,
    _source || ':' || company_id as company_id,
    kind::varchar as kind,
    allocated_on::date as settlement_date,
    amount::decimal(18, 4) as amount_document_currency,
    amount_base::decimal(18, 4) as amount_company_currency,
    exchange_difference_base::decimal(18, 4) as exchange_difference_company_currency,
    _source::varchar as source_system,
    settlement_key::varchar as source_key
from settlement
