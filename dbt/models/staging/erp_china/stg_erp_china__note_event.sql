with event as (
    select * from {{ source('erp_china', 't_piaoju_shijian') }}
),

note as (
    select * from {{ source('erp_china', 't_piaoju') }}
),

own_account as (
    select
        _source,
        zhid,
        kmdm
    from {{ source('erp_china', 't_yinhang_zhanghu') }}
)

select
    event._source || ':' || event.sjid::varchar as note_event_id,
    event._source || ':' || event.pjid::varchar as note_id,
    event._source || ':' || event.gsdm as company_id,
    case event.sjlx
        when '收票' then 'received'
        when '开票' then 'issued'
        when '背书' then 'endorsed'
        when '贴现' then 'discounted'
        when '到期' then 'matured'
        when '拒付' then 'dishonoured'
    end::varchar as event,
    event.sjrq::date as event_date,
    (event._source || ':' || case
        when event.sjlx = '背书' then event.gysbm
        when note.fangxiang = '应收' then note.khbm
        else note.gysbm
    end)::varchar as party_id,
    (event._source || ':' || event.gsdm || ':' || own_account.kmdm)::varchar as account_id,
    event.je::decimal(18, 4) as amount_document_currency,
    event.bwb_je::decimal(18, 4) as amount_company_currency,
    coalesce(event.feiyong, 0)::decimal(18, 4) as fee_amount_company_currency,
    event._source::varchar as source_system,
    event.sjid::varchar as source_key
from event
left join note on event.pjid = note.pjid and event._source = note._source
left join own_account on event.zhid = own_account.zhid and event._source = own_account._source
