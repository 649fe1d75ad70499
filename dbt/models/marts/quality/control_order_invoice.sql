-- The left route is the invoice lines as they came, the right one what orders say was billed on them.
{% for side in ['sales', 'purchase'] %}
(
    with

    billed as (
        select
            line.company_id,
            line.order_line_id,
            line.net_amount_company_currency as amount
        from {{ ref('int_' ~ side ~ '_invoice_line') }} as line
        inner join {{ ref('int_' ~ side ~ '_invoice') }} as invoice on line.invoice_id = invoice.invoice_id
        where
            invoice.invoice_date <= {{ as_of() }}
            and {{ not_quarantined(side ~ '_invoice_line', 'line.invoice_line_id') }}
            and {{ not_quarantined(side ~ '_invoice', 'invoice.invoice_id') }}
    ),

    ordered as (
        select
            company_id,
            order_line_id,
            net_amount_invoiced_company_currency as amount
        from {{ ref('fct_' ~ side ~ '_order_line') }}
    ),

    left_total as (
        select
            company_id,
            sum(amount) as amount
        from billed
        group by company_id
    ),

    without_order as (
        select
            billed.company_id,
            sum(billed.amount) as amount
        from billed
        left join ordered on billed.order_line_id = ordered.order_line_id and billed.company_id = ordered.company_id
        where ordered.order_line_id is null
        group by billed.company_id
    ),

    on_order as (
        select
            company_id,
            sum(amount) as amount
        from ordered
        group by company_id
    )

    select
        'order_invoice' as control,
        company.company_id,
        cast(null as date) as as_of,
        '{{ side }} invoice lines' as left_label,
        'invoiced on {{ side }} orders, and lines without order' as right_label,
        cast(coalesce(left_total.amount, 0) as decimal(38, 4)) as left_total,
        cast(coalesce(on_order.amount, 0) + coalesce(without_order.amount, 0) as decimal(38, 4)) as right_total,
        0 as broken,
        concat('without order ', cast(coalesce(without_order.amount, 0) as varchar)) as detail,
        true as blocking
    from {{ ref('int_company') }} as company
    left join left_total on company.company_id = left_total.company_id
    left join on_order on company.company_id = on_order.company_id
    left join without_order on company.company_id = without_order.company_id
)
{% if not loop.last %}union all{% endif %}
{% endfor %}
