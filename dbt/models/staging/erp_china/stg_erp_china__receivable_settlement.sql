with

allocation as (
    select * from {{ source('erp_china', 't_ys_hexiao') }}
),

receipt as (
    select * from {{ source('erp_china', 't_shoukuan') }}
),

settlement as (
    select
        _source,
        hxid::varchar as settlement_key,
        fpid::varchar as item_key,
        gsdm,
        case lx when '收款' then 'payment' when '折扣' then 'discount' when '红冲' then 'credit_note' else 'other' end as kind,
        hxrq as settlement_date,
        je as amount_document_currency,
        bwb_je as amount_company_currency,
        hdsy as exchange_difference_company_currency
    from allocation

    union all

    -- The other side of a credit note: its own open amount falls as well.
    select
        _source,
        'hz' || hxid as settlement_key,
        hz_fpid::varchar as item_key,
        gsdm,
        'credit_note' as kind,
        hxrq as settlement_date,
        -je as amount_document_currency,
        -bwb_je as amount_company_currency,
        0 as exchange_difference_company_currency
    from allocation
    where hz_fpid is not null

    union all

    -- The other side of money applied after its day: it is no longer unapplied.
    select
        allocation._source,
        'sk' || allocation.hxid as settlement_key,
        'sk' || allocation.skid as item_key,
        allocation.gsdm,
        'payment' as kind,
        allocation.hxrq as settlement_date,
        -allocation.je as amount_document_currency,
        -(allocation.bwb_je + allocation.hdsy) as amount_company_currency,
        0 as exchange_difference_company_currency
    from allocation
    inner join receipt on allocation._source = receipt._source and allocation.skid = receipt.skid
    where allocation.hxrq > receipt.skrq and allocation.lx = '收款'
)

select
    _source || ':' || settlement_key as receivable_settlement_id,
    _source || ':' || item_key as receivable_id,
    _source || ':' || gsdm as company_id,
    kind::varchar as kind,
    settlement_date::date as settlement_date,
    amount_document_currency::decimal(18, 4) as amount_document_currency,
    amount_company_currency::decimal(18, 4) as amount_company_currency,
    exchange_difference_company_currency::decimal(18, 4) as exchange_difference_company_currency,
    _source::varchar as source_system,
    settlement_key::varchar as source_key
from settlement
