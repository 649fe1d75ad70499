{{ union_staging('payable_settlement', [
    'payable_settlement_id', 'payable_id', 'company_id', 'kind', 'settlement_date',
    'amount_document_currency', 'amount_company_currency', 'exchange_difference_company_currency',
    'payment_id',
    'source_system', 'source_key'
]) }}
