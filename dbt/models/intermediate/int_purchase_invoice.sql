{{ union_staging('purchase_invoice', [
    'invoice_id', 'invoice_number', 'reference', 'kind', 'company_id', 'supplier_id', 'invoice_date',
    'document_currency', 'net_amount_document_currency', 'tax_amount_document_currency', 'is_disputed',
    'source_system', 'source_key'
]) }}
