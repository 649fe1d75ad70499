with

-- Sources seldom differ in a rate; where they do, the first source in the alphabet speaks for the group.
group_rate as (
    select *
    from {{ ref('int_reporting_rate') }}
    qualify row_number() over (partition by currency, date_day order by source_system) = 1
),

change as (
    select
        currency,
        date_day,
        rate_to_reporting
    from group_rate
    qualify rate_to_reporting is distinct from lag(rate_to_reporting) over (partition by currency order by date_day)
)

select
    currency,
    date_day as valid_from,
    lead(date_day) over (partition by currency order by date_day) as valid_to,
    rate_to_reporting as reporting_currency_per_unit
from change
