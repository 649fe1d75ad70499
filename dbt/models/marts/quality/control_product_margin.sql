with

margin as (
    select
        company_id,
        sum(revenue_company_currency) as revenue,
        sum(allocated_overhead_company_currency) as overhead
    from {{ ref('fct_product_margin') }}
    group by company_id
),

sold as (
    select
        company_id,
        sum(net_amount_company_currency) as revenue
    from {{ ref('fct_sales_invoice_line') }}
    where invoice_date <= {{ as_of() }}
    group by company_id
),

allocated as (
    select
        company_id,
        sum(amount_company_currency) as overhead
    from {{ ref('fct_cost_allocation') }}
    where target_type <> 'unallocated'
    group by company_id
),

compared as (
    select
        margin.company_id,
        margin.revenue,
        margin.overhead,
        coalesce(sold.revenue, 0) as sold_revenue,
        coalesce(allocated.overhead, 0) as allocated_overhead
    from margin
    left join sold on margin.company_id = sold.company_id
    left join allocated on margin.company_id = allocated.company_id
)

{% for left, right, left_label, right_label in [
    ('revenue', 'sold_revenue', 'revenue in the margin of products', 'net of sales invoice lines'),
    ('overhead', 'allocated_overhead', 'overhead in the margin of products', 'allocated overhead'),
] %}
select
    'product_margin' as control,
    company_id,
    {{ as_of() }} as as_of,
    '{{ left_label }}' as left_label,
    '{{ right_label }}' as right_label,
    cast({{ left }} as decimal(38, 4)) as left_total,
    cast({{ right }} as decimal(38, 4)) as right_total,
    0 as broken,
    'all products and periods' as detail,
    false as blocking
from compared
{% if not loop.last %}union all{% endif %}
{% endfor %}
