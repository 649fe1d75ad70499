with bank_account as (
    select * from {{ source('erp_china', 't_yinhang_zhanghu') }}
)

select
    _source || ':' || zhid::varchar as bank_account_id,
    _source || ':' || gsdm as company_id,
    zhmc::varchar as name,
    bizhong::varchar as currency,
    replace(zhanghao, ' ', '')::varchar as iban,
    (_source || ':' || gsdm || ':' || kmdm)::varchar as account_id,
    _source::varchar as source_system,
    zhid::varchar as source_key
from bank_account
