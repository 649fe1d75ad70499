with

{% for side, item, party, expense in [
    ('sales', 'receivable', 'customer_id', 'cost_amount_company_currency'), ('purchase', 'payable', 'supplier_id', none)
] %}
{{ side }}_item as (
    select
        invoice_id,
        min(posting_date) as posting_date,
        sum(amount_company_currency) as amount_company_currency
    from {{ ref('int_' ~ item) }}
    where invoice_id is not null
    group by invoice_id
),

{{ side }}_line as (
    select
        line.*,
        header.invoice_number,
        header.kind,
        header.{{ party }},
        header.invoice_date,
        header.document_currency
    from {{ ref('int_' ~ side ~ '_invoice_line') }} as line
    inner join {{ ref('int_' ~ side ~ '_invoice') }} as header on line.invoice_id = header.invoice_id
),

{{ side }}_invoice as (
    select
        header.*,
        coalesce(item.posting_date, header.invoice_date) as posting_date,
        company.currency,
        line.net_amount_company_currency,
        line.amount_company_currency,
        line.net_amount_document_currency as net_of_lines,
        item.amount_company_currency as amount_of_items
    from {{ ref('int_' ~ side ~ '_invoice') }} as header
    inner join {{ ref('int_company') }} as company on header.company_id = company.company_id
    left join (
        select
            invoice_id,
            sum(net_amount_document_currency) as net_amount_document_currency,
            sum(net_amount_company_currency) as net_amount_company_currency,
            sum(net_amount_company_currency + tax_amount_company_currency) as amount_company_currency
        from {{ ref('int_' ~ side ~ '_invoice_line') }}
        group by invoice_id
    ) as line on header.invoice_id = line.invoice_id
    left join {{ side }}_item as item on header.invoice_id = item.invoice_id
),

-- How far the booked amount is off what the rate of the day makes of it.
{{ side }}_rated as (
    select
        record.*,
        case
            when record.document_currency = record.currency
                then case when abs(record.net_of_lines - record.net_amount_company_currency) >= 0.01 then 1 else 0 end
            when abs(record.net_of_lines) >= 1
                then abs(
                    cast(record.net_amount_company_currency as double)
                    / (
                        cast(record.net_of_lines as double) * cast(document_rate.rate_to_reporting as double)
                        / cast(company_rate.rate_to_reporting as double)
                    ) - 1
                )
            else 0
        end as off
    from {{ side }}_invoice as record
    left join {{ ref('int_reporting_rate') }} as document_rate
        on
            record.source_system = document_rate.source_system
            and record.document_currency = document_rate.currency
            and record.posting_date = document_rate.date_day
    left join {{ ref('int_reporting_rate') }} as company_rate
        on
            record.source_system = company_rate.source_system
            and record.currency = company_rate.currency
            and record.posting_date = company_rate.date_day
),

-- Tax rates in use: what tax is of net on many lines, amounts too small to tell apart left out.
{{ side }}_tax_rate as (
    select
        company_id,
        rate
    from (
        select
            company_id,
            rate,
            count(*) as lines,
            sum(count(*)) over (partition by company_id) as lines_of_company
        from (
            select
                company_id,
                cast(
                    round(cast(tax_amount_document_currency as double) / net_amount_document_currency, 3)
                    as decimal(9, 3)
                ) as rate
            from {{ side }}_line
            where abs(net_amount_document_currency) >= 10
        ) as taxed
        group by company_id, rate
    ) as used
    where lines >= 3 and lines * 200 >= lines_of_company
),

{{ side }}_document as (
    select
        invoice_id as record_id,
        invoice_number as number,
        posting_date as dated,
        company_id,
        source_system,
        source_key
    from {{ side }}_invoice
),

{{ in_series(side ~ '_document') }}{{ ',' if not loop.last }}
{% endfor %}

{% for side, party in [('sales', 'customer_id'), ('purchase', 'supplier_id')] %}
select
    {{ warning(
        'line_arithmetic', side ~ '_invoice_line', 'record.invoice_line_id', 'record.invoice_id',
        "concat('invoice ', coalesce(record.invoice_number, ''), ': ', cast(record.quantity as varchar), ' at ', "
        ~ "cast(record.unit_price_document_currency as varchar), ' is not ', "
        ~ "cast(record.net_amount_document_currency as varchar))"
    ) }}
