select
    movement.company_id,
    movement.account_id,
    period.fiscal_year,
    period.fiscal_period,
    movement.period_start,
    period.end_date as period_end,
    account.purpose as line,
    company.currency,
    cast(-sum(movement.amount_company_currency) as decimal(18, 4)) as amount_company_currency,
    case
        when count(*) = count(movement.amount_reporting_currency)
            then cast(-sum(movement.amount_reporting_currency) as decimal(18, 4))
    end as amount_reporting_currency,
    account.source_system,
    account.source_key
from {{ ref('int_ledger_movement') }} as movement
inner join {{ ref('int_account') }} as account on movement.account_id = account.account_id
inner join {{ ref('int_company') }} as company on movement.company_id = company.company_id
inner join {{ ref('int_ledger_period') }} as period
    on movement.company_id = period.company_id and movement.period_start = period.start_date
where account.type in ('income', 'expense') and not movement.is_closing
group by
    movement.company_id, movement.account_id, period.fiscal_year, period.fiscal_period, movement.period_start,
    period.end_date, account.purpose, company.currency, account.source_system, account.source_key
