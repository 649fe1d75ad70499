select
    'translation_reserve' as control,
    reserve.company_id,
    reserve.period_end as as_of,
    'translation reserve rolled forward' as left_label,
    'translation difference in the balance sheet' as right_label,
    cast(reserve.closing_reserve_reporting_currency as decimal(38, 4)) as left_total,
    cast(coalesce(sheet.amount_reporting_currency, 0) as decimal(38, 4)) as right_total,
    0 as broken,
    concat(reserve.currency, ', period that ends on ', cast(reserve.period_end as varchar)) as detail,
    true as blocking
from {{ ref('fct_translation_reserve') }} as reserve
left join {{ ref('fct_balance_sheet') }} as sheet
    on
        reserve.company_id = sheet.company_id
        and reserve.period_start = sheet.period_start
        and sheet.line = 'translation_difference'
-- A missing rate is named by the control exchange_rate.
where reserve.closing_reserve_reporting_currency is not null
