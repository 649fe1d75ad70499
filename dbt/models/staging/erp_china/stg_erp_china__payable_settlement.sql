with allocation as (
    select
        _source,
        hxid::varchar as allocation_key,
        gsdm,
        hxrq,
        fpid,
        fkid,
        je,
        bwb_je,
        coalesce(hdsy, 0) as hdsy
    from {{ source('erp_china', 't_yf_hexiao') }}
),

payment as (
    select * from {{ source('erp_china', 't_fukuan') }}
),

invoice_reduced as (
    select
        _source,
        allocation_key,
        fpid::varchar as item_key,
        gsdm,
        hxrq,
        je,
        bwb_je,
        hdsy
    from allocation
),

-- A payment applied on its own day never was an open item; later it is used up at its own rate.
payment_used as (
    select
        allocation._source,
        'fk' || allocation.allocation_key as allocation_key,
        'fk' || allocation.fkid::varchar as item_key,
        allocation.gsdm,
        allocation.hxrq,
        -allocation.je as je,
        -(allocation.bwb_je - allocation.hdsy) as bwb_je,
        0 as hdsy
    from allocation
    inner join payment on allocation.fkid = payment.fkid and allocation._source = payment._source
    where allocation.hxrq > payment.fkrq
),

settlement as (
    select * from invoice_reduced
    union all
    select * from payment_used
)

select
    _source || ':' || allocation_key as payable_settlement_id,
    _source || ':' || item_key as payable_id,
    _source || ':' || gsdm as company_id,
    'payment'::varchar as kind,
    hxrq::date as settlement_date,
    je::decimal(18, 4) as amount_document_currency,
    bwb_je::decimal(18, 4) as amount_company_currency,
    hdsy::decimal(18, 4) as exchange_difference_company_currency,
    _source::varchar as source_system,
    allocation_key::varchar as source_key
from settlement
