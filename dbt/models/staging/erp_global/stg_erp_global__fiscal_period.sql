with

period as (
    select * from {{ source('erp_global', 'fiscal_periods') }}
)

select
    _source || ':' || id as fiscal_period_id,
    _source || ':' || company_id as company_id,
    replace(year_label, 'FY', '')::varchar as fiscal_year,
    period_number::integer as fiscal_period,
    starts_on::date as start_date,
    ends_on::date as end_date,
    coalesce(status = 'closed', false) as is_closed,
    _source::varchar as source_system,
    id::varchar as source_key
from period
