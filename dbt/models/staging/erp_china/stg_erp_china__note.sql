select
    _source || ':' || pjid::varchar as note_id,
    pjh::varchar as note_number,
    case pjlx when '银行承兑' then 'bank_acceptance' when '商业承兑' then 'commercial_acceptance' end::varchar as kind,
    case fangxiang when '应收' then 'receivable' when '应付' then 'payable' end::varchar as direction,
    _source || ':' || gsdm as company_id,
    (_source || ':' || case fangxiang when '应收' then khbm when '应付' then gysbm end)::varchar as party_id,
    cpr::varchar as drawer,
    bizhong::varchar as document_currency,
    je::decimal(18, 4) as amount_document_currency,
    cprq::date as issue_date,
    dqr::date as maturity_date,
    _source::varchar as source_system,
    pjid::varchar as source_key
from {{ source('erp_china', 't_piaoju') }}
