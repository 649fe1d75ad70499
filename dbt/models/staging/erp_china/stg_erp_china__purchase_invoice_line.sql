with line as (
    select * from {{ source('erp_china', 't_cg_fapiao_mx') }}
),

invoice as (
    select
        _source,
        fpid,
        gsdm
    from {{ source('erp_china', 't_cg_fapiao') }}
    where zhuangtai = '已审核'
)

select
    line._source || ':' || line.fpid::varchar || ':' || line.hh::varchar as invoice_line_id,
    line._source || ':' || line.fpid::varchar as invoice_id,
    line._source || ':' || invoice.gsdm as company_id,
    (line._source || ':' || line.wlbm)::varchar as product_id,
    line.zhaiyao::varchar as description,
    (line._source || ':' || invoice.gsdm || ':' || line.kmdm)::varchar as account_id,
    line.sl::decimal(18, 6) as quantity,
    -- 含税单价, without the tax of the rate, or of the line where it names none.
    (
        case
            when line.shuilv is not null then line.hsdj::double / (1 + line.shuilv)
            else line.hsdj * (line.jshj - line.shuie)::double / nullif(line.jshj, 0)
        end
    )::decimal(18, 6) as unit_price_document_currency,
    (line.jshj - line.shuie)::decimal(18, 4) as net_amount_document_currency,
    line.shuie::decimal(18, 4) as tax_amount_document_currency,
    (line.bwb_jshj - line.bwb_shuie)::decimal(18, 4) as net_amount_company_currency,
    line.bwb_shuie::decimal(18, 4) as tax_amount_company_currency,
    line.shuilv::decimal(28, 12) as tax_rate,
    (line._source || ':' || invoice.gsdm || ':' || line.shui_kmdm)::varchar as tax_account_id,
    (line._source || ':' || line.ddid::varchar || ':' || line.ddhh::varchar)::varchar as order_line_id,
    line._source::varchar as source_system,
    (line.fpid::varchar || ':' || line.hh::varchar)::varchar as source_key
from line
inner join invoice on line.fpid = invoice.fpid and line._source = invoice._source
