with work_order as (
    select * from {{ source('manufacturing', 'work_orders') }}
)

select
    _source || ':' || id as work_order_id,
    work_order_number::varchar as work_order_number,
    company_code::varchar as company_code,
    product_code::varchar as product_code,
    status::varchar as status,
    quantity_planned::decimal(18, 6) as quantity_planned,
    quantity_finished::decimal(18, 6) as quantity_finished,
    started_on::date as start_date,
    finished_on::date as finished_date,
    _source::varchar as source_system,
    id::varchar as source_key
from work_order
