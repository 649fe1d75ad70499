with

spot as (
    select
        *,
        lag(units_per_base) over (partition by source_system, currency order by rate_date, exchange_rate_id)
            as units_before,
        lag(rate_date) over (partition by source_system, currency order by rate_date, exchange_rate_id)
            as rate_date_before,
        lead(rate_date) over (partition by source_system, currency order by rate_date, exchange_rate_id)
            as rate_date_after
    from {{ ref('int_exchange_rate') }}
    where rate_type = 'spot'
),

-- Days on which a source has rates of several currencies: one that it nearly always has is missed on the others.
busy_day as (
    select
        source_system,
        rate_date
    from spot
    group by source_system, rate_date
    having count(distinct currency) > 1
),

habit as (
    select
        currency.source_system,
        currency.currency,
        currency.first_date,
        currency.days * 10 >= source.days * 9 as is_daily,
        currency.usual_days_between
    from (
        select
            source_system,
            currency,
            count(distinct rate_date) as days,
            min(rate_date) as first_date,
            quantile_cont({{ days_between('rate_date_before', 'rate_date') }}, 0.5) as usual_days_between
        from spot
        group by source_system, currency
    ) as currency
    left join (
        select
            source_system,
            count(*) as days
        from busy_day
        group by source_system
    ) as source on currency.source_system = source.source_system
),

missing as (
    select
        habit.source_system,
        habit.currency,
        busy_day.rate_date
    from habit
    inner join busy_day
        on habit.source_system = busy_day.source_system and habit.first_date < busy_day.rate_date
    left join spot
        on
            habit.source_system = spot.source_system
            and habit.currency = spot.currency
            and busy_day.rate_date = spot.rate_date
    where habit.is_daily and spot.exchange_rate_id is null
),

-- A gap is told of the rate that ends it, or of the newest one where none does.
gap as (
    select
        spot.exchange_rate_id,
        count(distinct missing.rate_date) as days,
        min(missing.rate_date) as first_date,
        max(missing.rate_date) as last_date
    from spot
    inner join missing
        on
            spot.source_system = missing.source_system
            and spot.currency = missing.currency
            and (
                spot.rate_date_before < missing.rate_date and spot.rate_date > missing.rate_date
                or spot.rate_date_after is null and spot.rate_date < missing.rate_date
            )
    group by spot.exchange_rate_id
),

-- What a rate makes of its day, beside what another source makes of it.
elsewhere as (
    select
        spot.exchange_rate_id,
        own.rate_to_reporting,
        other.rate_to_reporting as rate_elsewhere
    from spot
    inner join {{ ref('int_reporting_rate') }} as own
        on
            spot.source_system = own.source_system
            and spot.currency = own.currency
            and spot.rate_date = own.date_day
    inner join {{ ref('int_reporting_rate') }} as other
        on
            spot.source_system <> other.source_system
            and spot.currency = other.currency
            and spot.rate_date = other.date_day
    where spot.units_per_base > 0 and other.rate_to_reporting > 0
    qualify row_number() over (partition by spot.exchange_rate_id order by other.source_system) = 1
),

used as (
    select
        currency,
        max(document_date) as last_used_date
    from (
        {% for side in ['sales', 'purchase'] %}
        select
            document_currency as currency,
            invoice_date as document_date
        from {{ ref('int_' ~ side ~ '_invoice') }}
        union all
        {% endfor %}
        select
            currency,
            booking_date as document_date
        from {{ ref('int_bank_movement') }}
    ) as document
    where document_date <= {{ as_of() }}
    group by currency
)

select
    spot.exchange_rate_id,
    spot.units_before,
    {{ days_between('spot.rate_date_before', 'spot.rate_date') }} as days_since_before,
    spot.rate_date_after is null as is_newest,
    case
        when gap.days > 1
            then
                concat(
                    cast(gap.first_date as varchar), ' … ', cast(gap.last_date as varchar), ' (',
                    cast(gap.days as varchar), ')'
                )
        else cast(gap.first_date as varchar)
    end as missing_dates,
    cast(elsewhere.rate_to_reporting as decimal(28, 12)) as rate_to_reporting,
    cast(elsewhere.rate_elsewhere as decimal(28, 12)) as rate_elsewhere,
    cast(habit.usual_days_between as decimal(9, 1)) as usual_days_between,
    used.last_used_date
from spot
left join gap on spot.exchange_rate_id = gap.exchange_rate_id
left join elsewhere on spot.exchange_rate_id = elsewhere.exchange_rate_id
left join habit on spot.source_system = habit.source_system and spot.currency = habit.currency
left join used on spot.currency = used.currency
