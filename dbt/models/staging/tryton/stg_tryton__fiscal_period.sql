with period as (
    select * from {{ source('tryton', 'account_period') }}
),

fiscal_year as (
    select * from {{ source('tryton', 'account_fiscalyear') }}
)

select
    period._source || ':' || period.id::varchar as fiscal_period_id,
    period._source || ':' || fiscal_year.company::varchar as company_id,
    fiscal_year.name::varchar as fiscal_year,
    row_number() over (
        partition by period._source, period.fiscalyear order by period.start_date, period.id
    )::integer as fiscal_period,
    period.start_date::date as start_date,
    period.end_date::date as end_date,
    (period.state <> 'open')::boolean as is_closed,
    period._source::varchar as source_system,
    period.id::varchar as source_key
from period
inner join fiscal_year on period.fiscalyear = fiscal_year.id and period._source = fiscal_year._source
where period.type = 'standard'
