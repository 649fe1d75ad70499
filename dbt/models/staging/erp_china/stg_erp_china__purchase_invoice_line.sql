with

invoice as (
    select * from {{ source('erp_china', 't_cg_fapiao') }}
),

line as (
    select * from {{ source('erp_china', 't_cg_fapiao_mx') }}
)

select
    line._source || ':' || line.fpid || ':' || line.hh as invoice_line_id,
    line._source || ':' || line.fpid as invoice_id,
    line._source || ':' || invoice.gsdm as company_id,
    line._source || ':' || line.wlbm as product_id,
    line.zhaiyao::varchar as description,
    line._source || ':' || invoice.gsdm || ':' || line.kmdm as account_id,
    line.sl::decimal(18, 6) as quantity,
    ((line.jshj - line.shuie) / nullif(line.sl, 0))::decimal(18, 6) as unit_price_document_currency,
    (line.jshj - line.shuie)::decimal(18, 4) as net_amount_document_currency,
    line.shuie::decimal(18, 4) as tax_amount_document_currency,
    (line.bwb_jshj - line.bwb_shuie)::decimal(18, 4) as net_amount_company_currency,
    line.bwb_shuie::decimal(18, 4) as tax_amount_company_currency,
    line._source || ':' || line.ddid || ':' || line.ddhh as order_line_id,
    line._source::varchar as source_system,
    line.fpid || ':' || line.hh as source_key
from line
inner join invoice on line._source = invoice._source and line.fpid = invoice.fpid
where invoice.zhuangtai = '已审核'
