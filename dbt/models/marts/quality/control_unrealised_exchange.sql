with

difference as (
    select
        *,
        {{ last_of('month', 'reversal_date') }} as reversal_month_end
    from {{ ref('fct_unrealised_exchange_difference') }}
    where difference_company_currency is not null
),

reversed as (
    select
        company_id,
        reversal_month_end,
        sum(reversed_amount_company_currency) as amount
    from difference
    group by company_id, reversal_month_end
),

-- The other route: the balances themselves, at the rate of the month's end and as booked.
revalued as (
    select
        company_id,
        {{ last_of('month', add_days('month_end', 1)) }} as reversal_month_end,
        sum(revalued_amount_company_currency) as revalued,
        sum(booked_amount_company_currency) as booked,
        count(*) as items
    from {{ ref('fct_unrealised_exchange_difference') }}
    where revalued_amount_company_currency is not null
    group by company_id, {{ last_of('month', add_days('month_end', 1)) }}
),

-- Balances that the ERP revalues too. Its rate has so many decimals; a difference within them is of rounding.
compared as (
    select
        company_id,
        month_end,
        difference_company_currency as computed,
        posted_difference_company_currency as posted,
        case
            when
                abs(difference_company_currency - posted_difference_company_currency)
                <= abs(amount_document_currency) * 0.000001 + 0.01
                then difference_company_currency - posted_difference_company_currency
            else 0
        end as rounding,
        document_number
    from difference
    where
        kind = 'bank_balance'
        and item_id in (select item_id from difference where posted_difference_company_currency <> 0)
)

select
    'unrealised_exchange_reversal' as control,
    coalesce(reversed.company_id, revalued.company_id) as company_id,
    coalesce(reversed.reversal_month_end, revalued.reversal_month_end) as as_of,
    'reversals of the period' as left_label,
    'unrealised differences at the end of the period before, turned round' as right_label,
    cast(coalesce(reversed.amount, 0) as decimal(38, 4)) as left_total,
    cast(coalesce(revalued.booked, 0) - coalesce(revalued.revalued, 0) as decimal(38, 4)) as right_total,
    0 as broken,
    concat(cast(coalesce(revalued.items, 0) as varchar), ' foreign balances') as detail,
    true as blocking
from reversed
full outer join revalued
    on reversed.company_id = revalued.company_id and reversed.reversal_month_end = revalued.reversal_month_end

union all

select
    'unrealised_exchange_posted' as control,
    company_id,
    month_end as as_of,
    'unrealised differences of bank balances' as left_label,
    'revaluations in the ledger and rounding of their rates' as right_label,
    cast(sum(computed) as decimal(38, 4)) as left_total,
    cast(sum(posted + rounding) as decimal(38, 4)) as right_total,
    count(*) filter (where computed <> posted + rounding) as broken,
    concat(
        'rounding ', cast(sum(rounding) as varchar),
        case
            when count(*) filter (where computed <> posted + rounding) > 0
                then concat(', first: ', min(case when computed <> posted + rounding then document_number end))
            else ''
        end
    ) as detail,
    false as blocking
from compared
group by company_id, month_end
