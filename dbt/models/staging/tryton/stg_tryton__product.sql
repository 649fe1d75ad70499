with product as (
    select * from {{ source('tryton', 'product_product') }}
),

template as (
    select * from {{ source('tryton', 'product_template') }}
),

category as (
    select * from {{ source('tryton', 'product_category') }}
),

unit as (
    select * from {{ source('tryton', 'product_uom') }}
),

first_category as (
    select
        _source,
        template,
        category
    from {{ source('tryton', 'product_template_product_category') }}
    qualify row_number() over (partition by _source, template order by id) = 1
),

-- Prices are kept per company; one source has one list, so the first company's stands.
list_price as (
    select
        _source,
        template,
        list_price
    from {{ source('tryton', 'product_list_price') }}
    where list_price is not null
    qualify row_number() over (partition by _source, template order by company nulls first, id) = 1
),

cost_price as (
    select
        _source,
        product,
        cost_price
    from {{ source('tryton', 'product_cost_price') }}
    where cost_price is not null
    qualify row_number() over (partition by _source, product order by company nulls first, id) = 1
)

select
    product._source || ':' || product.id::varchar as product_id,
    coalesce(product.code, product.id::varchar)::varchar as code,
    template.name::varchar as name,
    category.name::varchar as category,
    unit.symbol::varchar as unit,
    list_price.list_price::decimal(18, 6) as list_price,
    cost_price.cost_price::decimal(18, 6) as cost_price,
    (coalesce(product.active, true) and coalesce(template.active, true))::boolean as is_active,
    product._source::varchar as source_system,
    product.id::varchar as source_key
from product
inner join template on product.template = template.id and product._source = template._source
left join first_category on template.id = first_category.template and template._source = first_category._source
left join category
    on
        coalesce(first_category.category, template.account_category) = category.id
        and template._source = category._source
left join unit on template.default_uom = unit.id and template._source = unit._source
left join list_price on template.id = list_price.template and template._source = list_price._source
left join cost_price on product.id = cost_price.product and product._source = cost_price._source
