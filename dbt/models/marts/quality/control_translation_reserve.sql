with

reserve as (
    select
        *,
        sum(result_reporting_currency) over (
            partition by company_id order by month_start rows between unbounded preceding and current row
        ) as result_to_date,
        sum(equity_movement_reporting_currency) over (
            partition by company_id order by month_start rows between unbounded preceding and current row
        ) as equity_to_date
    from {{ ref('fct_translation_reserve') }}
),

-- The other route: what the balance sheet leaves over, from assets and liabilities alone.
net_assets_of_day as (
    select
        line.company_id,
        line.posting_date,
        sum(line.debit_company_currency - line.credit_company_currency) as amount
    from {{ ref('fct_journal_line') }} as line
    inner join {{ ref('dim_account') }} as account on line.account_id = account.account_id
    where account.type in ('asset', 'liability') and line.posting_date <= {{ as_of() }}
    group by line.company_id, line.posting_date
),

net_assets as (
    select
        reserve.company_id,
        reserve.month_start,
        sum(net_assets_of_day.amount) as amount
    from reserve
    inner join net_assets_of_day
        on
            reserve.company_id = net_assets_of_day.company_id
            and reserve.month_end >= net_assets_of_day.posting_date
    group by reserve.company_id, reserve.month_start
)

select
    'translation_reserve' as control,
    reserve.company_id,
    reserve.month_end as as_of,
    'translation reserve rolled forward' as left_label,
    'net assets at the closing rate less result and equity as translated' as right_label,
    cast(reserve.closing_reserve_reporting_currency as decimal(38, 4)) as left_total,
    cast(
        {{ converted('cast(coalesce(net_assets.amount, 0) as decimal(18, 4))', 'reserve.closing_rate') }}
        - reserve.result_to_date - reserve.equity_to_date as decimal(38, 4)
    ) as right_total,
    0 as broken,
    concat(reserve.currency, ', month that ends on ', cast(reserve.month_end as varchar)) as detail,
    true as blocking
from reserve
left join net_assets on reserve.company_id = net_assets.company_id and reserve.month_start = net_assets.month_start
-- A missing rate is named by the control exchange_rate.
where reserve.closing_reserve_reporting_currency is not null and reserve.result_to_date is not null
