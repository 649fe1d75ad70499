{{ union_staging('approver', [
    'approver_id', 'company_code', 'user_name', 'role', 'valid_from', 'valid_to', 'source_system', 'source_key'
]) }}
