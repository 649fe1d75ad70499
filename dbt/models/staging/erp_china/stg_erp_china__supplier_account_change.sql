with change as (
    select * from {{ source('erp_china', 't_gys_zhanghu_bg') }}
)

select
    _source || ':' || bgid::varchar as supplier_account_change_id,
    (_source || ':' || gysbm)::varchar as supplier_id,
    bgsj::date as changed_date,
    replace(jiu_zh, ' ', '')::varchar as old_account_number,
    replace(xin_zh, ' ', '')::varchar as new_account_number,
    bgr::varchar as changed_by,
    _source::varchar as source_system,
    bgid::varchar as source_key
from change
