with

invoice as (
    select *
    from {{ ref('int_sales_invoice') }} as invoice
    where {{ not_quarantined('sales_invoice', 'invoice.invoice_id') }}
),

line as (
    select *
    from {{ ref('int_sales_invoice_line') }} as line
    where {{ not_quarantined('sales_invoice_line', 'line.invoice_line_id') }}
),

joined as (
    select
        line.invoice_id,
        invoice.invoice_number,
        line.invoice_line_id,
        invoice.kind,
        invoice.company_id,
        {{ golden_id('customer', 'invoice.customer_id') }} as customer_id,
        invoice.customer_id as customer_record_id,
        line.product_id,
        line.account_id,
        line.order_line_id,
        line.description,
        invoice.invoice_date,
        invoice.document_currency,
        line.quantity,
        line.unit_price_document_currency,
        line.net_amount_document_currency,
        line.tax_amount_document_currency,
        line.net_amount_company_currency,
        line.tax_amount_company_currency,
        line.tax_rate,
        line.tax_account_id,
        line.cost_amount_company_currency,
        coalesce(line.region, customer.region, customer.country) as region,
        coalesce(line.channel, customer.channel) as channel,
        coalesce(line.salesperson_id, customer.salesperson_id) as salesperson_id,
        invoice.is_disputed,
        line.source_system,
        line.source_key,
        rate.rate_to_reporting
    from line
    inner join invoice on line.invoice_id = invoice.invoice_id
    left join {{ ref('int_customer') }} as customer on invoice.customer_id = customer.customer_id
    left join {{ ref('int_company') }} as company on invoice.company_id = company.company_id
    left join {{ ref('int_reporting_rate') }} as rate
        on
            company.source_system = rate.source_system
            and company.currency = rate.currency
            and invoice.invoice_date = rate.date_day
)

select
    invoice_id,
    invoice_number,
    invoice_line_id,
    kind,
    company_id,
    customer_id,
    customer_record_id,
    product_id,
    account_id,
    order_line_id,
    description,
    invoice_date,
    document_currency,
    quantity,
    unit_price_document_currency,
    net_amount_document_currency,
    tax_amount_document_currency,
    net_amount_company_currency,
    tax_amount_company_currency,
    tax_rate,
    tax_account_id,
    {{ converted('net_amount_company_currency', 'rate_to_reporting') }} as net_amount_reporting_currency,
    {{ converted('tax_amount_company_currency', 'rate_to_reporting') }} as tax_amount_reporting_currency,
    cost_amount_company_currency,
    {{ converted('cost_amount_company_currency', 'rate_to_reporting') }} as cost_amount_reporting_currency,
    -- Empty where the source knows no cost: an unknown cost is not a cost of nothing.
    net_amount_company_currency - cost_amount_company_currency as margin_amount_company_currency,
    {{ converted('net_amount_company_currency', 'rate_to_reporting') }}
    - {{ converted('cost_amount_company_currency', 'rate_to_reporting') }} as margin_amount_reporting_currency,
    region,
    channel,
    salesperson_id,
    is_disputed,
    source_system,
    source_key
from joined
-- Days lie together, so that a reader of some months skips the others.
order by invoice_date
