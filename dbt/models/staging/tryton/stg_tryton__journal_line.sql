with move as (
    select * from {{ source('tryton', 'account_move') }}
),

move_line as (
    select * from {{ source('tryton', 'account_move_line') }}
),

-- An entry of several documents is taken for the first.
document as (
    select
        _source,
        move,
        case side when 'receivable' then 'sales_invoice' else 'purchase_invoice' end as document_type,
        _source || ':' || document_key as document_id
    from {{ ref('base_tryton__document') }}
    union all
    select
        _source,
        move,
        'bank_movement' as document_type,
        _source || ':' || id::varchar as document_id
    from {{ source('tryton', 'account_statement_line') }}
    where move is not null
    union all
    select
        _source,
        clearing_move as move,
        'payment' as document_type,
        _source || ':payment-' || id::varchar as document_id
    from {{ source('tryton', 'account_payment') }}
    where clearing_move is not null
    union all
    select
        source_system as _source,
        substr(source_key, 6)::bigint as move,
        'payment' as document_type,
        payment_id as document_id
    from {{ ref('stg_tryton__payment') }}
    where source_key like 'move-%'
    union all
    select
        move._source,
        move.id as move,
        case
            when stock_move.origin like 'sale.line,%' then 'shipment_line'
            when stock_move.origin like 'purchase.line,%' then 'goods_receipt_line'
            else 'goods_move'
        end as document_type,
        stock_move._source || ':' || stock_move.id::varchar as document_id
    from move
    inner join {{ source('tryton', 'stock_move') }} as stock_move
        on move.origin = 'stock.move,' || stock_move.id::varchar and move._source = stock_move._source
),

first_document as (
    select *
    from document
    qualify row_number() over (partition by _source, move order by document_type, document_id) = 1
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
    document.document_type::varchar as document_type,
    document.document_id::varchar as document_id,
    move_line._source::varchar as source_system,
    move_line.id::varchar as source_key
from move_line
inner join move on move_line.move = move.id and move_line._source = move._source
left join first_document as document on move.id = document.move and move._source = document._source
where move.state = 'posted'
