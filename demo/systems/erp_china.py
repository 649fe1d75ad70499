"""The Chinese companies' ERP: pinyin names, amounts that include tax, red invoices with positive amounts."""

from __future__ import annotations

from demo.clock import END
from demo.settle import SOURCE_DOCUMENT_ID, source_document

ACCOUNTS = {
    # in the generator → 科目代码, 科目名称, 科目类别, 辅助核算
    "receivable": ("1122", "应收账款", "资产", "客户"),
    "note_receivable": ("1121", "应收票据", "资产", None),
    "inventory": ("1405", "库存商品", "资产", None),
    "wip_material": ("5001.01", "生产成本（材料）", "资产", None),
    "wip_labour": ("5001.02", "生产成本（人工）", "资产", None),
    "fixed_assets": ("1601", "固定资产", "资产", None),
    "note_payable": ("2201", "应付票据", "负债", None),
    "payable": ("2202", "应付账款", "负债", "供应商"),
    "output_vat": ("2221.01.02", "应交增值税（销项及缴纳）", "负债", None),
    "input_vat": ("2221.01.01", "应交增值税（进项税额）", "负债", None),
    "payroll_taxes_owed": ("2211", "应付职工薪酬（代扣及社保）", "负债", None),
    "loan": ("2501", "长期借款", "负债", None),
    "accruals": ("2241", "其他应付款（暂估）", "负债", None),
    "expenses_owed": ("2241.02", "其他应付款（员工报销）", "负债", None),
    "share_capital": ("4001", "实收资本", "权益", None),
    "revenue": ("6001.01", "主营业务收入", "收入", None),
    "deferred_revenue": ("2204", "合同负债", "负债", None),
    "contract_revenue": ("6001.03", "合同履约收入", "收入", None),
    "intercompany_revenue": ("6001.02", "关联方销售收入", "收入", None),
    "cost_of_sales": ("6401", "主营业务成本", "费用", None),
    "discount_given": ("6603.02", "财务费用（现金折扣）", "费用", None),
    "services": ("6602.02", "管理费用（服务）", "费用", None),
    "payroll": ("6602.01", "管理费用（薪酬）", "费用", None),
    "rent": ("6602.03", "管理费用（租金）", "费用", None),
    "energy": ("6602.04", "管理费用（能源）", "费用", None),
    "depreciation": ("6602.05", "管理费用（折旧）", "费用", None),
    "travel": ("6602.07", "管理费用（差旅及报销）", "费用", None),
    "labour_absorbed": ("6602.06", "管理费用（转入生产成本的人工）", "费用", None),
    "bank_fees": ("6603.01", "财务费用（手续费）", "费用", None),
    "bad_debt": ("6702", "信用减值损失（坏账核销）", "费用", None),
    "interest": ("6603.03", "财务费用（利息）", "费用", None),
    "discount_interest": ("6603.06", "财务费用（贴现利息）", "费用", None),
    "exchange_gain_loss": ("6603.04", "财务费用（汇兑损益）", "费用", "已实现汇兑"),
    "unrealised_exchange": ("6603.05", "财务费用（期末调汇）", "费用", "未实现汇兑"),
    "income_tax": ("6801", "所得税费用", "费用", None),
}  # fmt: skip
_SOURCE_DOCUMENT = source_document("销售发票", "采购发票", "收款单", "付款单", "应收核销", "工资", "票据")
_FIRST_CHANGE = "timestamp '2023-10-02 09:00:00'"


