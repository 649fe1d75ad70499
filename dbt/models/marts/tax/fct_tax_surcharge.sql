with

-- A company's own rate goes before its country's.
rate_of_month as (
    select
        vat.company_id,
        vat.period_start,
        vat.period_end,
        vat.currency,
        vat.payable_company_currency,
        vat.source_system,
        vat.source_key,
        rate.surcharge,
        rate.rate,
        row_number() over (
            partition by vat.company_id, vat.period_start, rate.surcharge
            order by case when rate.company_code is null then 1 else 0 end, rate.valid_from desc
        ) as choice
    from {{ ref('fct_vat_payable_monthly') }} as vat
    inner join {{ ref('dim_company') }} as company on vat.company_id = company.company_id
    inner join {{ ref('tax_surcharge') }} as rate
        on
            company.country = rate.country
            and (rate.company_code is null or company.code = rate.company_code)
            and vat.period_end >= rate.valid_from
            and (rate.valid_to is null or vat.period_end <= rate.valid_to)
)

select
    company_id,
    period_start,
    period_end,
    surcharge,
    currency,
    payable_company_currency as base_amount_company_currency,
    rate as surcharge_rate,
    cast(round(payable_company_currency * rate, 2) as decimal(18, 4)) as surcharge_amount_company_currency,
    source_system,
    source_key
from rate_of_month
where choice = 1
