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
    coalesce(line.document_type, entry.document_type) as document_type,
    coalesce(line.document_id, entry.document_id) as document_id,
    cast(null as varchar) as rule_id,
    line.source_system,
    line.source_key
from {{ ref('int_journal_line') }} as line
left join {{ ref('int_entry_document') }} as entry on line.journal_entry_id = entry.journal_entry_id
where {{ not_quarantined('journal_line', 'line.journal_line_id') }}

union all

select
    journal_entry_id,
    journal_line_id,
    journal_entry_id as entry_number,
    company_id,
    account_id,
    posting_date,
    party_id,
    greatest(amount_company_currency, 0) as debit_company_currency,
    greatest(-amount_company_currency, 0) as credit_company_currency,
    concat(event, ', ', line) as description,
    'derived' as origin,
    document_type,
    document_id,
    rule_id,
    source_system,
    source_key
from {{ ref('int_derived_journal_line') }}
where exception is null and amount_company_currency <> 0
