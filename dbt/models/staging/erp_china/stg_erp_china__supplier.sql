with supplier as (
    select * from {{ source('erp_china', 't_gongyingshang') }}
)

select
    _source || ':' || gysbm as supplier_id,
    gysbm::varchar as code,
    gysmc::varchar as name,
    nullif(tyshxydm, '')::varchar as tax_identifier,
    guojia::varchar as country,
    shengfen::varchar as region,
    chengshi::varchar as city,
    youxiang::varchar as email,
    bizhong::varchar as currency,
    zhangqi_ts::integer as payment_term_days,
    (not coalesce(tingyong, false))::boolean as is_active,
    xgsj::timestamp as changed_at,
    replace(yhzh, ' ', '')::varchar as bank_account_number,
    null::varchar as replaced_by_supplier_id,
    _source::varchar as source_system,
    gysbm::varchar as source_key
from supplier
