-- Goods moved for lines of orders. What a line with a negative quantity orders back moves the other way.
with move as (
    select * from {{ source('tryton', 'stock_move') }}
    where state = 'done' and origin like 'purchase.line,%'
),

line as (
    select * from {{ source('tryton', 'purchase_line') }}
),

unit as (
    select * from {{ source('tryton', 'product_uom') }}
)

select
    move._source || ':' || move.id::varchar as goods_receipt_line_id,
    (move._source || ':' || coalesce(move.shipment, 'stock.move,' || move.id::varchar))::varchar as goods_receipt_id,
    move.shipment::varchar as receipt_number,
    move._source || ':' || move.origin as order_line_id,
    move._source || ':' || move.company::varchar as company_id,
    (move._source || ':' || move.product::varchar)::varchar as product_id,
    coalesce(move.effective_date, move.write_date::date, move.create_date::date)::date as receipt_date,
    (
        case when line.quantity < 0 then -1 else 1 end * move.quantity::double
        * coalesce(unit.factor::double / nullif(line_unit.factor::double, 0), 1)
    )::decimal(18, 6) as quantity,
    move._source::varchar as source_system,
    move.id::varchar as source_key
from move
inner join line on move.origin = 'purchase.line,' || line.id::varchar and move._source = line._source
left join unit on move.unit = unit.id and move._source = unit._source
left join unit as line_unit on line.unit = line_unit.id and line._source = line_unit._source
