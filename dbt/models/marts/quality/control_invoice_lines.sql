{% for side in ['sales', 'purchase'] %}
{% for measure in ['net', 'tax'] %}
(
    with

    header as (
        select *
        from {{ ref('int_' ~ side ~ '_invoice') }} as invoice
        where {{ not_quarantined(side ~ '_invoice', 'invoice.invoice_id') }}
    ),

    line as (
        select
            invoice_id,
            min(company_id) as company_id,
            min(document_currency) as document_currency,
            min(invoice_number) as invoice_number,
            sum({{ measure }}_amount_document_currency) as amount
        from {{ ref('fct_' ~ side ~ '_invoice_line') }}
        group by invoice_id
    ),

    invoice as (
        select
            coalesce(header.company_id, line.company_id) as company_id,
            coalesce(header.document_currency, line.document_currency) as document_currency,
            coalesce(header.invoice_number, line.invoice_number) as invoice_number,
            coalesce(line.amount, 0) as line_amount,
            coalesce(header.{{ measure }}_amount_document_currency, 0) as header_amount
        from header
        full outer join line on header.invoice_id = line.invoice_id
    )

    select
        'invoice_lines' as control,
        company_id,
        cast(null as date) as as_of,
        '{{ measure }} of {{ side }} invoice lines' as left_label,
        '{{ measure }} of {{ side }} invoice headers' as right_label,
        {{ total('line_amount') }} as left_total,
        {{ total('header_amount') }} as right_total,
        count(*) filter (where line_amount <> header_amount) as broken,
        concat(
            document_currency, ', ', cast(count(*) as varchar), ' invoices',
            coalesce(', wrong: ' || min(case when line_amount <> header_amount then invoice_number end), '')
        ) as detail,
        true as blocking
    from invoice
    group by company_id, document_currency
)
{% if not loop.last %}union all{% endif %}
{% endfor %}
{% if not loop.last %}union all{% endif %}
{% endfor %}
