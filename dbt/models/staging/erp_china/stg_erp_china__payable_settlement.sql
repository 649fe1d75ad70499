with

allocation as (
    select * from {{ source('erp_china', 't_yf_hexiao') }}
)

select
    _source || ':' || hxid as payable_settlement_id,
    _source || ':' || fpid as payable_id,
    _source || ':' || gsdm as company_id,
    'payment' as kind,
    hxrq::date as settlement_date,
    je::decimal(18, 4) as amount_document_currency,
    bwb_je::decimal(18, 4) as amount_company_currency,
    hdsy::decimal(18, 4) as exchange_difference_company_currency,
    _source::varchar as source_system,
    hxid::varchar as source_key
from allocation
