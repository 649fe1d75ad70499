with

daily as (
    select
        rate.source_system,
        rate.currency,
        calendar.month_start,
        calendar.month_end,
        rate.date_day,
        rate.rate_to_reporting
    from {{ ref('int_reporting_rate') }} as rate
    inner join {{ ref('int_date') }} as calendar on rate.date_day = calendar.date_day
    where rate.date_day <= {{ as_of() }}
),

-- Of the month that is not over yet: what is known of it.
of_month as (
    select
        source_system,
        currency,
        month_start,
        month_end,
        max(date_day) as last_day,
        cast(sum(cast(rate_to_reporting as decimal(24, 12))) as double) / count(*) as average_rate
    from daily
    group by source_system, currency, month_start, month_end
),

-- What a source states for the month. The base currency of its rates is one, in every type.
stated as (
    select
        rate.source_system,
        rate.currency,
        rate.rate_type,
        calendar.month_start,
        rate.units_per_base
    from {{ ref('int_exchange_rate') }} as rate
    inner join {{ ref('int_date') }} as calendar on rate.rate_date = calendar.date_day
    where rate.rate_type in ('month_end', 'average') and rate.units_per_base > 0 and rate.rate_date <= {{ as_of() }}
    qualify row_number() over (
        partition by rate.source_system, rate.currency, rate.rate_type, calendar.month_start
        order by rate.rate_date desc, rate.source_key asc
    ) = 1
),

base_currency as (
    select
        source_system,
        currency
    from {{ ref('int_exchange_rate') }}
    where rate_type = 'spot'
    group by source_system, currency
    having min(units_per_base) = 1 and max(units_per_base) = 1
),

stated_with_base as (
    select * from stated
    union all
    select
        month.source_system,
        base_currency.currency,
        month.rate_type,
        month.month_start,
        1 as units_per_base
    from (
        select distinct
            source_system,
            rate_type,
            month_start
        from stated
    ) as month
    inner join base_currency on month.source_system = base_currency.source_system
    left join stated as own
        on
            month.source_system = own.source_system
            and month.rate_type = own.rate_type
            and month.month_start = own.month_start
            and base_currency.currency = own.currency
    where own.currency is null
),

stated_to_reporting as (
    select
        rate.source_system,
        rate.currency,
        rate.rate_type,
        rate.month_start,
        cast(reporting.units_per_base as double) / rate.units_per_base as rate_to_reporting
    from stated_with_base as rate
    inner join stated_with_base as reporting
        on
            rate.source_system = reporting.source_system
            and rate.rate_type = reporting.rate_type
            and rate.month_start = reporting.month_start
            and reporting.currency = '{{ var("reporting_currency") }}'
)

select
    of_month.source_system,
    of_month.currency,
    of_month.month_start,
    of_month.month_end,
    of_month.last_day,
    cast(coalesce(month_end.rate_to_reporting, last_day.rate_to_reporting) as decimal(28, 12))
        as month_end_rate_to_reporting,
    cast(coalesce(average.rate_to_reporting, of_month.average_rate) as decimal(28, 12)) as average_rate_to_reporting
from of_month
inner join daily as last_day
    on
        of_month.source_system = last_day.source_system
        and of_month.currency = last_day.currency
        and of_month.last_day = last_day.date_day
left join stated_to_reporting as month_end
    on
        of_month.source_system = month_end.source_system
        and of_month.currency = month_end.currency
        and of_month.month_start = month_end.month_start
        and month_end.rate_type = 'month_end'
left join stated_to_reporting as average
    on
        of_month.source_system = average.source_system
        and of_month.currency = average.currency
        and of_month.month_start = average.month_start
        and average.rate_type = 'average'
