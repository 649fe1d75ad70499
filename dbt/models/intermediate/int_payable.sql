{{ union_staging('payable', [
    'payable_id', 'kind', 'invoice_id', 'invoice_number', 'company_id', 'supplier_id', 'account_id',
    'posting_date', 'invoice_date', 'due_date', 'document_currency', 'amount_document_currency',
    'amount_company_currency', 'is_disputed', 'discount_percent', 'discount_date', 'source_system', 'source_key'
]) }}
