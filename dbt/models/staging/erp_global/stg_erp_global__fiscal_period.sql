with period as (
    select * from {{ source('erp_global', 'fiscal_periods') }}
)

select
    _source || ':' || id::varchar as fiscal_period_id,
    _source || ':' || company_id::varchar as company_id,
    year_label::varchar as fiscal_year,
    period_number::integer as fiscal_period,
    starts_on::date as start_date,
    ends_on::date as end_date,
    coalesce(status = 'closed', false)::boolean as is_closed,
    _source::varchar as source_system,
    id::varchar as source_key
from period
