{{ union_staging('account', [
    'account_id', 'company_id', 'code', 'name', 'type', 'control', 'source_system', 'source_key'
]) }}
