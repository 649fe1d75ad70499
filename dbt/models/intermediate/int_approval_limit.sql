{{ union_staging('approval_limit', [
    'approval_limit_id', 'company_code', 'document_type', 'role', 'valid_from', 'valid_to',
    'amount_limit_company_currency', 'split_share', 'split_days', 'source_system', 'source_key'
]) }}
