with

-- As in dim_exchange_rate: where sources differ, the first in the alphabet speaks for the group.
group_rate as (
    select *
    from {{ ref('int_reporting_rate_monthly') }}
    qualify row_number() over (partition by currency, month_start order by source_system) = 1
)

select
    currency,
    month_start,
    month_end,
    'month_end' as rate_type,
    month_end_rate_to_reporting as reporting_currency_per_unit
from group_rate
union all
select
    currency,
    month_start,
    month_end,
    'average' as rate_type,
    average_rate_to_reporting as reporting_currency_per_unit
from group_rate
