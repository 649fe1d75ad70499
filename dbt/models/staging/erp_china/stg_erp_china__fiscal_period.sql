with period as (
    select
        *,
        gsdm || ':' || nian::varchar || ':' || qi::varchar as period_key
    from {{ source('erp_china', 't_kuaijiqijian') }}
)

select
    _source || ':' || period_key as fiscal_period_id,
    _source || ':' || gsdm as company_id,
    nian::varchar as fiscal_year,
    qi::integer as fiscal_period,
    ksrq::date as start_date,
    jsrq::date as end_date,
    coalesce(jiezhang, false)::boolean as is_closed,
    _source::varchar as source_system,
    period_key::varchar as source_key
from period
