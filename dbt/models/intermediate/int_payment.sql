{{ union_staging('payment', [
    'payment_id', 'payment_number', 'direction', 'company_id', 'party_id', 'payment_date', 'account_id',
    'control_account_id',
    'document_currency', 'amount_document_currency', 'amount_company_currency', 'fee_amount_company_currency',
    'source_system', 'source_key'
]) }}
