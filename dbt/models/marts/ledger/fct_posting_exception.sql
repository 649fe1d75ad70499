select
    journal_entry_id as posting_exception_id,
    event,
    document_type,
    document_id,
    company_id,
    posting_date as event_date,
    min(exception) as reason,
    source_system,
    source_key
from {{ ref('int_derived_journal_line') }}
where exception is not null
group by journal_entry_id, event, document_type, document_id, company_id, posting_date, source_system, source_key
