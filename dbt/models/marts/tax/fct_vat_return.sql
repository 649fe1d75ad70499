select
    line.company_id,
    line.period_start,
    {{ last_of('month', 'line.period_start') }} as period_end,
    line.direction,
    -- An invoice whose rate no source tells is declared as a line of its own, at 0.
    coalesce(line.tax_rate, 0) as tax_rate,
    min(company.currency) as currency,
    count(distinct line.invoice_id) as document_count,
    cast(sum(line.base_amount_company_currency) as decimal(18, 4)) as base_amount_company_currency,
    cast(sum(line.tax_amount_company_currency) as decimal(18, 4)) as tax_amount_company_currency,
    cast(sum(line.base_amount_reporting_currency) as decimal(18, 4)) as base_amount_reporting_currency,
    cast(sum(line.tax_amount_reporting_currency) as decimal(18, 4)) as tax_amount_reporting_currency,
    min(company.source_system) as source_system,
    min(company.source_key) as source_key
from {{ ref('fct_tax_line') }} as line
left join {{ ref('dim_company') }} as company on line.company_id = company.company_id
where line.tax_date <= {{ as_of() }}
group by line.company_id, line.period_start, line.direction, coalesce(line.tax_rate, 0)
