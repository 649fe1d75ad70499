{{ union_staging('purchase_order_line', [
    'order_line_id', 'order_id', 'order_number', 'company_id', 'supplier_id', 'product_id', 'is_service',
    'order_date', 'promised_date', 'document_currency', 'quantity', 'unit_price_document_currency',
    'net_amount_document_currency', 'requested_by', 'approved_by', 'approved_at', 'source_system',
    'source_key'
]) }}
