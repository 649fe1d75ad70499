with

-- The group's own lines, month by month.
statement as (
    select
        period_end,
        sum(case when statement = 'balance_sheet' and section = 'asset' then amount_reporting_currency else 0 end)
            as assets,
        sum(
            case when statement = 'balance_sheet' and section <> 'asset' then amount_reporting_currency else 0 end
        ) as liabilities_and_equity,
        sum(case when statement = 'trial_balance' then amount_reporting_currency else 0 end) as trial_balance,
        sum(case when statement = 'income_statement' then amount_reporting_currency else 0 end) as result,
        count(*) - count(amount_reporting_currency) as without_rate
    from {{ ref('fct_consolidation') }}
    where scope = 'group'
    group by period_end
),

company_result as (
    select
        {{ last_of('month', 'period_end') }} as period_end,
        sum(amount_reporting_currency) as result
    from {{ ref('fct_income_statement') }}
    group by {{ last_of('month', 'period_end') }}
),

-- What eliminations leave between two companies' books, and what the pairs of documents say it is.
residual as (
    select
        period_end,
        sum(amount_reporting_currency) as amount
    from {{ ref('fct_consolidation') }}
    where scope = 'group' and statement = 'income_statement' and line = 'intercompany_difference'
    group by period_end
),

document as (
    select
        pair.status,
        {{ last_of('month', 'document.posting_date') }} as period_end,
        case when document.side = 'seller' then 1 else -1 end * document.net_amount_reporting_currency as amount
    from {{ ref('fct_intercompany_pair') }} as pair
    inner join {{ ref('int_intercompany_invoice') }} as document
        on
            (document.side = 'seller' and pair.seller_invoice_id = document.invoice_id)
            or (document.side = 'buyer' and pair.buyer_invoice_id = document.invoice_id)
),

difference as (
    select
        period_end,
        sum(amount) as amount,
        sum(case when status = 'agreed' then amount else 0 end) as rates,
        sum(case when status = 'timing' then amount else 0 end) as timing,
        sum(case when status not in ('agreed', 'timing') then amount else 0 end) as breaks
    from document
    group by period_end
)

select
    'consolidation' as control,
    cast(null as varchar) as company_id,
    period_end as as_of,
    'assets of the group' as left_label,
    'liabilities, equity and result of the group' as right_label,
    cast(assets as decimal(38, 4)) as left_total,
    cast(liabilities_and_equity as decimal(38, 4)) as right_total,
    0 as broken,
    concat('at the end of ', cast(period_end as varchar)) as detail,
    true as blocking
from statement
where without_rate = 0

union all

select
    'consolidation' as control,
    cast(null as varchar) as company_id,
    period_end as as_of,
    'debit less credit of the consolidated trial balance' as left_label,
    'nothing' as right_label,
    cast(trial_balance as decimal(38, 4)) as left_total,
    cast(0 as decimal(38, 4)) as right_total,
    0 as broken,
    concat('at the end of ', cast(period_end as varchar)) as detail,
    true as blocking
from statement
where without_rate = 0

union all

select
    'consolidation' as control,
    cast(null as varchar) as company_id,
    statement.period_end as as_of,
    'result of the group' as left_label,
    'results of the companies' as right_label,
    cast(statement.result as decimal(38, 4)) as left_total,
    cast(coalesce(company_result.result, 0) as decimal(38, 4)) as right_total,
    0 as broken,
    concat('month to ', cast(statement.period_end as varchar)) as detail,
    true as blocking
from statement
left join company_result on statement.period_end = company_result.period_end
where statement.without_rate = 0

union all

select
    'consolidation' as control,
    cast(null as varchar) as company_id,
    coalesce(residual.period_end, difference.period_end) as as_of,
    'left between the companies after elimination' as left_label,
    'timing, breaks and rates of the pairs' as right_label,
    cast(coalesce(residual.amount, 0) as decimal(38, 4)) as left_total,
    cast(coalesce(difference.amount, 0) as decimal(38, 4)) as right_total,
    0 as broken,
    concat(
        'month to ', cast(coalesce(residual.period_end, difference.period_end) as varchar),
        ': timing ', cast(coalesce(difference.timing, 0) as varchar),
        ', breaks ', cast(coalesce(difference.breaks, 0) as varchar),
        ', rates ', cast(coalesce(difference.rates, 0) as varchar)
    ) as detail,
    true as blocking
from residual
full outer join difference on residual.period_end = difference.period_end
