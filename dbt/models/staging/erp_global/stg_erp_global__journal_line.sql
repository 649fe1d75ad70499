with

entry as (
    select * from {{ source('erp_global', 'journal_entries') }}
),

line as (
    select * from {{ source('erp_global', 'journal_entry_lines') }}
)

select
    line._source || ':' || line.id as journal_line_id,
    line._source || ':' || line.entry_id as journal_entry_id,
    entry.entry_number::varchar as entry_number,
    line._source || ':' || entry.company_id as company_id,
    line._source || ':' || line.account_id as account_id,
    entry.posted_on::date as posting_date,
    line._source || ':' || line.partner_id as party_id,
    coalesce(line.debit, 0)::decimal(18, 4) as debit_company_currency,
    coalesce(line.credit, 0)::decimal(18, 4) as credit_company_currency,
    line.memo::varchar as description,
    line._source::varchar as source_system,
    line.id::varchar as source_key
from line
inner join entry on line._source = entry._source and line.entry_id = entry.id
where entry.state = 'posted'
