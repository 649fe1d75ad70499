{{ union_staging('work_order_cost', [
    'work_order_cost_id', 'work_order_id', 'kind', 'element', 'posting_date', 'item_code', 'quantity',
    'amount_company_currency', 'source_system', 'source_key'
]) }}
