with

-- The same money as the flow receipts of fct_cash_flow_weekly, by document and day.
receipt as (
    select
        receivable_settlement_id as receipt_id,
        'payment' as kind,
        company_id,
        receivable_id,
        settlement_date as receipt_date,
        document_currency,
        amount_document_currency,
        amount_company_currency + exchange_difference_company_currency as amount_company_currency,
        source_system,
        source_key
    from {{ ref('fct_receivable_settlement') }}
    where kind = 'payment'
    union all
    select
        receivable_id as receipt_id,
        'unapplied_cash' as kind,
        company_id,
        receivable_id,
        posting_date as receipt_date,
        document_currency,
        -amount_document_currency as amount_document_currency,
        -amount_company_currency as amount_company_currency,
        source_system,
        source_key
    from {{ ref('fct_receivable') }}
    where kind = 'unapplied_cash'
    union all
    select
        note_event_id as receipt_id,
        'note' as kind,
        company_id,
        null as receivable_id,
        event_date as receipt_date,
        document_currency,
        amount_document_currency,
        amount_company_currency - fee_amount_company_currency as amount_company_currency,
        source_system,
        source_key
    from {{ ref('fct_note_event') }}
    where event in ('discounted', 'matured') and direction = 'receivable'
)

select
    receipt.receipt_id,
    receipt.kind,
    receipt.company_id,
    receipt.receivable_id,
    receipt.receipt_date,
    receipt.document_currency,
    cast(receipt.amount_document_currency as decimal(18, 4)) as amount_document_currency,
    cast(receipt.amount_company_currency as decimal(18, 4)) as amount_company_currency,
    {{ converted('receipt.amount_company_currency', 'rate.rate_to_reporting') }} as amount_reporting_currency,
    receipt.source_system,
    receipt.source_key
from receipt
inner join {{ ref('dim_company') }} as company on receipt.company_id = company.company_id
left join {{ ref('int_reporting_rate') }} as rate
    on
        company.source_system = rate.source_system
        and company.currency = rate.currency
        and receipt.receipt_date = rate.date_day
