with

-- The money of customers by document: booked amount and exchange difference are the money; it moved on the day that the
-- bank says, where it says so.
receipt as (
    select
        settlement.receivable_settlement_id as receipt_id,
        'payment' as kind,
        settlement.company_id,
        settlement.receivable_id,
        settlement.customer_record_id,
        coalesce(at_bank.moved_on, settlement.settlement_date) as receipt_date,
        item.posting_date as known_on,
        settlement.document_currency,
        settlement.amount_document_currency,
        settlement.amount_company_currency + settlement.exchange_difference_company_currency
            as amount_company_currency,
        settlement.source_system,
        settlement.source_key
    from {{ ref('fct_receivable_settlement') }} as settlement
    inner join {{ ref('int_receivable_settlement') }} as stated
        on settlement.receivable_settlement_id = stated.receivable_settlement_id
    inner join {{ ref('int_receivable') }} as item on settlement.receivable_id = item.receivable_id
    left join {{ ref('int_payment_at_bank') }} as at_bank on stated.payment_id = at_bank.payment_id
    where settlement.kind = 'payment' and not coalesce(at_bank.is_in_transit, false)
    union all
    -- Money that is not applied yet: an item that is negative.
    select
        receivable_id as receipt_id,
        'unapplied_cash' as kind,
        company_id,
        receivable_id,
        customer_record_id,
        posting_date as receipt_date,
        posting_date as known_on,
        document_currency,
        -amount_document_currency as amount_document_currency,
        -amount_company_currency as amount_company_currency,
        source_system,
        source_key
    from {{ ref('fct_receivable') }}
    where kind = 'unapplied_cash'
    union all
    -- A bill is money when it is discounted or falls due.
    select
        event.note_event_id as receipt_id,
        'note' as kind,
        event.company_id,
        null as receivable_id,
        null as customer_record_id,
        event.event_date as receipt_date,
        note.issue_date as known_on,
        event.document_currency,
        event.amount_document_currency,
        event.amount_company_currency - event.fee_amount_company_currency as amount_company_currency,
        event.source_system,
        event.source_key
    from {{ ref('fct_note_event') }} as event
    left join {{ ref('int_note') }} as note on event.note_id = note.note_id
    where event.event in ('discounted', 'matured') and event.direction = 'receivable'
    qualify row_number() over (partition by event.note_event_id order by note.source_key) = 1
)

select
    receipt.receipt_id,
    receipt.kind,
    receipt.company_id,
    receipt.receivable_id,
    receipt.receipt_date,
    receipt.known_on,
    within.party_id is not null as is_intercompany,
    receipt.document_currency,
    cast(receipt.amount_document_currency as decimal(18, 4)) as amount_document_currency,
    cast(receipt.amount_company_currency as decimal(18, 4)) as amount_company_currency,
    {{ converted('receipt.amount_company_currency', 'rate.rate_to_reporting') }} as amount_reporting_currency,
    receipt.source_system,
    receipt.source_key
from receipt
inner join {{ ref('dim_company') }} as company on receipt.company_id = company.company_id
left join {{ ref('int_intercompany_party') }} as within
    on within.party_kind = 'customer' and receipt.customer_record_id = within.party_id
left join {{ ref('int_reporting_rate') }} as rate
    on
        company.source_system = rate.source_system
        and company.currency = rate.currency
        and receipt.receipt_date = rate.date_day
