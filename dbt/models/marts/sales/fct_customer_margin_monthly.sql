with

line as (
    {{ margin_line() }}
)

select
    period_start,
    company_id,
    region,
    country,
    channel,
    customer_id,
    document_currency,
    is_cost_known,
    {{ margin_amounts() }}
from line
group by
    period_start, company_id, region, country, channel, customer_id, document_currency, is_cost_known,
    company_source_system, company_source_key
order by period_start
