{{ union_staging('company', [
    'company_id', 'code', 'name', 'currency', 'country', 'tax_identifier', 'source_system', 'source_key'
]) }}
