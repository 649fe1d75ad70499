select
    _source || ':' || sjid::varchar as note_event_id,
    _source || ':' || pjid::varchar as note_id,
    _source || ':' || gsdm as company_id,
    case sjlx
        when '收票' then 'received'
        when '开票' then 'issued'
        when '背书' then 'endorsed'
        when '贴现' then 'discounted'
        when '到期' then 'matured'
        when '拒付' then 'dishonoured'
    end::varchar as event,
    sjrq::date as event_date,
    je::decimal(18, 4) as amount_document_currency,
    bwb_je::decimal(18, 4) as amount_company_currency,
    coalesce(feiyong, 0)::decimal(18, 4) as fee_amount_company_currency,
    _source::varchar as source_system,
    sjid::varchar as source_key
from {{ source('erp_china', 't_piaoju_shijian') }}
