{{ union_staging('receivable', [
    'receivable_id', 'kind', 'invoice_id', 'invoice_number', 'company_id', 'customer_id', 'account_id',
    'posting_date', 'invoice_date', 'due_date', 'document_currency', 'amount_document_currency',
    'amount_company_currency', 'is_disputed', 'source_system', 'source_key'
]) }}
