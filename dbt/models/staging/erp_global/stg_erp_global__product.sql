with product as (
    select * from {{ source('erp_global', 'products') }}
),

category as (
    select * from {{ source('erp_global', 'product_categories') }}
)

select
    product._source || ':' || product.id::varchar as product_id,
    product.sku::varchar as code,
    product.description::varchar as name,
    category.name::varchar as category,
    product.unit_of_measure::varchar as unit,
    product.list_price_eur::decimal(18, 6) as list_price,
    product.standard_cost_eur::decimal(18, 6) as cost_price,
    (not coalesce(product.discontinued, false))::boolean as is_active,
    product._source::varchar as source_system,
    product.id::varchar as source_key
from product
left join category on product.category_id = category.id and product._source = category._source
