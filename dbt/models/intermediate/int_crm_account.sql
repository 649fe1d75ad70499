{{ union_staging('crm_account', [
    'crm_account_id', 'customer_code', 'name', 'tax_identifier', 'country', 'region', 'channel', 'segment',
    'salesperson_id', 'salesperson_name', 'email', 'changed_at', 'source_system', 'source_key'
]) }}
