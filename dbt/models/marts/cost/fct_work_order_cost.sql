with

collected as (
    select
        work_order_id,
        element,
        cast(coalesce(sum(case when kind = 'planned' then quantity end), 0) as decimal(18, 6)) as planned_quantity,
        cast(coalesce(sum(case when kind = 'planned' then amount_company_currency end), 0) as decimal(18, 4))
            as planned_amount,
        cast(coalesce(sum(case when kind = 'actual' then quantity end), 0) as decimal(18, 6)) as actual_quantity,
        cast(coalesce(sum(case when kind = 'actual' then amount_company_currency end), 0) as decimal(18, 4))
            as actual_amount,
        count(*) as cost_count
    from {{ ref('int_work_order_cost') }} as cost
    where posting_date <= {{ as_of() }} and {{ not_quarantined('work_order_cost', 'cost.work_order_cost_id') }}
    group by work_order_id, element
),

overhead as (
    select
        work_order_id,
        'overhead' as element,
        cast(sum(amount_company_currency) as decimal(18, 4)) as actual_amount
    from {{ ref('fct_cost_allocation') }}
    where work_order_id is not null
    group by work_order_id
),

cost as (
    select
        *,
        planned_quantity > 0 and actual_quantity > 0 as is_split,
        -- What the quantity taken would have cost at the planned price.
        case
            when planned_quantity > 0
                then cast(
                    round(cast(actual_quantity as double) * planned_amount / planned_quantity, 2) as decimal(18, 4)
                )
        end as actual_quantity_at_planned_price
    from collected
    union all
    select
        work_order_id,
        element,
        cast(null as decimal(18, 6)) as planned_quantity,
        cast(null as decimal(18, 4)) as planned_amount,
        cast(null as decimal(18, 6)) as actual_quantity,
        actual_amount,
        0 as cost_count,
        false as is_split,
        cast(null as decimal(18, 4)) as actual_quantity_at_planned_price
    from overhead
)

select
    concat(cost.work_order_id, '|', cost.element) as work_order_cost_id,
    cost.work_order_id,
    work_order.work_order_number,
    cost.element,
    work_order.company_id,
    work_order.product_id,
    work_order.status,
    work_order.quantity_planned,
    work_order.quantity_finished,
    work_order.start_date,
    work_order.finished_date,
    work_order.currency,
    cost.planned_quantity,
    cost.actual_quantity,
    cost.planned_amount as planned_amount_company_currency,
    cost.actual_amount as actual_amount_company_currency,
    cast(cost.actual_amount - cost.planned_amount as decimal(18, 4)) as variance_company_currency,
    case
        when cost.is_split then cast(cost.actual_amount - cost.actual_quantity_at_planned_price as decimal(18, 4))
    end as price_variance_company_currency,
    case
        when cost.is_split then cast(cost.actual_quantity_at_planned_price - cost.planned_amount as decimal(18, 4))
    end as quantity_variance_company_currency,
    cast(cost.cost_count as integer) as cost_count,
    work_order.source_system,
    work_order.source_key
from cost
inner join {{ ref('int_work_order') }} as work_order on cost.work_order_id = work_order.work_order_id
