{# side of the invoice, side of the trade, party, open item #}
{% set sides = [('sales', 'seller', 'customer', 'receivable'), ('purchase', 'buyer', 'supplier', 'payable')] %}

{% for side, role, party, item in sides %}
(
    with

    invoice as (
        select *
        from {{ ref('int_' ~ side ~ '_invoice') }} as invoice
        where {{ not_quarantined(side ~ '_invoice', 'invoice.invoice_id') }}
    ),

    posting as (
        select
            invoice_id,
            min(posting_date) as posting_date
        from {{ ref('int_' ~ item) }}
        where invoice_id is not null
        group by invoice_id
    ),

    partner as (
        select
            party_id,
            company_id
        from {{ ref('int_intercompany_party') }}
        where party_kind = '{{ party }}'
    ),

    between_companies as (
        select
            invoice.*,
            partner.company_id as partner_company_id,
            coalesce(posting.posting_date, invoice.invoice_date) as posting_date,
            rate.rate_to_reporting
        from invoice
        inner join partner on invoice.{{ party }}_id = partner.party_id and invoice.company_id <> partner.company_id
        left join posting on invoice.invoice_id = posting.invoice_id
        left join {{ ref('int_company') }} as company on invoice.company_id = company.company_id
        left join {{ ref('int_reporting_rate') }} as rate
            on
                company.source_system = rate.source_system
                and company.currency = rate.currency
                and invoice.invoice_date = rate.date_day
    ),

    -- Line by line, as the published invoice lines are converted and rounded.
    amount as (
        select
            line.invoice_id,
            sum({{ converted('line.net_amount_company_currency', 'invoice.rate_to_reporting') }}) as net_amount,
            sum({{ converted('line.tax_amount_company_currency', 'invoice.rate_to_reporting') }}) as tax_amount
        from {{ ref('int_' ~ side ~ '_invoice_line') }} as line
        inner join between_companies as invoice on line.invoice_id = invoice.invoice_id
        group by line.invoice_id
    )

    select
        '{{ role }}' as side,
        invoice.invoice_id,
        invoice.invoice_number,
        invoice.reference,
        {% if role == 'seller' %}
        invoice.company_id as seller_company_id,
        invoice.partner_company_id as buyer_company_id,
        {% else %}
        invoice.partner_company_id as seller_company_id,
        invoice.company_id as buyer_company_id,
        {% endif %}
        invoice.invoice_date,
        invoice.posting_date,
        invoice.document_currency,
        invoice.net_amount_document_currency,
        cast(
            invoice.net_amount_document_currency + invoice.tax_amount_document_currency as decimal(18, 4)
        ) as gross_amount_document_currency,
        cast(amount.net_amount as decimal(18, 4)) as net_amount_reporting_currency,
        cast(amount.net_amount + amount.tax_amount as decimal(18, 4)) as gross_amount_reporting_currency,
        invoice.source_system,
        invoice.source_key
    from between_companies as invoice
    left join amount on invoice.invoice_id = amount.invoice_id
)
{% if not loop.last %}union all{% endif %}
{% endfor %}
