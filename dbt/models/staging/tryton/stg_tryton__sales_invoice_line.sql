with document_line as (
    select * from {{ ref('base_tryton__document_line') }}
    where side = 'receivable'
),

document as (
    select * from {{ ref('base_tryton__document') }}
),

invoice_line as (
    select * from {{ source('tryton', 'account_invoice_line') }}
),

unit as (
    select * from {{ source('tryton', 'product_uom') }}
),

product as (
    select * from {{ source('tryton', 'product_product') }}
),

template as (
    select * from {{ source('tryton', 'product_template') }}
),

sale as (
    select * from {{ source('tryton', 'sale_sale') }}
),

sale_line as (
    select * from {{ source('tryton', 'sale_line') }}
),

address as (
    select * from {{ source('tryton', 'party_address') }}
),

country as (
    select * from {{ source('tryton', 'country_country') }}
),

subdivision as (
    select * from {{ source('tryton', 'country_subdivision') }}
),

-- Goods are billed in part or together: their cost per unit counts, not their quantity.
delivered_cost as (
    select
        link._source,
        link.invoice_line,
        sum(stock_move.internal_quantity::double * stock_move.cost_price::double)
        / sum(stock_move.internal_quantity::double) as unit_cost
    from {{ source('tryton', 'account_invoice_line_stock_move') }} as link
    inner join {{ source('tryton', 'stock_move') }} as stock_move
        on link.stock_move = stock_move.id and link._source = stock_move._source
    where stock_move.state = 'done' and stock_move.cost_price is not null and stock_move.internal_quantity > 0
    group by link._source, link.invoice_line
),

cost_price as (
    select
        _source,
        product,
        company,
        max(cost_price) as cost_price
    from {{ source('tryton', 'product_cost_price') }}
    group by _source, product, company
),

sold_to as (
    select
        invoice_line._source,
        invoice_line.id as line,
        coalesce(sale.shipment_address, sale.invoice_address) as address
    from invoice_line
    inner join sale_line
        on invoice_line.origin = 'sale.line,' || sale_line.id::varchar and invoice_line._source = sale_line._source
    inner join sale on sale_line.sale = sale.id and sale_line._source = sale._source
)

select
    document_line._source || ':' || document_line.document_key || ':'
    || coalesce(document_line.line::varchar, 'tax') as invoice_line_id,
    document_line._source || ':' || document_line.document_key as invoice_id,
    document_line._source || ':' || document_line.company::varchar as company_id,
    (invoice_line._source || ':' || invoice_line.product::varchar)::varchar as product_id,
    invoice_line.description::varchar as description,
    (invoice_line._source || ':' || invoice_line.account::varchar)::varchar as account_id,
    (document_line.factor * coalesce(invoice_line.quantity, 0))::decimal(18, 6) as quantity,
    invoice_line.unit_price::decimal(18, 6) as unit_price_document_currency,
    document_line.net_amount::decimal(18, 4) as net_amount_document_currency,
    document_line.tax_amount::decimal(18, 4) as tax_amount_document_currency,
    document_line.net_amount_company_currency::decimal(18, 4) as net_amount_company_currency,
    document_line.tax_amount_company_currency::decimal(18, 4) as tax_amount_company_currency,
    document_line.tax_rate::decimal(28, 12) as tax_rate,
    (document_line._source || ':' || document_line.tax_account::varchar)::varchar as tax_account_id,
    case
        when invoice_line.origin like 'sale.line,%' and invoice_line.origin not like '%,-%'
            then invoice_line._source || ':' || invoice_line.origin
    end::varchar as order_line_id,
    (document_line.factor * round(
        invoice_line.quantity::double * coalesce(unit.factor::double / nullif(default_unit.factor::double, 0), 1)
        * coalesce(delivered_cost.unit_cost, cost_price.cost_price::double, any_cost_price.cost_price::double)
        / document.company_currency_rounding::double
    ) * document.company_currency_rounding)::decimal(18, 4) as cost_amount_company_currency,
    coalesce(subdivision.name, country.name)::varchar as region,
    null::varchar as channel,
    null::varchar as salesperson_id,
    document_line._source::varchar as source_system,
    (document_line.document_key || ':' || coalesce(document_line.line::varchar, 'tax'))::varchar as source_key
from document_line
inner join document
    on document_line.document_key = document.document_key and document_line._source = document._source
left join invoice_line on document_line.line = invoice_line.id and document_line._source = invoice_line._source
left join product on invoice_line.product = product.id and invoice_line._source = product._source
left join template on product.template = template.id and product._source = template._source
left join unit on invoice_line.unit = unit.id and invoice_line._source = unit._source
left join unit as default_unit on template.default_uom = default_unit.id and template._source = default_unit._source
left join delivered_cost
    on invoice_line.id = delivered_cost.invoice_line and invoice_line._source = delivered_cost._source
left join cost_price
    on
        invoice_line.product = cost_price.product
        and document_line.company = cost_price.company
        and invoice_line._source = cost_price._source
left join cost_price as any_cost_price
    on
        invoice_line.product = any_cost_price.product
        and any_cost_price.company is null
        and invoice_line._source = any_cost_price._source
left join sold_to on invoice_line.id = sold_to.line and invoice_line._source = sold_to._source
left join address
    on coalesce(sold_to.address, document_line.invoice_address) = address.id and document_line._source = address._source
left join country on address.country = country.id and address._source = country._source
left join subdivision on address.subdivision = subdivision.id and address._source = subdivision._source
