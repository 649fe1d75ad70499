select
    product.product_id,
    product.code,
    {{ as_decided('product', 'name') }},
    {{ as_decided('product', 'category') }},
    {{ as_decided('product', 'unit') }},
    {{ as_decided('product', 'list_price', 'decimal(18, 6)') }},
    {{ as_decided('product', 'cost_price', 'decimal(18, 6)') }},
    product.is_active,
    case when {{ is_held('product', 'product.product_id') }} then 'held' else 'active' end as status,
    product.source_system,
    product.source_key
from {{ ref('int_product') }} as product
