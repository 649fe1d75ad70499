with

-- The price as it stands at as_of; a contract signed later has the price it was signed with.
allocation as (
    select *
    from {{ ref('int_contract_allocation') }}
    where valid_to is null
),

recognised as (
    select
        contract_obligation_id,
        sum(recognised_amount_document_currency) as amount
    from {{ ref('fct_revenue_schedule') }}
    where not is_planned
    group by contract_obligation_id
)

select
    obligation.contract_obligation_id,
    obligation.contract_id,
    contract.contract_number,
    contract.company_id,
    {{ golden_id('customer', 'contract.customer_id') }} as customer_id,
    obligation.name as obligation_name,
    obligation.pattern,
    contract.signed_date,
    obligation.start_date,
    obligation.end_date,
    contract.document_currency,
    allocation.transaction_price_document_currency,
    obligation.stand_alone_selling_price_document_currency,
    allocation.allocated_amount_document_currency,
    cast(coalesce(recognised.amount, 0) as decimal(18, 4)) as recognised_amount_document_currency,
    cast(
        allocation.allocated_amount_document_currency - coalesce(recognised.amount, 0) as decimal(18, 4)
    ) as remaining_amount_document_currency,
    obligation.source_system,
    obligation.source_key
from {{ ref('int_contract_obligation') }} as obligation
left join {{ ref('int_contract') }} as contract on obligation.contract_id = contract.contract_id
left join allocation on obligation.contract_obligation_id = allocation.contract_obligation_id
left join recognised on obligation.contract_obligation_id = recognised.contract_obligation_id
where {{ not_quarantined('contract_obligation', 'obligation.contract_obligation_id') }}
