select
    settlement.payable_settlement_id,
    settlement.payable_id,
    settlement.company_id,
    item.supplier_id,
    item.invoice_id,
    settlement.kind,
    settlement.settlement_date,
    item.document_currency,
    settlement.amount_document_currency,
    settlement.amount_company_currency,
    settlement.exchange_difference_company_currency,
    settlement.source_system,
    settlement.source_key
from {{ ref('int_payable_settlement') }} as settlement
inner join {{ ref('int_payable') }} as item on settlement.payable_id = item.payable_id
where {{ not_quarantined('payable_settlement', 'settlement.payable_settlement_id') }}
