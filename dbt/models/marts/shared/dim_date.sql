with

-- The sources' own fiscal periods win where all companies agree on the day.
source_period as (
    select
        calendar.date_day,
        min(period.fiscal_year) as fiscal_year,
        min(period.fiscal_period) as fiscal_period
    from {{ ref('int_date') }} as calendar
    inner join {{ ref('int_fiscal_period') }} as period
        on calendar.date_day between period.start_date and period.end_date
    group by calendar.date_day
    having
        min(period.fiscal_year) = max(period.fiscal_year) and min(period.fiscal_period) = max(period.fiscal_period)
)

select
    calendar.date_day,
    coalesce(source_period.fiscal_year, calendar.group_fiscal_year) as fiscal_year,
    coalesce(source_period.fiscal_period, calendar.group_fiscal_period) as fiscal_period,
    calendar.week_start,
    calendar.month_start,
    calendar.month_end,
    cast(extract(year from calendar.date_day) as integer) as calendar_year,
    cast(extract(quarter from calendar.date_day) as integer) as calendar_quarter
from {{ ref('int_date') }} as calendar
left join source_period on calendar.date_day = source_period.date_day
