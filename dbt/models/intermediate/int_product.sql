{{ union_staging('product', [
    'product_id', 'code', 'name', 'category', 'unit', 'list_price', 'cost_price', 'is_active',
    'source_system', 'source_key'
]) }}
