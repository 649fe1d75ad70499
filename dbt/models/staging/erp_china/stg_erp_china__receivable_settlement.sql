with allocation as (
    select
        _source,
        hxid::varchar as allocation_key,
        gsdm,
        hxrq,
        fpid,
        skid,
        coalesce('sk' || skid::varchar, 'pj' || sjid::varchar) as receipt_key,
        hz_fpid,
        case lx
            when '收款' then 'payment'
            when '票据' then 'note'
            when '折扣' then 'discount'
            when '红冲' then 'credit_note'
            when '核销坏账' then 'write_off'
            else 'other'
        end as kind,
        je,
        bwb_je,
        coalesce(hdsy, 0) as hdsy
    from {{ source('erp_china', 't_ys_hexiao') }}
),

receipt as (
    select * from {{ ref('base_erp_china__receipt') }}
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
        skid
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
        -(bwb_je + hdsy) as bwb_je,
        0 as hdsy,
        skid
    from allocation
    where kind = 'credit_note'
),

-- A receipt applied on its own day never was an open item.
receipt_used as (
    select
        allocation._source,
        'sk' || allocation.allocation_key as allocation_key,
        allocation.receipt_key as item_key,
        allocation.gsdm,
        allocation.kind,
        allocation.hxrq,
        -allocation.je as je,
        -(allocation.bwb_je + allocation.hdsy) as bwb_je,
        0 as hdsy,
        allocation.skid
    from allocation
    inner join receipt on allocation.receipt_key = receipt.receipt_key and allocation._source = receipt._source
    where allocation.kind in ('payment', 'note') and allocation.hxrq > receipt.received_on
),

settlement as (
    select * from invoice_reduced
    union all
    select * from credit_note_used
    union all
    select * from receipt_used
)

select
    _source || ':' || allocation_key as receivable_settlement_id,
    _source || ':' || item_key as receivable_id,
    _source || ':' || gsdm as company_id,
    kind::varchar as kind,
    hxrq::date as settlement_date,
    je::decimal(18, 4) as amount_document_currency,
    bwb_je::decimal(18, 4) as amount_company_currency,
    hdsy::decimal(18, 4) as exchange_difference_company_currency,
    (_source || ':sk' || skid::varchar)::varchar as payment_id,
    _source::varchar as source_system,
    allocation_key::varchar as source_key
from settlement
