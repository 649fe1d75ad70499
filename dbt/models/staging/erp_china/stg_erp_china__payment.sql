with own_account as (
    select
        _source,
        zhid,
        kmdm
    from {{ source('erp_china', 't_yinhang_zhanghu') }}
),

payment as (
    select
        _source,
        'sk' || skid::varchar as payment_key,
        skdh as payment_number,
        'received' as direction,
        gsdm,
        khbm as party,
        skrq as payment_date,
        zhid,
        bizhong,
        je,
        bwb_je,
        -- 手续费 is kept in the currency of the receipt; the books take it at its rate.
        round(coalesce(sxf, 0) * huilv, 2) as fee_base
    from {{ source('erp_china', 't_shoukuan') }}
    union all
    select
        _source,
        'fk' || fkid::varchar as payment_key,
        fkdh as payment_number,
        'paid' as direction,
        gsdm,
        gysbm as party,
        fkrq as payment_date,
        zhid,
        bizhong,
        je,
        bwb_je,
        0 as fee_base
    from {{ source('erp_china', 't_fukuan') }}
)

select
    payment._source || ':' || payment.payment_key as payment_id,
    payment.payment_number::varchar as payment_number,
    payment.direction::varchar as direction,
    payment._source || ':' || payment.gsdm as company_id,
    (payment._source || ':' || payment.party)::varchar as party_id,
    payment.payment_date::date as payment_date,
    (payment._source || ':' || payment.gsdm || ':' || own_account.kmdm)::varchar as account_id,
    null::varchar as control_account_id,
    payment.bizhong::varchar as document_currency,
    payment.je::decimal(18, 4) as amount_document_currency,
    payment.bwb_je::decimal(18, 4) as amount_company_currency,
    payment.fee_base::decimal(18, 4) as fee_amount_company_currency,
    payment._source::varchar as source_system,
    payment.payment_key::varchar as source_key
from payment
left join own_account on payment.zhid = own_account.zhid and payment._source = own_account._source
