{{ union_staging('supplier', [
    'supplier_id', 'code', 'name', 'tax_identifier', 'country', 'region', 'city', 'email', 'currency',
    'payment_term_days', 'is_active', 'changed_at', 'bank_account_number', 'replaced_by_supplier_id', 'source_system',
    'source_key'
]) }}
