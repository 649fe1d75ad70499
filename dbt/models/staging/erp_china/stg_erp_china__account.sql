with account as (
    select
        *,
        gsdm || ':' || kmdm as account_key
    from {{ source('erp_china', 't_kemu') }}
)

select
    _source || ':' || account_key as account_id,
    _source || ':' || gsdm as company_id,
    kmdm::varchar as code,
    kmmc::varchar as name,
    case kmlb
        when '资产' then 'asset'
        when '负债' then 'liability'
        when '权益' then 'equity'
        when '收入' then 'income'
        when '费用' then 'expense'
    end::varchar as type,
    case fzhs
        when '客户' then 'receivable'
        when '供应商' then 'payable'
        when '银行' then 'bank'
        when '已实现汇兑' then 'realised_exchange'
        when '未实现汇兑' then 'unrealised_exchange'
    end::varchar as control,
    _source::varchar as source_system,
    account_key::varchar as source_key
from account
