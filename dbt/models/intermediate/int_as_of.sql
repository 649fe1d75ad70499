with

first_posting as (
    select min(posting_date) as posting_date from {{ ref('int_journal_line') }}
    union all
    select min(posting_date) as posting_date from {{ ref('int_receivable') }}
    union all
    select min(posting_date) as posting_date from {{ ref('int_payable') }}
),

month_ends as (
    select month_end as as_of
    from {{ ref('int_date') }}
    where
        date_day = month_end
        and month_end < {{ as_of() }}
        and month_end >= (select min(posting_date) from first_posting)
),

requested as (
    select as_of
    from {{ source('quality', 'requested_as_of') }}
    where as_of < {{ as_of() }}
)

select as_of from month_ends
union distinct
select as_of from requested
union distinct
select {{ as_of() }} as as_of
