with allocation as (
    select
        _source,
        hxid::varchar as allocation_key,
        gsdm,
        hxrq,
        fpid,
        fkid,
        coalesce('fk' || fkid::varchar, 'pj' || sjid::varchar) as payment_key,
        hz_fpid,
        case lx
            when '付款' then 'payment'
            when '票据' then 'note'
            when '折扣' then 'discount'
            when '红冲' then 'credit_note'
            when '核销' then 'write_off'
            else 'other'
        end as kind,
        je,
        bwb_je,
        coalesce(hdsy, 0) as hdsy
    from {{ source('erp_china', 't_yf_hexiao') }}
),

payment as (
    select * from {{ ref('base_erp_china__supplier_payment') }}
),

invoice_reduced as (
    select
        _source,
        allocation_key,
        fpid::varchar as item_key,
        gsdm,
        kind,
        hxrq,
        je,
        bwb_je,
        hdsy,
        fkid
    from allocation
),

-- What pays is used up at its own rate; the exchange difference stands with the invoice.
credit_note_used as (
    select
        _source,
        'hz' || allocation_key as allocation_key,
        hz_fpid::varchar as item_key,
        gsdm,
        kind,
        hxrq,
        -je as je,
        -(bwb_je - hdsy) as bwb_je,
        0 as hdsy,
        fkid
    from allocation
    where kind = 'credit_note'
),

-- A payment applied on its own day never was an open item; later it is used up at its own rate.
payment_used as (
    select
        allocation._source,
        'fk' || allocation.allocation_key as allocation_key,
        allocation.payment_key as item_key,
        allocation.gsdm,
        allocation.kind,
        allocation.hxrq,
        -allocation.je as je,
        -(allocation.bwb_je - allocation.hdsy) as bwb_je,
        0 as hdsy,
        allocation.fkid
    from allocation
    inner join payment on allocation.payment_key = payment.payment_key and allocation._source = payment._source
    where allocation.hxrq > payment.paid_on
),

settlement as (
    select * from invoice_reduced
    union all
    select * from credit_note_used
    union all
    select * from payment_used
)

select
    _source || ':' || allocation_key as payable_settlement_id,
    _source || ':' || item_key as payable_id,
    _source || ':' || gsdm as company_id,
    kind::varchar as kind,
    hxrq::date as settlement_date,
    je::decimal(18, 4) as amount_document_currency,
    bwb_je::decimal(18, 4) as amount_company_currency,
    hdsy::decimal(18, 4) as exchange_difference_company_currency,
    (_source || ':fk' || fkid::varchar)::varchar as payment_id,
    _source::varchar as source_system,
    allocation_key::varchar as source_key
from settlement
