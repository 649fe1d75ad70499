with move as (
    select * from {{ source('tryton', 'account_move') }}
),

move_line as (
    select * from {{ source('tryton', 'account_move_line') }}
)

select
    move_line._source || ':' || move_line.id::varchar as journal_line_id,
    move_line._source || ':' || move.id::varchar as journal_entry_id,
    coalesce(move.number, move.id::varchar)::varchar as entry_number,
    move._source || ':' || move.company::varchar as company_id,
    move_line._source || ':' || move_line.account::varchar as account_id,
    move.date::date as posting_date,
    (move_line._source || ':' || move_line.party::varchar)::varchar as party_id,
    coalesce(move_line.debit, 0)::decimal(18, 4) as debit_company_currency,
    coalesce(move_line.credit, 0)::decimal(18, 4) as credit_company_currency,
    move_line.description::varchar as description,
    move_line._source::varchar as source_system,
    move_line.id::varchar as source_key
from move_line
inner join move on move_line.move = move.id and move_line._source = move._source
where move.state = 'posted'
