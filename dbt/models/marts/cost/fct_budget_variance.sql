with

period as (
    select * from {{ ref('int_ledger_period') }}
),

account as (
    select *
    from {{ ref('int_account') }}
    where type in ('income', 'expense')
),

budget as (
    select
        line.company_id,
        line.account_id,
        period.start_date as period_start,
        sum(line.amount_company_currency) as budget,
        count(*) as budget_line_count,
        -- A quantity says something about the amount only where all of the amount was planned with it.
        case when count(*) = count(line.quantity) then sum(line.quantity) end as budget_quantity
    from {{ ref('int_budget_line') }} as line
    inner join period
        on
            line.company_id = period.company_id
            and line.budget_month >= period.posted_from
            and line.budget_month < period.posted_before
    where {{ not_quarantined('budget_line', 'line.budget_line_id') }}
    group by line.company_id, line.account_id, period.start_date
),

actual as (
    select
        balance.company_id,
        balance.account_id,
        balance.period_start,
        case account.type when 'income' then balance.credit - balance.debit else balance.debit - balance.credit end
            as actual
    from {{ ref('fct_trial_balance_monthly') }} as balance
    inner join account on balance.account_id = account.account_id
    where balance.debit <> 0 or balance.credit <> 0
),

sold as (
    select
        line.company_id,
        line.account_id,
        period.start_date as period_start,
        sum(line.quantity) as actual_quantity
    from {{ ref('fct_sales_invoice_line') }} as line
    inner join period
        on
            line.company_id = period.company_id
            and line.invoice_date >= period.posted_from
            and line.invoice_date < period.posted_before
    where line.invoice_date <= {{ as_of() }}
    group by line.company_id, line.account_id, period.start_date
),

compared as (
    select
        coalesce(actual.company_id, budget.company_id) as company_id,
        coalesce(actual.account_id, budget.account_id) as account_id,
        coalesce(actual.period_start, budget.period_start) as period_start,
        cast(coalesce(budget.budget, 0) as decimal(18, 4)) as budget,
        cast(coalesce(actual.actual, 0) as decimal(18, 4)) as actual,
        cast(coalesce(budget.budget_line_count, 0) as integer) as budget_line_count,
        cast(budget.budget_quantity as decimal(18, 6)) as budget_quantity
    from actual
    full outer join budget
        on actual.account_id = budget.account_id and actual.period_start = budget.period_start
    where coalesce(actual.account_id, budget.account_id) is not null
),

split as (
    select
        compared.*,
        cast(case when compared.budget_quantity > 0 then sold.actual_quantity end as decimal(18, 6)) as actual_quantity,
        -- What was sold would have brought this at the budgeted price.
        case
            when compared.budget_quantity > 0
                then cast(
                    round(cast(sold.actual_quantity as double) * compared.budget / compared.budget_quantity, 2)
                    as decimal(18, 4)
                )
        end as actual_quantity_at_budget_price
    from compared
    left join sold on compared.account_id = sold.account_id and compared.period_start = sold.period_start
)

select
    concat(split.account_id, '|', cast(split.period_start as varchar)) as budget_variance_id,
    split.company_id,
    split.account_id,
    account.type as account_type,
    split.period_start,
    period.end_date as period_end,
    period.fiscal_year,
    period.fiscal_period,
    company.currency,
    split.budget as budget_company_currency,
    split.actual as actual_company_currency,
    cast(split.actual - split.budget as decimal(18, 4)) as variance_company_currency,
    cast(case account.type when 'income' then 1 else -1 end * (split.actual - split.budget) as decimal(18, 4))
        as profit_effect_company_currency,
    split.budget_quantity,
    split.actual_quantity,
    cast(split.actual - split.actual_quantity_at_budget_price as decimal(18, 4)) as price_variance_company_currency,
    cast(split.actual_quantity_at_budget_price - split.budget as decimal(18, 4)) as volume_variance_company_currency,
    split.budget_line_count,
    account.source_system,
    account.source_key
from split
inner join account on split.account_id = account.account_id
inner join {{ ref('int_company') }} as company on split.company_id = company.company_id
inner join period on split.company_id = period.company_id and split.period_start = period.start_date
