{{ union_staging('contract_event', [
    'contract_event_id', 'contract_id', 'contract_obligation_id', 'kind', 'event_date', 'progress_share',
    'amount_document_currency', 'invoice_number', 'source_system', 'source_key'
]) }}
