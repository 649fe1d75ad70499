-- Habits of the last half year: how many payments left on which day of the week and of the month.
with

paid as (
    select
        company_id,
        payment_date,
        {{ weekday('payment_date') }} as weekday,
        cast(extract(day from payment_date) as integer) as month_day,
        count(*) as payments
    from {{ ref('int_payment_at_bank') }}
    where
        direction = 'paid'
        and payment_date <= {{ as_of() }}
        and payment_date > {{ add_days(as_of(), -182) }}
    group by company_id, payment_date
),

of_weekday as (
    select
        company_id,
        weekday,
        sum(payments) / sum(sum(payments)) over (partition by company_id) as share
    from paid
    group by company_id, weekday
),

-- Runs that fall on a weekend wait for Monday: Mondays tell nothing of the day of the month.
of_month_day as (
    select
        company_id,
        month_day,
        sum(payments) / sum(sum(payments)) over (partition by company_id) as share
    from paid
    where weekday <> 0
    group by company_id, month_day
),

month_day_habit as (
    select
        company_id,
        month_day,
        sum(share) over (partition by company_id) as share_of_all
    from of_month_day
    where share >= 0.15
),

weekday_habit as (
    select
        company_id,
        weekday
    from of_weekday
    where share >= 0.5 and company_id not in (select company_id from month_day_habit where share_of_all >= 0.5)
),

day as (
    {{ day_spine(add_days(as_of(), 1), add_days(as_of(), 126)) }}
),

calendar as (
    select
        date_day,
        {{ weekday('date_day') }} as weekday,
        cast(extract(day from date_day) as integer) as month_day,
        {{ working_day('date_day') }} as working_day
    from day
)

select distinct
    company.company_id,
    calendar.working_day as run_day,
    month_day_habit.company_id is not null or weekday_habit.company_id is not null as is_habit
from {{ ref('int_company') }} as company
cross join calendar
left join month_day_habit
    on
        company.company_id = month_day_habit.company_id
        and calendar.month_day = month_day_habit.month_day
        and month_day_habit.share_of_all >= 0.5
left join weekday_habit
    on company.company_id = weekday_habit.company_id and calendar.weekday = weekday_habit.weekday
where
    month_day_habit.company_id is not null
    or weekday_habit.company_id is not null
    -- No habit to be seen: any working day.
    or (
        calendar.weekday < 5
        and company.company_id not in (
            select habit.company_id from month_day_habit as habit
            where habit.share_of_all >= 0.5
        )
        and company.company_id not in (select habit.company_id from weekday_habit as habit)
    )