def tables() -> dict[str, str]:
    """Table → SELECT over the generator's tables."""
    cn = "company < 2"
    return {
        "t_gongsi": f"""select code as gsdm, name as gsmc, tax_identifier as tyshxydm, country as guojia,
            currency as bwb, {_FIRST_CHANGE} as xgsj from company where {cn} order by company""",
        "t_kuaijiqijian": f"""select c.code as gsdm, year(m) as nian, month(m) as qi, m as ksrq, last_day(m) as jsrq,
            (m < date '2026-10-01')::integer as jiezhang, {_FIRST_CHANGE} as xgsj
            from company c, (select unnest(generate_series(date '2023-01-01', date '2026-12-01',
                interval 1 month))::date as m)
            where {cn} order by 1, 2, 3""",
        "t_huilv": f"""select currency_code as bizhong, d(day) as riqi, cny::decimal(18, 6) as huilv, ts(day, 1) as xgsj
            from cny_rate where day >= 0 and (currency_code <> 'CNY' or day = 0) and isodow(d(day)) < 6
                and day <= {END} order by 1, 2""",
        "t_kemu": f"""select c.code as gsdm, a.code as kmdm, a.name as kmmc, a.type as kmlb, a.control as fzhs,
            {_FIRST_CHANGE} as xgsj
            from account a join company c using (company) where {cn} order by 1, 2""",
        "t_kehu": """select code as khbm, name as khmc, tax_identifier as tyshxydm, country as guojia,
            region as shengfen, city as chengshi,
            email as youxiang, currency as bizhong, term::integer as zhangqi_ts, discount_terms as zhekou_tj,
                credit_limit::decimal(18, 2) as xinyong_ed,
            case channel when 'Direct' then '直销' when 'Distributor' then '经销' when 'Online' then '电商'
                else '工程' end as qudao,
            (stop_day <= 1156)::integer as tingyong, ts(20 + customer % 30, customer) as xgsj
            from customer where erp = 'cn' order by customer""",
        "t_gongyingshang": """select code as gysbm, s.name as gysmc, tax_identifier as tyshxydm,
            country as guojia, region as shengfen, city as chengshi,
            email as youxiang, currency as bizhong, term::integer as zhangqi_ts,
                coalesce(h.new_account, account_number) as yhzh, 0 as tingyong,
            coalesce(ts(h.day, supplier), ts(20 + supplier % 30, supplier)) as xgsj
            from supplier s left join account_change h using (supplier) where erp = 'cn' order by supplier""",
        "t_gys_zhanghu_bg": """select row_number() over (order by h.day, supplier) as bgid, s.code as gysbm,
            h.old_account as jiu_zh, h.new_account as xin_zh,
            ts(h.day, supplier) as bgsj, h.changed_by as bgr, ts(h.day, supplier) as xgsj
            from account_change h join supplier s using (supplier) where s.erp = 'cn' order by 1""",
        "t_wuliao": f"""select code as wlbm, name as wlmc, category as wllb, unit as jldw,
            price_cny::decimal(18, 2) as bzsj,
            listed_cost_cny::decimal(18, 2) as bzcb, 0 as tingyong, {_FIRST_CHANGE} as xgsj from product
                where erp = 'cn' order by product""",
        "t_yinhang_zhanghu": f"""select account + 1 as zhid, company_code as gsdm, bank || ' '
            || currency_code as zhmc, bank as kaihuhang, number as zhanghao,
            currency_code as bizhong, ledger_code as kmdm, {_FIRST_CHANGE} as xgsj from bank_account where {cn}
                order by account""",
        "t_xs_dingdan": f"""select order_id as ddid, 'SO' || c.code || lpad(order_id::varchar, 8, '0') as ddh,
            c.code as gsdm, k.code as khbm, d(order_day) as ddrq,
            d(ship_day) as jhrq, u.code as bizhong, case when shipped_day <= {END} then '已交货'
                else '未交货' end as zhuangtai,
            ts(case when shipped_day <= {END} then shipped_day else order_day end, order_id) as xgsj
            from sale s join company c using (company) join customer k using (customer)
                join currency u on u.currency = s.currency
            where s.{cn} order by 1""",
        "t_xs_dingdan_mx": f"""select s.order_id as ddid, l.line::integer as hh, p.code as wlbm,
            l.quantity::decimal(18, 2) as sl,
            (m(l.net + l.tax) / l.quantity)::decimal(18, 6) as hsdj, m(l.net + l.tax) as jshj,
                (s.vat * 0.0001)::decimal(9, 4) as shuilv, ts(s.order_day, s.order_id) as xgsj
            from sale s join sale_line l using (order_id) join product p using (product) where s.{cn} order by 1, 2""",
        "t_xs_chuku": f"""select shipment_id as ckid, 'CK' || lpad(order_id::varchar, 8, '0')
            || case when part = 2 then '-2' else '' end as ckdh, order_id as ddid, c.code as gsdm, d(day) as ckrq,
            ts(day, order_id) as xgsj from shipment t join company c using (company) where t.{cn} order by 1""",
        "t_xs_chuku_mx": f"""select shipment_id as ckid, line::integer as hh, order_id as ddid,
            line::integer as ddhh, p.code as wlbm, quantity::decimal(18, 2) as sl, ts(day, order_id) as xgsj
            from shipment_line t join product p using (product) where t.{cn} order by 1, 2""",
        "t_xs_fapiao": f"""
            with changed as (select document_id, max(day) as day from allocation group by 1 union all
                select note_id, max(day) from allocation where note_id is not null group by 1)
            select d.document_id as fpid, d.document_number as fph, c.code as gsdm, k.code as khbm,
                d.order_id as ddid, d(d.day) as kprq,
                d(d.due_day) as dqr, d.is_note as hongzi, o.document_id as yuan_fpid, u.code as bizhong,
                    r6(d.rate) as huilv,
                m(d.net + d.tax) as jshj, m(d.tax) as shuie, m(d.net_base + d.tax_base) as bwb_jshj,
                    m(d.tax_base) as bwb_shuie,
                d.is_disputed::integer as zhengyi, '已审核' as zhuangtai,
                    ts(greatest(d.day, coalesce(h.day, 0)), d.document_id) as xgsj
            from sales_document d join company c using (company) join customer k using (customer)
                join currency u on u.currency = d.currency
            left join (select order_id, document_id, 1 as is_note from sales_document where is_note = 0) o
                on o.order_id = d.order_id and o.is_note = d.is_note
            left join changed h on h.document_id = d.document_id where d.{cn}
            union all
            select 900000000 + d.document_id, null, c.code, k.code, d.order_id, d(d.day), d(d.due_day), 0,
                null, u.code, r6(d.rate),
                m(d.net + d.tax), m(d.tax), m(d.net_base + d.tax_base), m(d.tax_base), 0, '草稿',
                    ts({END}, d.document_id)
            from (select * from sales_document where {cn} and is_note = 0 order by document_id desc limit 3) d
                join company c using (company)
            join customer k using (customer) join currency u on u.currency = d.currency order by 1""",
        "t_xs_fapiao_mx": f"""
            select d.document_id as fpid, l.line::integer as hh, coalesce(f.product_code, p.code) as wlbm,
                p.name as zhaiyao,
                case d.revenue_account when 'intercompany_revenue' then '6001.02' when 'deferred_revenue' then '2204'
                    else '6001.01' end as kmdm,
                    l.quantity::decimal(18, 2) as sl,
                (m(l.net + l.tax) / l.quantity)::decimal(18, 6) as hsdj, m(l.net + l.tax) as jshj,
                    (s.vat * 0.0001)::decimal(9, 4) as shuilv,
                m(l.tax) as shuie, m(l.net_base + l.tax_base) as bwb_jshj, m(l.tax_base) as bwb_shuie,
                    m(l.cost) as chengben,
                s.order_id as ddid, l.line::integer as ddhh, '2221.01.02' as shui_kmdm,
                ts(d.day, d.document_id) as xgsj
            from sales_document d join sale s using (order_id) join sale_line l using (order_id)
                join product p using (product)
            left join orphan_product f on f.order_id = l.order_id and f.line = l.line where d.{cn} and d.is_note = 0
            union all
            select d.document_id, 1, p.code, '退货 ' || p.name, '6001.01', s.note_quantity::decimal(18, 2),
                (m(d.net + d.tax) / s.note_quantity)::decimal(18, 6), m(d.net + d.tax),
                    (s.vat * 0.0001)::decimal(9, 4), m(d.tax),
                m(d.net_base + d.tax_base), m(d.tax_base), m(d.cost), s.order_id, 1, '2221.01.02',
                ts(d.day, d.document_id)
            from sales_document d join sale s using (order_id) join sale_line l on l.order_id = s.order_id
                and l.line = 1 join product p using (product)
            where d.{cn} and d.is_note = 1 order by 1, 2""",
        "t_zzs_shenbao": f"""select c.code as gsdm, month as ksrq, last_day(month) as jsrq,
            case direction when 'output' then '销项' else '进项' end as fangxiang,
            (v.vat * 0.0001)::decimal(9, 4) as shuilv, m(base) as xse, m(tax) as shuie, filed_on as sbrq,
            filed_on + interval 10 hour as xgsj
            from vat_return v join company c using (company) where v.{cn} order by 1, 2, 4, 5""",
        "t_shoukuan": f"""select receipt_id as skid, 'SK' || year(d(day))
            || lpad(r.number::varchar, 7, '0') as skdh, c.code as gsdm, k.code as khbm, d(day) as skrq,
            account + 1 as zhid, u.code as bizhong, r6(r.rate) as huilv, m(amount) as je, m(fee) as sxf,
                m(amount_base) as bwb_je, ts(day, receipt_id) as xgsj
            from receipt r join company c using (company) join customer k using (customer)
                join currency u on u.currency = r.currency
            where r.{cn} order by 1""",
        "t_ys_hexiao": f"""select a.allocation_id as hxid, c.code as gsdm, d(a.day) as hxrq,
            a.document_id as fpid, a.receipt_id as skid, a.note_id as hz_fpid, e.event_id as sjid,
            case a.kind when 'PAYMENT' then '收款' when 'DISCOUNT' then '折扣' when 'WRITE_OFF' then '核销坏账'
                when 'BILL' then '票据' else '红冲' end as lx,
                m(a.amount) as je, m(a.base) as bwb_je,
            m(a.exchange) as hdsy, ts(a.day, a.allocation_id) as xgsj
            from allocation a join sales_document d using (document_id) join company c using (company)
            left join bill_event e on e.bill_id = a.bill_id and e.event = '收票'
                where d.{cn} order by 1""",
        "t_cg_dingdan": f"""select order_id as ddid, order_number as ddh, c.code as gsdm,
            supplier_code as gysbm, d(order_day) as ddrq,
            expected_on as jhrq, u.code as bizhong, m(t.total) as jshj, m(t.total_base) as bwb_jshj,
                requester_name as sqr, approver_name as spr,
            ts(order_day + 1, order_id) as spsj, ts(order_day + 1, order_id) as xgsj
            from purchase_order t join company c using (company) join currency u on u.currency = t.currency
                where t.{cn} order by 1""",
        "t_cg_dingdan_mx": f"""select t.order_id as ddid, l.line::integer as hh, p.code as wlbm,
            l.quantity::decimal(18, 2) as sl,
            (m(l.order_price) * (1 + t.vat * 0.0001))::decimal(18, 6) as hsdj,
                m((l.quantity * l.order_price * (10000 + t.vat) + 5000) // 10000) as jshj,
            (t.vat * 0.0001)::decimal(9, 4) as shuilv, ts(t.order_day, t.order_id) as xgsj
            from purchase_order t join purchase_line l using (order_id) left join product p using (product)
                where t.{cn} order by 1, 2""",
        "t_cg_ruku": f"""select order_id as rkid, 'RK' || lpad(order_id::varchar, 8, '0') as rkdh,
            order_id as ddid, c.code as gsdm, d(receipt_day) as rkrq,
            ts(receipt_day, order_id) as xgsj from purchase_order t join company c using (company)
            where t.{cn} and receipt_day <= {END} and not is_service order by 1""",
        "t_cg_ruku_mx": f"""select t.order_id as rkid, l.line::integer as hh, t.order_id as ddid,
            l.line::integer as ddhh, p.code as wlbm,
            l.received::decimal(18, 2) as sl, ts(t.receipt_day, t.order_id) as xgsj
            from purchase_order t join purchase_line l using (order_id) left join product p using (product)
            where t.{cn} and receipt_day <= {END} and not is_service order by 1, 2""",
        "t_cg_fapiao": f"""
            with changed as (select document_id, max(day) as day from payment_allocation group by 1)
            select d.document_id as fpid, 'PI' || year(d(post_day)) || lpad(number::varchar, 7, '0') as fph,
                supplier_reference as gys_fph, c.code as gsdm,
                k.code as gysbm, case when has_order then order_id end as ddid, d(document_day) as kprq,
                    d(post_day) as jzrq, d(due_day) as dqr,
                u.code as bizhong, r6(d.rate) as huilv, m(net + tax) as jshj, m(tax) as shuie,
                    m(net_base + tax_base) as bwb_jshj,
                m(tax_base) as bwb_shuie, d.discount_percent as zkl, d.discount_days as zkts, '已审核' as zhuangtai,
                    ts(greatest(post_day, coalesce(h.day, 0)), d.document_id) as xgsj
            from purchase_document d join company c using (company) join supplier k using (supplier)
                join currency u on u.currency = d.currency
            left join changed h on h.document_id = d.document_id where d.{cn}
            union all
            select n.document_id, 'PC' || year(d(n.day)) || lpad(n.number::varchar, 7, '0'),
                n.supplier_reference || '-R', c.code, k.code, n.order_id, d(n.day), d(n.day), d(n.day), u.code,
                r6(n.rate), m(-n.net - n.tax), m(-n.tax), m(-n.net_base - n.tax_base), m(-n.tax_base), null, null,
                '已审核',
                ts(case when n.apply_day <= {END} then n.apply_day else n.day end, n.document_id)
            from supplier_note n join company c using (company) join supplier k using (supplier)
                join currency u on u.currency = n.currency where n.{cn} order by 1""",
        "t_cg_fapiao_mx": f"""select d.document_id as fpid, l.line::integer as hh, p.code as wlbm,
            coalesce(p.name, case when d.is_intercompany then '关联方采购' else '服务费' end) as zhaiyao,
            case when is_service then '6602.02' else '1405' end as kmdm, l.quantity::decimal(18, 2) as sl,
            (m(l.net + l.tax) / l.quantity)::decimal(18, 6) as hsdj, m(l.net + l.tax) as jshj,
                (d.vat * 0.0001)::decimal(9, 4) as shuilv, m(l.tax) as shuie,
            m(l.net_base + l.tax_base) as bwb_jshj, m(l.tax_base) as bwb_shuie, case
                when has_order then order_id end as ddid, l.line::integer as ddhh, '2221.01.01' as shui_kmdm,
            ts(post_day, d.document_id) as xgsj
            from purchase_document d join purchase_line l using (order_id) left join product p using (product)
                where d.{cn}
            union all
            select n.document_id, 1, p.code, '退货 ' || p.name, '1405', -n.quantity::decimal(18, 2),
                (m(n.net + n.tax) / n.quantity)::decimal(18, 6), m(-n.net - n.tax), (n.vat * 0.0001)::decimal(9, 4),
                m(-n.tax), m(-n.net_base - n.tax_base), m(-n.tax_base), n.order_id, n.line::integer,
                '2221.01.01', ts(n.day, n.document_id)
            from supplier_note n join product p using (product) where n.{cn} order by 1, 2""",
        "t_fukuan": f"""select payment_id as fkid, 'FK' || year(d(day))
            || lpad(t.number::varchar, 7, '0') as fkdh, c.code as gsdm, k.code as gysbm, d(day) as fkrq,
            account + 1 as zhid, u.code as bizhong, r6(t.rate) as huilv, m(amount) as je,
                m(amount_base) as bwb_je, paid_to as skf_zh, ts(day, payment_id) as xgsj
            from payment t join company c using (company) join supplier k using (supplier)
                join currency u on u.currency = t.currency where t.{cn} order by 1""",
        "t_yf_hexiao": f"""select allocation_id as hxid, c.code as gsdm, d(a.day) as hxrq, document_id as fpid,
            payment_id as fkid, note_id as hz_fpid, e.event_id as sjid,
            case kind when 'CREDIT' then '红冲' when 'BILL' then '票据' else '付款' end as lx,
            m(a.amount) as je, m(base) as bwb_je,
            m(exchange) as hdsy, ts(a.day, allocation_id) as xgsj from payment_allocation a
                join company c using (company)
            left join bill_event e on e.bill_id = a.bill_id and e.event in ('背书', '开票')
            where a.{cn} order by 1""",
        "t_piaoju": f"""select bill_id as pjid, (case direction when '应收' then 'R' else 'P' end) || c.code
            || lpad(bill_id::varchar, 7, '0') as pjh, c.code as gsdm, kind as pjlx, direction as fangxiang,
            k.code as khbm, s.code as gysbm, coalesce(k.name, c.name) as cpr, c.currency as bizhong, m(amount) as je,
            d(issue_day) as cprq, d(maturity_day) as dqr, ts(day, bill_id) as xgsj
            from bill b join company c using (company)
            left join customer k on b.direction = '应收' and k.customer = b.party
            left join supplier s on b.direction = '应付' and s.supplier = b.party where b.{cn} order by 1""",
        "t_piaoju_shijian": f"""select event_id as sjid, bill_id as pjid, c.code as gsdm, event as sjlx,
            d(day) as sjrq, s.code as gysbm, case when moves_money then account + 1 end as zhid, m(amount) as je,
            m(amount) as bwb_je, m(fee) as feiyong, ts(day, event_id) as xgsj
            from bill_event e join company c using (company) left join supplier s using (supplier)
            where e.{cn} order by 1""",
        "t_pingzheng": f"""select voucher_id as pzid, '记-' || year(d(day))
            || lpad(v.number::varchar, 7, '0') as pzh, c.code as gsdm, coalesce(x.date, d(day)) as pzrq,
            memo as pzlx, {_SOURCE_DOCUMENT} as lylx, {SOURCE_DOCUMENT_ID} as lyid,
            '已过账' as zhuangtai, ts(day, voucher_id) as xgsj
            from voucher v join company c using (company) left join odd_voucher_date x using (voucher_id)
                where v.{cn} order by 1""",
        "t_pingzheng_fl": f"""select voucher_id as pzid, l.line::integer as flh,
            coalesce(x.code, a.code) as kmdm, l.memo as zhaiyao,
            case when l.amount > 0 then '借' else '贷' end as fangxiang,
                m(abs(l.amount) + coalesce(o.difference, 0)) as je, u.code as bizhong,
            m(l.foreign_amount) as yb_je, k.code as khbm, s.code as gysbm, ts(l.day, voucher_id) as xgsj
            from voucher_line l join account a using (company, account)
                left join currency u on u.currency = l.currency
            left join customer k using (customer) left join supplier s using (supplier)
            left join unbalanced_line o using (voucher_id, line) left join unknown_account x using (voucher_id, line)
            where l.{cn} order by 1, 2""",
    }
