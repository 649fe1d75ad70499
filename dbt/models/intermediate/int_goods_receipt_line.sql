{{ union_staging('goods_receipt_line', [
    'goods_receipt_line_id', 'goods_receipt_id', 'receipt_number', 'order_line_id', 'company_id',
    'product_id', 'receipt_date', 'quantity', 'source_system', 'source_key'
]) }}
