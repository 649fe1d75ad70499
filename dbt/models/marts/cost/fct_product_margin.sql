with

period as (
    select * from {{ ref('int_ledger_period') }}
),

sold as (
    select
        line.company_id,
        line.product_id,
        period.start_date as period_start,
        period.end_date as period_end,
        sum(line.quantity) as quantity,
        sum(line.net_amount_company_currency) as revenue,
        sum(coalesce(line.cost_amount_company_currency, 0)) as direct_cost,
        cast(0 as decimal(18, 4)) as overhead
    from {{ ref('fct_sales_invoice_line') }} as line
    inner join period
        on
            line.company_id = period.company_id
            and line.invoice_date >= period.posted_from
            and line.invoice_date < period.posted_before
    where line.invoice_date <= {{ as_of() }}
    group by line.company_id, line.product_id, period.start_date, period.end_date
),

-- Overhead of a work order belongs to the product it makes.
charged as (
    select
        company_id,
        product_id,
        period_start,
        period_end,
        cast(0 as decimal(18, 6)) as quantity,
        cast(0 as decimal(18, 4)) as revenue,
        cast(0 as decimal(18, 4)) as direct_cost,
        sum(amount_company_currency) as overhead
    from {{ ref('fct_cost_allocation') }}
    where target_type <> 'unallocated'
    group by company_id, product_id, period_start, period_end
),

every_amount as (
    select * from sold
    union all
    select * from charged
),

product_month as (
    select
        company_id,
        product_id,
        period_start,
        period_end,
        cast(sum(quantity) as decimal(18, 6)) as quantity,
        cast(sum(revenue) as decimal(18, 4)) as revenue,
        cast(sum(direct_cost) as decimal(18, 4)) as direct_cost,
        cast(sum(overhead) as decimal(18, 4)) as overhead
    from every_amount
    group by company_id, product_id, period_start, period_end
)

select
    concat(product_month.company_id, '|', cast(product_month.period_start as varchar), '|', coalesce(
        product_month.product_id, 'no product'
    )) as product_margin_id,
    product_month.company_id,
    product_month.product_id,
    product_month.period_start,
    product_month.period_end,
    company.currency,
    product_month.quantity,
    product_month.revenue as revenue_company_currency,
    product_month.direct_cost as direct_cost_company_currency,
    cast(product_month.revenue - product_month.direct_cost as decimal(18, 4)) as margin_company_currency,
    product_month.overhead as allocated_overhead_company_currency,
    cast(product_month.revenue - product_month.direct_cost - product_month.overhead as decimal(18, 4))
        as margin_after_allocation_company_currency,
    {{ converted(
        '(product_month.revenue - product_month.direct_cost - product_month.overhead)', 'rate.rate_to_reporting'
    ) }}
        as margin_after_allocation_reporting_currency,
    company.source_system,
    company.source_key
from product_month
inner join {{ ref('int_company') }} as company on product_month.company_id = company.company_id
left join {{ ref('int_reporting_rate') }} as rate
    on
        company.source_system = rate.source_system
        and company.currency = rate.currency
        and least(product_month.period_end, {{ as_of() }}) = rate.date_day
