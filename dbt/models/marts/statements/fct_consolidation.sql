with

-- Companies whose periods are no calendar months stand in the month in which a period ends, with its last one.
last_period as (
    select
        company_id,
        {{ first_of('month', 'end_date') }} as period_start,
        max(start_date) as last_start
    from {{ ref('int_ledger_period') }}
    group by company_id, {{ first_of('month', 'end_date') }}
),

balance_sheet as (
    select
        sheet.company_id,
        last_period.period_start,
        sheet.section,
        sheet.line,
        sum(sheet.amount_reporting_currency) as amount,
        count(*) - count(sheet.amount_reporting_currency) as without_rate
    from {{ ref('fct_balance_sheet') }} as sheet
    inner join last_period
        on sheet.company_id = last_period.company_id and sheet.period_start = last_period.last_start
    group by sheet.company_id, last_period.period_start, sheet.section, sheet.line
),

income_statement as (
    select
        company_id,
        {{ first_of('month', 'period_end') }} as period_start,
        line,
        sum(amount_reporting_currency) as amount,
        count(*) - count(amount_reporting_currency) as without_rate
    from {{ ref('fct_income_statement') }}
    group by company_id, {{ first_of('month', 'period_end') }}, line
),

-- Income and expense run on, as in the trial balance of a company, until the source carries them over.
running as (
    select
        movement.company_id,
        account.purpose as line,
        {{ first_of('month', 'period.end_date') }} as period_start,
        sum(movement.amount_reporting_currency) as amount,
        count(*) - count(movement.amount_reporting_currency) as without_rate
    from {{ ref('int_ledger_movement') }} as movement
    inner join {{ ref('int_account') }} as account on movement.account_id = account.account_id
    inner join {{ ref('int_ledger_period') }} as period
        on movement.company_id = period.company_id and movement.period_start = period.start_date
    where account.type in ('income', 'expense')
    group by movement.company_id, account.purpose, {{ first_of('month', 'period.end_date') }}
),

line_of_month as (
    select
        running.company_id,
        running.line,
        month.period_start,
        sum(running.amount) as amount,
        sum(running.without_rate) as without_rate
    from running
    inner join last_period as month
        on running.company_id = month.company_id and running.period_start <= month.period_start
    group by running.company_id, running.line, month.period_start
),

company_line as (
    select
        company_id,
        cast(null as varchar) as counterparty_company_id,
        period_start,
        'income_statement' as statement,
        'result' as section,
        line,
        case when without_rate = 0 then amount end as amount
    from income_statement
    union all
    select
        company_id,
        cast(null as varchar) as counterparty_company_id,
        period_start,
        'balance_sheet' as statement,
        section,
        line,
        case when without_rate = 0 then amount end as amount
    from balance_sheet
    union all
    select
        company_id,
        cast(null as varchar) as counterparty_company_id,
        period_start,
        'trial_balance' as statement,
        section,
        line,
        case when without_rate = 0 then case when section = 'asset' then 1 else -1 end * amount end as amount
    from balance_sheet
    where line not in ('result_of_the_year', 'result_of_earlier_years')
    union all
    select
        company_id,
        cast(null as varchar) as counterparty_company_id,
        period_start,
        'trial_balance' as statement,
        'result' as section,
        line,
        case when without_rate = 0 then amount end as amount
    from line_of_month
),

-- Where the classes of an elimination entry stand, and the sign that makes of a debit an amount of the section.
class as (
    {% for account_class, statement, section, line, sign in [
        ('sales', 'income_statement', 'result', 'revenue', -1),
        ('purchases', 'income_statement', 'result', 'cost_of_sales', -1),
        ('profit_difference', 'income_statement', 'result', 'intercompany_difference', -1),
        ('receivable', 'balance_sheet', 'asset', 'receivable', 1),
        ('payable', 'balance_sheet', 'liability', 'payable', -1),
        ('balance_difference', 'balance_sheet', 'asset', 'intercompany_difference', 1),
    ] %}
    select
        '{{ account_class }}' as account_class,
        '{{ statement }}' as statement,
        '{{ section }}' as section,
        '{{ line }}' as line,
        {{ sign }} as sign
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

entry as (
    select
        elimination.seller_company_id as company_id,
        elimination.buyer_company_id as counterparty_company_id,
        elimination.period_start,
        class.statement,
        class.section,
        class.line,
        class.sign,
        elimination.amount_reporting_currency as debit
    from {{ ref('fct_intercompany_elimination') }} as elimination
    inner join class on elimination.account_class = class.account_class
),

elimination_line as (
    select
        company_id,
        counterparty_company_id,
        period_start,
        statement,
        section,
        line,
        sign * debit as amount
    from entry
    union all
    select
        company_id,
        counterparty_company_id,
        period_start,
        'trial_balance' as statement,
        section,
        line,
        debit as amount
    from entry
    where statement = 'balance_sheet'
    union all
    -- Income and expense run on, and what is taken out of them with them.
    select
        entry.company_id,
        entry.counterparty_company_id,
        month.period_start,
        'trial_balance' as statement,
        entry.section,
        entry.line,
        sum(entry.debit) as amount
    from entry
    inner join last_period as month
        on entry.company_id = month.company_id and entry.period_start <= month.period_start
    where entry.statement = 'income_statement'
    group by
        entry.company_id, entry.counterparty_company_id, month.period_start, entry.section, entry.line
),

part as (
    select
        'company' as scope,
        *
    from company_line
    union all
    select
        'elimination' as scope,
        *
    from elimination_line
),

every_line as (
    select * from part
    union all
    select
        'group' as scope,
        cast(null as varchar) as company_id,
        cast(null as varchar) as counterparty_company_id,
        period_start,
        statement,
        section,
        line,
        case when count(*) = count(amount) then sum(amount) end as amount
    from part
    group by period_start, statement, section, line
)

select
    concat(
        scope, '|', coalesce(company_id, ''), '|', coalesce(counterparty_company_id, ''), '|',
        cast(period_start as varchar), '|', statement, '|', section, '|', line
    ) as consolidation_id,
    scope,
    company_id,
    counterparty_company_id,
    period_start,
    {{ last_of('month', 'period_start') }} as period_end,
    statement,
    section,
    line,
    cast('{{ var("reporting_currency") }}' as varchar) as currency,
    cast(amount as decimal(18, 4)) as amount_reporting_currency
from every_line
