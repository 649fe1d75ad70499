with

-- Both sides are the whole source, quarantined entries included.
posted as (
    select
        line.company_id,
        account.element,
        {{ first_of('month', 'line.posting_date') }} as month_start,
        sum(line.debit_company_currency) as amount
    from {{ ref('int_journal_line') }} as line
    inner join {{ ref('int_cost_account') }} as account
        on
            line.account_id = account.account_id
            and line.posting_date >= account.valid_from
            and line.posting_date < account.valid_before
    where account.element in ('material', 'labour') and line.posting_date <= {{ as_of() }}
    group by line.company_id, account.element, {{ first_of('month', 'line.posting_date') }}
),

collected as (
    select
        work_order.company_id,
        cost.element,
        {{ first_of('month', 'cost.posting_date') }} as month_start,
        sum(cost.amount_company_currency) as amount
    from {{ ref('int_work_order_cost') }} as cost
    left join {{ ref('int_work_order') }} as work_order on cost.work_order_id = work_order.work_order_id
    where cost.kind = 'actual' and cost.element in ('material', 'labour') and cost.posting_date <= {{ as_of() }}
    group by work_order.company_id, cost.element, {{ first_of('month', 'cost.posting_date') }}
),

compared as (
    select
        coalesce(collected.company_id, posted.company_id) as company_id,
        coalesce(collected.element, posted.element) as element,
        coalesce(collected.month_start, posted.month_start) as month_start,
        coalesce(collected.amount, 0) as collected_amount,
        coalesce(posted.amount, 0) as posted_amount
    from collected
    full outer join posted
        on
            collected.company_id = posted.company_id
            and collected.element = posted.element
            and collected.month_start = posted.month_start
)

select
    'work_order_ledger' as control,
    company_id,
    {{ as_of() }} as as_of,
    concat(element, ' of work orders') as left_label,
    concat('debits of the ledger accounts of ', element) as right_label,
    {{ total('collected_amount') }} as left_total,
    {{ total('posted_amount') }} as right_total,
    count(*) filter (where collected_amount <> posted_amount) as broken,
    concat(
        cast(count(*) as varchar), ' months',
        coalesce(
            ', wrong: ' || min(case when collected_amount <> posted_amount then cast(month_start as varchar) end), ''
        )
    ) as detail,
    false as blocking
from compared
group by company_id, element
