{{ union_staging('receivable_settlement', [
    'receivable_settlement_id', 'receivable_id', 'company_id', 'kind', 'settlement_date',
    'amount_document_currency', 'amount_company_currency', 'exchange_difference_company_currency',
    'payment_id',
    'source_system', 'source_key'
]) }}
