with move as (
    select * from {{ source('tryton', 'account_move') }}
),

move_line as (
    select * from {{ source('tryton', 'account_move_line') }}
),

-- An entry of several documents is taken for the first.
document as (
    select
        posted._source,
        posted.move,
        posted.document_key,
        document.side
    from {{ ref('base_tryton__document_move') }} as posted
    inner join {{ ref('base_tryton__document') }} as document
        on posted.document_key = document.document_key and posted._source = document._source
    qualify row_number() over (partition by posted._source, posted.move order by posted.document_key) = 1
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
    case document.side when 'receivable' then 'sales_invoice' when 'payable' then 'purchase_invoice' end::varchar
        as document_type,
    (document._source || ':' || document.document_key)::varchar as document_id,
    move_line._source::varchar as source_system,
    move_line.id::varchar as source_key
from move_line
inner join move on move_line.move = move.id and move_line._source = move._source
left join document on move.id = document.move and move._source = document._source
where move.state = 'posted'
