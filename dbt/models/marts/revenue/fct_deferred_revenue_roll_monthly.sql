with

contract_month as (
    select
        contract.contract_id,
        contract.contract_number,
        contract.company_id,
        {{ golden_id('customer', 'contract.customer_id') }} as customer_id,
        contract.document_currency,
        month.date_day as period_start,
        month.month_end as period_end,
        contract.source_system,
        contract.source_key
    from {{ ref('int_contract') }} as contract
    inner join {{ ref('int_date') }} as month
        on
            month.date_day = month.month_start
            and {{ first_of('month', 'contract.signed_date') }} <= month.date_day
            and month.month_end <= {{ as_of() }}
),

-- Billings before the contract was signed count in its first month.
billed as (
    select
        event.contract_id,
        {{ first_of('month', 'greatest(event.event_date, contract.signed_date)') }} as period_start,
        sum(event.amount_document_currency) as amount
    from {{ ref('int_contract_event') }} as event
    inner join {{ ref('int_contract') }} as contract on event.contract_id = contract.contract_id
    where event.kind = 'billing'
    group by event.contract_id, {{ first_of('month', 'greatest(event.event_date, contract.signed_date)') }}
),

recognised as (
    select
        contract_id,
        period_start,
        sum(recognised_amount_document_currency) as amount
    from {{ ref('fct_revenue_schedule') }}
    group by contract_id, period_start
),

moved as (
    select
        contract_month.*,
        coalesce(billed.amount, 0) as billed,
        coalesce(recognised.amount, 0) as recognised
    from contract_month
    left join billed
        on contract_month.contract_id = billed.contract_id and contract_month.period_start = billed.period_start
    left join recognised
        on
            contract_month.contract_id = recognised.contract_id
            and contract_month.period_start = recognised.period_start
),

running as (
    select
        *,
        sum(billed - recognised) over (
            partition by contract_id order by period_start rows between unbounded preceding and current row
        ) as closing
    from moved
)

select
    contract_id,
    contract_number,
    company_id,
    customer_id,
    period_start,
    period_end,
    document_currency,
    cast(closing - billed + recognised as decimal(18, 4)) as opening_amount_document_currency,
    cast(billed as decimal(18, 4)) as billed_amount_document_currency,
    cast(recognised as decimal(18, 4)) as recognised_amount_document_currency,
    cast(closing as decimal(18, 4)) as closing_amount_document_currency,
    cast(greatest(closing, 0) as decimal(18, 4)) as contract_liability_document_currency,
    cast(greatest(-closing, 0) as decimal(18, 4)) as contract_asset_document_currency,
    source_system,
    source_key
from running
