{{ union_staging('capital_project_cash_flow', [
    'capital_project_cash_flow_id', 'capital_project_id', 'kind', 'flow_date', 'amount_company_currency',
    'source_system', 'source_key'
]) }}
