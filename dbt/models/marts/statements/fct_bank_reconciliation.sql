with

day_by_day as (
    select * from {{ ref('fct_bank_reconciliation_daily') }}
)

select
    day_by_day.company_id,
    day_by_day.account_id,
    period.fiscal_year,
    period.fiscal_period,
    period.start_date as period_start,
    period.end_date as period_end,
    day_by_day.currency,
    cast(sum(day_by_day.bank_movement_company_currency) as decimal(18, 4)) as bank_movement_company_currency,
    cast(sum(day_by_day.revaluation_company_currency) as decimal(18, 4)) as revaluation_company_currency,
    cast(sum(day_by_day.rate_rounding_company_currency) as decimal(18, 4)) as rate_rounding_company_currency,
    cast(sum(day_by_day.open_difference_company_currency) as decimal(18, 4)) as open_difference_company_currency,
    cast(sum(day_by_day.ledger_movement_company_currency) as decimal(18, 4)) as ledger_movement_company_currency,
    count(*) filter (where day_by_day.open_difference_company_currency <> 0) as open_days,
    min(
        case
            when day_by_day.open_difference_company_currency <> 0
                then concat(cast(day_by_day.date_day as varchar), ' ', coalesce(day_by_day.first_document, ''))
        end
    ) as first_open_document,
    day_by_day.source_system,
    day_by_day.source_key
from day_by_day
inner join {{ ref('int_ledger_period') }} as period
    on
        day_by_day.company_id = period.company_id
        and day_by_day.date_day >= period.posted_from
        and day_by_day.date_day < period.posted_before
group by
    day_by_day.company_id, day_by_day.account_id, period.fiscal_year, period.fiscal_period, period.start_date,
    period.end_date, day_by_day.currency, day_by_day.source_system, day_by_day.source_key