from {{ side }}_line as record
where
    abs(
        cast(record.quantity as double) * cast(record.unit_price_document_currency as double)
        - cast(record.net_amount_document_currency as double)
    ) > 0.02 + 0.00001 * abs(cast(record.net_amount_document_currency as double))

union all

select
    {{ warning(
        'tax_rate_unusual', side ~ '_invoice_line', 'record.invoice_line_id', 'record.invoice_id',
        "concat('invoice ', coalesce(record.invoice_number, ''), ': tax ', "
        ~ "cast(record.tax_amount_document_currency as varchar), ' of ', "
        ~ "cast(record.net_amount_document_currency as varchar), ' is none of the rates in use')"
    ) }}
from {{ side }}_line as record
where
    record.company_id in (select company_id from {{ side }}_tax_rate)
    and not exists (
        select 1
        from {{ side }}_tax_rate as used
        where
            record.company_id = used.company_id
            and abs(
                record.tax_amount_document_currency
                - cast(record.net_amount_document_currency as decimal(18, 4)) * used.rate
            ) <= 0.02 + 0.0006 * abs(record.net_amount_document_currency)
    )

union all

select
    {{ warning(
        'booked_rate_implausible', side ~ '_invoice', 'record.invoice_id', 'record.invoice_id',
        "concat('invoice ', coalesce(record.invoice_number, ''), ': ', cast(record.net_of_lines as varchar), ' ', "
        ~ "record.document_currency, ' booked as ', cast(record.net_amount_company_currency as varchar), ' ', "
        ~ "record.currency)"
    ) }}
from (
    -- A company that books at rates of its own, monthly ones for instance, is told of what is far off alone.
    select
        *,
        count(*) over (partition by company_id) as documents,
        sum(case when off > 0.02 and net_of_lines > 0 then 1 else 0 end) over (partition by company_id) as documents_off
    from {{ side }}_rated
) as record
-- A credit note may be booked at the rate of the invoice that it takes back.
where
    record.off > 0.2
    or record.off > 0.02 and record.net_of_lines > 0 and record.documents_off <= 3 + record.documents / 50

union all

select
    {{ warning(
        'open_item_differs_from_lines', side ~ '_invoice', 'record.invoice_id', 'record.invoice_id',
        "concat('invoice ', coalesce(record.invoice_number, ''), ': lines ', "
        ~ "cast(record.amount_company_currency as varchar), ', open item ', cast(record.amount_of_items as varchar), "
        ~ "' ', record.currency)"
    ) }}
from {{ side }}_invoice as record
-- Lines and documents are rounded apart.
where abs(record.amount_company_currency - record.amount_of_items) >= 0.05

union all

-- The same amount of the same order line, billed again.
select
    {{ warning(
        'order_line_billed_twice', side ~ '_invoice_line', 'record.invoice_line_id', 'record.invoice_id',
        "concat('invoices ', record.first_number, ' and ', record.last_number, ' bill the order line ', "
        ~ "record.order_line_id, ' alike')"
    ) }}
from (
    select
        *,
        count(*) over (partition by order_line_id, quantity, net_amount_document_currency) as billed,
        min(invoice_number) over (partition by order_line_id, quantity, net_amount_document_currency) as first_number,
        max(invoice_number) over (partition by order_line_id, quantity, net_amount_document_currency) as last_number
    from {{ side }}_line
    where order_line_id is not null and kind = 'invoice'
) as record
where record.billed > 1

union all

select
    {{ warning(
        'invoice_twice', side ~ '_invoice', 'record.invoice_id', 'record.invoice_id',
        "concat('invoices ', record.first_number, ' and ', record.last_number, ' carry the same reference ', "
        ~ "coalesce(record.reference, ''), ' and amount')"
    ) }}
from (
    select
        invoice.*,
        count(*) over same as documents,
        min(invoice.invoice_number) over same as first_number,
        max(invoice.invoice_number) over same as last_number
    from {{ side }}_invoice as invoice
    where invoice.reference is not null and invoice.kind = 'invoice'
    window same as (
        partition by
            invoice.company_id, invoice.{{ party }}, {{ letters_and_digits('invoice.reference') }},
            invoice.document_currency, invoice.net_amount_document_currency
    )
) as record
where record.documents > 1

union all

{{ number_faults(side ~ '_invoice', side ~ '_document') }}
{{ 'union all' if not loop.last }}
{% endfor %}
