with

first_posting as (
    select
        company_id,
        {{ first_of('month', "greatest(min(posting_date), (select min(date_day) from " ~ ref('int_date') ~ "))") }}
            as first_month,
        min(posting_date) as posting_date
    from {{ ref('int_journal_line') }}
    where posting_date <= {{ as_of() }}
    group by company_id
),

source_period as (
    select
        period.company_id,
        period.fiscal_year,
        period.fiscal_period,
        period.start_date,
        period.end_date,
        period.is_closed
    from {{ ref('int_fiscal_period') }} as period
    inner join first_posting
        on period.company_id = first_posting.company_id and period.end_date >= first_posting.posting_date
    where period.start_date <= {{ as_of() }}
),

covered as (
    select
        company_id,
        min(start_date) as first_day,
        max(end_date) as last_day
    from source_period
    group by company_id
),

-- Calendar months before, after or instead of the periods that the source has.
calendar_month as (
    select
        first_posting.company_id,
        calendar.group_fiscal_year as fiscal_year,
        calendar.group_fiscal_period as fiscal_period,
        calendar.date_day as start_date,
        calendar.month_end as end_date,
        false as is_closed
    from first_posting
    inner join {{ ref('int_date') }} as calendar on first_posting.first_month <= calendar.date_day
    left join covered on first_posting.company_id = covered.company_id
    where
        calendar.date_day = calendar.month_start
        and calendar.date_day <= {{ as_of() }}
        and (
            covered.company_id is null
            or calendar.month_end < covered.first_day
            or calendar.date_day > covered.last_day
        )
),

period as (
    select * from source_period
    union all
    select * from calendar_month
)

-- Days that no period names belong to the one before, so that no posting falls between two.
select
    company_id,
    fiscal_year,
    fiscal_period,
    start_date,
    end_date,
    is_closed,
    case
        when lag(start_date) over (partition by company_id order by start_date, end_date) is null
            then cast('0001-01-01' as date)
        else start_date
    end as posted_from,
    coalesce(
        lead(start_date) over (partition by company_id order by start_date, end_date), cast('9999-12-31' as date)
    ) as posted_before
from period
