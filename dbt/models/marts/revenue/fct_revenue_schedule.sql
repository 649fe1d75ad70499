with

first_day as (
    select
        contract_id,
        {{ first_of('month', 'min(valid_from)') }} as month_start
    from {{ ref('int_contract_allocation') }}
    group by contract_id
),

last_day as (
    select
        contract_id,
        greatest(max(end_date), {{ as_of() }}) as last_day
    from {{ ref('int_contract_obligation') }}
    group by contract_id
),

contract_month as (
    select
        first_day.contract_id,
        month.date_day as period_start,
        month.month_end as period_end
    from first_day
    inner join last_day on first_day.contract_id = last_day.contract_id
    inner join {{ ref('int_date') }} as month
        on
            month.date_day = month.month_start
            and first_day.month_start <= month.date_day
            and last_day.last_day >= month.date_day
),

obligation_month as (
    select
        contract_month.contract_id,
        contract_month.period_start,
        contract_month.period_end,
        obligation.contract_obligation_id,
        obligation.name,
        obligation.pattern,
        obligation.start_date,
        obligation.end_date,
        obligation.source_system,
        obligation.source_key,
        allocation.allocated_amount_document_currency as allocated_amount
    from contract_month
    inner join {{ ref('int_contract_obligation') }} as obligation
        on contract_month.contract_id = obligation.contract_id
    inner join {{ ref('int_contract_allocation') }} as allocation
        on
            obligation.contract_obligation_id = allocation.contract_obligation_id
            and contract_month.period_end >= allocation.valid_from
            and (allocation.valid_to is null or contract_month.period_end < allocation.valid_to)
),

-- What was delivered and reported up to each month's end.
performed as (
    select
        month.contract_obligation_id,
        month.period_end,
        max(case when event.kind = 'delivery' then 1 else 0 end) as is_delivered,
        max(case when event.kind = 'progress' then event.progress_share else 0 end) as progress_share
    from obligation_month as month
    inner join {{ ref('int_contract_event') }} as event
        on
            month.contract_obligation_id = event.contract_obligation_id
            and month.period_end >= event.event_date
            and event.event_date <= {{ as_of() }}
    group by month.contract_obligation_id, month.period_end
),

-- Completed so far as a fraction of whole numbers: days of days, millionths of a million, all or nothing.
completed as (
    select
        month.*,
        case month.pattern
            when 'straight_line'
                then least(
                    greatest({{ days_between('month.start_date', 'month.period_end') }} + 1, 0),
                    {{ days_between('month.start_date', 'month.end_date') }} + 1
                )
            when 'progress'
                then cast(round(least(greatest(coalesce(performed.progress_share, 0), 0), 1) * 1000000) as integer)
            else coalesce(performed.is_delivered, 0)
        end as done_units,
        case month.pattern
            when 'straight_line' then greatest({{ days_between('month.start_date', 'month.end_date') }} + 1, 1)
            when 'progress' then 1000000
            else 1
        end as all_units
    from obligation_month as month
    left join performed
        on
            month.contract_obligation_id = performed.contract_obligation_id
            and month.period_end = performed.period_end
),

in_cents as (
    select
        *,
        {{ cents('abs(allocated_amount)') }} * cast(done_units as decimal(9, 0)) as product,
        cast(all_units as decimal(9, 0)) as units
    from completed
),

-- The running total is rounded, not the month's share, so that the months add up to the whole.
running as (
    select
        *,
        cast(
            case when allocated_amount < 0 then -1 else 1 end * {{ nearest_quotient('product', 'units') }} * 0.01
            as decimal(18, 4)
        ) as cumulative
    from in_cents
)

select
    running.contract_obligation_id,
    running.contract_id,
    contract.contract_number,
    contract.company_id,
    {{ golden_id('customer', 'contract.customer_id') }} as customer_id,
    running.name as obligation_name,
    running.pattern,
    running.period_start,
    running.period_end,
    running.period_end > {{ as_of() }} as is_planned,
    contract.document_currency,
    running.allocated_amount as allocated_amount_document_currency,
    cast(running.cumulative - lag(running.cumulative, 1, 0) over (
        partition by running.contract_obligation_id order by running.period_start
    ) as decimal(18, 4)) as recognised_amount_document_currency,
    running.cumulative as cumulative_amount_document_currency,
    cast(running.allocated_amount - running.cumulative as decimal(18, 4)) as remaining_amount_document_currency,
    running.source_system,
    running.source_key
from running
inner join {{ ref('int_contract') }} as contract on running.contract_id = contract.contract_id
