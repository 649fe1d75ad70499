with

invoice as (
    select * from {{ source('erp_china', 't_xs_fapiao') }}
),

line as (
    select * from {{ source('erp_china', 't_xs_fapiao_mx') }}
),

-- Amounts include tax (价税合计); red invoices are positive at the source.
signed as (
    select
        line.*,
        invoice.gsdm,
        case when invoice.hongzi then -1 else 1 end as sign
    from line
    inner join invoice on line._source = invoice._source and line.fpid = invoice.fpid
    where invoice.zhuangtai = '已审核'
)

select
    _source || ':' || fpid || ':' || hh as invoice_line_id,
    _source || ':' || fpid as invoice_id,
    _source || ':' || gsdm as company_id,
    _source || ':' || wlbm as product_id,
    zhaiyao::varchar as description,
    _source || ':' || gsdm || ':' || kmdm as account_id,
    (sign * sl)::decimal(18, 6) as quantity,
    ((jshj - shuie) / nullif(sl, 0))::decimal(18, 6) as unit_price_document_currency,
    (sign * (jshj - shuie))::decimal(18, 4) as net_amount_document_currency,
    (sign * shuie)::decimal(18, 4) as tax_amount_document_currency,
    (sign * (bwb_jshj - bwb_shuie))::decimal(18, 4) as net_amount_company_currency,
    (sign * bwb_shuie)::decimal(18, 4) as tax_amount_company_currency,
    _source || ':' || ddid || ':' || ddhh as order_line_id,
    (sign * chengben)::decimal(18, 4) as cost_amount_company_currency,
    cast(null as varchar) as region,
    cast(null as varchar) as channel,
    cast(null as varchar) as salesperson_id,
    _source::varchar as source_system,
    fpid || ':' || hh as source_key
from signed
