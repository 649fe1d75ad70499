with

work_order as (
    {{ union_staging('work_order', [
        'work_order_id', 'work_order_number', 'company_code', 'product_code', 'status', 'quantity_planned',
        'quantity_finished', 'start_date', 'finished_date', 'source_system', 'source_key'
    ]) }}
),

company as (
    {{ company_by_code() }}
),

product as (
    select *
    from {{ ref('int_product') }}
    qualify row_number() over (partition by source_system, code order by product_id) = 1
)

select
    work_order.*,
    company.company_id,
    company.currency,
    product.product_id
from work_order
left join company on work_order.company_code = company.code
-- Articles bear the codes of the company's own ERP.
left join product on company.source_system = product.source_system and work_order.product_code = product.code
