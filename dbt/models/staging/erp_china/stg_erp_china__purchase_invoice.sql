with

invoice as (
    select * from {{ source('erp_china', 't_cg_fapiao') }}
)

select
    _source || ':' || fpid as invoice_id,
    fph::varchar as invoice_number,
    gys_fph::varchar as reference,
    'invoice' as kind,
    _source || ':' || gsdm as company_id,
    _source || ':' || gysbm as supplier_id,
    kprq::date as invoice_date,
    bizhong::varchar as document_currency,
    (jshj - shuie)::decimal(18, 4) as net_amount_document_currency,
    shuie::decimal(18, 4) as tax_amount_document_currency,
    false as is_disputed,
    _source::varchar as source_system,
    fpid::varchar as source_key
from invoice
where zhuangtai = '已审核'
