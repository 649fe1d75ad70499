with

-- The rate of a bucket holds until the next of the same bucket.
loss_rate as (
    select
        bucket,
        loss_rate_percent,
        valid_from,
        coalesce(
            lead(valid_from) over (partition by bucket order by valid_from), cast('9999-12-31' as date)
        ) as valid_to
    from {{ ref('loss_rate') }}
),

-- Companies of the group do not lose against each other; credits are no exposure.
exposure as (
    select
        aging.as_of,
        aging.company_id,
        aging.bucket,
        sum(aging.open_amount_company_currency) as exposure_company_currency,
        case
            when count(*) = count(aging.open_amount_reporting_currency) then sum(aging.open_amount_reporting_currency)
        end as exposure_reporting_currency
    from {{ ref('fct_receivable_aging') }} as aging
    left join {{ ref('int_intercompany_party') }} as partner
        on partner.party_kind = 'customer' and aging.customer_record_id = partner.party_id
    where aging.open_amount_company_currency > 0 and partner.party_id is null
    group by aging.as_of, aging.company_id, aging.bucket
)

select
    exposure.as_of,
    exposure.company_id,
    exposure.bucket,
    company.currency,
    cast(exposure.exposure_company_currency as decimal(18, 4)) as exposure_company_currency,
    cast(exposure.exposure_reporting_currency as decimal(18, 4)) as exposure_reporting_currency,
    loss_rate.loss_rate_percent,
    {{ converted(
        'cast(exposure.exposure_company_currency as decimal(18, 4))',
        '(cast(loss_rate.loss_rate_percent as double) / 100)'
    ) }} as expected_loss_company_currency,
    {{ converted(
        'cast(exposure.exposure_reporting_currency as decimal(18, 4))',
        '(cast(loss_rate.loss_rate_percent as double) / 100)'
    ) }} as expected_loss_reporting_currency,
    company.source_system,
    company.source_key
from exposure
inner join {{ ref('int_company') }} as company on exposure.company_id = company.company_id
left join loss_rate
    on
        exposure.bucket = loss_rate.bucket
        and exposure.as_of >= loss_rate.valid_from
        and exposure.as_of < loss_rate.valid_to
