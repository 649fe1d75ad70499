{{ config(materialized='table') }}

with document as (
    select * from {{ ref('base_tryton__document') }}
),

invoice_line as (
    select * from {{ source('tryton', 'account_invoice_line') }}
    where type = 'line'
),

invoice_tax as (
    select * from {{ source('tryton', 'account_invoice_tax') }}
),

move_line as (
    select * from {{ source('tryton', 'account_move_line') }}
),

original as (
    select * from document
    where factor = 1
),

-- What the entry books for a line or a tax of its invoice: credit for customers and debit for suppliers is positive.
booked as (
    select
        original._source,
        move_line.origin,
        sum(
            case original.side when 'receivable' then -1 else 1 end
            * case
                when move_line.second_currency is null then move_line.debit - move_line.credit
                else coalesce(move_line.amount_second_currency, 0)
            end
        ) as amount,
        sum(
            case original.side when 'receivable' then -1 else 1 end * (move_line.debit - move_line.credit)
        ) as amount_company_currency
    from original
    inner join move_line on original.move = move_line.move and original._source = move_line._source
    where move_line.origin like 'account.invoice.line,%' or move_line.origin like 'account.invoice.tax,%'
    group by original._source, move_line.origin
),

-- Units of company currency for one of the document's, for lines that the entry does not name.
document_rate as (
    select
        original._source,
        original.document_key,
        case
            when sum(abs(move_line.amount_second_currency)) > 0
                then
                    sum(abs(move_line.debit - move_line.credit))::double
                    / sum(abs(move_line.amount_second_currency))::double
            else 1
        end as rate
    from original
    inner join move_line
        on
            original.move = move_line.move
            and original.account = move_line.account
            and original._source = move_line._source
    group by original._source, original.document_key
),

line as (
    select
        original._source,
        original.document_key,
        invoice_line.id,
        (round(
            invoice_line.quantity::double * invoice_line.unit_price::double / original.currency_rounding::double
        ) * original.currency_rounding)::decimal(18, 4) as computed_amount,
        booked.amount as booked_amount,
        booked.amount_company_currency as booked_amount_company_currency
    from invoice_line
    inner join original on invoice_line.invoice = original.invoice and invoice_line._source = original._source
    left join booked
        on 'account.invoice.line,' || invoice_line.id::varchar = booked.origin and invoice_line._source = booked._source
),

-- Lines that the entry does not name share what is left of the header, the largest of them takes the difference.
line_total as (
    select
        _source,
        document_key,
        sum(coalesce(booked_amount, computed_amount)) as amount
    from line
    group by _source, document_key
),

line_amount as (
    select
        line._source,
        line.document_key,
        line.id,
        coalesce(
            line.booked_amount,
            line.computed_amount + case
                when row_number() over (
                    partition by line._source, line.document_key
                    order by line.booked_amount asc nulls first, abs(line.computed_amount) desc, line.id
                ) = 1 then original.net_amount - line_total.amount
                else 0
            end
        )::decimal(18, 4) as net_amount,
        line.booked_amount_company_currency,
        document_rate.rate,
        original.company_currency_rounding
    from line
    inner join original on line.document_key = original.document_key and line._source = original._source
    inner join line_total on line.document_key = line_total.document_key and line._source = line_total._source
    left join document_rate
        on line.document_key = document_rate.document_key and line._source = document_rate._source
),

tax as (
    select
        original._source,
        original.document_key,
        original.currency_rounding,
        original.company_currency_rounding,
        invoice_tax.id,
        invoice_tax.tax,
        invoice_tax.account,
        invoice_tax.amount,
        coalesce(
            booked.amount_company_currency,
            round(
                invoice_tax.amount::double * coalesce(document_rate.rate, 1)
                / original.company_currency_rounding::double
            ) * original.company_currency_rounding
        )::decimal(18, 4) as amount_company_currency
    from invoice_tax
    inner join original on invoice_tax.invoice = original.invoice and invoice_tax._source = original._source
    left join booked
        on 'account.invoice.tax,' || invoice_tax.id::varchar = booked.origin and invoice_tax._source = booked._source
    left join document_rate
        on original.document_key = document_rate.document_key and original._source = document_rate._source
    where invoice_tax.amount <> 0
),

-- A line may bear a tax through the tax's parent.
bears_tax as (
    select distinct
        family._source,
        line_tax.line,
        family.tax
    from {{ ref('base_tryton__tax_ancestor') }} as family
    inner join {{ source('tryton', 'account_invoice_line_account_tax') }} as line_tax
        on family.ancestor = line_tax.tax and family._source = line_tax._source
),

tax_line as (
    select
        tax.*,
        line_amount.id as line,
        line_amount.net_amount,
        bears_tax.line is not null as bears
    from tax
    inner join line_amount on tax.document_key = line_amount.document_key and tax._source = line_amount._source
    left join bears_tax
        on line_amount.id = bears_tax.line and tax.tax = bears_tax.tax and tax._source = bears_tax._source
),

