{{ config(materialized='table') }}

with invoice as (
    select * from {{ source('tryton', 'account_invoice') }}
),

posted_move as (
    select * from {{ source('tryton', 'account_move') }}
    where state = 'posted'
),

currency as (
    select * from {{ source('tryton', 'currency_currency') }}
),

company as (
    select * from {{ source('tryton', 'company_company') }}
),

posted as (
    select
        invoice._source,
        invoice.id as invoice,
        invoice.id::varchar as document_key,
        1 as factor,
        posted_move.id as move,
        posted_move.date as posting_date,
        invoice.invoice_date
    from invoice
    inner join posted_move on invoice.move = posted_move.id and invoice._source = posted_move._source
),

-- Cancelling leaves the posted entry in the books and reverses it by another. Where that is not the entry of a credit
-- note it is a document of its own here, so that invoices and ledger agree in every period.
reversed as (
    select
        posted._source,
        posted.invoice,
        posted.document_key || '-cancelled' as document_key,
        -1 as factor,
        posted_move.id as move,
        posted_move.date as posting_date,
        posted_move.date as invoice_date
    from posted
    inner join invoice on posted.invoice = invoice.id and posted._source = invoice._source
    inner join posted_move on invoice.cancel_move = posted_move.id and invoice._source = posted_move._source
    left join invoice as credit_note
        on invoice.cancel_move = credit_note.move and invoice._source = credit_note._source
    where credit_note.id is null
),

document as (
    select * from posted
    union all
    select * from reversed
)

select
    document._source,
    document.document_key,
    document.invoice,
    document.factor,
    case invoice.type when 'out' then 'receivable' else 'payable' end as side,
    invoice.state,
    invoice.number,
    invoice.reference,
    invoice.company,
    invoice.party,
    invoice.account,
    document.move,
    document.invoice_date,
    document.posting_date,
    invoice.invoice_address,
    invoice.currency,
    currency.code as currency_code,
    currency.rounding as currency_rounding,
    company.currency as company_currency,
    company_currency.code as company_currency_code,
    company_currency.rounding as company_currency_rounding,
    (document.factor * invoice.untaxed_amount_cache)::decimal(18, 4) as net_amount,
    (document.factor * invoice.tax_amount_cache)::decimal(18, 4) as tax_amount
from document
inner join invoice on document.invoice = invoice.id and document._source = invoice._source
inner join company on invoice.company = company.id and invoice._source = company._source
inner join currency on invoice.currency = currency.id and invoice._source = currency._source
inner join currency as company_currency
    on company.currency = company_currency.id and company._source = company_currency._source
