with customer as (
    select * from {{ source('erp_china', 't_kehu') }}
)

select
    _source || ':' || khbm as customer_id,
    khbm::varchar as code,
    khmc::varchar as name,
    nullif(tyshxydm, '')::varchar as tax_identifier,
    guojia::varchar as country,
    shengfen::varchar as region,
    chengshi::varchar as city,
    youxiang::varchar as email,
    bizhong::varchar as currency,
    zhangqi_ts::integer as payment_term_days,
    (not coalesce(tingyong, false))::boolean as is_active,
    xgsj::timestamp as changed_at,
    xinyong_ed::decimal(18, 4) as credit_limit_company_currency,
    case qudao
        when '直销' then 'Direct'
        when '经销' then 'Distributor'
        when '电商' then 'Online'
        when '工程' then 'Project'
        else qudao
    end::varchar as channel,
    null::varchar as segment,
    null::varchar as salesperson_id,
    null::varchar as replaced_by_customer_id,
    _source::varchar as source_system,
    khbm::varchar as source_key
from customer
