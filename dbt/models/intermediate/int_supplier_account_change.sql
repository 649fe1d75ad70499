{{ union_staging('supplier_account_change', [
    'supplier_account_change_id', 'supplier_id', 'changed_date', 'old_account_number', 'new_account_number',
    'changed_by', 'source_system', 'source_key'
]) }}
