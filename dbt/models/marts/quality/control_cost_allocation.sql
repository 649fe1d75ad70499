with

-- By the periods of the trial balance; the allocation counts postings.
charged as (
    select
        balance.company_id,
        balance.period_start,
        account.pool,
        sum(balance.debit - balance.credit) as amount
    from {{ ref('fct_trial_balance_monthly') }} as balance
    inner join {{ ref('int_cost_account') }} as account
        on
            balance.account_id = account.account_id
            and balance.period_start >= account.valid_from
            and balance.period_start < account.valid_before
    where account.element = 'overhead'
    group by balance.company_id, balance.period_start, account.pool
),

allocated as (
    select
        company_id,
        period_start,
        pool,
        sum(amount_company_currency) as amount,
        sum(case when target_type = 'unallocated' then amount_company_currency else 0 end) as unallocated
    from {{ ref('fct_cost_allocation') }}
    group by company_id, period_start, pool
),

compared as (
    select
        coalesce(allocated.company_id, charged.company_id) as company_id,
        coalesce(allocated.period_start, charged.period_start) as period_start,
        coalesce(allocated.pool, charged.pool) as pool,
        coalesce(allocated.amount, 0) as allocated_amount,
        coalesce(allocated.unallocated, 0) as unallocated_amount,
        coalesce(charged.amount, 0) as charged_amount
    from allocated
    full outer join charged
        on
            allocated.company_id = charged.company_id
            and allocated.period_start = charged.period_start
            and allocated.pool = charged.pool
)

select
    'cost_allocation' as control,
    company_id,
    cast(null as date) as as_of,
    concat('allocated of pool ', pool) as left_label,
    'charged to the pool in the ledger' as right_label,
    {{ total('allocated_amount') }} as left_total,
    {{ total('charged_amount') }} as right_total,
    count(*) filter (where allocated_amount <> charged_amount) as broken,
    concat(
        cast(count(*) as varchar), ' periods, not allocated: ', cast(sum(unallocated_amount) as varchar),
        coalesce(
            ', wrong: '
            || min(case when allocated_amount <> charged_amount then cast(period_start as varchar) end), ''
        )
    ) as detail,
    true as blocking
from compared
group by company_id, pool
