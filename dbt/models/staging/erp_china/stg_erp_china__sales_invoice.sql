-- Red invoices carry positive amounts.
with invoice as (
    select
        *,
        coalesce(hongzi, false) as is_credit_note,
        case when coalesce(hongzi, false) then -1 else 1 end as sign
    from {{ source('erp_china', 't_xs_fapiao') }}
    where zhuangtai = '已审核'
)

select
    _source || ':' || fpid::varchar as invoice_id,
    fph::varchar as invoice_number,
    null::varchar as reference,
    case when is_credit_note then 'credit_note' else 'invoice' end::varchar as kind,
    _source || ':' || gsdm as company_id,
    _source || ':' || khbm as customer_id,
    kprq::date as invoice_date,
    bizhong::varchar as document_currency,
    (sign * (jshj - shuie))::decimal(18, 4) as net_amount_document_currency,
    (sign * shuie)::decimal(18, 4) as tax_amount_document_currency,
    zhengyi::boolean as is_disputed,
    _source::varchar as source_system,
    fpid::varchar as source_key
from invoice
