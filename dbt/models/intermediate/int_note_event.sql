{{ union_staging('note_event', [
    'note_event_id', 'note_id', 'company_id', 'event', 'event_date', 'party_id', 'account_id', 'amount_document_currency',
    'amount_company_currency', 'fee_amount_company_currency', 'source_system', 'source_key'
]) }}
