with payment as (
    select * from {{ source('erp_global', 'payments') }}
),

document as (
    select * from {{ source('erp_global', 'supplier_documents') }}
),

-- An allocation has no company of its own; its document has.
allocation as (
    select
        line._source,
        line.id::varchar as allocation_key,
        document.company_id,
        line.document_id,
        line.payment_id,
        line.credit_document_id,
        line.allocated_on,
        case line.allocation_kind
            when 'PAYMENT' then 'payment'
            when 'DISCOUNT' then 'discount'
            when 'CREDIT' then 'credit_note'
            when 'WRITE_OFF' then 'write_off'
            else 'other'
        end as kind,
        line.amount,
        line.amount_base,
        coalesce(line.exchange_difference_base, 0) as exchange_difference_base
    from {{ source('erp_global', 'payment_allocations') }} as line
    left join document on line.document_id = document.id and line._source = document._source
),

invoice_reduced as (
    select
        _source,
        allocation_key,
        document_id::varchar as item_key,
        company_id,
        kind,
        allocated_on,
        amount,
        amount_base,
        exchange_difference_base
    from allocation
),

-- What pays is used up at its own rate; the exchange difference stands with the invoice.
credit_note_used as (
    select
        _source,
        'credit-' || allocation_key as allocation_key,
        credit_document_id::varchar as item_key,
        company_id,
        kind,
        allocated_on,
        -amount as amount,
        -(amount_base - exchange_difference_base) as amount_base,
        0 as exchange_difference_base
    from allocation
    where kind = 'credit_note'
),

-- A payment applied on its own day never was an open item; later it is used up at its own rate.
payment_used as (
    select
        allocation._source,
        'payment-' || allocation.allocation_key as allocation_key,
        'payment-' || allocation.payment_id::varchar as item_key,
        payment.company_id,
        allocation.kind,
        allocation.allocated_on,
        -allocation.amount as amount,
        -(allocation.amount_base - allocation.exchange_difference_base) as amount_base,
        0 as exchange_difference_base
    from allocation
    inner join payment on allocation.payment_id = payment.id and allocation._source = payment._source
    where allocation.allocated_on > payment.paid_on
),

settlement as (
    select * from invoice_reduced
    union all
    select * from credit_note_used
    union all
    select * from payment_used
)

select
    _source || ':' || allocation_key as payable_settlement_id,
    _source || ':' || item_key as payable_id,
    _source || ':' || company_id::varchar as company_id,
    kind::varchar as kind,
    allocated_on::date as settlement_date,
    amount::decimal(18, 4) as amount_document_currency,
    amount_base::decimal(18, 4) as amount_company_currency,
    exchange_difference_base::decimal(18, 4) as exchange_difference_company_currency,
    _source::varchar as source_system,
    allocation_key::varchar as source_key
from settlement
