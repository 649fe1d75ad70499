with invoice as (
    select * from {{ source('erp_china', 't_cg_fapiao') }}
    where zhuangtai = '已审核'
),

payment as (
    select * from {{ ref('base_erp_china__supplier_payment') }}
),

-- Worth in the books: the invoice's rate less the gain is the payment's own rate.
applied_at_once as (
    select
        payment._source,
        payment.payment_key,
        sum(allocation.je) as je,
        sum(allocation.bwb_je - coalesce(allocation.hdsy, 0)) as bwb_je
    from {{ source('erp_china', 't_yf_hexiao') }} as allocation
    inner join payment
        on
            coalesce('fk' || allocation.fkid::varchar, 'pj' || allocation.sjid::varchar) = payment.payment_key
            and allocation._source = payment._source
    where allocation.hxrq <= payment.paid_on
    group by payment._source, payment.payment_key
),

unapplied as (
    select
        payment.* exclude (je, bwb_je),
        payment.je - coalesce(applied_at_once.je, 0) as je,
        payment.bwb_je - coalesce(applied_at_once.bwb_je, 0) as bwb_je
    from payment
    left join applied_at_once
        on payment.payment_key = applied_at_once.payment_key and payment._source = applied_at_once._source
),

item as (
    select
        _source,
        fpid::varchar as item_key,
        case when jshj < 0 then 'credit_note' else 'invoice' end as kind,
        fpid,
        fph,
        gsdm,
        gysbm,
        coalesce(jzrq, kprq) as posting_date,
        kprq as invoice_date,
        coalesce(dqr, jzrq, kprq) as due_date,
        bizhong,
        jshj as amount,
        bwb_jshj as amount_company_currency,
        case when jshj > 0 and zkts is not null then zkl end as discount_percent,
        case when jshj > 0 and zkl is not null then {{ add_days('kprq', 'zkts') }} end as discount_date
    from invoice
    union all
    select
        _source,
        payment_key as item_key,
        case when is_bill then 'other' else 'unapplied_cash' end as kind,
        null as fpid,
        null as fph,
        gsdm,
        gysbm,
        paid_on as posting_date,
        null as invoice_date,
        paid_on as due_date,
        bizhong,
        -je as amount,
        -bwb_je as amount_company_currency,
        null as discount_percent,
        null as discount_date
    from unapplied
    where je <> 0 or bwb_je <> 0
    union all
    -- A bill of ours that was not paid is owed again.
    select
        event._source,
        'pj' || event.sjid::varchar as item_key,
        'other' as kind,
        null as fpid,
        null as fph,
        event.gsdm,
        note.gysbm,
        event.sjrq as posting_date,
        null as invoice_date,
        event.sjrq as due_date,
        note.bizhong,
        event.je as amount,
        event.bwb_je as amount_company_currency,
        null as discount_percent,
        null as discount_date
    from {{ source('erp_china', 't_piaoju_shijian') }} as event
    inner join {{ source('erp_china', 't_piaoju') }} as note on event.pjid = note.pjid and event._source = note._source
    where event.sjlx = '拒付' and note.fangxiang = '应付' and event.je <> 0
),

-- Documents do not name it: the company's account kept by supplier.
control_account as (
    select
        _source,
        gsdm,
        min(kmdm) as kmdm
    from {{ source('erp_china', 't_kemu') }}
    where fzhs = '供应商'
    group by _source, gsdm
)

select
    item._source || ':' || item.item_key as payable_id,
    item.kind::varchar as kind,
    (item._source || ':' || item.fpid::varchar)::varchar as invoice_id,
    item.fph::varchar as invoice_number,
    item._source || ':' || item.gsdm as company_id,
    (item._source || ':' || item.gysbm)::varchar as supplier_id,
    (item._source || ':' || item.gsdm || ':' || control_account.kmdm)::varchar as account_id,
    item.posting_date::date as posting_date,
    item.invoice_date::date as invoice_date,
    item.due_date::date as due_date,
    item.bizhong::varchar as document_currency,
    item.amount::decimal(18, 4) as amount_document_currency,
    item.amount_company_currency::decimal(18, 4) as amount_company_currency,
    null::boolean as is_disputed,
    item.discount_percent::decimal(18, 4) as discount_percent,
    item.discount_date::date as discount_date,
    item._source::varchar as source_system,
    item.item_key::varchar as source_key
from item
left join control_account on item.gsdm = control_account.gsdm and item._source = control_account._source
