{{ union_staging('shipment_line', [
    'shipment_line_id', 'shipment_id', 'shipment_number', 'order_line_id', 'company_id', 'product_id',
    'shipment_date', 'quantity', 'source_system', 'source_key'
]) }}
