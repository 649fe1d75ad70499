{#- Section and order of each line of the statement, direct and indirect. -#}
{%- set change_in = {
    'receivable': ('operating', 'change_in_receivables'),
    'inventory': ('operating', 'change_in_inventory'),
    'payable': ('operating', 'change_in_payables'),
    'tax': ('operating', 'change_in_taxes'),
    'fixed_asset': ('investing', 'fixed_assets'),
    'loan': ('financing', 'loans'),
    'equity': ('financing', 'owners'),
    'retained_earnings': ('financing', 'owners'),
} -%}
with

-- Direct: what stood on the other side of money, entry by entry.
direct as (
    select
        company_id,
        period_start,
        'direct' as method,
        case
            when cash_flow = 'fixed_assets' then 'investing'
            when cash_flow in ('loans', 'owners') then 'financing'
            when cash_flow = 'exchange_effect' then 'exchange_effect'
            else 'operating'
        end as section,
        cash_flow as line,
        -amount_company_currency as amount_company_currency,
        -amount_reporting_currency as amount_reporting_currency
    from {{ ref('int_ledger_movement') }}
    where cash_flow not in ('none', 'cash')
),

-- Indirect: the result, and how every balance but cash has changed, from the trial balance.
movement_of_account as (
    select
        account_id,
        period_start,
        -- Income and expense carried over to equity are no change of either.
        sum(case when is_closing then amount_company_currency else 0 end) as closed_company_currency,
        sum(case when is_closing then 0 else amount_reporting_currency end) as amount_reporting_currency,
        count(*) - count(amount_reporting_currency) as without_rate,
        sum(case when cash_flow = 'exchange_effect' then amount_company_currency else 0 end)
            as exchange_company_currency,
        sum(case when cash_flow = 'exchange_effect' then amount_reporting_currency else 0 end)
            as exchange_reporting_currency
    from {{ ref('int_ledger_movement') }}
    group by account_id, period_start
),

change as (
    select
        balance.company_id,
        balance.period_start,
        account.type,
        account.purpose,
        -(balance.closing - balance.opening - coalesce(movement.closed_company_currency, 0)) as company_currency,
        case
            when coalesce(movement.without_rate, 0) = 0 then -coalesce(movement.amount_reporting_currency, 0)
        end as reporting_currency,
        -coalesce(movement.exchange_company_currency, 0) as exchange_company_currency,
        -coalesce(movement.exchange_reporting_currency, 0) as exchange_reporting_currency
    from {{ ref('fct_trial_balance_monthly') }} as balance
    inner join {{ ref('int_account') }} as account on balance.account_id = account.account_id
    left join movement_of_account as movement
        on balance.account_id = movement.account_id and balance.period_start = movement.period_start
    where account.purpose <> 'cash'
),

indirect as (
    select
        company_id,
        period_start,
        'indirect' as method,
        case
            when type in ('income', 'expense') then 'operating'
            {% for purpose, (section, line) in change_in.items() -%}
            when purpose = '{{ purpose }}' then '{{ section }}'
            {% endfor -%}
            else 'operating'
        end as section,
        case
            when type in ('income', 'expense') then 'result'
            {% for purpose, (section, line) in change_in.items() -%}
            when purpose = '{{ purpose }}' then '{{ line }}'
            {% endfor -%}
            else 'change_in_other_items'
        end as line,
        company_currency as amount_company_currency,
        reporting_currency as amount_reporting_currency
    from change
    union all
    -- Depreciation is no money: taken back from the result, and from the change of fixed assets.
    select
        change.company_id,
        change.period_start,
        'indirect' as method,
        side.section,
        side.line,
        side.sign * change.company_currency as amount_company_currency,
        side.sign * change.reporting_currency as amount_reporting_currency
    from change
    cross join (
        select
            'operating' as section,
            'depreciation' as line,
            -1 as sign
        union all
        select
            'investing' as section,
            'fixed_assets' as line,
            1 as sign
    ) as side
    where change.purpose = 'depreciation' and change.type = 'expense'
    union all
    -- Money in another currency changes its value without moving.
    select
        change.company_id,
        change.period_start,
        'indirect' as method,
        side.section,
        side.line,
        side.sign * change.exchange_company_currency as amount_company_currency,
        side.sign * change.exchange_reporting_currency as amount_reporting_currency
    from change
    cross join (
        select
            'operating' as section,
            'exchange_differences_on_cash' as line,
            -1 as sign
        union all
        select
            'exchange_effect' as section,
            'exchange_effect' as line,
            1 as sign
    ) as side
    where change.exchange_company_currency <> 0
),

flow as (
    select
        company_id,
        period_start,
        method,
        section,
        line,
        cast(sum(amount_company_currency) as decimal(18, 4)) as amount_company_currency,
        case
            when count(*) = count(amount_reporting_currency)
                then cast(sum(amount_reporting_currency) as decimal(18, 4))
        end as amount_reporting_currency
    from (
        select * from direct
        union all
        select * from indirect
    ) as both_methods
    group by company_id, period_start, method, section, line
),

-- Cash at the beginning and at the end, each at the rate of its day.
cash as (
    select
        company_id,
        period_start,
        sum(amount_company_currency) as amount_company_currency,
        case when count(*) = count(amount_reporting_currency) then sum(amount_reporting_currency) end
            as amount_reporting_currency
    from {{ ref('fct_balance_sheet') }}
    where line = 'cash'
    group by company_id, period_start
),

cash_of_period as (
    select
        period.company_id,
        period.start_date as period_start,
        coalesce(cash.amount_company_currency, 0) as closing_company_currency,
        case when cash.company_id is null then 0 else cash.amount_reporting_currency end as closing_reporting_currency
    from {{ ref('int_ledger_period') }} as period
    left join cash on period.company_id = cash.company_id and period.start_date = cash.period_start
),

cash_change as (
    select
        *,
        lag(closing_company_currency, 1, 0) over of_company as opening_company_currency,
        lag(closing_reporting_currency, 1, 0) over of_company as opening_reporting_currency
    from cash_of_period
    window of_company as (partition by company_id order by period_start)
),

-- In reporting currency, what the change of rates made of the cash: the rest of its change.
translation as (
    select
        cash_change.company_id,
        cash_change.period_start,
        method.method,
        'exchange_effect' as section,
        'translation' as line,
        cast(0 as decimal(18, 4)) as amount_company_currency,
        case
            when count(flow.line) = count(flow.amount_reporting_currency)
                then cast(
                    max(cash_change.closing_reporting_currency) - max(cash_change.opening_reporting_currency)
                    - coalesce(sum(flow.amount_reporting_currency), 0) as decimal(18, 4)
                )
        end as amount_reporting_currency
    from cash_change
    cross join (select 'direct' as method union all select 'indirect' as method) as method
    left join flow
        on
            cash_change.company_id = flow.company_id
            and cash_change.period_start = flow.period_start
            and method.method = flow.method
    group by cash_change.company_id, cash_change.period_start, method.method
),

balance as (
    select
        cash_change.company_id,
        cash_change.period_start,
        method.method,
        'cash_balance' as section,
        method.line,
        cast(
            case method.line when 'opening_cash' then opening_company_currency else closing_company_currency end
            as decimal(18, 4)
        ) as amount_company_currency,
        cast(
            case method.line when 'opening_cash' then opening_reporting_currency else closing_reporting_currency end
            as decimal(18, 4)
        ) as amount_reporting_currency
    from cash_change
    cross join (
        select 'direct' as method, 'opening_cash' as line
        union all
        select 'direct' as method, 'closing_cash' as line
        union all
        select 'indirect' as method, 'opening_cash' as line
        union all
        select 'indirect' as method, 'closing_cash' as line
    ) as method
),

every_line as (
    select * from flow
    where amount_company_currency <> 0 or amount_reporting_currency <> 0
    union all
    select * from translation
    where amount_reporting_currency <> 0 or amount_reporting_currency is null
    union all
    select * from balance
)

select
    every_line.company_id,
    every_line.method,
    period.fiscal_year,
    period.fiscal_period,
    every_line.period_start,
    period.end_date as period_end,
    every_line.section,
    every_line.line,
    company.currency,
    every_line.amount_company_currency,
    every_line.amount_reporting_currency,
    company.source_system,
    company.source_key
from every_line
inner join {{ ref('int_ledger_period') }} as period
    on every_line.company_id = period.company_id and every_line.period_start = period.start_date
inner join {{ ref('int_company') }} as company on every_line.company_id = company.company_id
