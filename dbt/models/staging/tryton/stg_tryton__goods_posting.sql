with moved as (
    select * from {{ ref('base_tryton__goods_move') }}
),

document_line as (
    select * from {{ ref('base_tryton__document_line') }}
),

document as (
    select * from {{ ref('base_tryton__document') }}
),

invoice_line as (
    select * from {{ source('tryton', 'account_invoice_line') }}
),

-- Where goods are taken into cost as they are billed: what those delivered for the line are worth a piece.
unit_amount as (
    select
        link._source,
        link.invoice_line,
        sum(moved.exact_other_amount::double) / sum(moved.internal_quantity::double) as amount
    from {{ source('tryton', 'account_invoice_line_stock_move') }} as link
    inner join moved on link.stock_move = moved.id and link._source = moved._source
    where moved.internal_quantity > 0
    group by link._source, link.invoice_line
),

billed as (
    select
        document._source,
        document.document_key,
        document.company,
        document.posting_date,
        document.side,
        document.company_currency_rounding,
        invoice_line.id as line,
        invoice_line.product,
        {{ half_even(
            '(document.factor * invoice_line.quantity::double'
            ~ ' * coalesce(unit.factor::double / nullif(default_unit.factor::double, 0), 1)'
            ~ ' * unit_amount.amount)::decimal(34, 12)', 'document.company_currency_rounding'
        ) }} as amount,
        -- Goods leave by a sale and by what a supplier takes back.
        case
            when (document.factor * invoice_line.quantity > 0) = (document.side = 'receivable')
                then goods.account_stock_out
            else goods.account_stock_in
        end as goods_account,
        case when document.side = 'receivable' then goods.account_cogs else invoice_line.account end as other_account
    from document_line
    inner join document
        on document_line.document_key = document.document_key and document_line._source = document._source
    inner join invoice_line on document_line.line = invoice_line.id and document_line._source = invoice_line._source
    inner join {{ source('tryton', 'product_product') }} as product
        on invoice_line.product = product.id and invoice_line._source = product._source
    inner join {{ source('tryton', 'product_template') }} as template
        on product.template = template.id and product._source = template._source
    inner join {{ ref('base_tryton__goods_account') }} as goods
        on
            invoice_line.product = goods.product
            and document.company = goods.company
            and document._source = goods._source
    inner join {{ source('tryton', 'account_fiscalyear') }} as year
        on
            document.company = year.company
            and document._source = year._source
            and document.posting_date >= year.start_date
            and document.posting_date <= year.end_date
            and year.account_stock_method = 'anglo_saxon'
    left join {{ source('tryton', 'product_uom') }} as unit
        on invoice_line.unit = unit.id and invoice_line._source = unit._source
    left join {{ source('tryton', 'product_uom') }} as default_unit
        on template.default_uom = default_unit.id and template._source = default_unit._source
    inner join unit_amount
        on invoice_line.id = unit_amount.invoice_line and invoice_line._source = unit_amount._source
)

select
    moved._source || ':move-' || moved.id::varchar as goods_posting_id,
    case
        when moved.origin like 'sale.line,%' then 'shipment_line'
        when moved.origin like 'purchase.line,%' then 'goods_receipt_line'
        else 'goods_move'
    end::varchar as document_type,
    moved._source || ':' || moved.id::varchar as document_id,
    moved._source || ':' || moved.company::varchar as company_id,
    moved.moved_date::date as posting_date,
    (moved._source || ':' || moved.product::varchar)::varchar as product_id,
    (moved._source || ':' || moved.account_stock::varchar)::varchar as goods_account_id,
    (moved._source || ':' || moved.account_other::varchar)::varchar as other_account_id,
    (moved._source || ':' || moved.account_expense::varchar)::varchar as variance_account_id,
    moved.goods_amount::decimal(18, 4) as goods_amount_company_currency,
    moved.other_amount::decimal(18, 4) as other_amount_company_currency,
    moved._source::varchar as source_system,
    ('move-' || moved.id::varchar)::varchar as source_key
from moved

union all

-- Sold goods leave the clearing account of deliveries for cost of sales, bought ones that of receipts for the line's.
select
    billed._source || ':bill-' || billed.document_key || ':' || billed.line::varchar as goods_posting_id,
    case billed.side when 'receivable' then 'sales_invoice' else 'purchase_invoice' end::varchar as document_type,
    billed._source || ':' || billed.document_key as document_id,
    billed._source || ':' || billed.company::varchar as company_id,
    billed.posting_date::date as posting_date,
    (billed._source || ':' || billed.product::varchar)::varchar as product_id,
    (billed._source || ':' || billed.goods_account::varchar)::varchar as goods_account_id,
    (billed._source || ':' || billed.other_account::varchar)::varchar as other_account_id,
    null::varchar as variance_account_id,
    (case when billed.side = 'receivable' then -billed.amount else billed.amount end)::decimal(18, 4)
        as goods_amount_company_currency,
    (case when billed.side = 'receivable' then -billed.amount else billed.amount end)::decimal(18, 4)
        as other_amount_company_currency,
    billed._source::varchar as source_system,
    ('bill-' || billed.document_key || ':' || billed.line::varchar)::varchar as source_key
from billed
