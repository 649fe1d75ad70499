{# Sales invoice lines with all that a roll-up of margin is cut by; in one place, so that the roll-ups cut alike. #}
{% macro margin_line() -%}
select
    line.*,
    -- Spans of whole periods are then a range of days, in a roll-up and in the lines.
    coalesce(calendar.period_start, {{ first_of('month', 'line.invoice_date') }}) as period_start,
    customer.country,
    product.category,
    -- Margin speaks of these lines alone, so sums of both kinds must stay apart.
    line.margin_amount_reporting_currency is not null as is_cost_known,
    company.source_system as company_source_system,
    company.source_key as company_source_key
from {{ ref('fct_sales_invoice_line') }} as line
left join (
    select
        date_day,
        min(date_day) over (partition by fiscal_year, fiscal_period) as period_start
    from {{ ref('dim_date') }}
) as calendar on line.invoice_date = calendar.date_day
left join {{ ref('dim_customer') }} as customer on line.customer_id = customer.customer_id
left join {{ ref('dim_product') }} as product on line.product_id = product.product_id
left join {{ ref('int_company') }} as company on line.company_id = company.company_id
{%- endmacro %}

{# Amounts of a roll-up of margin: sums only. Shares and prices are quotients of them, made when they are asked for. #}
{% macro margin_amounts() -%}
cast(count(*) as integer) as line_count,
cast(sum(quantity) as decimal(18, 6)) as quantity,
cast(sum(net_amount_document_currency) as decimal(18, 4)) as net_amount_document_currency,
cast(sum(net_amount_reporting_currency) as decimal(18, 4)) as net_amount_reporting_currency,
cast(sum(cost_amount_company_currency) as decimal(18, 4)) as cost_amount_company_currency,
cast(sum(cost_amount_reporting_currency) as decimal(18, 4)) as cost_amount_reporting_currency,
cast(sum(margin_amount_reporting_currency) as decimal(18, 4)) as margin_amount_reporting_currency,
company_source_system as source_system,
company_source_key as source_key
{%- endmacro %}
