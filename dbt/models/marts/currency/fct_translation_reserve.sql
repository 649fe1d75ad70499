with

company as (
    select *
    from {{ ref('dim_company') }}
    where currency <> '{{ var("reporting_currency") }}'
),

period as (
    select
        period.company_id,
        company.currency,
        period.fiscal_year,
        period.fiscal_period,
        period.start_date as period_start,
        period.end_date as period_end,
        rate.rate_to_reporting as closing_rate,
        company.source_system,
        company.source_key
    from {{ ref('int_ledger_period') }} as period
    inner join company on period.company_id = company.company_id
    {{ join_rate_of_day('least(period.end_date, ' ~ as_of() ~ ')') }}
),

movement as (
    select
        movement.company_id,
        movement.account_id,
        movement.period_start,
        movement.is_closing,
        account.type,
        -movement.amount_company_currency as amount,
        -movement.amount_reporting_currency as amount_reporting
    from {{ ref('int_ledger_movement') }} as movement
    inner join company on movement.company_id = company.company_id
    inner join {{ ref('int_account') }} as account on movement.account_id = account.account_id
),

-- Net assets grow by the result and by what owners put in or take out, each at the rate of its day. What carries a
-- year's result over to equity moves nothing: both sides stay as they were translated.
flow as (
    select
        company_id,
        period_start,
        sum(case when type <> 'equity' and not is_closing then amount else 0 end) as result,
        sum(case when type = 'equity' and not is_closing then amount else 0 end) as equity,
        sum(case when type <> 'equity' and not is_closing then amount_reporting else 0 end) as result_reporting,
        sum(case when type = 'equity' and not is_closing then amount_reporting else 0 end) as equity_reporting,
        sum(amount_reporting) as earned_reporting,
        count(*) - count(amount_reporting) as without_rate
    from movement
    where type in ('equity', 'income', 'expense')
    group by company_id, period_start
),

changed as (
    select
        movement.company_id,
        movement.account_id,
        movement.period_start,
        -sum(movement.amount) as amount
    from movement
    where movement.type in ('asset', 'liability')
    group by movement.company_id, movement.account_id, movement.period_start
),

standing_account as (
    select distinct
        company_id,
        account_id
    from changed
),

-- What stands at the end of each period, account by account, at the closing rate.
standing as (
    select
        account.company_id,
        period.period_start,
        period.closing_rate,
        sum(coalesce(changed.amount, 0)) over (
            partition by account.account_id order by period.period_start
            rows between unbounded preceding and current row
        ) as amount
    from standing_account as account
    inner join period on account.company_id = period.company_id
    left join changed
        on
            account.account_id = changed.account_id
            and period.period_start = changed.period_start
),

net_assets as (
    select
        company_id,
        period_start,
        count(*) as accounts,
        sum(
            case
                when amount = 0 then 0
                else {{ converted('cast(amount as decimal(18, 4))', 'closing_rate') }}
            end
        ) as net_assets_reporting,
        count(*) filter (where amount <> 0 and closing_rate is null) as without_rate
    from standing
    group by company_id, period_start
),

every_period as (
    select
        period.*,
        cast(coalesce(flow.result, 0) as decimal(18, 4)) as result,
        cast(coalesce(flow.equity, 0) as decimal(18, 4)) as equity,
        coalesce(flow.result_reporting, 0) as result_reporting,
        coalesce(flow.equity_reporting, 0) as equity_reporting,
        coalesce(net_assets.net_assets_reporting, 0) as net_assets_reporting,
        coalesce(net_assets.accounts, 0) as accounts,
        cast(sum(coalesce(flow.result, 0) + coalesce(flow.equity, 0)) over so_far as decimal(18, 4))
            as closing_net_assets,
        coalesce(net_assets.net_assets_reporting, 0) - sum(coalesce(flow.earned_reporting, 0)) over so_far as left_over,
        coalesce(lag(period.closing_rate) over (partition by period.company_id order by period.period_start), 1)
            as opening_rate,
        sum(coalesce(flow.without_rate, 0) + coalesce(net_assets.without_rate, 0)) over so_far as without_rate
    from period
    left join flow on period.company_id = flow.company_id and period.period_start = flow.period_start
    left join net_assets on period.company_id = net_assets.company_id and period.period_start = net_assets.period_start
    window so_far as (
        partition by period.company_id order by period.period_start
        rows between unbounded preceding and current row
    )
),

translated as (
    select
        *,
        cast(closing_net_assets - result - equity as decimal(18, 4)) as opening_net_assets,
        {{ converted('cast(closing_net_assets - result - equity as decimal(18, 4))', 'closing_rate') }}
        - {{ converted('cast(closing_net_assets - result - equity as decimal(18, 4))', 'opening_rate') }}
            as movement_opening,
        {{ converted('result', 'closing_rate') }} - result_reporting as movement_result,
        {{ converted('equity', 'closing_rate') }} - equity_reporting as movement_equity,
        left_over - lag(left_over, 1, 0) over (partition by company_id order by period_start) as movement
    from every_period
),

-- Accounts are rounded one by one: a cent for each, and for the parts. What is more is no rounding.
rounded as (
    select
        *,
        case
            when abs(movement - movement_opening - movement_result - movement_equity) <= 0.01 * (accounts + 4)
                then movement - movement_opening - movement_result - movement_equity
            else 0
        end as rounding
    from translated
),

reserve as (
    select
        *,
        sum(movement_opening + movement_result + movement_equity + rounding) over (
            partition by company_id order by period_start rows between unbounded preceding and current row
        ) as closing_reserve
    from rounded
)

select
    company_id,
    fiscal_year,
    fiscal_period,
    period_start,
    period_end,
    currency,
    case when opening_net_assets <> 0 then opening_rate end as opening_rate,
    closing_rate,
    opening_net_assets as opening_net_assets_company_currency,
    result as result_company_currency,
    equity as equity_movement_company_currency,
    closing_net_assets as closing_net_assets_company_currency,
    {% for name, amount in [
        ('opening_reserve', 'closing_reserve - movement_opening - movement_result - movement_equity - rounding'),
        ('movement_opening_net_assets', 'movement_opening'),
        ('movement_result', 'movement_result'),
        ('movement_equity', 'movement_equity'),
        ('rounding', 'rounding'),
        ('closing_reserve', 'closing_reserve'),
        ('result', 'result_reporting'),
        ('equity_movement', 'equity_reporting'),
        ('closing_net_assets', 'net_assets_reporting'),
    ] -%}
    case when without_rate = 0 then cast({{ amount }} as decimal(18, 4)) end as {{ name }}_reporting_currency,
    {% endfor -%}
    source_system,
    source_key
from reserve