-- Lines that bear the tax share it by their amount; failing these, all lines do; failing amounts, equally.
weighed as (
    select
        *,
        case
            when sum(case when bears then net_amount else 0 end) over of_tax <> 0
                then case when bears then net_amount else 0 end
            when sum(net_amount) over of_tax <> 0 then net_amount
            else 1
        end as weight
    from tax_line
    window of_tax as (partition by _source, id)
),

running as (
    select
        *,
        sum(weight) over (
            partition by _source, id order by line rows between unbounded preceding and current row
        ) as weight_so_far,
        sum(weight) over (partition by _source, id) as weight_total,
        row_number() over (partition by _source, id order by line desc) = 1 as is_last
    from weighed
),

-- Rounding the running total, not the share, makes the shares add up.
cumulated as (
    select
        _source,
        document_key,
        id,
        line,
        case
            when is_last then amount
            else
                round(amount::double * weight_so_far::double / weight_total::double / currency_rounding::double)
                * currency_rounding
        end::decimal(18, 4) as amount_so_far,
        case
            when is_last then amount_company_currency
            else round(
                amount_company_currency::double * weight_so_far::double / weight_total::double
                / company_currency_rounding::double
            ) * company_currency_rounding
        end::decimal(18, 4) as amount_company_currency_so_far
    from running
),

share as (
    select
        _source,
        line,
        amount_so_far - coalesce(lag(amount_so_far) over of_tax, 0) as tax_amount,
        amount_company_currency_so_far
        - coalesce(lag(amount_company_currency_so_far) over of_tax, 0) as tax_amount_company_currency
    from cumulated
    window of_tax as (partition by _source, id order by line)
),

line_tax_amount as (
    select
        _source,
        line,
        sum(tax_amount) as tax_amount,
        sum(tax_amount_company_currency) as tax_amount_company_currency
    from share
    group by _source, line
),

-- Taxes of a line act together: a tax of two halves, or one that a second takes back (reverse charge).
tax_of_invoice as (
    select
        _source,
        invoice,
        tax,
        min(account) as account
    from invoice_tax
    group by _source, invoice, tax
),

line_rate as (
    select
        bears_tax._source,
        bears_tax.line,
        sum(coalesce(account_tax.rate, 0)) as tax_rate,
        min(tax_of_invoice.account) as tax_account
    from bears_tax
    inner join invoice_line on bears_tax.line = invoice_line.id and bears_tax._source = invoice_line._source
    inner join tax_of_invoice
        on
            invoice_line.invoice = tax_of_invoice.invoice
            and bears_tax.tax = tax_of_invoice.tax
            and bears_tax._source = tax_of_invoice._source
    inner join {{ source('tryton', 'account_tax') }} as account_tax
        on bears_tax.tax = account_tax.id and bears_tax._source = account_tax._source
    group by bears_tax._source, bears_tax.line
),

-- Tax of an invoice without any line (import duty billed by a carrier, say) stands alone.
without_line as (
    select
        tax._source,
        tax.document_key,
        sum(tax.amount) as tax_amount,
        sum(tax.amount_company_currency) as tax_amount_company_currency,
        min(tax.account) as tax_account
    from tax
    left join line_total on tax.document_key = line_total.document_key and tax._source = line_total._source
    where line_total.document_key is null
    group by tax._source, tax.document_key
),

amounts as (
    select
        line_amount._source,
        line_amount.document_key,
        line_amount.id as line,
        line_amount.net_amount,
        coalesce(
            line_amount.booked_amount_company_currency,
            round(
                line_amount.net_amount::double * coalesce(line_amount.rate, 1)
                / line_amount.company_currency_rounding::double
            ) * line_amount.company_currency_rounding
        ) as net_amount_company_currency,
        coalesce(line_tax_amount.tax_amount, 0) as tax_amount,
        coalesce(line_tax_amount.tax_amount_company_currency, 0) as tax_amount_company_currency,
        coalesce(line_rate.tax_rate, 0) as tax_rate,
        line_rate.tax_account
    from line_amount
    left join line_tax_amount on line_amount.id = line_tax_amount.line and line_amount._source = line_tax_amount._source
    left join line_rate on line_amount.id = line_rate.line and line_amount._source = line_rate._source
    union all
    select
        _source,
        document_key,
        null::bigint as line,
        0 as net_amount,
        0 as net_amount_company_currency,
        tax_amount,
        tax_amount_company_currency,
        null as tax_rate,
        tax_account
    from without_line
)

select
    document._source,
    document.document_key,
    document.invoice,
    document.factor,
    document.side,
    document.company,
    document.invoice_address,
    amounts.line,
    amounts.tax_rate,
    amounts.tax_account,
    (document.factor * amounts.net_amount)::decimal(18, 4) as net_amount,
    (document.factor * amounts.tax_amount)::decimal(18, 4) as tax_amount,
    (document.factor * amounts.net_amount_company_currency)::decimal(18, 4) as net_amount_company_currency,
    (document.factor * amounts.tax_amount_company_currency)::decimal(18, 4) as tax_amount_company_currency
from document
inner join amounts on document.invoice::varchar = amounts.document_key and document._source = amounts._source
