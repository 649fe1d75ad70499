with invoice as (
    select
        *,
        coalesce(hongzi, false) as is_credit_note,
        case when coalesce(hongzi, false) then -1 else 1 end as sign
    from {{ source('erp_china', 't_xs_fapiao') }}
    where zhuangtai = '已审核'
),

receipt as (
    select * from {{ ref('base_erp_china__receipt') }}
),

-- Worth in the books: the invoice's rate and the exchange difference make up the receipt's own rate.
applied_at_once as (
    select
        receipt._source,
        receipt.receipt_key,
        sum(allocation.je) as je,
        sum(allocation.bwb_je + coalesce(allocation.hdsy, 0)) as bwb_je
    from {{ source('erp_china', 't_ys_hexiao') }} as allocation
    inner join receipt
        on
            coalesce('sk' || allocation.skid::varchar, 'pj' || allocation.sjid::varchar) = receipt.receipt_key
            and allocation._source = receipt._source
    where allocation.lx in ('收款', '票据') and allocation.hxrq <= receipt.received_on
    group by receipt._source, receipt.receipt_key
),

unapplied as (
    select
        receipt.* exclude (je, bwb_je),
        receipt.je - coalesce(applied_at_once.je, 0) as je,
        receipt.bwb_je - coalesce(applied_at_once.bwb_je, 0) as bwb_je
    from receipt
    left join applied_at_once
        on receipt.receipt_key = applied_at_once.receipt_key and receipt._source = applied_at_once._source
),

item as (
    select
        _source,
        fpid::varchar as item_key,
        case when is_credit_note then 'credit_note' else 'invoice' end as kind,
        fpid,
        fph,
        gsdm,
        khbm,
        kprq as posting_date,
        kprq as invoice_date,
        coalesce(dqr, kprq) as due_date,
        bizhong,
        sign * jshj as amount,
        sign * bwb_jshj as amount_company_currency,
        zhengyi
    from invoice
    union all
    select
        _source,
        receipt_key as item_key,
        case when is_bill then 'other' else 'unapplied_cash' end as kind,
        null as fpid,
        null as fph,
        gsdm,
        khbm,
        received_on as posting_date,
        null as invoice_date,
        received_on as due_date,
        bizhong,
        -je as amount,
        -bwb_je as amount_company_currency,
        null as zhengyi
    from unapplied
    where je <> 0 or bwb_je <> 0
    union all
    -- A bill that its drawee refused is owed again.
    select
        event._source,
        'pj' || event.sjid::varchar as item_key,
        'other' as kind,
        null as fpid,
        null as fph,
        event.gsdm,
        note.khbm,
        event.sjrq as posting_date,
        null as invoice_date,
        event.sjrq as due_date,
        note.bizhong,
        event.je as amount,
        event.bwb_je as amount_company_currency,
        null as zhengyi
    from {{ source('erp_china', 't_piaoju_shijian') }} as event
    inner join {{ source('erp_china', 't_piaoju') }} as note on event.pjid = note.pjid and event._source = note._source
    where event.sjlx = '拒付' and note.fangxiang = '应收' and event.je <> 0
),

-- Documents do not name it: the company's account kept by customer.
control_account as (
    select
        _source,
        gsdm,
        min(kmdm) as kmdm
    from {{ source('erp_china', 't_kemu') }}
    where fzhs = '客户'
    group by _source, gsdm
)

select
    item._source || ':' || item.item_key as receivable_id,
    item.kind::varchar as kind,
    (item._source || ':' || item.fpid::varchar)::varchar as invoice_id,
    item.fph::varchar as invoice_number,
    item._source || ':' || item.gsdm as company_id,
    (item._source || ':' || item.khbm)::varchar as customer_id,
    (item._source || ':' || item.gsdm || ':' || control_account.kmdm)::varchar as account_id,
    item.posting_date::date as posting_date,
    item.invoice_date::date as invoice_date,
    item.due_date::date as due_date,
    item.bizhong::varchar as document_currency,
    item.amount::decimal(18, 4) as amount_document_currency,
    item.amount_company_currency::decimal(18, 4) as amount_company_currency,
    item.zhengyi::boolean as is_disputed,
    item._source::varchar as source_system,
    item.item_key::varchar as source_key
from item
left join control_account on item.gsdm = control_account.gsdm and item._source = control_account._source
