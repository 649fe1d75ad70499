with company as (
    select * from {{ source('erp_china', 't_gongsi') }}
)

select
    _source || ':' || gsdm as company_id,
    gsdm::varchar as code,
    gsmc::varchar as name,
    bwb::varchar as currency,
    guojia::varchar as country,
    nullif(tyshxydm, '')::varchar as tax_identifier,
    6::integer as rate_decimals,
    _source::varchar as source_system,
    gsdm::varchar as source_key
from company
