with

source_system as (
    select distinct source_system from {{ ref('int_company') }}
),

-- A rate holds from its day until the next one of the same currency.
rate as (
    select
        source_system,
        currency,
        units_per_base,
        rate_date as valid_from,
        coalesce(
            lead(rate_date) over (partition by source_system, currency order by rate_date), cast('9999-12-31' as date)
        ) as valid_to
    from {{ ref('int_exchange_rate') }}
    where units_per_base > 0 and rate_type = 'spot'
    qualify row_number() over (partition by source_system, currency, rate_date order by source_key) = 1
),

reporting as (
    select *
    from rate
    where currency = '{{ var("reporting_currency") }}'
),

-- Both currencies in one source: units of the reporting currency for one unit of the currency.
crossed as (
    select
        rate.source_system as rate_source,
        rate.currency,
        cast(cast(reporting.units_per_base as double) / rate.units_per_base as decimal(28, 12)) as rate_to_reporting,
        greatest(rate.valid_from, reporting.valid_from) as valid_from,
        least(rate.valid_to, reporting.valid_to) as valid_to
    from rate
    inner join reporting
        on
            rate.source_system = reporting.source_system
            and rate.valid_from < reporting.valid_to
            and rate.valid_to > reporting.valid_from
    where rate.currency <> '{{ var("reporting_currency") }}'
),

-- Day by day, because an equality join stays quick for millions of documents where a join on ranges does not.
daily as (
    select
        crossed.rate_source,
        crossed.currency,
        calendar.date_day,
        crossed.rate_to_reporting
    from crossed
    inner join {{ ref('int_date') }} as calendar
        on crossed.valid_from <= calendar.date_day and crossed.valid_to > calendar.date_day
),

-- A source converts by its own rates; on days when it has none for the pair, by those of the first source that has.
-- Chosen for each day by what holds on it, so that rates which come later change no day before.
chosen as (
    select
        source_system.source_system,
        daily.currency,
        daily.date_day,
        daily.rate_to_reporting
    from source_system
    cross join daily
    qualify row_number() over (
        partition by source_system.source_system, daily.currency, daily.date_day
        order by
            case when daily.rate_source = source_system.source_system then 0 else 1 end,
            daily.rate_source
    ) = 1
)

select * from chosen

union all

select
    source_system.source_system,
    '{{ var("reporting_currency") }}' as currency,
    calendar.date_day,
    cast(1 as decimal(28, 12)) as rate_to_reporting
from source_system
cross join {{ ref('int_date') }} as calendar
