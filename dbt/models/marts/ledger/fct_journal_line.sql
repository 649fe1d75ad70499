select
    line.journal_entry_id,
    line.journal_line_id,
    line.entry_number,
    line.company_id,
    line.account_id,
    line.posting_date,
    line.party_id,
    line.debit_company_currency,
    line.credit_company_currency,
    line.description,
    'erp' as origin,
    line.source_system,
    line.source_key
from {{ ref('int_journal_line') }} as line
where {{ not_quarantined('journal_line', 'line.journal_line_id') }}
