with

time_entry as (
    select * from {{ source('manufacturing', 'time_entries') }}
),

cost as (
    select
        standard._source,
        'standard:' || standard.work_order_id || ':' || standard.line_number as cost_key,
        standard.work_order_id,
        'planned' as kind,
        standard.element,
        work_order.started_on as posting_date,
        standard.item_code,
        standard.quantity,
        standard.amount
    from {{ source('manufacturing', 'work_order_standards') }} as standard
    inner join {{ source('manufacturing', 'work_orders') }} as work_order
        on standard._source = work_order._source and standard.work_order_id = work_order.id
    union all
    select
        _source,
        'material:' || id as cost_key,
        work_order_id,
        'actual' as kind,
        'material' as element,
        issued_on as posting_date,
        item_code,
        quantity,
        amount
    from {{ source('manufacturing', 'material_issues') }}
    union all
    select
        _source,
        'labour:' || id as cost_key,
        work_order_id,
        'actual' as kind,
        'labour' as element,
        worked_on as posting_date,
        null as item_code,
        labour_hours as quantity,
        amount
    from time_entry
    union all
    select
        _source,
        'machine:' || id as cost_key,
        work_order_id,
        'actual' as kind,
        'machine' as element,
        worked_on as posting_date,
        null as item_code,
        machine_hours as quantity,
        0 as amount
    from time_entry
)

select
    _source || ':' || cost_key as work_order_cost_id,
    _source || ':' || work_order_id as work_order_id,
    kind::varchar as kind,
    element::varchar as element,
    posting_date::date as posting_date,
    item_code::varchar as item_code,
    quantity::decimal(18, 6) as quantity,
    amount::decimal(18, 4) as amount_company_currency,
    _source::varchar as source_system,
    cost_key::varchar as source_key
from cost
