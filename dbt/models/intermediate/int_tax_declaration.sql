{{ union_staging('tax_declaration', [
    'tax_declaration_id', 'company_id', 'period_start', 'period_end', 'direction', 'tax_rate',
    'base_amount_company_currency', 'tax_amount_company_currency', 'filed_date', 'source_system', 'source_key'
]) }}
