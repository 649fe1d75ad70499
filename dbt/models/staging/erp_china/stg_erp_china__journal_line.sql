with line as (
    select * from {{ source('erp_china', 't_pingzheng_fl') }}
),

voucher as (
    select * from {{ source('erp_china', 't_pingzheng') }}
    where zhuangtai = '已过账'
)

select
    line._source || ':' || line.pzid::varchar || ':' || line.flh::varchar as journal_line_id,
    line._source || ':' || line.pzid::varchar as journal_entry_id,
    voucher.pzh::varchar as entry_number,
    line._source || ':' || voucher.gsdm as company_id,
    line._source || ':' || voucher.gsdm || ':' || line.kmdm as account_id,
    voucher.pzrq::date as posting_date,
    (line._source || ':' || coalesce(line.khbm, line.gysbm))::varchar as party_id,
    case when line.fangxiang = '借' then line.je else 0 end::decimal(18, 4) as debit_company_currency,
    case when line.fangxiang = '贷' then line.je else 0 end::decimal(18, 4) as credit_company_currency,
    line.zhaiyao::varchar as description,
    case voucher.lylx
        when '销售发票' then 'sales_invoice'
        when '采购发票' then 'purchase_invoice'
        when '收款单' then 'payment'
        when '付款单' then 'payment'
        when '应收核销' then 'receivable_settlement'
        when '工资' then 'payroll'
        when '票据' then 'note_event'
    end::varchar as document_type,
    case voucher.lylx
        when '销售发票' then line._source || ':' || voucher.lyid::varchar
        when '采购发票' then line._source || ':' || voucher.lyid::varchar
        when '收款单' then line._source || ':sk' || voucher.lyid::varchar
        when '付款单' then line._source || ':fk' || voucher.lyid::varchar
        when '应收核销' then line._source || ':' || voucher.lyid::varchar
        when '票据' then line._source || ':' || voucher.lyid::varchar
        when '工资' then voucher.gsdm || ':' || voucher.pzrq::date::varchar
    end::varchar as document_id,
    line._source::varchar as source_system,
    (line.pzid::varchar || ':' || line.flh::varchar)::varchar as source_key
from line
inner join voucher on line.pzid = voucher.pzid and line._source = voucher._source
