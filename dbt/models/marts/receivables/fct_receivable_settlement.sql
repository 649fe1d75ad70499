select
    settlement.receivable_settlement_id,
    settlement.receivable_id,
    settlement.company_id,
    item.customer_id,
    item.invoice_id,
    settlement.kind,
    settlement.settlement_date,
    item.document_currency,
    settlement.amount_document_currency,
    settlement.amount_company_currency,
    settlement.exchange_difference_company_currency,
    settlement.source_system,
    settlement.source_key
from {{ ref('int_receivable_settlement') }} as settlement
inner join {{ ref('int_receivable') }} as item on settlement.receivable_id = item.receivable_id
where {{ not_quarantined('receivable_settlement', 'settlement.receivable_settlement_id') }}
