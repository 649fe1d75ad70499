with

line as (
    {{ margin_line() }}
)

select
    period_start,
    company_id,
    region,
    country,
    category,
    product_id,
    channel,
    document_currency,
    is_cost_known,
    {{ margin_amounts() }}
from line
group by
    period_start, company_id, region, country, category, product_id, channel, document_currency, is_cost_known,
    company_source_system, company_source_key
-- Months lie together, so that a reader of one year skips the others.
order by period_start
