with

company as (
    select *
    from {{ ref('dim_company') }}
    where currency <> '{{ var("reporting_currency") }}'
),

-- Net assets grow by the result and by what owners put in or take out; assets and liabilities are not looked at here,
-- so that the control can.
line as (
    select
        posted.journal_entry_id,
        posted.company_id,
        posted.posting_date,
        account.type,
        posted.credit_company_currency - posted.debit_company_currency as amount
    from {{ ref('fct_journal_line') }} as posted
    inner join company on posted.company_id = company.company_id
    inner join {{ ref('dim_account') }} as account on posted.account_id = account.account_id
    where posted.posting_date <= {{ as_of() }}
),

-- Carries a year's income and expense over to equity and moves nothing: both sides stay as they were translated.
closing_entry as (
    select journal_entry_id
    from line
    group by journal_entry_id
    having
        sum(case when type in ('income', 'expense') then 1 else 0 end) > 0
        and sum(case when type = 'equity' then 1 else 0 end) > 0
        and sum(case when type in ('asset', 'liability') then 1 else 0 end) = 0
),

movement_of_day as (
    select
        line.company_id,
        line.posting_date,
        sum(case when line.type in ('income', 'expense') then line.amount else 0 end) as result,
        sum(case when line.type = 'equity' then line.amount else 0 end) as equity
    from line
    left join closing_entry on line.journal_entry_id = closing_entry.journal_entry_id
    where line.type in ('income', 'expense', 'equity') and closing_entry.journal_entry_id is null
    group by line.company_id, line.posting_date
),

movement_of_month as (
    select
        movement.company_id,
        {{ first_of('month', 'movement.posting_date') }} as month_start,
        sum(movement.result) as result,
        sum(movement.equity) as equity,
        -- Historical: the rate of the day on which owners paid in or took out.
        sum(
            case
                when movement.equity = 0 then 0
                else {{ converted('cast(movement.equity as decimal(18, 4))', 'rate.rate_to_reporting') }}
            end
        ) as equity_reporting,
        sum(case when movement.equity <> 0 and rate.rate_to_reporting is null then 1 else 0 end) as days_without_rate
    from movement_of_day as movement
    inner join company on movement.company_id = company.company_id
    left join {{ ref('int_reporting_rate') }} as rate
        on
            company.source_system = rate.source_system
            and company.currency = rate.currency
            and movement.posting_date = rate.date_day
    group by movement.company_id, {{ first_of('month', 'movement.posting_date') }}
),

first_month as (
    select
        company_id,
        min(month_start) as month_start
    from movement_of_month
    group by company_id
),

every_month as (
    select
        company.company_id,
        company.currency,
        calendar.month_start,
        calendar.month_end,
        cast(coalesce(movement.result, 0) as decimal(18, 4)) as result,
        cast(coalesce(movement.equity, 0) as decimal(18, 4)) as equity,
        case
            when coalesce(movement.days_without_rate, 0) = 0
                then cast(coalesce(movement.equity_reporting, 0) as decimal(18, 4))
        end as equity_reporting,
        rate.month_end_rate_to_reporting as closing_rate,
        rate.average_rate_to_reporting as average_rate,
        company.source_system,
        company.source_key
    from company
    inner join first_month on company.company_id = first_month.company_id
    inner join {{ ref('int_date') }} as calendar
        on
            calendar.date_day = calendar.month_start
            and first_month.month_start <= calendar.month_start
            and calendar.month_start <= {{ as_of() }}
    left join movement_of_month as movement
        on company.company_id = movement.company_id and calendar.month_start = movement.month_start
    left join {{ ref('int_reporting_rate_monthly') }} as rate
        on
            company.source_system = rate.source_system
            and company.currency = rate.currency
            and calendar.month_start = rate.month_start
),

running as (
    select
        *,
        cast(
            sum(result + equity) over (
                partition by company_id order by month_start rows between unbounded preceding and current row
            ) as decimal(18, 4)
        ) as closing_net_assets,
        lag(closing_rate) over (partition by company_id order by month_start) as opening_rate
    from every_month
),

translated as (
    select
        *,
        cast(closing_net_assets - result - equity as decimal(18, 4)) as opening_net_assets,
        {{ converted('cast(closing_net_assets - result - equity as decimal(18, 4))', 'coalesce(opening_rate, 1)') }}
            as opening_at_opening_rate,
        {{ converted('cast(closing_net_assets - result - equity as decimal(18, 4))', 'closing_rate') }}
            as opening_at_closing_rate,
        {{ converted('result', 'average_rate') }} as result_reporting,
        {{ converted('result', 'closing_rate') }} as result_at_closing_rate,
        {{ converted('equity', 'closing_rate') }} as equity_at_closing_rate,
        {{ converted('closing_net_assets', 'closing_rate') }} as net_assets_reporting
    from running
),

movement as (
    select
        *,
        opening_at_closing_rate - opening_at_opening_rate as movement_opening,
        result_at_closing_rate - result_reporting as movement_result,
        equity_at_closing_rate - equity_reporting as movement_equity,
        -- Parts rounded to cents add up to the whole but for a cent or two.
        net_assets_reporting - opening_at_closing_rate - result_at_closing_rate - equity_at_closing_rate as rounding
    from translated
),

reserve as (
    select
        *,
        sum(movement_opening + movement_result + movement_equity + rounding) over (
            partition by company_id order by month_start rows between unbounded preceding and current row
        ) as closing_reserve
    from movement
)

select
    company_id,
    month_start,
    month_end,
    currency,
    opening_rate,
    average_rate,
    closing_rate,
    opening_net_assets as opening_net_assets_company_currency,
    result as result_company_currency,
    equity as equity_movement_company_currency,
    closing_net_assets as closing_net_assets_company_currency,
    cast(closing_reserve - movement_opening - movement_result - movement_equity - rounding as decimal(18, 4))
        as opening_reserve_reporting_currency,
    cast(movement_opening as decimal(18, 4)) as movement_opening_net_assets_reporting_currency,
    cast(movement_result as decimal(18, 4)) as movement_result_reporting_currency,
    cast(movement_equity as decimal(18, 4)) as movement_equity_reporting_currency,
    cast(rounding as decimal(18, 4)) as rounding_reporting_currency,
    cast(closing_reserve as decimal(18, 4)) as closing_reserve_reporting_currency,
    result_reporting as result_reporting_currency,
    equity_reporting as equity_movement_reporting_currency,
    net_assets_reporting as closing_net_assets_reporting_currency,
    source_system,
    source_key
from reserve
