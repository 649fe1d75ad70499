with

{{ party_evidence('customer', 'int_receivable', 'int_sales_invoice', 'int_sales_order_line') }}

select
    newest_document.customer_id,
    newest_document.last_document_date,
    currency_of_invoices.invoiced_currency,
    term_of_invoices.invoiced_term_days
from newest_document
left join currency_of_invoices on newest_document.customer_id = currency_of_invoices.customer_id
left join term_of_invoices on newest_document.customer_id = term_of_invoices.customer_id
where newest_document.customer_id is not null
