{{ union_staging('sales_invoice_line', [
    'invoice_line_id', 'invoice_id', 'company_id', 'product_id', 'description', 'account_id', 'quantity',
    'unit_price_document_currency', 'net_amount_document_currency', 'tax_amount_document_currency',
    'net_amount_company_currency', 'tax_amount_company_currency', 'tax_rate', 'tax_account_id', 'order_line_id',
    'cost_amount_company_currency', 'region', 'channel', 'salesperson_id', 'source_system', 'source_key'
]) }}
