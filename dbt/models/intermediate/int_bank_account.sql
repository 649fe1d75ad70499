{{ union_staging('bank_account', [
    'bank_account_id', 'company_id', 'name', 'currency', 'iban', 'account_id', 'source_system', 'source_key'
]) }}
