{{ union_staging('company', [
    'company_id', 'code', 'name', 'currency', 'country', 'tax_identifier', 'rate_decimals', 'source_system',
    'source_key'
]) }}
