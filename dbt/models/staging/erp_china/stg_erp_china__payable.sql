with

invoice as (
    select * from {{ source('erp_china', 't_cg_fapiao') }}
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
    where fzhs = '供应商'
    group by _source, gsdm
)

select
    invoice._source || ':' || invoice.fpid as payable_id,
    'invoice' as kind,
    invoice._source || ':' || invoice.fpid as invoice_id,
    invoice.fph::varchar as invoice_number,
    invoice._source || ':' || invoice.gsdm as company_id,
    invoice._source || ':' || invoice.gysbm as supplier_id,
    invoice._source || ':' || invoice.gsdm || ':' || account.kmdm as account_id,
    invoice.jzrq::date as posting_date,
    invoice.kprq::date as invoice_date,
    coalesce(invoice.dqr, invoice.jzrq)::date as due_date,
    invoice.bizhong::varchar as document_currency,
    invoice.jshj::decimal(18, 4) as amount_document_currency,
    invoice.bwb_jshj::decimal(18, 4) as amount_company_currency,
    false as is_disputed,
    invoice._source::varchar as source_system,
    invoice.fpid::varchar as source_key
from invoice
left join account on invoice._source = account._source and invoice.gsdm = account.gsdm
where invoice.zhuangtai = '已审核'
