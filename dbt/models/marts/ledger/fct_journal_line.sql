select
    line.journal_entry_id,
    line.journal_line_id,
    line.entry_number,
    line.company_id,
    line.account_id,
    line.posting_date,
    {{ golden_party('line.account_id', 'line.party_id') }} as party_id,
    line.party_id as party_record_id,
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
    derived.journal_entry_id,
    derived.journal_line_id,
    derived.journal_entry_id as entry_number,
    derived.company_id,
    derived.account_id,
    derived.posting_date,
    {{ golden_party('derived.account_id', 'derived.party_id') }} as party_id,
    derived.party_id as party_record_id,
    greatest(derived.amount_company_currency, 0) as debit_company_currency,
    greatest(-derived.amount_company_currency, 0) as credit_company_currency,
    concat(derived.event, ', ', derived.line) as description,
    'derived' as origin,
    derived.document_type,
    derived.document_id,
    derived.rule_id,
    derived.source_system,
    derived.source_key
from {{ ref('int_derived_journal_line') }} as derived
where derived.exception is null and derived.amount_company_currency <> 0
