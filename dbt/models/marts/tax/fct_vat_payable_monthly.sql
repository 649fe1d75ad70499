with

-- Every month from the company's first document, since tax is carried forward through months without one.
first_month as (
    select
        company_id,
        min(period_start) as period_start
    from {{ ref('fct_vat_return') }}
    group by company_id
),

company_month as (
    select
        first_month.company_id,
        month.date_day as period_start
    from first_month
    inner join {{ ref('int_date') }} as month
        on
            first_month.period_start <= month.date_day
            and month.date_day <= {{ as_of() }}
            and {{ first_of('month', 'month.date_day') }} = month.date_day
),

month as (
    select
        company_month.company_id,
        company_month.period_start,
        coalesce(sum(case when vat.direction = 'output' then vat.tax_amount_company_currency end), 0) as output_tax,
        coalesce(sum(case when vat.direction = 'input' then vat.tax_amount_company_currency end), 0) as input_tax
    from company_month
    left join {{ ref('fct_vat_return') }} as vat
        on company_month.company_id = vat.company_id and company_month.period_start = vat.period_start
    group by company_month.company_id, company_month.period_start
),

running as (
    select
        *,
        sum(output_tax - input_tax) over (
            partition by company_id order by period_start rows between unbounded preceding and current row
        ) as net_to_date
    from month
),

-- All that was payable so far is the highest that the running total ever stood at; what it has fallen since is carried.
owed as (
    select
        *,
        greatest(max(net_to_date) over (
            partition by company_id order by period_start rows between unbounded preceding and current row
        ), 0) as payable_to_date
    from running
),

carried as (
    select
        *,
        lag(payable_to_date, 1, 0) over (partition by company_id order by period_start) as payable_before,
        lag(payable_to_date - net_to_date, 1, 0) over (partition by company_id order by period_start) as carried_before
    from owed
)

select
    carried.company_id,
    carried.period_start,
    {{ last_of('month', 'carried.period_start') }} as period_end,
    company.currency,
    cast(carried.output_tax as decimal(18, 4)) as output_tax_company_currency,
    cast(carried.input_tax as decimal(18, 4)) as input_tax_company_currency,
    cast(carried.carried_before as decimal(18, 4)) as carried_forward_opening_company_currency,
    cast(carried.payable_to_date - carried.payable_before as decimal(18, 4)) as payable_company_currency,
    cast(carried.payable_to_date - carried.net_to_date as decimal(18, 4)) as carried_forward_closing_company_currency,
    company.source_system,
    company.source_key
from carried
left join {{ ref('dim_company') }} as company on carried.company_id = company.company_id
