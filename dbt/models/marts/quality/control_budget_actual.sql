with

posted as (
    select
        line.company_id,
        account.type,
        sum(line.debit_company_currency - line.credit_company_currency) as amount
    from {{ ref('fct_journal_line') }} as line
    inner join {{ ref('dim_account') }} as account on line.account_id = account.account_id
    where account.type in ('income', 'expense') and line.posting_date <= {{ as_of() }}
    group by line.company_id, account.type
),

shown as (
    select
        company_id,
        account_type as type,
        sum(actual_company_currency) as amount
    from {{ ref('fct_budget_variance') }}
    group by company_id, account_type
)

select
    'budget_actual' as control,
    coalesce(shown.company_id, posted.company_id) as company_id,
    {{ as_of() }} as as_of,
    concat('actual ', coalesce(shown.type, posted.type), ' beside the budget') as left_label,
    'postings of the ledger' as right_label,
    cast(coalesce(shown.amount, 0) as decimal(38, 4)) as left_total,
    cast(
        case coalesce(shown.type, posted.type) when 'income' then -1 else 1 end * coalesce(posted.amount, 0)
        as decimal(38, 4)
    ) as right_total,
    0 as broken,
    'all accounts of income and expense' as detail,
    true as blocking
from shown
full outer join posted on shown.company_id = posted.company_id and shown.type = posted.type
