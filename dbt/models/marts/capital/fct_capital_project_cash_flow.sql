with

discount_rate as (
    select
        valid_from,
        coalesce(lead(valid_from) over (order by valid_from), cast('9999-12-31' as date)) as valid_before,
        annual_rate
    from {{ ref('discount_rate') }}
),

flow as (
    select
        capital_project_id,
        kind,
        {{ first_of('month', 'flow_date') }} as flow_month,
        sum(amount_company_currency) as amount,
        count(*) as flow_count
    from {{ ref('int_capital_project_cash_flow') }} as flow
    where
        (kind = 'planned' or flow_date <= {{ as_of() }})
        and {{ not_quarantined('capital_project_cash_flow', 'flow.capital_project_cash_flow_id') }}
    group by capital_project_id, kind, {{ first_of('month', 'flow_date') }}
),

version as (
    select
        capital_project_id,
        'planned' as version,
        flow_month,
        false as is_actual,
        amount,
        flow_count
    from flow
    where kind = 'planned'
    union all
    select
        capital_project_id,
        'latest' as version,
        flow_month,
        true as is_actual,
        amount,
        flow_count
    from flow
    where kind = 'actual'
    union all
    -- What was planned for past months and did not come is not expected any more.
    select
        capital_project_id,
        'latest' as version,
        flow_month,
        false as is_actual,
        amount,
        flow_count
    from flow
    where kind = 'planned' and flow_month > {{ first_of('month', as_of()) }}
)

select
    project.capital_project_id,
    project.project_number,
    project.name,
    project.company_id,
    project.approved_date,
    version.version,
    version.flow_month,
    version.is_actual,
    project.currency,
    cast(version.amount as decimal(18, 4)) as amount_company_currency,
    discount_rate.annual_rate as discount_rate,
    cast(version.flow_count as integer) as flow_count,
    project.source_system,
    project.source_key
from version
inner join {{ ref('int_capital_project') }} as project on version.capital_project_id = project.capital_project_id
left join discount_rate
    on project.approved_date >= discount_rate.valid_from and project.approved_date < discount_rate.valid_before
where project.approved_date <= {{ as_of() }}
