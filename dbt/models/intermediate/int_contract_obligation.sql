{{ union_staging('contract_obligation', [
    'contract_obligation_id', 'contract_id', 'name', 'pattern', 'stand_alone_selling_price_document_currency',
    'start_date', 'end_date', 'source_system', 'source_key'
]) }}
