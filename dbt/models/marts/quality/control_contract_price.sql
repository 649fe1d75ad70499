-- The price by its own route: as signed, and each modification.
with

price as (
    select
        contract.contract_id,
        contract.company_id,
        contract.contract_number,
        contract.document_currency,
        min(contract.transaction_price_document_currency)
        + coalesce(sum(event.amount_document_currency), 0) as amount
    from {{ ref('int_contract') }} as contract
    left join {{ ref('int_contract_event') }} as event
        on
            contract.contract_id = event.contract_id
            and event.kind = 'modification'
            and event.event_date <= {{ as_of() }}
    group by contract.contract_id, contract.company_id, contract.contract_number, contract.document_currency
),

allocated as (
    select
        contract_id,
        sum(allocated_amount_document_currency) as amount
    from {{ ref('fct_contract_obligation') }}
    group by contract_id
),

scheduled as (
    select
        contract_id,
        sum(case when period_rank = 1 then cumulative_amount_document_currency + remaining_amount_document_currency end)
            as amount
    from (
        select
            *,
            row_number() over (partition by contract_obligation_id order by period_start desc) as period_rank
        from {{ ref('fct_revenue_schedule') }}
    ) as schedule
    group by contract_id
),

compared as (
    select
        price.*,
        'allocated to performance obligations' as right_label,
        coalesce(allocated.amount, 0) as share_amount
    from price
    left join allocated on price.contract_id = allocated.contract_id
    union all
    select
        price.*,
        'recognised and remaining in the schedule' as right_label,
        coalesce(scheduled.amount, 0) as share_amount
    from price
    left join scheduled on price.contract_id = scheduled.contract_id
)

select
    'contract_price' as control,
    company_id,
    {{ as_of() }} as as_of,
    'transaction prices of contracts' as left_label,
    right_label,
    {{ total('amount') }} as left_total,
    {{ total('share_amount') }} as right_total,
    count(*) filter (where amount <> share_amount) as broken,
    concat(
        document_currency, ', ', cast(count(*) as varchar), ' contracts',
        coalesce(', wrong: ' || min(case when amount <> share_amount then contract_number end), '')
    ) as detail,
    -- A contract without any obligation is a matter for its owner.
    false as blocking
from compared
group by company_id, document_currency, right_label
