-- The roll-ups are the lines, summed: what the margin explorer shows above the line is what it lists at the line.
with

every_sum as (
    select
        'line' as kept_in,
        company_id,
        document_currency,
        count(*) as line_count,
        sum(quantity) as quantity,
        sum(net_amount_document_currency) as net_document,
        sum(net_amount_reporting_currency) as net_reporting,
        sum(cost_amount_company_currency) as cost_company,
        sum(margin_amount_reporting_currency) as margin_reporting
    from {{ ref('fct_sales_invoice_line') }}
    group by company_id, document_currency
    {% for rollup in ['fct_margin_monthly', 'fct_customer_margin_monthly'] %}
    union all
    select
        '{{ rollup }}' as kept_in,
        company_id,
        document_currency,
        sum(line_count) as line_count,
        sum(quantity) as quantity,
        sum(net_amount_document_currency) as net_document,
        sum(net_amount_reporting_currency) as net_reporting,
        sum(cost_amount_company_currency) as cost_company,
        sum(margin_amount_reporting_currency) as margin_reporting
    from {{ ref(rollup) }}
    group by company_id, document_currency
    {% endfor %}
)

select
    company_id,
    document_currency,
    line_count,
    quantity,
    net_document,
    net_reporting,
    cost_company,
    margin_reporting,
    count(*) as places
from every_sum
group by
    company_id, document_currency, line_count, quantity, net_document, net_reporting, cost_company, margin_reporting
having count(*) <> 3
