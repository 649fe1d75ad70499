with

period as (
    select
        company_id,
        start_date,
        end_date,
        posted_from,
        posted_before
    from {{ ref('int_ledger_period') }}
),

-- What the ledger charged to the accounts of each pool.
pool as (
    select
        period.company_id,
        period.start_date as period_start,
        period.end_date as period_end,
        account.pool,
        cast(sum(line.debit_company_currency - line.credit_company_currency) as decimal(18, 4)) as amount
    from {{ erp_journal_line() }} as line
    inner join period
        on
            line.company_id = period.company_id
            and line.posting_date >= period.posted_from
            and line.posting_date < period.posted_before
    inner join {{ ref('int_cost_account') }} as account
        on
            line.account_id = account.account_id
            and period.start_date >= account.valid_from
            and period.start_date < account.valid_before
    where account.element = 'overhead' and line.posting_date <= {{ as_of() }}
    group by period.company_id, period.start_date, period.end_date, account.pool
    having sum(line.debit_company_currency - line.credit_company_currency) <> 0
),

driver_list as (
    select
        pool,
        valid_from,
        coalesce(
            lead(valid_from) over (partition by pool order by valid_from), cast('9999-12-31' as date)
        ) as valid_before
    from {{ ref('allocation_driver') }}
    group by pool, valid_from
),

driver as (
    select
        driver_list.pool,
        driver_list.valid_from,
        driver_list.valid_before,
        listed.priority,
        listed.driver
    from driver_list
    inner join {{ ref('allocation_driver') }} as listed
        on driver_list.pool = listed.pool and driver_list.valid_from = listed.valid_from
),

-- Weights are whole numbers, so that shares are worked out without rounding.
work_order_weight as (
    select
        work_order.company_id,
        period.start_date as period_start,
        case cost.element
            when 'machine' then 'machine_hours'
            when 'labour' then 'labour_hours'
            else 'material_amount'
        end as driver,
        'work_order' as target_type,
        cost.work_order_id,
        work_order.product_id,
        cast(
            sum(case when cost.element = 'material' then cost.amount_company_currency else cost.quantity end)
            as decimal(18, 6)
        ) as driver_quantity
    from {{ ref('int_work_order_cost') }} as cost
    inner join {{ ref('int_work_order') }} as work_order on cost.work_order_id = work_order.work_order_id
    inner join period
        on
            work_order.company_id = period.company_id
            and cost.posting_date >= period.posted_from
            and cost.posting_date < period.posted_before
    where cost.kind = 'actual' and cost.posting_date <= {{ as_of() }}
    group by
        work_order.company_id, period.start_date, cost.element, cost.work_order_id, work_order.product_id
),

product_weight as (
    select
        line.company_id,
        period.start_date as period_start,
        'revenue' as driver,
        'product' as target_type,
        cast(null as varchar) as work_order_id,
        line.product_id,
        cast(sum(line.net_amount_company_currency) as decimal(18, 6)) as driver_quantity
    from {{ ref('fct_sales_invoice_line') }} as line
    inner join period
        on
            line.company_id = period.company_id
            and line.invoice_date >= period.posted_from
            and line.invoice_date < period.posted_before
    where line.invoice_date <= {{ as_of() }}
    group by line.company_id, period.start_date, line.product_id
),

every_weight as (
    select * from work_order_weight
    union all
    select * from product_weight
),

weight as (
    select
        *,
        cast(driver_quantity * 10000 as decimal(18, 0)) as parts
    from every_weight
    where driver_quantity > 0
),

weight_total as (
    select
        company_id,
        period_start,
        driver,
        cast(sum(parts) as decimal(38, 0)) as parts
    from weight
    group by company_id, period_start, driver
),

-- The first driver of the pool of which the period has any.
chosen as (
    select
        pool.company_id,
        pool.period_start,
        pool.period_end,
        pool.pool,
        pool.amount,
        case when weight_total.parts > 0 then driver.driver end as driver,
        weight_total.parts as total_parts,
        cast(floor(abs(pool.amount) * 100) as decimal(18, 0)) as cents
    from pool
    left join driver
        on
            pool.pool = driver.pool
            and pool.period_start >= driver.valid_from
            and pool.period_start < driver.valid_before
    left join weight_total
        on
            pool.company_id = weight_total.company_id
            and pool.period_start = weight_total.period_start
            and driver.driver = weight_total.driver
    qualify row_number() over (
        partition by pool.company_id, pool.period_start, pool.pool
        order by case when weight_total.parts > 0 then 0 else 1 end, driver.priority
    ) = 1
),

product_of_parts as (
    select
        chosen.company_id,
        chosen.period_start,
        chosen.period_end,
        chosen.pool,
        chosen.amount,
        chosen.driver,
        chosen.cents,
        chosen.total_parts,
        weight.target_type,
        weight.work_order_id,
        weight.product_id,
        weight.driver_quantity,
        cast(chosen.cents as decimal(28, 0)) * weight.parts as cent_parts
    from chosen
    inner join weight
        on
            chosen.company_id = weight.company_id
            and chosen.period_start = weight.period_start
            and chosen.driver = weight.driver
),

-- Whole cents first; the cents that are left go to the largest remainders.
share as (
    select
        *,
        cent_parts % total_parts as remainder,
        cast(round((cent_parts - cent_parts % total_parts) / total_parts) as decimal(18, 0)) as whole_cents
    from product_of_parts
),

ranked as (
    select
        *,
        row_number() over (
            partition by company_id, period_start, pool
            order by remainder desc, driver_quantity desc, work_order_id asc, product_id asc
        ) as place,
        cents - sum(whole_cents) over (partition by company_id, period_start, pool) as cents_left
    from share
),

allocated as (
    select
        company_id,
        period_start,
        period_end,
        pool,
        amount as pool_amount,
        driver,
        target_type,
        work_order_id,
        product_id,
        driver_quantity,
        -- What is less than a cent stays with the first.
        case when amount < 0 then -1 else 1 end * (
            (whole_cents + case when place <= cents_left then 1 else 0 end) * cast(0.01 as decimal(3, 2))
            + case when place = 1 then abs(amount) - cents * cast(0.01 as decimal(3, 2)) else 0 end
        ) as share_amount
    from ranked
    union all
    select
        company_id,
        period_start,
        period_end,
        pool,
        amount as pool_amount,
        driver,
        'unallocated' as target_type,
        cast(null as varchar) as work_order_id,
        cast(null as varchar) as product_id,
        0 as driver_quantity,
        amount as share_amount
    from chosen
    where driver is null
)

select
    concat(
        allocated.company_id, '|', cast(allocated.period_start as varchar), '|', allocated.pool, '|',
        coalesce(allocated.work_order_id, allocated.product_id, allocated.target_type)
    ) as cost_allocation_id,
    allocated.company_id,
    allocated.period_start,
    allocated.period_end,
    allocated.pool,
    cast(allocated.pool_amount as decimal(18, 4)) as pool_amount_company_currency,
    allocated.driver,
    allocated.target_type,
    allocated.work_order_id,
    allocated.product_id,
    cast(allocated.driver_quantity as decimal(18, 6)) as driver_quantity,
    cast(allocated.share_amount as decimal(18, 4)) as amount_company_currency,
    company.currency,
    company.source_system,
    company.source_key
from allocated
inner join {{ ref('int_company') }} as company on allocated.company_id = company.company_id
where allocated.share_amount <> 0
