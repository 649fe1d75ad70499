with

invoice as (
    select *
    from {{ ref('int_purchase_invoice') }} as invoice
    where {{ not_quarantined('purchase_invoice', 'invoice.invoice_id') }}
),

line as (
    select *
    from {{ ref('int_purchase_invoice_line') }} as line
    where {{ not_quarantined('purchase_invoice_line', 'line.invoice_line_id') }}
)

select
    line.invoice_id,
    invoice.invoice_number,
    invoice.reference,
    line.invoice_line_id,
    invoice.kind,
    invoice.company_id,
    {{ golden_id('supplier', 'invoice.supplier_id') }} as supplier_id,
    invoice.supplier_id as supplier_record_id,
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
    {{ converted('line.net_amount_company_currency', 'rate.rate_to_reporting') }} as net_amount_reporting_currency,
    {{ converted('line.tax_amount_company_currency', 'rate.rate_to_reporting') }} as tax_amount_reporting_currency,
    invoice.is_disputed,
    line.source_system,
    line.source_key
from line
inner join invoice on line.invoice_id = invoice.invoice_id
left join {{ ref('int_company') }} as company on invoice.company_id = company.company_id
left join {{ ref('int_reporting_rate') }} as rate
    on
        company.source_system = rate.source_system
        and company.currency = rate.currency
        and invoice.invoice_date = rate.date_day
