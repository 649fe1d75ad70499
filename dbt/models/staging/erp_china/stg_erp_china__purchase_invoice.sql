with invoice as (
    select * from {{ source('erp_china', 't_cg_fapiao') }}
    where zhuangtai = '已审核'
)

select
    _source || ':' || fpid::varchar as invoice_id,
    fph::varchar as invoice_number,
    gys_fph::varchar as reference,
    case when jshj < 0 then 'credit_note' else 'invoice' end::varchar as kind,
    _source || ':' || gsdm as company_id,
    _source || ':' || gysbm as supplier_id,
    kprq::date as invoice_date,
    bizhong::varchar as document_currency,
    (jshj - shuie)::decimal(18, 4) as net_amount_document_currency,
    shuie::decimal(18, 4) as tax_amount_document_currency,
    null::boolean as is_disputed,
    _source::varchar as source_system,
    fpid::varchar as source_key
from invoice
