{# side of the invoices, direction of the tax, open item that tells the day of posting, other party #}
{% set sides = [
    ('sales', 'output', 'receivable', 'customer_id'),
    ('purchase', 'input', 'payable', 'supplier_id'),
] %}

with

line as (
    {% for side, direction, item, party in sides %}
    select
        '{{ direction }}' as direction,
        line.invoice_id,
        line.invoice_number,
        line.kind,
        line.company_id,
        line.{{ party }} as party_id,
        -- Tax belongs to the month in which the document is in the books.
        coalesce(item.posting_date, line.invoice_date) as tax_date,
        line.document_currency,
        line.tax_rate,
        line.net_amount_document_currency,
        line.tax_amount_document_currency,
        line.net_amount_company_currency,
        line.tax_amount_company_currency,
        line.net_amount_reporting_currency,
        line.tax_amount_reporting_currency,
        line.source_system
    from {{ ref('fct_' ~ side ~ '_invoice_line') }} as line
    left join (
        select
            invoice_id,
            min(posting_date) as posting_date
        from {{ ref('fct_' ~ item) }}
        group by invoice_id
    ) as item on line.invoice_id = item.invoice_id
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    concat(direction, ':', invoice_id, ':', coalesce({{ share_as_text('tax_rate') }}, 'unknown')) as tax_line_id,
    direction,
    invoice_id,
    min(invoice_number) as invoice_number,
    min(kind) as kind,
    min(company_id) as company_id,
    min(party_id) as party_id,
    min(tax_date) as tax_date,
    {{ first_of('month', 'min(tax_date)') }} as period_start,
    tax_rate,
    min(document_currency) as document_currency,
    cast(sum(net_amount_document_currency) as decimal(18, 4)) as base_amount_document_currency,
    cast(sum(tax_amount_document_currency) as decimal(18, 4)) as tax_amount_document_currency,
    cast(sum(net_amount_company_currency) as decimal(18, 4)) as base_amount_company_currency,
    cast(sum(tax_amount_company_currency) as decimal(18, 4)) as tax_amount_company_currency,
    cast(sum(net_amount_reporting_currency) as decimal(18, 4)) as base_amount_reporting_currency,
    cast(sum(tax_amount_reporting_currency) as decimal(18, 4)) as tax_amount_reporting_currency,
    min(source_system) as source_system,
    -- Documents are walked back to by their own id.
    invoice_id as source_key
from line
group by direction, invoice_id, tax_rate
