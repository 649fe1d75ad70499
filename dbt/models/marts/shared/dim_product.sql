select
    product.product_id,
    product.code,
    product.name,
    product.category,
    product.unit,
    product.list_price,
    product.cost_price,
    product.is_active,
    case when {{ is_held('product', 'product.product_id') }} then 'held' else 'active' end as status,
    product.source_system,
    product.source_key
from {{ ref('int_product') }} as product
