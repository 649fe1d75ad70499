with

period as (
    select
        company_id,
        fiscal_year,
        fiscal_period,
        start_date as period_start,
        end_date as period_end,
        least(end_date, {{ as_of() }}) as closing_day
    from {{ ref('int_ledger_period') }}
),

-- Assets and liabilities stand at the rate of the closing day.
asset_or_liability as (
    select
        balance.company_id,
        balance.period_start,
        account.type as section,
        account.purpose as line,
        account.account_id,
        cast(case when account.type = 'asset' then 1 else -1 end * balance.closing as decimal(18, 4))
            as amount_company_currency,
        case
            when balance.closing = 0 then cast(0 as decimal(18, 4))
            else {{ converted(
                "cast(case when account.type = 'asset' then 1 else -1 end * balance.closing as decimal(18, 4))",
                'rate.rate_to_reporting'
            ) }}
        end as amount_reporting_currency
    from {{ ref('fct_trial_balance_monthly') }} as balance
    inner join period on balance.company_id = period.company_id and balance.period_start = period.period_start
    inner join {{ ref('int_account') }} as account on balance.account_id = account.account_id
    inner join {{ ref('int_company') }} as company on balance.company_id = company.company_id
    {{ join_rate_of_day('period.closing_day') }}
    where account.type in ('asset', 'liability')
),

-- Equity stands at the rates of the days it was paid in or earned: the movements so far, translated when posted.
earned as (
    select
        movement.company_id,
        movement.account_id,
        account.type,
        account.purpose,
        movement.period_start,
        period.fiscal_year,
        -sum(movement.amount_reporting_currency) as amount_reporting_currency,
        count(*) - count(movement.amount_reporting_currency) as without_rate,
        -sum(movement.amount_company_currency) as amount_company_currency
    from {{ ref('int_ledger_movement') }} as movement
    inner join period on movement.company_id = period.company_id and movement.period_start = period.period_start
    inner join {{ ref('int_account') }} as account on movement.account_id = account.account_id
    where account.type in ('equity', 'income', 'expense')
    group by
        movement.company_id, movement.account_id, account.type, account.purpose, movement.period_start,
        period.fiscal_year
),

-- In company currency equity is the trial balance's, income and expense are the postings': two routes to one sheet.
equity as (
    select
        balance.company_id,
        balance.period_start,
        'equity' as section,
        account.purpose as line,
        account.account_id,
        cast(-balance.closing as decimal(18, 4)) as amount_company_currency,
        case
            when
                sum(coalesce(earned.without_rate, 0)) over so_far = 0
                then cast(sum(coalesce(earned.amount_reporting_currency, 0)) over so_far as decimal(18, 4))
        end as amount_reporting_currency
    from {{ ref('fct_trial_balance_monthly') }} as balance
    inner join {{ ref('int_account') }} as account on balance.account_id = account.account_id
    left join earned
        on balance.account_id = earned.account_id and balance.period_start = earned.period_start
    where account.type = 'equity'
    window so_far as (
        partition by balance.account_id order by balance.period_start
        rows between unbounded preceding and current row
    )
),

result_of_period as (
    select
        period.company_id,
        period.period_start,
        period.fiscal_year,
        sum(coalesce(earned.amount_company_currency, 0)) as amount_company_currency,
        sum(coalesce(earned.amount_reporting_currency, 0)) as amount_reporting_currency,
        sum(coalesce(earned.without_rate, 0)) as without_rate
    from period
    left join earned
        on
            period.company_id = earned.company_id
            and period.period_start = earned.period_start
            and earned.type in ('income', 'expense')
    group by period.company_id, period.period_start, period.fiscal_year
),

-- What the source has not carried over to equity itself: of the year, and of years before.
result_so_far as (
    select
        company_id,
        period_start,
        sum(amount_company_currency) over of_year as year_company_currency,
        sum(amount_reporting_currency) over of_year as year_reporting_currency,
        sum(amount_company_currency) over so_far as all_company_currency,
        sum(amount_reporting_currency) over so_far as all_reporting_currency,
        sum(without_rate) over so_far as without_rate
    from result_of_period
    window
        of_year as (
            partition by company_id, fiscal_year order by period_start
            rows between unbounded preceding and current row
        ),
        so_far as (
            partition by company_id order by period_start rows between unbounded preceding and current row
        )
),

result as (
    select
        company_id,
        period_start,
        'equity' as section,
        'result_of_the_year' as line,
        cast(null as varchar) as account_id,
        cast(year_company_currency as decimal(18, 4)) as amount_company_currency,
        case when without_rate = 0 then cast(year_reporting_currency as decimal(18, 4)) end as amount_reporting_currency
    from result_so_far
    union all
    select
        company_id,
        period_start,
        'equity' as section,
        'result_of_earlier_years' as line,
        cast(null as varchar) as account_id,
        cast(all_company_currency - year_company_currency as decimal(18, 4)) as amount_company_currency,
        case
            when without_rate = 0 then cast(all_reporting_currency - year_reporting_currency as decimal(18, 4))
        end as amount_reporting_currency
    from result_so_far
),

stated as (
    select * from asset_or_liability
    union all
    select * from equity
    union all
    select * from result
),

-- Two rates for what stands and what was earned leave a difference: a line of equity of its own.
translation_difference as (
    select
        company_id,
        period_start,
        'equity' as section,
        'translation_difference' as line,
        cast(null as varchar) as account_id,
        cast(0 as decimal(18, 4)) as amount_company_currency,
        case
            when count(*) = count(amount_reporting_currency)
                then cast(
                    sum(case when section = 'asset' then 1 else -1 end * amount_reporting_currency) as decimal(18, 4)
                )
        end as amount_reporting_currency
    from stated
    group by company_id, period_start
),

every_line as (
    select * from stated
    union all
    select * from translation_difference
)

select
    every_line.company_id,
    every_line.account_id,
    period.fiscal_year,
    period.fiscal_period,
    every_line.period_start,
    period.period_end,
    every_line.section,
    every_line.line,
    company.currency,
    every_line.amount_company_currency,
    every_line.amount_reporting_currency,
    coalesce(account.source_system, company.source_system) as source_system,
    coalesce(account.source_key, company.source_key) as source_key
from every_line
inner join period on every_line.company_id = period.company_id and every_line.period_start = period.period_start
inner join {{ ref('int_company') }} as company on every_line.company_id = company.company_id
left join {{ ref('int_account') }} as account on every_line.account_id = account.account_id
