{{ union_staging('goods_posting', [
    'goods_posting_id', 'document_type', 'document_id', 'company_id', 'posting_date', 'product_id', 'goods_account_id',
    'other_account_id', 'variance_account_id', 'goods_amount_company_currency', 'other_amount_company_currency',
    'source_system', 'source_key'
]) }}
