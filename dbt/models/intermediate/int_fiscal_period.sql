{{ union_staging('fiscal_period', [
    'fiscal_period_id', 'company_id', 'fiscal_year', 'fiscal_period', 'start_date', 'end_date', 'is_closed',
    'source_system', 'source_key'
]) }}
