with

period as (
    select * from {{ source('erp_china', 't_kuaijiqijian') }}
)

select
    _source || ':' || gsdm || ':' || nian || ':' || qi as fiscal_period_id,
    _source || ':' || gsdm as company_id,
    nian::varchar as fiscal_year,
    qi::integer as fiscal_period,
    ksrq::date as start_date,
    jsrq::date as end_date,
    jiezhang::boolean as is_closed,
    _source::varchar as source_system,
    gsdm || ':' || nian || ':' || qi as source_key
from period
