-- A category may leave its accounts to the one above it.
with recursive category as (
    select
        id as category,
        id as holder,
        _source,
        parent,
        coalesce(account_parent, false) as asks_parent
    from {{ source('tryton', 'product_category') }}
    union all
    select
        category.category,
        above.id as holder,
        above._source,
        above.parent,
        coalesce(above.account_parent, false) as asks_parent
    from category
    inner join {{ source('tryton', 'product_category') }} as above
        on category.parent = above.id and category._source = above._source and category.asks_parent
),

-- How cost is found: of the article and company, else of the article, else as configured, else fixed as the ERP has it.
default_method as (
    select
        _source,
        min(default_cost_price_method) as cost_price_method
    from {{ source('tryton', 'product_configuration_default_cost_price_method') }}
    group by _source
)

select
    product._source,
    product.id as product,
    account.company,
    account.account_expense,
    account.account_stock,
    account.account_stock_in,
    account.account_stock_out,
    account.account_cogs,
    coalesce(method.cost_price_method, default_method.cost_price_method, 'fixed') as cost_price_method
from {{ source('tryton', 'product_product') }} as product
inner join {{ source('tryton', 'product_template') }} as template
    on product.template = template.id and product._source = template._source
inner join category
    on template.account_category = category.category and template._source = category._source
inner join {{ source('tryton', 'product_category_account') }} as account
    on category.holder = account.category and category._source = account._source
left join {{ source('tryton', 'product_cost_price_method') }} as method
    on template.id = method.template and template._source = method._source and account.company = method.company
left join default_method on template._source = default_method._source
where not category.asks_parent and template.type = 'goods' and account.account_stock is not null
