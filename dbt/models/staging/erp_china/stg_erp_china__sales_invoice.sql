with

invoice as (
    select * from {{ source('erp_china', 't_xs_fapiao') }}
)

-- Red invoices (红字) are credit notes; the source keeps them positive.
select
    _source || ':' || fpid as invoice_id,
    fph::varchar as invoice_number,
    cast(null as varchar) as reference,
    case when hongzi then 'credit_note' else 'invoice' end as kind,
    _source || ':' || gsdm as company_id,
    _source || ':' || khbm as customer_id,
    kprq::date as invoice_date,
    bizhong::varchar as document_currency,
    (case when hongzi then -1 else 1 end * (jshj - shuie))::decimal(18, 4) as net_amount_document_currency,
    (case when hongzi then -1 else 1 end * shuie)::decimal(18, 4) as tax_amount_document_currency,
    zhengyi::boolean as is_disputed,
    _source::varchar as source_system,
    fpid::varchar as source_key
from invoice
where zhuangtai = '已审核'
