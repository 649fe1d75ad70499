with

invoice as (
    select * from {{ source('erp_china', 't_xs_fapiao') }}
),

receipt as (
    select * from {{ source('erp_china', 't_shoukuan') }}
),

allocation as (
    select * from {{ source('erp_china', 't_ys_hexiao') }}
),

control_account as (
    select * from {{ source('erp_china', 't_kemu') }}
),

account as (
    select
        _source,
        gsdm,
        min(kmdm) as kmdm
    from control_account
    where fzhs = '客户'
    group by _source, gsdm
),

applied_at_once as (
    select
        receipt._source,
        receipt.skid
    from receipt
    inner join allocation on receipt._source = allocation._source and receipt.skid = allocation.skid
    where receipt.skrq = allocation.hxrq
    group by receipt._source, receipt.skid
),

item as (
    select
        _source,
        fpid::varchar as item_key,
        case when hongzi then 'credit_note' else 'invoice' end as kind,
        _source || ':' || fpid as invoice_id,
        fph as invoice_number,
        gsdm,
        khbm,
        kprq as posting_date,
        kprq as invoice_date,
        coalesce(dqr, kprq) as due_date,
        bizhong,
        case when hongzi then -1 else 1 end * jshj as amount_document_currency,
        case when hongzi then -1 else 1 end * bwb_jshj as amount_company_currency,
        zhengyi as is_disputed
    from invoice
    where zhuangtai = '已审核'

    union all

    -- A receipt is applied whole, on its own day or later: until then it stands against the customer.
    select
        receipt._source,
        'sk' || receipt.skid as item_key,
        'unapplied_cash' as kind,
        cast(null as varchar) as invoice_id,
        receipt.skdh as invoice_number,
        receipt.gsdm,
        receipt.khbm,
        receipt.skrq as posting_date,
        cast(null as date) as invoice_date,
        receipt.skrq as due_date,
        receipt.bizhong,
        -receipt.je as amount_document_currency,
        -receipt.bwb_je as amount_company_currency,
        false as is_disputed
    from receipt
    left join applied_at_once on receipt._source = applied_at_once._source and receipt.skid = applied_at_once.skid
    where applied_at_once.skid is null
)

select
    item._source || ':' || item.item_key as receivable_id,
    item.kind::varchar as kind,
    item.invoice_id::varchar as invoice_id,
    item.invoice_number::varchar as invoice_number,
    item._source || ':' || item.gsdm as company_id,
    item._source || ':' || item.khbm as customer_id,
    item._source || ':' || item.gsdm || ':' || account.kmdm as account_id,
    item.posting_date::date as posting_date,
    item.invoice_date::date as invoice_date,
    item.due_date::date as due_date,
    item.bizhong::varchar as document_currency,
    item.amount_document_currency::decimal(18, 4) as amount_document_currency,
    item.amount_company_currency::decimal(18, 4) as amount_company_currency,
    item.is_disputed::boolean as is_disputed,
    item._source::varchar as source_system,
    item.item_key::varchar as source_key
from item
left join account on item._source = account._source and item.gsdm = account.gsdm
