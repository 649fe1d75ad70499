-- Goods moved for an order line, counted on the movements, against what the order line says of them: ordered less
-- backlog plus what went past the order. Services, for which nothing moves, are left out on both sides.
{% for side, movement, date in [
    ('sales', 'shipment', 'shipment_date'), ('purchase', 'goods_receipt', 'receipt_date')
] %}
(
    with

    ordered as (
        select
            order_line_id,
            company_id,
            order_number,
            quantity_ordered - quantity_backlog + quantity_over_delivered as quantity
        from {{ ref('fct_' ~ side ~ '_order_line') }}
        where not is_service
    ),

    moved as (
        select
            line.order_line_id,
            sum(line.quantity) as quantity
        from {{ ref('int_' ~ movement ~ '_line') }} as line
        where
            line.{{ date }} <= {{ as_of() }}
            and {{ not_quarantined(movement ~ '_line', 'line.' ~ movement ~ '_line_id') }}
        group by line.order_line_id
    ),

    compared as (
        select
            ordered.company_id,
            ordered.order_number,
            ordered.quantity,
            coalesce(moved.quantity, 0) as quantity_moved
        from ordered
        left join moved on ordered.order_line_id = moved.order_line_id
    )

    select
        'order_quantity' as control,
        company_id,
        cast(null as date) as as_of,
        '{{ side }} orders: ordered less backlog, and past the order' as left_label,
        'quantity of {{ movement }} lines' as right_label,
        cast(sum(quantity) as decimal(38, 4)) as left_total,
        cast(sum(quantity_moved) as decimal(38, 4)) as right_total,
        count(*) filter (where quantity <> quantity_moved) as broken,
        concat(
            cast(count(*) as varchar), ' order lines',
            coalesce(', wrong: ' || min(case when quantity <> quantity_moved then order_number end), '')
        ) as detail,
        false as blocking
    from compared
    group by company_id
)
{% if not loop.last %}union all{% endif %}
{% endfor %}
