with

side as (
    select
        company_id,
        period_end,
        sum(case when section = 'asset' then amount_company_currency else 0 end) as assets,
        sum(case when section = 'asset' then 0 else amount_company_currency end) as liabilities_and_equity
    from {{ ref('fct_balance_sheet') }}
    group by company_id, period_end
),

profit as (
    select
        company_id,
        sum(amount_company_currency) as amount
    from {{ ref('fct_income_statement') }}
    group by company_id
),

posted_profit as (
    select
        line.company_id,
        sum(line.credit_company_currency - line.debit_company_currency) as amount
    from {{ ref('fct_journal_line') }} as line
    inner join {{ ref('dim_account') }} as account on line.account_id = account.account_id
    where account.type in ('income', 'expense') and line.posting_date <= {{ as_of() }}
    group by line.company_id
),

carried_over as (
    select
        movement.company_id,
        -sum(movement.amount_company_currency) as amount
    from {{ ref('int_ledger_movement') }} as movement
    inner join {{ ref('dim_account') }} as account on movement.account_id = account.account_id
    where account.type in ('income', 'expense') and movement.is_closing
    group by movement.company_id
)

select
    'balance_sheet' as control,
    company_id,
    period_end as as_of,
    'assets' as left_label,
    'liabilities, equity and result' as right_label,
    cast(assets as decimal(38, 4)) as left_total,
    cast(liabilities_and_equity as decimal(38, 4)) as right_total,
    0 as broken,
    concat('at the end of ', cast(period_end as varchar)) as detail,
    true as blocking
from side

union all

select
    'balance_sheet' as control,
    posted_profit.company_id,
    {{ as_of() }} as as_of,
    'result of the income statements' as left_label,
    'income less expense of published entries' as right_label,
    cast(coalesce(profit.amount, 0) as decimal(38, 4)) as left_total,
    cast(posted_profit.amount - coalesce(carried_over.amount, 0) as decimal(38, 4)) as right_total,
    0 as broken,
    'all periods, without entries that carry the result over to equity' as detail,
    true as blocking
from posted_profit
left join profit on posted_profit.company_id = profit.company_id
left join carried_over on posted_profit.company_id = carried_over.company_id
