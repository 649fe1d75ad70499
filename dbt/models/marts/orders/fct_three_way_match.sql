-- A bill is compared with its order (price) and with what had come by as_of (quantity): only what is asked too much
-- fails. A deviation fails when it is past the percentage and costs more than the amount of the tolerance.
with

bill as (
    select
        *,
        sum(quantity) over (
            partition by order_line_id, company_id
            order by invoice_date, invoice_line_id
            rows between unbounded preceding and current row
        ) as quantity_invoiced_so_far
    from {{ ref('fct_purchase_invoice_line') }}
    where kind = 'invoice' and invoice_date <= {{ as_of() }} and net_amount_document_currency > 0
),

company as (
    select * from {{ ref('int_company') }}
),

tolerance as (
    select
        bill.invoice_line_id,
        rule.price_tolerance_percent,
        rule.quantity_tolerance_percent,
        rule.amount_tolerance_company_currency
    from bill
    inner join company on bill.company_id = company.company_id
    inner join {{ ref('match_tolerance') }} as rule
        on
            rule.company_code in (company.code, 'all')
            and bill.invoice_date >= rule.valid_from
            and bill.invoice_date <= rule.valid_to
    -- A company's own rule before the one for all.
    qualify row_number() over (
        partition by bill.invoice_line_id
        order by case when rule.company_code = 'all' then 1 else 0 end, rule.valid_from desc
    ) = 1
),

compared as (
    select
        bill.*,
        ordered.order_id,
        ordered.order_number,
        ordered.is_service,
        ordered.quantity_ordered,
        ordered.quantity_received,
        ordered.unit_price_document_currency as order_price_document_currency,
        ordered.document_currency as order_currency,
        coalesce(tolerance.price_tolerance_percent, 0) as price_tolerance_percent,
        coalesce(tolerance.quantity_tolerance_percent, 0) as quantity_tolerance_percent,
        coalesce(tolerance.amount_tolerance_company_currency, 0) as amount_tolerance_company_currency,
        -- Of what came, later bills have only what earlier ones left.
        greatest(
            least(
                bill.quantity,
                bill.quantity_invoiced_so_far
                - case when ordered.is_service then ordered.quantity_ordered else ordered.quantity_received end
            ), 0
        ) as quantity_not_received,
        case
            when bill.quantity > 0
                then cast(cast(bill.net_amount_document_currency as double) / bill.quantity as decimal(18, 6))
        end as billed_price,
        case
            when bill.net_amount_document_currency > 0
                then {{ cross_rate('bill.net_amount_company_currency', 'bill.net_amount_document_currency') }}
        end as booked_rate
    from bill
    left join {{ ref('fct_purchase_order_line') }} as ordered
        on bill.order_line_id = ordered.order_line_id and bill.company_id = ordered.company_id
    left join tolerance on bill.invoice_line_id = tolerance.invoice_line_id
),

deviating as (
    select
        *,
        cast(
            case
                when order_price_document_currency > 0
                    then 100 * (cast(billed_price as double) / order_price_document_currency - 1)
            end as decimal(18, 4)
        ) as price_difference_percent,
        {{ priced('billed_price - order_price_document_currency', 'quantity') }} as price_difference,
        {{ priced('quantity_not_received', 'billed_price') }} as quantity_difference
    from compared
),

valued as (
    select
        *,
        {{ converted('price_difference', 'booked_rate') }} as price_difference_company_currency,
        {{ converted('quantity_difference', 'booked_rate') }} as quantity_difference_company_currency
    from deviating
),

judged as (
    select
        *,
        order_id is null as misses_order,
        order_id is not null and not is_service and quantity_received = 0 as misses_receipt,
        coalesce(
            order_currency <> document_currency
            or (
                price_difference_percent > price_tolerance_percent
                and price_difference_company_currency > amount_tolerance_company_currency
            ), false
        ) as price_fails,
        coalesce(
            quantity_not_received * 100 > cast(quantity as decimal(16, 4)) * quantity_tolerance_percent
            and quantity_difference_company_currency > amount_tolerance_company_currency, false
        ) as quantity_fails
    from valued
)

select
    invoice_line_id,
    invoice_id,
    invoice_number,
    reference,
    company_id,
    supplier_id,
    product_id,
    invoice_date,
    order_line_id,
    order_id,
    order_number,
    document_currency,
    quantity_ordered,
    quantity_received,
    quantity as quantity_invoiced,
    cast(quantity_not_received as decimal(18, 6)) as quantity_invoiced_not_received,
    order_price_document_currency,
    billed_price as invoice_price_document_currency,
    price_difference_percent,
    price_difference as price_difference_document_currency,
    price_difference_company_currency,
    quantity_difference as quantity_difference_document_currency,
    quantity_difference_company_currency,
    price_tolerance_percent,
    quantity_tolerance_percent,
    amount_tolerance_company_currency,
    case
        when misses_order or misses_receipt then 'missing'
        when quantity_fails then 'quantity'
        when price_fails then 'price'
        else 'matched'
    end as match_status,
    case when misses_order then 'order' when misses_receipt then 'receipt' end as missing_document,
    price_fails,
    quantity_fails,
    net_amount_document_currency,
    net_amount_company_currency,
    net_amount_reporting_currency,
    source_system,
    source_key
from judged
