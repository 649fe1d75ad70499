with

-- Cleared on the day from which nothing of the document amount is open any more.
cleared as (
    select
        payable_id,
        valid_from as cleared_date
    from {{ ref('int_payable_balance') }}
    where valid_to = cast('9999-12-31' as date) and open_amount_document_currency = 0
)

select
    item.payable_id,
    item.kind,
    item.invoice_id,
    item.invoice_number,
    item.company_id,
    item.supplier_id,
    item.account_id,
    item.posting_date,
    item.invoice_date,
    item.due_date,
    item.document_currency,
    item.amount_document_currency,
    item.amount_company_currency,
    {{ converted('item.amount_company_currency', 'rate.rate_to_reporting') }} as amount_reporting_currency,
    cleared.cleared_date,
    item.is_disputed,
    item.source_system,
    item.source_key
from {{ ref('int_payable') }} as item
left join cleared on item.payable_id = cleared.payable_id
left join {{ ref('int_company') }} as company on item.company_id = company.company_id
left join {{ ref('int_reporting_rate') }} as rate
    on
        company.source_system = rate.source_system
        and company.currency = rate.currency
        and item.posting_date = rate.date_day
where {{ not_quarantined('payable', 'item.payable_id') }}
