{{ union_staging('journal_line', [
    'journal_line_id', 'journal_entry_id', 'entry_number', 'company_id', 'account_id', 'posting_date',
    'party_id', 'debit_company_currency', 'credit_company_currency', 'description', 'document_type', 'document_id',
    'source_system', 'source_key'
]) }}
