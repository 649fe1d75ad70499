with

newest as (
    select
        company_id,
        max(period_start) as period_start
    from {{ ref('fct_trial_balance_monthly') }}
    group by company_id
),

closing as (
    select
        balance.company_id,
        sum(case when balance.closing > 0 then balance.closing else 0 end) as debit_balances,
        sum(case when balance.closing < 0 then -balance.closing else 0 end) as credit_balances
    from {{ ref('fct_trial_balance_monthly') }} as balance
    inner join newest on balance.company_id = newest.company_id and balance.period_start = newest.period_start
    group by balance.company_id
),

turnover as (
    select
        company_id,
        sum(debit) as debit
    from {{ ref('fct_trial_balance_monthly') }}
    group by company_id
),

posted as (
    select
        company_id,
        sum(debit_company_currency) as debit
    from {{ erp_journal_line() }}
    where posting_date <= {{ as_of() }}
    group by company_id
)

select
    'trial_balance' as control,
    company_id,
    {{ as_of() }} as as_of,
    'debit balances' as left_label,
    'credit balances' as right_label,
    cast(debit_balances as decimal(38, 4)) as left_total,
    cast(credit_balances as decimal(38, 4)) as right_total,
    0 as broken,
    'closing of the newest period' as detail,
    true as blocking
from closing

union all

select
    'trial_balance' as control,
    posted.company_id,
    {{ as_of() }} as as_of,
    'debit of all periods' as left_label,
    'debit of published entries' as right_label,
    cast(coalesce(turnover.debit, 0) as decimal(38, 4)) as left_total,
    cast(posted.debit as decimal(38, 4)) as right_total,
    0 as broken,
    'every posting is in one period' as detail,
    true as blocking
from posted
left join turnover on posted.company_id = turnover.company_id
