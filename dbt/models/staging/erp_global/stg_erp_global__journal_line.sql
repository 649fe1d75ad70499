with line as (
    select * from {{ source('erp_global', 'journal_entry_lines') }}
),

entry as (
    select * from {{ source('erp_global', 'journal_entries') }}
    where state = 'posted'
)

select
    line._source || ':' || line.id::varchar as journal_line_id,
    line._source || ':' || line.entry_id::varchar as journal_entry_id,
    entry.entry_number::varchar as entry_number,
    line._source || ':' || entry.company_id::varchar as company_id,
    line._source || ':' || line.account_id::varchar as account_id,
    entry.posted_on::date as posting_date,
    (line._source || ':' || line.partner_id::varchar)::varchar as party_id,
    coalesce(line.debit, 0)::decimal(18, 4) as debit_company_currency,
    coalesce(line.credit, 0)::decimal(18, 4) as credit_company_currency,
    line.memo::varchar as description,
    line._source::varchar as source_system,
    line.id::varchar as source_key
from line
inner join entry on line.entry_id = entry.id and line._source = entry._source
