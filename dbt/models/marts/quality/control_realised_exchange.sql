with

account as (
    select
        account_id,
        company_id
    from {{ ref('dim_account') }}
    where control in ('realised_exchange', 'realised_exchange_gain', 'realised_exchange_loss')
),

posted as (
    select
        line.company_id,
        {{ last_of('month', 'line.posting_date') }} as month_end,
        sum(line.credit_company_currency - line.debit_company_currency) as amount
    from {{ erp_journal_line() }} as line
    inner join account on line.account_id = account.account_id
    where line.posting_date <= {{ as_of() }}
    group by line.company_id, {{ last_of('month', 'line.posting_date') }}
),

settled as (
    select
        company_id,
        {{ last_of('month', 'settlement_date') }} as month_end,
        sum(exchange_difference_company_currency) as amount,
        count(*) filter (where exchange_difference_company_currency <> 0) as settlements
    from (
        {% for side in ['receivable', 'payable'] %}
        select
            company_id,
            settlement_date,
            exchange_difference_company_currency
        from {{ ref('fct_' ~ side ~ '_settlement') }}
        {% if not loop.last %}union all{% endif %}
        {% endfor %}
    ) as settlement
    where settlement_date <= {{ as_of() }}
    group by company_id, {{ last_of('month', 'settlement_date') }}
)

select
    'realised_exchange' as control,
    coalesce(settled.company_id, posted.company_id) as company_id,
    coalesce(settled.month_end, posted.month_end) as as_of,
    'exchange differences of settlements' as left_label,
    'accounts of realised exchange differences' as right_label,
    cast(coalesce(settled.amount, 0) as decimal(38, 4)) as left_total,
    cast(coalesce(posted.amount, 0) as decimal(38, 4)) as right_total,
    0 as broken,
    concat(
        cast(coalesce(settled.settlements, 0) as varchar), ' settlements with a difference in the month that ends on ',
        cast(coalesce(settled.month_end, posted.month_end) as varchar)
    ) as detail,
    false as blocking
from settled
full outer join posted on settled.company_id = posted.company_id and settled.month_end = posted.month_end
-- Only companies whose chart says which accounts these are.
where
    coalesce(settled.company_id, posted.company_id) in (select company_id from account)
    and (coalesce(settled.amount, 0) <> 0 or coalesce(posted.amount, 0) <> 0)
