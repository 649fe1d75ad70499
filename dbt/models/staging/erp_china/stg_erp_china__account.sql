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
        else case
            -- 应收票据 and 应付票据 of the national chart.
            when substr(kmdm, 1, 4) = '1121' then 'note_receivable'
            when substr(kmdm, 1, 4) = '2201' then 'note_payable'
        end
    end::varchar as control,
    -- Numbers of the national chart (企业会计准则); below 财务费用 and 管理费用 the name tells.
    case
        when fzhs = '银行' or kmdm like '1001%' or kmdm like '1002%' or kmdm like '1012%' then 'cash'
        when fzhs = '客户' or substr(kmdm, 1, 4) = '1121' then 'receivable'
        when fzhs = '供应商' or substr(kmdm, 1, 4) = '2201' then 'payable'
        when kmmc like '%汇兑%' or kmmc like '%调汇%' then 'exchange_difference'
        when kmmc like '%利息%' then 'interest'
        when kmlb = '费用' and (kmmc like '%折旧%' or kmmc like '%摊销%') then 'depreciation'
        when substr(kmdm, 1, 2) = '14' then 'inventory'
        when substr(kmdm, 1, 2) in ('16', '17') then 'fixed_asset'
        when substr(kmdm, 1, 4) = '2221' then 'tax'
        when substr(kmdm, 1, 4) in ('2001', '2501', '2502') then 'loan'
        when substr(kmdm, 1, 4) in ('4101', '4103', '4104') then 'retained_earnings'
        when kmlb = '权益' then 'equity'
        when substr(kmdm, 1, 4) in ('6001', '6051') then 'revenue'
        when substr(kmdm, 1, 4) in ('6401', '6402') then 'cost_of_sales'
        when substr(kmdm, 1, 4) = '6801' then 'income_tax'
        when kmlb = '费用' then 'operating_expense'
        else 'other'
    end::varchar as purpose,
    _source::varchar as source_system,
    account_key::varchar as source_key
from account
