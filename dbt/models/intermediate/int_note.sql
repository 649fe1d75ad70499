{{ union_staging('note', [
    'note_id', 'note_number', 'kind', 'direction', 'company_id', 'party_id', 'drawer', 'document_currency',
    'amount_document_currency', 'issue_date', 'maturity_date', 'source_system', 'source_key'
]) }}
