with

week as (
    select
        company_id,
        currency,
        flow,
        {{ first_of('week', 'moved_on') }} as week_start,
        cast(sum(amount_company_currency) as decimal(18, 4)) as amount_company_currency,
        source_system,
        source_key
    from {{ ref('fct_cash_flow_daily') }}
    group by company_id, currency, flow, {{ first_of('week', 'moved_on') }}, source_system, source_key
)

select *
from week
where amount_company_currency <> 0
