with

section as (
    select
        company_id,
        period_end,
        section,
        sum(case when method = 'direct' then amount_company_currency else 0 end) as direct,
        sum(case when method = 'indirect' then amount_company_currency else 0 end) as indirect
    from {{ ref('fct_cash_flow_statement') }}
    where section <> 'cash_balance'
    group by company_id, period_end, section
),

flow as (
    select
        company_id,
        period_end,
        sum(direct) as direct,
        sum(indirect) as indirect,
        count(*) filter (where direct <> indirect) as sections_that_differ,
        min(case when direct <> indirect then section end) as first_section
    from section
    group by company_id, period_end
),

-- Money at the beginning and end of the period as the trial balance has it.
money as (
    select
        balance.company_id,
        balance.period_end,
        sum(balance.closing - balance.opening) as amount
    from {{ ref('fct_trial_balance_monthly') }} as balance
    inner join {{ ref('dim_account') }} as account on balance.account_id = account.account_id
    where account.purpose = 'cash'
    group by balance.company_id, balance.period_end
),

period as (
    select
        coalesce(flow.company_id, money.company_id) as company_id,
        coalesce(flow.period_end, money.period_end) as period_end,
        coalesce(flow.direct, 0) as direct,
        coalesce(flow.indirect, 0) as indirect,
        coalesce(flow.sections_that_differ, 0) as sections_that_differ,
        flow.first_section,
        coalesce(money.amount, 0) as money
    from flow
    full outer join money on flow.company_id = money.company_id and flow.period_end = money.period_end
)

select
    'cash_flow' as control,
    company_id,
    period_end as as_of,
    'cash flow, direct method' as left_label,
    'cash flow, indirect method' as right_label,
    cast(direct as decimal(38, 4)) as left_total,
    cast(indirect as decimal(38, 4)) as right_total,
    0 as broken,
    concat(
        'period to ', cast(period_end as varchar),
        case when sections_that_differ > 0 then concat(', sections differ by entries without money: ', first_section)
            else ''
        end
    ) as detail,
    true as blocking
from period

union all

select
    'cash_flow' as control,
    company_id,
    period_end as as_of,
    'cash flow, direct method' as left_label,
    'change of money in the trial balance' as right_label,
    cast(direct as decimal(38, 4)) as left_total,
    cast(money as decimal(38, 4)) as right_total,
    0 as broken,
    concat('period to ', cast(period_end as varchar)) as detail,
    true as blocking
from period

union all

select
    'cash_flow' as control,
    bank.company_id,
    bank.period_end as as_of,
    'money of bank accounts in the trial balance' as left_label,
    'bank lines, revaluation and named differences' as right_label,
    sum(cast(balance.closing - balance.opening as decimal(38, 4))) as left_total,
    sum(
        cast(
            bank.bank_movement_company_currency + bank.revaluation_company_currency
            + bank.rate_rounding_company_currency + bank.open_difference_company_currency as decimal(38, 4)
        )
    ) as right_total,
    0 as broken,
    concat(
        'period to ', cast(bank.period_end as varchar), ', not on both sides: ',
        cast(sum(bank.open_difference_company_currency) as varchar),
        coalesce(' on ' || min(bank.first_open_document), '')
    ) as detail,
    true as blocking
from {{ ref('fct_bank_reconciliation') }} as bank
inner join {{ ref('fct_trial_balance_monthly') }} as balance
    on bank.account_id = balance.account_id and bank.period_start = balance.period_start
group by bank.company_id, bank.period_end
