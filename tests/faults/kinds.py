"""The kinds of faults: what is done to a row at its source, and what a control should name.

A victim is a row of the query: ``company`` (as the source names it; empty where the record belongs to none, or no
longer says to which), ``named`` (the number that people know it by), and what the change needs. A record is as well
named by its own key, as the canonical contract makes it of ``id``; and money, whose own number no ledger knows, by
``also``: party and day. Times of change are not touched: the laboratory reads the source anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

COMPANY_IDS = {
    "HLSH": "erp_china:HLSH",
    "HLSZ": "erp_china:HLSZ",
    "HLDE": "erp_global:3",
    "HLUS": "erp_global:4",
    "HLSG": "erp_global:5",
    "HLGB": "erp_global:6",
}


@dataclass(frozen=True)
class Kind:
    """A kind of fault in one table of one source database."""

    name: str
    object: str
    source: str
    victims: str
    changes: tuple[str | Copied, ...]

    @property
    def tables(self) -> frozenset[str]:
        """Tables of the source that the change writes to."""
        return frozenset(
            change.table if isinstance(change, Copied) else re.split(r"\s+", change.replace("delete from", "delete"))[1]
            for change in self.changes
        )


@dataclass(frozen=True)
class Copied:
    """A change: rows of the table entered again, with other values (SQL) in some columns."""

    table: str
    where: str
    values: dict[str, str]


@dataclass(frozen=True)
class FileKind:
    """A kind of fault in a file; ``change`` spoils one in the folder and returns company id and what names it."""

    name: str
    object: str
    source: str
    change: Callable[[Path, Random], tuple[str | None, str]]


def china(name: str, object_: str, victims: str, *changes: str | Copied) -> Kind:
    return Kind(name, object_, "erp_china", victims, changes)


def world(name: str, object_: str, victims: str, *changes: str | Copied) -> Kind:
    return Kind(name, object_, "erp_global", victims, changes)


# Victims ----------------------------------------------------------------------------------------------------------
ENTRY_CN = "select pzid as id, gsdm as company, pzh as named, pzrq as dated from t_pingzheng"
ENTRY_GL = "select id, company_id as company, entry_number as named, posted_on as dated from journal_entries"
LINE_CN = """select l.pzid as id, l.flh as line, v.gsdm as company, v.pzh as named, l.je as amount
    from t_pingzheng_fl l join t_pingzheng v on v.pzid = l.pzid where 1 = 1"""
LINE_GL = """select l.id, l.entry_id, e.company_id as company, e.entry_number as named
    from journal_entry_lines l join journal_entries e on e.id = l.entry_id where 1 = 1"""
SALE_CN = """select fpid as id, gsdm as company, fph as named, kprq as dated, khbm as party, bizhong as currency
    from t_xs_fapiao where zhuangtai = '已审核' and hongzi = 0"""
SALE_GL = """select id, company_id as company, document_number as named, document_date as dated, partner_id as party,
    currency_code as currency from customer_documents where state = 'posted' and document_type = 'INV'"""
SALE_LINE_CN = """select l.fpid as id, l.hh as line, f.gsdm as company, f.fph as named from t_xs_fapiao_mx l
    join t_xs_fapiao f on f.fpid = l.fpid where f.zhuangtai = '已审核' and f.hongzi = 0"""
SALE_LINE_GL = """select l.id, l.document_id, d.company_id as company, d.document_number as named, l.account_id
    from customer_document_lines l
    join customer_documents d on d.id = l.document_id where d.state = 'posted' and d.document_type = 'INV'"""
BUY_CN = """select fpid as id, gsdm as company, fph as named, gysbm as party from t_cg_fapiao
    where zhuangtai = '已审核'"""
BUY_GL = """select id, company_id as company, document_number as named, partner_id as party, posting_date as dated
    from supplier_documents where state = 'posted'"""
BUY_LINE_CN = """select l.fpid as id, l.hh as line, f.gsdm as company, f.fph as named from t_cg_fapiao_mx l
    join t_cg_fapiao f on f.fpid = l.fpid where f.zhuangtai = '已审核'"""
BUY_LINE_GL = """select l.id, l.document_id, d.company_id as company, d.document_number as named
    from supplier_document_lines l join supplier_documents d on d.id = l.document_id where d.state = 'posted'"""
# Money is named by the document that it pays.
RECEIPT_CN = """select r.skid as id, r.gsdm as company, r.khbm as party, min(f.fph) as named,
    'erp_china:' || r.khbm || ' on ' || r.skrq as also from t_shoukuan r
    join t_ys_hexiao h on h.skid = r.skid join t_xs_fapiao f on f.fpid = h.fpid group by r.skid"""
RECEIPT_GL = """select r.id, r.company_id as company, r.partner_id as party, min(d.document_number) as named,
    'erp_global:' || r.partner_id || ' on ' || r.received_on as also
    from receipts r join receipt_allocations a on a.receipt_id = r.id
    join customer_documents d on d.id = a.document_id group by r.id"""
APPLIED_CN = """select h.hxid as id, h.gsdm as company, f.fph as named, f.khbm as party, f.fpid as document,
    'erp_china:' || f.khbm || ' on ' || h.hxrq as also
    from t_ys_hexiao h join t_xs_fapiao f on f.fpid = h.fpid where h.lx = '收款'"""
APPLIED_GL = """select a.id, d.company_id as company, d.document_number as named, d.document_date as dated,
    'erp_global:' || d.partner_id || ' on ' || a.allocated_on as also
    from receipt_allocations a join customer_documents d on d.id = a.document_id where a.allocation_kind = 'PAYMENT'"""
PAYMENT_CN = """select p.fkid as id, p.gsdm as company, p.gysbm as party, min(f.fph) as named,
    'erp_china:' || p.gysbm || ' on ' || p.fkrq as also from t_fukuan p
    join t_yf_hexiao h on h.fkid = p.fkid join t_cg_fapiao f on f.fpid = h.fpid group by p.fkid"""
PAYMENT_GL = """select p.id, p.company_id as company, p.partner_id as party, min(d.document_number) as named,
    'erp_global:' || p.partner_id || ' on ' || p.paid_on as also
    from payments p join payment_allocations a on a.payment_id = p.id
    join supplier_documents d on d.id = a.document_id group by p.id"""
PAID_CN = """select h.hxid as id, h.gsdm as company, f.fph as named, f.gysbm as party,
    'erp_china:' || f.gysbm || ' on ' || h.hxrq as also from t_yf_hexiao h
    join t_cg_fapiao f on f.fpid = h.fpid where 1 = 1"""
PAID_GL = """select a.id, d.company_id as company, d.document_number as named,
    'erp_global:' || d.partner_id || ' on ' || a.allocated_on as also from payment_allocations a
    join supplier_documents d on d.id = a.document_id where 1 = 1"""
CUSTOMER_CN = "select khbm as id, null as company, khbm as named from t_kehu where guojia = 'CN'"
CUSTOMER_GL = """select id, null as company, partner_number as named from business_partners
    where is_customer = 1 and country_code in ('DE', 'GB', 'AT', 'NL', 'FR')"""
SUPPLIER_CN = "select gysbm as id, null as company, gysbm as named from t_gongyingshang where guojia = 'CN'"
SUPPLIER_GL = """select id, null as company, partner_number as named from business_partners
    where is_supplier = 1 and country_code in ('DE', 'GB', 'AT', 'NL', 'FR')"""
PRODUCT_CN = "select wlbm as id, null as company, wlbm as named from t_wuliao where tingyong = 0"
PRODUCT_GL = "select id, null as company, sku as named from products where discontinued = 0"
RATE_CN = """select bizhong as id, riqi as dated, null as company, riqi as named from t_huilv
    where bizhong <> 'CNY' and riqi > '2023-10-01'"""
RATE_GL = """select id, null as company, valid_from as named from exchange_rates
    where currency_code <> 'EUR' and valid_from > '2023-10-01'"""

# An order is as well named by its number as by its key; goods moved by theirs. Of billed orders, so that there is
# something to compare with.
ORDER_CN = """select distinct o.ddid as id, o.gsdm as company, o.ddh as named, o.khbm as party, o.ddrq as dated
    from t_xs_dingdan o join t_xs_chuku_mx m on m.ddid = o.ddid join t_xs_fapiao_mx b on b.ddid = o.ddid
    join t_xs_fapiao f on f.fpid = b.fpid where f.zhuangtai = '已审核' and f.hongzi = 0"""
ORDER_GL = """select distinct o.id, o.company_id as company, o.order_number as named, o.partner_id as party,
    o.ordered_on as dated from sales_orders o join sales_order_lines l on l.sales_order_id = o.id
    join shipment_lines s on s.sales_order_line_id = l.id
    join customer_document_lines b on b.sales_order_line_id = l.id
    join customer_documents d on d.id = b.document_id where d.state = 'posted' and d.document_type = 'INV'"""
ORDER_LINE_CN = """select l.ddid as id, l.hh as line, o.gsdm as company, o.ddh as named
    from t_xs_dingdan_mx l join t_xs_dingdan o on o.ddid = l.ddid
    where exists (select 1 from t_xs_chuku_mx m where m.ddid = l.ddid and m.ddhh = l.hh)"""
ORDER_LINE_GL = """select l.id, o.company_id as company, o.order_number as named
    from sales_order_lines l join sales_orders o on o.id = l.sales_order_id
    where exists (select 1 from shipment_lines s where s.sales_order_line_id = l.id)"""
SHIPMENT_LINE_CN = """select m.ckid as id, m.hh as line, s.gsdm as company, s.ckdh as named, o.ddh as ordered
    from t_xs_chuku_mx m join t_xs_chuku s on s.ckid = m.ckid join t_xs_dingdan o on o.ddid = m.ddid where 1 = 1"""
SHIPMENT_LINE_GL = """select l.id, s.id as shipment, s.company_id as company, s.shipment_number as named,
    o.ordered_on as dated from shipment_lines l join shipments s on s.id = l.shipment_id
    join sales_orders o on o.id = s.sales_order_id where 1 = 1"""
BOUGHT_CN = """select distinct o.ddid as id, o.gsdm as company, o.ddh as named, o.gysbm as party
    from t_cg_dingdan o join t_cg_ruku_mx m on m.ddid = o.ddid join t_cg_fapiao_mx b on b.ddid = o.ddid
    join t_cg_fapiao f on f.fpid = b.fpid where f.zhuangtai = '已审核'"""
BOUGHT_LINE_CN = """select l.ddid as id, l.hh as line, o.gsdm as company, o.ddh as named
    from t_cg_dingdan_mx l join t_cg_dingdan o on o.ddid = l.ddid where 1 = 1"""
BOUGHT_LINE_GL = """select l.id, o.company_id as company, o.order_number as named
    from purchase_order_lines l join purchase_orders o on o.id = l.purchase_order_id
    join supplier_document_lines b on b.purchase_order_line_id = l.id
    join supplier_documents d on d.id = b.document_id where d.state = 'posted' and l.net_amount > 100"""
GOODS_IN_CN = """select m.rkid as id, m.hh as line, r.gsdm as company, r.rkdh as named, o.ddrq as dated
    from t_cg_ruku_mx m join t_cg_ruku r on r.rkid = m.rkid join t_cg_dingdan o on o.ddid = m.ddid where 1 = 1"""
RETURN_CN = """select gsdm as company, ksrq as named, fangxiang as side, shuilv as rate from t_zzs_shenbao
    where abs(xse) > 100"""
RETURN_GL = """select id, company_id as company, period_start as named from vat_return_lines
    where abs(taxable_amount) > 100"""
CONTRACT = """select contract_id as id, company_code as company, contract_number as named, signed_on as dated
    from contracts"""
CONTRACT_EVENT = """select e.event_id as id, c.company_code as company, c.contract_number as named,
    c.signed_on as dated from contract_events e join contracts c on c.contract_id = e.contract_id
    where e.happened_on <= '2026-10-31'"""
OBLIGATION = """select o.contract_id as id, o.item_number as item, c.company_code as company,
    c.contract_number as named from contract_obligations o join contracts c on c.contract_id = o.contract_id"""
WORK_ORDER = """select id, company_code as company, work_order_number as named from work_orders
    where finished_on <= '2026-10-31'"""
MATERIAL = """select m.id, w.company_code as company, w.work_order_number as named from material_issues m
    join work_orders w on w.id = m.work_order_id where w.finished_on <= '2026-10-31' and m.amount > 0"""
LABOUR = """select t.id, w.company_code as company, w.work_order_number as named from time_entries t
    join work_orders w on w.id = t.work_order_id where w.finished_on <= '2026-10-31' and t.amount > 0"""

KINDS: tuple[Kind, ...] = (
    # Journal entries ------------------------------------------------------------------------------------------------
    world("entry out of balance", "journal_entry", LINE_GL + " and l.debit > 0",
          "update journal_entry_lines set debit = debit + 100 where id = :id"),
    china("line on the other side", "journal_entry", LINE_CN,
          "update t_pingzheng_fl set fangxiang = case fangxiang when '借' then '贷' else '借' end "
          "where pzid = :id and flh = :line"),
    world("debit and credit swapped", "journal_entry", ENTRY_GL,
          "update journal_entry_lines set debit = credit, credit = debit where entry_id = :id"),
    world("manual entry ten times too large", "journal_entry", ENTRY_GL + " where journal = 'accrued energy'",
          "update journal_entry_lines set debit = debit * 10, credit = credit * 10 where entry_id = :id"),
    china("entry moved to another period", "journal_entry", ENTRY_CN + " where pzrq > '2024-01-31'",
          "update t_pingzheng set pzrq = date(pzrq, '-45 days') where pzid = :id"),
    world("entry deleted", "journal_entry", ENTRY_GL,
          "delete from journal_entry_lines where entry_id = :id", "delete from journal_entries where id = :id"),
    china("line of an entry deleted", "journal_entry", LINE_CN,
          "delete from t_pingzheng_fl where pzid = :id and flh = :line"),
    world("entry posted twice", "journal_entry", ENTRY_GL.replace("select", "select entry_number || '0' as also,"),
          Copied("journal_entries", "id = :id", {"id": "90000000 + id", "entry_number": "entry_number || '0'"}),
          Copied("journal_entry_lines", "entry_id = :id",
                 {"id": "9000000000 + id", "entry_id": "90000000 + entry_id"})),
    china("line on another account", "journal_entry", LINE_CN + " and l.kmdm like '6%'",
          "update t_pingzheng_fl set kmdm = '1405' where pzid = :id and flh = :line"),
    world("line on an unknown account", "journal_entry", LINE_GL,
          "update journal_entry_lines set account_id = 99999 where id = :id"),
    world("line on an account of another company", "journal_entry", LINE_GL,
          "update journal_entry_lines set account_id = (select b.id from accounts a join accounts b "
          "on b.account_number = a.account_number and b.company_id <> a.company_id "
          "where a.id = journal_entry_lines.account_id union all select min(id) from accounts "
          "where company_id <> :company limit 1) where id = :id"),
    world("line of another party", "journal_entry", LINE_GL + " and l.partner_id is not null",
          "update journal_entry_lines set partner_id = (select min(id) from business_partners p "
          "where p.id <> journal_entry_lines.partner_id and p.is_customer = (select is_customer "
          "from business_partners q where q.id = journal_entry_lines.partner_id)) where id = :id"),
    china("entry outside all periods", "journal_entry", ENTRY_CN,
          "update t_pingzheng set pzrq = '2019-06-30' where pzid = :id"),
    world("entry dated in thirty years", "journal_entry", ENTRY_GL,
          "update journal_entries set posted_on = '2056-06-30' where id = :id"),
    china("entry number given twice", "journal_entry", """select pzid as id, gsdm as company, (select max(o.pzh)
          from t_pingzheng o where o.gsdm = v.gsdm and o.pzh < v.pzh) as named from t_pingzheng v
          where pzh > '记-20240000001'""",
          "update t_pingzheng set pzh = :named where pzid = :id"),
    china("entry in the other company", "journal_entry", ENTRY_CN,
          "update t_pingzheng set gsdm = case gsdm when 'HLSH' then 'HLSZ' else 'HLSH' end where pzid = :id"),
    world("entry set back to draft", "journal_entry", ENTRY_GL,
          "update journal_entries set state = 'draft' where id = :id"),
    china("amount of a line negative", "journal_entry", LINE_CN,
          "update t_pingzheng_fl set je = -je, fangxiang = case fangxiang when '借' then '贷' else '借' end "
          "where pzid = :id and flh = :line"),
    # Sales invoices -------------------------------------------------------------------------------------------------
    world("sales header differs from lines", "sales_invoice", SALE_GL,
          "update customer_documents set net_total = net_total + 10 where id = :id"),
    china("sales header off by ten", "sales_invoice", SALE_CN,
          "update t_xs_fapiao set jshj = jshj * 10 where fpid = :id"),
    world("sales line amount wrong", "sales_invoice", SALE_LINE_GL,
          "update customer_document_lines set net_amount = net_amount + 1 where id = :id"),
    china("sales quantity off by ten", "sales_invoice", SALE_LINE_CN,
          "update t_xs_fapiao_mx set sl = sl * 10 where fpid = :id and hh = :line"),
    world("sales price with a wrong digit", "sales_invoice", SALE_LINE_GL,
          "update customer_document_lines set unit_price = unit_price + 9 where id = :id"),
    china("sales line deleted", "sales_invoice", SALE_LINE_CN,
          "delete from t_xs_fapiao_mx where fpid = :id and hh = :line"),
    world("sales line entered twice", "sales_invoice", SALE_LINE_GL,
          Copied("customer_document_lines", "id = :id", {"id": "9000000 + id", "line_number": "99"})),
    world("sales tax at a wrong rate", "sales_invoice", SALE_LINE_GL + " and l.tax_amount > 1",
          "update customer_documents set tax_total = tax_total + round(0.07 * (select net_amount from "
          "customer_document_lines l where l.id = :id), 2), tax_total_base = tax_total_base + round(0.07 * (select "
          "net_amount_base from customer_document_lines l where l.id = :id), 2) where id = :document_id",
          "update customer_document_lines set tax_amount = tax_amount + round(0.07 * net_amount, 2), "
          "tax_amount_base = tax_amount_base + round(0.07 * net_amount_base, 2) where id = :id"),
    china("sales tax left out", "sales_invoice", SALE_CN + " and shuie > 1",
          "update t_xs_fapiao set jshj = jshj - shuie, shuie = 0, bwb_jshj = bwb_jshj - bwb_shuie, bwb_shuie = 0 "
          "where fpid = :id",
          "update t_xs_fapiao_mx set jshj = jshj - shuie, shuie = 0, bwb_jshj = bwb_jshj - bwb_shuie, bwb_shuie = 0 "
          "where fpid = :id"),
    world("sales booked at a rate off by ten", "sales_invoice", SALE_GL,
          "update customer_documents set net_total_base = net_total_base * 10, tax_total_base = tax_total_base * 10, "
          "exchange_rate = exchange_rate * 10 where id = :id",
          "update customer_document_lines set net_amount_base = net_amount_base * 10, "
          "tax_amount_base = tax_amount_base * 10 where document_id = :id"),
    china("sales invoice duplicated", "sales_invoice", SALE_CN,
          Copied("t_xs_fapiao", "fpid = :id", {"fpid": "70000000 + fpid", "fph": """(select substr(max(o.fph), 1, 14)
                 || printf('%06d', substr(max(o.fph), 15) + 1) from t_xs_fapiao o where o.gsdm = t_xs_fapiao.gsdm
                 and o.hongzi = 0 and o.fph < t_xs_fapiao.gsdm || '-INV-2026-9')"""}),
          Copied("t_xs_fapiao_mx", "fpid = :id", {"fpid": "70000000 + fpid"})),
    world("sales invoice deleted", "sales_invoice", SALE_GL,
          "delete from customer_document_lines where document_id = :id",
          "delete from customer_documents where id = :id"),
    world("sales invoice of another customer", "sales_invoice", SALE_GL,
          "update customer_documents set partner_id = (select min(id) from business_partners where is_customer = 1 "
          "and id <> :party) where id = :id"),
    china("sales invoice moved to another period", "sales_invoice", SALE_CN + " and kprq > '2024-01-31'",
          "update t_xs_fapiao set kprq = date(kprq, '-45 days') where fpid = :id"),
    world("due before the invoice", "receivable", SALE_GL,
          "update customer_documents set due_date = date(document_date, '-20 days') where id = :id"),
    china("due in a later year", "receivable", SALE_CN,
          "update t_xs_fapiao set dqr = date(kprq, '+730 days') where fpid = :id"),
    china("sales invoice in another currency", "sales_invoice", SALE_CN,
          "update t_xs_fapiao set bizhong = case bizhong when 'USD' then 'EUR' else 'USD' end where fpid = :id"),
    world("sales invoice number given twice", "sales_invoice", """select id, company_id as company,
          (select max(o.document_number) from customer_documents o where o.company_id = d.company_id
          and o.document_type = 'INV' and o.document_number < d.document_number) as named from customer_documents d
          where state = 'posted' and document_type = 'INV' and document_number not like '%2023-000001'""",
          "update customer_documents set document_number = :named where id = :id"),
    china("sales line of an unknown product", "sales_invoice", SALE_LINE_CN,
          "update t_xs_fapiao_mx set wlbm = 'W00000' where fpid = :id and hh = :line"),
    world("sales line on another account", "sales_invoice", SALE_LINE_GL,
          "update customer_document_lines set account_id = (select min(id) from accounts where company_id = :company "
          "and account_class = 'X') where id = :id"),
    world("cost of a sales line off by ten", "sales_invoice", SALE_LINE_GL + " and l.cost_base > 1",
          "update customer_document_lines set cost_base = cost_base * 10 where id = :id"),
    china("sales invoice of an unknown customer", "sales_invoice", SALE_CN,
          "update t_xs_fapiao set khbm = 'C999999' where fpid = :id"),
    world("credit note with the sign of an invoice", "credit_note",
          SALE_GL.replace("'INV'", "'CRN'"),
          "update customer_documents set net_total = -net_total, tax_total = -tax_total, "
          "net_total_base = -net_total_base, tax_total_base = -tax_total_base where id = :id",
          "update customer_document_lines set quantity = -quantity, net_amount = -net_amount, tax_amount = "
          "-tax_amount, "
          "net_amount_base = -net_amount_base, tax_amount_base = -tax_amount_base, cost_base = -cost_base "
          "where document_id = :id"),
    china("red invoice entered as blue", "credit_note", SALE_CN.replace("hongzi = 0", "hongzi = 1"),
          "update t_xs_fapiao set hongzi = 0 where fpid = :id"),
    china("credit note deleted", "credit_note", SALE_CN.replace("hongzi = 0", "hongzi = 1"),
          "delete from t_xs_fapiao where fpid = :id", "delete from t_xs_fapiao_mx where fpid = :id"),
    # Purchase invoices ----------------------------------------------------------------------------------------------
    china("purchase header differs from lines", "purchase_invoice", BUY_CN,
          "update t_cg_fapiao set jshj = jshj + 10 where fpid = :id"),
    world("purchase line amount wrong", "purchase_invoice", BUY_LINE_GL,
          "update supplier_document_lines set net_amount = net_amount - 1 where id = :id"),
    world("purchase quantity off by ten", "purchase_invoice", BUY_LINE_GL,
          "update supplier_document_lines set quantity = quantity * 10 where id = :id"),
    china("purchase invoice of another supplier", "purchase_invoice", BUY_CN,
          "update t_cg_fapiao set gysbm = (select min(gysbm) from t_gongyingshang where gysbm <> :party) "
          "where fpid = :id"),
    world("supplier invoice entered twice", "purchase_invoice", BUY_GL,
          Copied("supplier_documents", "id = :id", {"id": "9000000 + id", "document_number": "'PI-2026-999999'"}),
          Copied("supplier_document_lines", "document_id = :id",
                 {"id": "900000000 + id", "document_id": "9000000 + document_id", "purchase_order_line_id": "null"})),
    china("purchase invoice deleted", "purchase_invoice", BUY_CN,
          "delete from t_cg_fapiao_mx where fpid = :id", "delete from t_cg_fapiao where fpid = :id"),
    world("purchase posted in another period", "purchase_invoice", BUY_GL + " and posting_date > '2024-01-31'",
          "update supplier_documents set posting_date = date(posting_date, '-45 days') where id = :id"),
    china("purchase booked at a rate off by ten", "purchase_invoice", BUY_CN,
          "update t_cg_fapiao set bwb_jshj = bwb_jshj / 10, bwb_shuie = bwb_shuie / 10 where fpid = :id",
          "update t_cg_fapiao_mx set bwb_jshj = bwb_jshj / 10, bwb_shuie = bwb_shuie / 10 where fpid = :id"),
    world("purchase tax wrong", "purchase_invoice", BUY_LINE_GL + " and l.tax_amount > 1",
          "update supplier_documents set tax_total = tax_total - (select tax_amount from supplier_document_lines l "
          "where l.id = :id), tax_total_base = tax_total_base - (select tax_amount_base from supplier_document_lines l "
          "where l.id = :id) where id = :document_id",
          "update supplier_document_lines set tax_amount = 0, tax_amount_base = 0 where id = :id"),
    world("purchase invoice in another currency", "purchase_invoice", BUY_GL,
          "update supplier_documents set currency_code = case currency_code when 'USD' then 'CNY' else 'USD' end "
          "where id = :id"),
    china("purchase line on another account", "purchase_invoice", BUY_LINE_CN,
          "update t_cg_fapiao_mx set kmdm = case kmdm when '1405' then '6602.02' else '1405' end "
          "where fpid = :id and hh = :line"),
    world("purchase invoice of an unknown supplier", "purchase_invoice", BUY_GL,
          "update supplier_documents set partner_id = 5555555 where id = :id"),
    world("supplier invoice due before its date", "payable", BUY_GL,
          "update supplier_documents set due_date = date(document_date, '-30 days') where id = :id"),
    # Receipts and what they settle ----------------------------------------------------------------------------------
    world("receipt amount wrong", "receipt", RECEIPT_GL, "update receipts set amount = amount + 50 where id = :id"),
    china("receipt deleted", "receipt", RECEIPT_CN, "delete from t_shoukuan where skid = :id",
          "delete from t_ys_hexiao where skid = :id"),
    china("receipt entered twice", "receipt", RECEIPT_CN,
          Copied("t_shoukuan", "skid = :id", {"skid": "90000000 + skid", "skdh": "skdh || '0'"})),
    world("receipt booked at a rate off by ten", "receipt", RECEIPT_GL,
          "update receipts set amount_base = amount_base / 10, exchange_rate = exchange_rate / 10 where id = :id"),
    china("receipt allocated twice", "receivable_settlement", APPLIED_CN,
          Copied("t_ys_hexiao", "hxid = :id", {"hxid": "90000000 + hxid"})),
    world("settlement larger than its receivable", "receivable_settlement", APPLIED_GL,
          "update receipt_allocations set amount = amount * 2, amount_base = amount_base * 2 where id = :id"),
    china("settlement deleted", "receivable_settlement", APPLIED_CN, "delete from t_ys_hexiao where hxid = :id"),
    china("settlement of another customer's invoice", "receivable_settlement", APPLIED_CN,
          "update t_ys_hexiao set fpid = (select min(fpid) from t_xs_fapiao f where f.khbm <> :party "
          "and f.gsdm = :company and f.hongzi = 0) where hxid = :id"),
    world("settlement at a rate off by ten", "receivable_settlement", APPLIED_GL,
          "update receipt_allocations set amount_base = amount_base * 10 where id = :id"),
    china("exchange difference with a wrong amount", "receivable_settlement", APPLIED_CN,
          "update t_ys_hexiao set hdsy = hdsy + 75 where hxid = :id"),
    world("settled before the invoice", "receivable_settlement", APPLIED_GL,
          "update receipt_allocations set allocated_on = date(:dated, '-10 days') where id = :id"),
    china("settlement of an unknown invoice", "receivable_settlement", APPLIED_CN,
          "update t_ys_hexiao set fpid = 99999999 where hxid = :id"),
    # Payments and what they settle ----------------------------------------------------------------------------------
    world("payment deleted", "payment", PAYMENT_GL, "delete from payments where id = :id",
          "delete from payment_allocations where payment_id = :id"),
    china("payment amount wrong", "payment", PAYMENT_CN, "update t_fukuan set je = je * 10, bwb_je = bwb_je * 10 "
          "where fkid = :id"),
    china("payment entered twice", "payment", PAYMENT_CN,
          Copied("t_fukuan", "fkid = :id", {"fkid": "90000000 + fkid", "fkdh": "fkdh || '0'"})),
    china("settlement larger than its payable", "payable_settlement", PAID_CN,
          "update t_yf_hexiao set je = je + 100, bwb_je = bwb_je + 100 where hxid = :id"),
    world("payment allocated twice", "payable_settlement", PAID_GL,
          Copied("payment_allocations", "id = :id", {"id": "90000000 + id"})),
    world("payment settlement deleted", "payable_settlement", PAID_GL,
          "delete from payment_allocations where id = :id"),
    china("payment of another supplier's invoice", "payable_settlement", PAID_CN,
          "update t_yf_hexiao set fpid = (select min(fpid) from t_cg_fapiao f where f.gysbm <> :party "
          "and f.gsdm = :company) where hxid = :id"),
    world("payment settlement moved to another period", "payable_settlement", PAID_GL,
          "update payment_allocations set allocated_on = date(allocated_on, '+40 days') where id = :id"),
    # Exchange rates -------------------------------------------------------------------------------------------------
    china("rate off by ten", "exchange_rate", RATE_CN,
          "update t_huilv set huilv = huilv * 10 where bizhong = :id and riqi = :dated"),
    world("rate off by a hundred", "exchange_rate", RATE_GL,
          "update exchange_rates set units_per_eur = units_per_eur / 100 where id = :id"),
    world("rate turned upside down", "exchange_rate", RATE_GL + " and currency_code in ('CNY', 'GBP')",
          "update exchange_rates set units_per_eur = 1 / units_per_eur where id = :id"),
    china("rate three per cent off", "exchange_rate", RATE_CN,
          "update t_huilv set huilv = round(huilv * 1.03, 6) where bizhong = :id and riqi = :dated"),
    world("rate deleted", "exchange_rate", RATE_GL, "delete from exchange_rates where id = :id"),
    # Accounts and periods -------------------------------------------------------------------------------------------
    world("account of another class", "account",
          "select id, company_id as company, account_number as named from accounts where subledger is null",
          "update accounts set account_class = case account_class when 'X' then 'A' else 'X' end where id = :id"),
    china("control account without its sub-ledger", "account",
          "select kmdm as id, gsdm as company, kmdm as named from t_kemu where fzhs in ('客户', '供应商')",
          "update t_kemu set fzhs = null where kmdm = :id and gsdm = :company"),
    world("account deleted", "account",
          "select id, company_id as company, id as named from accounts a where exists "
          "(select 1 from journal_entry_lines l where l.account_id = a.id)",
          "delete from accounts where id = :id"),
    world("gap between periods", "fiscal_period",
          "select id, company_id as company, starts_on as named from fiscal_periods where starts_on > '2023-02-01' "
          "and starts_on < '2026-11-01'",
          "update fiscal_periods set starts_on = date(starts_on, '+5 days') where id = :id"),
    china("overlapping periods", "fiscal_period",
          "select gsdm as company, nian as year, qi as period, date(jsrq, '+1 day') as named from t_kuaijiqijian "
          "where jsrq between '2023-02-01' and '2026-10-31'",
          "update t_kuaijiqijian set jsrq = date(jsrq, '+5 days') where gsdm = :company and nian = :year "
          "and qi = :period"),
    # Master data ----------------------------------------------------------------------------------------------------
    world("customer with a wrong tax identifier", "customer", CUSTOMER_GL + " and country_code in ('DE', 'GB')",
          "update business_partners set tax_number = substr(tax_number, 1, length(tax_number) - 1) || "
          "((substr(tax_number, -1) + 1) % 10) where id = :id"),
    china("customer without a tax identifier", "customer", CUSTOMER_CN,
          "update t_kehu set tyshxydm = null where khbm = :id"),
    world("customer in a country that does not exist", "customer", CUSTOMER_GL,
          "update business_partners set country_code = 'XX' where id = :id"),
    china("customer with a wrong e-mail address", "customer", CUSTOMER_CN,
          "update t_kehu set youxiang = 'nobody at example' where khbm = :id"),
    china("customer without a name", "customer", CUSTOMER_CN, "update t_kehu set khmc = '' where khbm = :id"),
    china("customer recorded twice", "customer", CUSTOMER_CN,
          Copied("t_kehu", "khbm = :id", {"khbm": "'C777777'"})),
    world("negative credit limit", "customer", CUSTOMER_GL,
          "update customer_settings set credit_limit = -1 where partner_id = :id"),
    china("payment term of 999 days", "customer", CUSTOMER_CN, "update t_kehu set zhangqi_ts = 999 where khbm = :id"),
    world("customer deleted", "customer",
          "select c.id, null as company, c.partner_number as named from business_partners c where c.is_customer = 1 "
          "and exists (select 1 from customer_documents d where d.partner_id = c.id and d.state = 'posted')",
          "delete from business_partners where id = :id"),
    world("supplier with a wrong bank account", "supplier",
          "select b.partner_id as id, null as company, p.partner_number as named from partner_bank_accounts b "
          "join business_partners p on p.id = b.partner_id where p.country_code in ('DE', 'AT', 'NL', 'GB') "
          "and b.account_number like '__%'",
          "update partner_bank_accounts set account_number = substr(account_number, 1, length(account_number) - 1) || "
          "((substr(account_number, -1) + 1) % 10) where partner_id = :id"),
    china("two suppliers with one bank account", "supplier", SUPPLIER_CN,
          "update t_gongyingshang set yhzh = (select max(yhzh) from t_gongyingshang o where o.gysbm <> :id "
          "and o.guojia = 'CN') where gysbm = :id"),
    china("supplier recorded with an account that is not paid to", "supplier",
          SUPPLIER_CN + " and exists (select 1 from t_fukuan p where p.gysbm = t_gongyingshang.gysbm)",
          "update t_gongyingshang set yhzh = substr(yhzh, 1, length(yhzh) - 4) || "
          "case substr(yhzh, -4) when '0000' then '1111' else '0000' end where gysbm = :id"),
    china("supplier with a wrong tax identifier", "supplier", SUPPLIER_CN,
          "update t_gongyingshang set tyshxydm = substr(tyshxydm, 1, 17) || "
          "case substr(tyshxydm, 18) when 'A' then 'B' else 'A' end where gysbm = :id"),
    world("supplier recorded twice", "supplier", SUPPLIER_GL,
          Copied("business_partners", "id = :id", {"id": "7777777", "partner_number": "'S777777'"})),
    world("product without a category", "product", PRODUCT_GL, "update products set category_id = null where id = :id"),
    china("product that costs more than its price", "product", PRODUCT_CN,
          "update t_wuliao set bzcb = bzsj * 2 where wlbm = :id"),
    china("price of a product off by ten", "product", PRODUCT_CN,
          "update t_wuliao set bzsj = bzsj * 10 where wlbm = :id"),
    world("article number given twice", "product", PRODUCT_GL,
          "update products set sku = (select min(o.sku) from products o where o.id <> :id) where id = :id"),
    world("own bank account with a wrong number", "bank_account",
          "select id, company_id as company, account_number as named from own_bank_accounts "
          "where account_number like 'DE%' or account_number like 'GB%'",
          "update own_bank_accounts set account_number = substr(account_number, 1, length(account_number) - 1) || "
          "((substr(account_number, -1) + 1) % 10) where id = :id"),
    china("own bank account in another currency", "bank_account",
          "select zhid as id, gsdm as company, zhid as named from t_yinhang_zhanghu",
          "update t_yinhang_zhanghu set bizhong = 'JPY' where zhid = :id"),
    # CRM ------------------------------------------------------------------------------------------------------------
    Kind("CRM account of an unknown customer", "crm_account", "crm",
         "select account_id as id, null as company, account_id as named from accounts "
         "where erp_customer_number is not null",
         ("update accounts set erp_customer_number = 'C999999' where account_id = :id",)),
    Kind("CRM account with another country", "crm_account", "crm",
         "select account_id as id, null as company, account_id as named from accounts "
         "where erp_customer_number is not null",
         ("update accounts set country_code = case country_code when 'FR' then 'DE' else 'FR' end "
          "where account_id = :id",)),
    Kind("CRM account with another tax identifier", "crm_account", "crm",
         "select account_id as id, null as company, account_id as named from accounts "
         "where erp_customer_number is not null and tax_id is not null",
         ("update accounts set tax_id = '1' || tax_id where account_id = :id",)),
    Kind("CRM account recorded twice", "crm_account", "crm",
         "select account_id as id, null as company, account_id as named from accounts "
         "where erp_customer_number is not null",
         (Copied("accounts", "account_id = :id", {"account_id": "'A777777'"}),)),
    Kind("CRM account of an unknown salesperson", "crm_account", "crm",
         "select account_id as id, null as company, account_id as named from accounts "
         "where erp_customer_number is not null",
         ("update accounts set owner_id = 'U999' where account_id = :id",)),
    china("customer with a wrong tax identifier in China", "customer", CUSTOMER_CN,
          "update t_kehu set tyshxydm = substr(tyshxydm, 1, 8) || ((substr(tyshxydm, 9, 1) + 1) % 10) || "
          "substr(tyshxydm, 10) where khbm = :id"),
    # Sales orders and shipments -------------------------------------------------------------------------------------
    world("sales order quantity off by ten", "sales_order", ORDER_LINE_GL,
          "update sales_order_lines set quantity = quantity * 10 where id = :id"),
    china("sales order price with a wrong digit", "sales_order", ORDER_LINE_CN,
          "update t_xs_dingdan_mx set hsdj = hsdj + 9 where ddid = :id and hh = :line"),
    world("sales order of another customer", "sales_order", ORDER_GL,
          "update sales_orders set partner_id = (select min(id) from business_partners where is_customer = 1 "
          "and id <> :party) where id = :id"),
    china("sales order deleted", "sales_order", ORDER_CN, "delete from t_xs_dingdan_mx where ddid = :id",
          "delete from t_xs_dingdan where ddid = :id"),
    world("sales order line deleted", "sales_order", ORDER_LINE_GL, "delete from sales_order_lines where id = :id"),
    world("sales order dated after its goods left", "sales_order", ORDER_GL,
          "update sales_orders set ordered_on = (select date(max(s.shipped_on), '+20 days') from shipments s "
          "where s.sales_order_id = sales_orders.id) where id = :id"),
    china("goods promised before they were ordered", "sales_order", ORDER_CN,
          "update t_xs_dingdan set jhrq = date(ddrq, '-10 days') where ddid = :id"),
    world("sales order number given twice", "sales_order",
          """select id, company_id as company, (select max(o.order_number) from sales_orders o
          where o.company_id = d.company_id and o.order_number < d.order_number) as named from sales_orders d
          where exists (select 1 from sales_orders o where o.company_id = d.company_id
          and o.order_number < d.order_number)""",
          "update sales_orders set order_number = :named where id = :id"),
    world("shipment quantity off by ten", "shipment", SHIPMENT_LINE_GL,
          "update shipment_lines set quantity = quantity * 10 where id = :id"),
    china("shipment line deleted", "shipment", SHIPMENT_LINE_CN.replace("s.ckdh as named, o.ddh as ordered",
                                                                        "o.ddh as named")
          + " and exists (select 1 from t_xs_fapiao_mx b join t_xs_fapiao f on f.fpid = b.fpid where b.ddid = m.ddid "
          "and b.ddhh = m.ddhh and f.hongzi = 0 and f.zhuangtai = '已审核')",
          "delete from t_xs_chuku_mx where ckid = :id and hh = :line"),
    world("shipment of an unknown order line", "shipment", SHIPMENT_LINE_GL,
          "update shipment_lines set sales_order_line_id = 99999999 where id = :id"),
    china("shipment of another product", "shipment", SHIPMENT_LINE_CN,
          "update t_xs_chuku_mx set wlbm = (select min(wlbm) from t_wuliao w where w.wlbm <> t_xs_chuku_mx.wlbm) "
          "where ckid = :id and hh = :line"),
    world("goods shipped before they were ordered", "shipment", SHIPMENT_LINE_GL,
          "update shipments set shipped_on = date(:dated, '-20 days') where id = :shipment"),
    china("shipment in the other company", "shipment", SHIPMENT_LINE_CN,
          "update t_xs_chuku set gsdm = case gsdm when 'HLSH' then 'HLSZ' else 'HLSH' end where ckid = :id"),
    world("shipment entered twice", "shipment", SHIPMENT_LINE_GL.replace("l.id, s.id as shipment", "s.id"),
          Copied("shipments", "id = :id", {"id": "90000000 + id", "shipment_number": "shipment_number || '0'"}),
          Copied("shipment_lines", "shipment_id = :id",
                 {"id": "900000000 + id", "shipment_id": "90000000 + shipment_id"})),
    # Purchase orders and goods receipts -----------------------------------------------------------------------------
    world("purchase order price with a wrong digit", "purchase_order", BOUGHT_LINE_GL,
          "update purchase_order_lines set unit_price = unit_price + 9 where id = :id"),
    china("purchase order quantity off by ten", "purchase_order", BOUGHT_LINE_CN,
          "update t_cg_dingdan_mx set sl = sl * 10 where ddid = :id and hh = :line"),
    china("purchase order of another supplier", "purchase_order", BOUGHT_CN,
          "update t_cg_dingdan set gysbm = (select min(gysbm) from t_gongyingshang where gysbm <> :party) "
          "where ddid = :id"),
    world("purchase order at another price than billed", "purchase_order", BOUGHT_LINE_GL,
          "update purchase_order_lines set unit_price = round(unit_price * 1.5, 2), net_amount = "
          "round(round(unit_price * 1.5, 2) * quantity, 2) where id = :id"),
    china("purchase order in another currency", "purchase_order", BOUGHT_CN,
          "update t_cg_dingdan set bizhong = case bizhong when 'USD' then 'EUR' else 'USD' end where ddid = :id"),
    china("received quantity off by ten", "goods_receipt", GOODS_IN_CN,
          "update t_cg_ruku_mx set sl = sl * 10 where rkid = :id and hh = :line"),
    world("goods receipt deleted", "goods_receipt",
          """select distinct r.id as receipt, r.company_id as company, o.order_number as named from goods_receipts r
          join purchase_orders o on o.id = r.purchase_order_id join goods_receipt_lines l on l.goods_receipt_id = r.id
          join supplier_document_lines b on b.purchase_order_line_id = l.purchase_order_line_id
          join supplier_documents d on d.id = b.document_id where d.state = 'posted'""",
          "delete from goods_receipt_lines where goods_receipt_id = :receipt",
          "delete from goods_receipts where id = :receipt"),
    china("goods received before they were ordered", "goods_receipt", GOODS_IN_CN,
          "update t_cg_ruku set rkrq = date(:dated, '-15 days') where rkid = :id"),
    # Value added tax returns ----------------------------------------------------------------------------------------
    world("declared tax wrong", "tax_declaration", RETURN_GL,
          "update vat_return_lines set tax_amount = tax_amount + 100 where id = :id"),
    china("declared base off by ten", "tax_declaration", RETURN_CN,
          "update t_zzs_shenbao set xse = xse * 10 where gsdm = :company and ksrq = :named and fangxiang = :side "
          "and shuilv = :rate"),
    world("line of a tax return lost", "tax_declaration", RETURN_GL, "delete from vat_return_lines where id = :id"),
    china("tax return of a period lost", "tax_declaration", RETURN_CN + " and ksrq > (select min(ksrq) from "
          "t_zzs_shenbao) and ksrq < (select max(ksrq) from t_zzs_shenbao)",
          "delete from t_zzs_shenbao where gsdm = :company and ksrq = :named"),
    world("line of a tax return entered twice", "tax_declaration", RETURN_GL,
          Copied("vat_return_lines", "id = :id", {"id": "9000000 + id"})),
    # Contracts ------------------------------------------------------------------------------------------------------
    Kind("contract price off by ten", "contract", "crm", CONTRACT,
         ("update contracts set transaction_price = transaction_price * 10 where contract_id = :id",)),
    Kind("contract of an unknown customer", "contract", "crm", CONTRACT,
         ("update contracts set erp_customer_number = 'C999999' where contract_id = :id",)),
    Kind("contract without obligations", "contract", "crm", CONTRACT,
         ("delete from contract_obligations where contract_id = :id",)),
    Kind("delivered obligation deleted", "contract_obligation", "crm",
         OBLIGATION + " where exists (select 1 from contract_events e where e.contract_id = o.contract_id "
         "and e.item_number = o.item_number and e.happened_on <= '2026-10-31')",
         ("delete from contract_obligations where contract_id = :id and item_number = :item",)),
    Kind("obligation that ends before it starts", "contract_obligation", "crm", OBLIGATION,
         ("update contract_obligations set ends_on = date(starts_on, '-5 days') "
          "where contract_id = :id and item_number = :item",)),
    # Of a record without its parent nothing says whose it is.
    Kind("event of an unknown contract", "contract_event", "crm",
         CONTRACT_EVENT.replace("c.company_code as company", "null as company"),
         ("update contract_events set contract_id = 'K99999' where event_id = :id",)),
    Kind("progress beyond completion", "contract_event", "crm", CONTRACT_EVENT + " and e.percent_complete > 0",
         ("update contract_events set percent_complete = 170 where event_id = :id",)),
    Kind("billing of a contract with a wrong amount", "contract_event", "crm",
         CONTRACT_EVENT + " and e.invoice_number is not null",
         ("update contract_events set amount = amount + 500 where event_id = :id",)),
    Kind("contract event before its signing", "contract_event", "crm", CONTRACT_EVENT,
         ("update contract_events set happened_on = date(:dated, '-40 days') where event_id = :id",)),
    # Work orders ----------------------------------------------------------------------------------------------------
    Kind("work order finished before it starts", "work_order", "manufacturing", WORK_ORDER,
         ("update work_orders set finished_on = date(started_on, '-3 days') where id = :id",)),
    Kind("more pieces made than planned", "work_order", "manufacturing", WORK_ORDER,
         ("update work_orders set quantity_finished = quantity_finished * 10 where id = :id",)),
    Kind("work order deleted", "work_order", "manufacturing", WORK_ORDER.replace("company_code as", "null as"),
         ("delete from work_orders where id = :id",)),
    Kind("cost of an unknown work order", "work_order_cost", "manufacturing",
         MATERIAL.replace("m.id, w.company_code as company, w.work_order_number as named",
                          "null as company, 'manufacturing:material:' || m.id as named, m.id as cost"),
         ("update material_issues set work_order_id = 9999999 where id = :cost",)),
    Kind("cost of material off by ten", "work_order_cost", "manufacturing", MATERIAL,
         ("update material_issues set amount = amount * 10 where id = :id",)),
    Kind("quantity and cost of material off by ten", "work_order_cost", "manufacturing", MATERIAL,
         ("update material_issues set quantity = quantity * 10, amount = amount * 10 where id = :id",)),
    Kind("hours and cost of labour off by ten", "work_order_cost", "manufacturing", LABOUR,
         ("update time_entries set labour_hours = labour_hours * 10, amount = amount * 10 where id = :id",)),
    Kind("material taken before the work order starts", "work_order_cost", "manufacturing", MATERIAL,
         ("update material_issues set issued_on = date(issued_on, '-200 days') where id = :id",)),
)  # fmt: skip


# Files --------------------------------------------------------------------------------------------------------------
def _pick(folder: Path, pattern: str, chance: Random, *, inner: bool = False) -> Path:
    files = sorted(folder.glob(pattern))
    if inner:
        # Neither the first nor the last statement of an account.
        months = sorted({file.stem[-7:] for file in files})[1:-1]
        files = [file for file in files if file.stem[-7:] in months]
    return chance.choice(files)


def _company(file: Path) -> str:
    return COMPANY_IDS[file.stem.removeprefix("payroll_")[:4]]


def _edited(file: Path, change: Callable[[str], str]) -> tuple[str, str]:
    text = file.read_bytes().decode("utf-8")
    changed = change(text)
    assert changed != text, file
    file.write_bytes(changed.encode("utf-8"))
    return _company(file), file.name


def _with_entries(folder: Path, suffix: str, chance: Random) -> Path:
    mark = "<Ntry>" if suffix == "xml" else ":61:"
    files = [f for f in sorted(folder.glob(f"*.{suffix}")) if f.read_text(encoding="utf-8").count(mark) > 1]
    return chance.choice(files)


def _camt_amount(folder: Path, chance: Random) -> tuple[str | None, str]:
    file = _with_entries(folder, "xml", chance)
    return _edited(
        file, lambda text: re.sub(r'(<Ntry><NtryRef>\d+</NtryRef><Amt Ccy="...">)', r"\g<1>1", text, count=1)
    )


def _camt_entry_lost(folder: Path, chance: Random) -> tuple[str | None, str]:
    file = _with_entries(folder, "xml", chance)
    return _edited(file, lambda text: re.sub(r"<Ntry>.*?</Ntry>\n", "", text, count=1, flags=re.S))


def _camt_sign(folder: Path, chance: Random) -> tuple[str | None, str]:
    file = _with_entries(folder, "xml", chance)

    def turned(text: str) -> str:
        head, mark, rest = text.partition("<Ntry>")
        sign = re.search("CRDT|DBIT", rest)
        assert sign
        other = {"CRDT": "DBIT", "DBIT": "CRDT"}[sign.group()]
        return head + mark + rest[: sign.start()] + other + rest[sign.end() :]

    return _edited(file, turned)


def _mt940_entry_lost(folder: Path, chance: Random) -> tuple[str | None, str]:
    file = _with_entries(folder, "sta", chance)
    return _edited(file, lambda text: re.sub(r":61:.*?(?=:61:|:62F:)", "", text, count=1, flags=re.S))


def _mt940_closing(folder: Path, chance: Random) -> tuple[str | None, str]:
    file = _pick(folder, "*.sta", chance)
    return _edited(file, lambda text: re.sub(r"(:62F:[CD]\d{6}...)(\d)", r"\g<1>9\2", text))


def _statement_lost(folder: Path, chance: Random) -> tuple[str | None, str]:
    # A month in which money moved, so that the next statement opens elsewhere.
    files = [
        f for f in sorted(folder.iterdir())
        if f.stem[-7:] not in ("2023-11", "2026-10") and re.search("<Ntry>|:61:", f.read_text(encoding="utf-8"))
    ]  # fmt: skip
    file = chance.choice(files)
    file.unlink()
    return _company(file), file.stem[5:8]


def _statement_cut(folder: Path, chance: Random) -> tuple[str | None, str]:
    file = _with_entries(folder, "xml", chance)
    return _edited(file, lambda text: text[: len(text) // 2])


def _unknown_account(folder: Path, chance: Random) -> tuple[str | None, str]:
    file = _pick(folder, "*.sta", chance)
    number = re.search(r":25:(.*)", file.read_text(encoding="utf-8"))
    assert number
    _edited(file, lambda text: text.replace(f":25:{number.group(1)}", ":25:99887766554433"))
    return None, "99887766554433"


def _money_between_entries(folder: Path, chance: Random) -> tuple[str | None, str]:
    """One entry a hundred more, another a hundred less: the statement still adds up."""
    file = chance.choice(
        [
            f for f in sorted(folder.glob("*_EUR_*.xml")) + sorted(folder.glob("*_CNY_*.xml"))
            if f.stem[-7:] < "2026-10" and f.read_text(encoding="utf-8").count("</Amt><CdtDbtInd>DBIT") > 2
        ]
    )  # fmt: skip
    text = file.read_text(encoding="utf-8")
    entries = list(re.finditer(r'<Ntry><NtryRef>\d+</NtryRef><Amt Ccy="...">(\d+)\.(\d\d)</Amt><CdtDbtInd>DBIT', text))
    first, second = sorted(chance.sample([e for e in entries if int(e.group(1)) > 0], 2), key=lambda e: e.start())
    booked = re.search(r"<BookgDt><Dt>(.*?)</Dt>", text[first.end() :])
    assert booked
    more, less = str(int(first.group(1)) + 100), str(int(second.group(1)) - 100 if int(second.group(1)) > 100 else 0)
    if less == "0":
        more, less = str(int(first.group(1)) + int(second.group(1)) - 1), "1"
    text = (
        text[: first.start(1)] + more + text[first.end(1) : second.start(1)] + less + text[second.end(1) :]
    )  # fmt: skip
    file.write_bytes(text.encode("utf-8"))
    return _company(file), booked.group(1)


def _movement_moved(folder: Path, chance: Random) -> tuple[str | None, str]:
    file = _with_entries(folder, "xml", chance)
    return _company(file), (
        _edited(file, lambda text: re.sub(r"(<BookgDt><Dt>)(\d{4})", lambda m: f"{m[1]}{int(m[2]) - 1}", text, count=1))
        and re.search(r"<BookgDt><Dt>(.*?)</Dt>", file.read_text(encoding="utf-8")).group(1)  # type: ignore[union-attr]
    )


def _payroll(
    change: Callable[[list[str]], list[str] | None], *, column: str = "employee"
) -> Callable[[Path, Random], tuple[str | None, str]]:
    """Change one row of a payroll file; named by the employee, or by the day of pay where the sum is at fault."""

    def spoil(folder: Path, chance: Random) -> tuple[str | None, str]:
        file = chance.choice(sorted(folder.glob("*.csv")))
        head, *rows = file.read_text(encoding="utf-8").splitlines()
        number = chance.randrange(len(rows))
        cells = rows[number].split(",")
        changed = change(list(cells))
        rows[number : number + 1] = [] if changed is None else [",".join(changed)]
        file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        return _company(file), {"employee": cells[2], "day": cells[6], "file": file.name}[column]

    return spoil


def _with(position: int, value: Callable[[str], str]) -> Callable[[list[str]], list[str]]:
    def changed(cells: list[str]) -> list[str]:
        cells[position] = value(cells[position])
        return cells

    return changed


def _gross_and_net(cells: list[str]) -> list[str]:
    cells[8], cells[12] = (f"{float(cells[i]) + 500:.2f}" for i in (8, 12))
    return cells


def _payroll_twice(folder: Path, chance: Random) -> tuple[str | None, str]:
    file = chance.choice(sorted(folder.glob("*.csv")))
    head, *rows = file.read_text(encoding="utf-8").splitlines()
    rows.append(chance.choice(rows))
    file.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return _company(file), rows[-1].split(",")[2]


def _payroll_file_lost(folder: Path, chance: Random) -> tuple[str | None, str]:
    file = chance.choice(sorted(folder.glob("*.csv")))
    month = file.read_text(encoding="utf-8").splitlines()[1].split(",")[1]
    file.unlink()
    return _company(file), month


def _rows(
    pattern: str,
    company: int | None,
    named: Callable[[list[str]], str],
    change: Callable[[list[str]], list[str] | None],
    *,
    where: Callable[[list[str], list[list[str]]], bool] = lambda row, rows: True,
    is_added: bool = False,
) -> Callable[[Path, Random], tuple[str | None, str]]:
    """Change, drop (None) or add one row of one of the files; ``company``: position of its code, if it tells one."""

    def spoil(folder: Path, chance: Random) -> tuple[str | None, str]:
        file = chance.choice(sorted(folder.glob(pattern)))
        head, *lines = file.read_text(encoding="utf-8").splitlines()
        rows = [line.split(",") for line in lines]
        victim = chance.choice([row for row in rows if where(row, rows)])
        number = rows.index(victim)
        changed = change(list(victim))
        if is_added:
            rows.append(changed or victim)
        else:
            rows[number : number + 1] = [] if changed is None else [changed]
        file.write_text("\n".join([head, *map(",".join, rows)]) + "\n", encoding="utf-8")
        return None if company is None else COMPANY_IDS[victim[company]], named(victim)

    return spoil


def _at(position: int) -> Callable[[list[str]], str]:
    return lambda row: row[position]


def _is_approved(row: list[str], rows: list[list[str]]) -> bool:
    return bool(row[9])


def _is_large_month(row: list[str], rows: list[list[str]]) -> bool:
    """The largest month of its account in the file: ten times a small one may be an ordinary month."""
    like = [abs(float(other[4])) for other in rows if other[1:3] == row[1:3]]
    return len(like) >= 6 and abs(float(row[4])) == max(like)


def _is_on_plan(row: list[str], rows: list[list[str]]) -> bool:
    return row[2] == "actual" and any(other[2] == "planned" and other[:2] + other[3:4] == row[:2] + row[3:4]
                                      for other in rows)  # fmt: skip


FILE_KINDS: tuple[FileKind, ...] = (
    FileKind("amount of a bank entry wrong", "bank_movement", "bank", _camt_amount),
    FileKind("bank entry lost", "bank_movement", "bank", _camt_entry_lost),
    FileKind("bank entry with the wrong sign", "bank_movement", "bank", _camt_sign),
    FileKind("MT940 entry lost", "bank_movement", "bank", _mt940_entry_lost),
    FileKind("closing balance wrong", "bank_statement", "bank", _mt940_closing),
    FileKind("statement lost", "bank_statement", "bank", _statement_lost),
    FileKind("statement cut off", "bank_statement", "bank", _statement_cut),
    FileKind("statement of an unknown account", "bank_statement", "bank", _unknown_account),
    FileKind("money moved between two bank entries", "bank_movement", "bank", _money_between_entries),
    FileKind("bank entry booked a year early", "bank_movement", "bank", _movement_moved),
    FileKind("net pay wrong", "payroll_line", "hr", _payroll(_with(12, lambda v: f"{float(v) + 100:.2f}"))),
    FileKind("gross pay off by ten", "payroll_line", "hr", _payroll(_with(8, lambda v: f"{float(v) * 10:.2f}"))),
    FileKind("gross and net pay wrong alike", "payroll_line", "hr", _payroll(_gross_and_net, column="day")),
    FileKind("row of a payroll lost", "payroll_line", "hr", _payroll(lambda _: None, column="day")),
    FileKind("row of a payroll twice", "payroll_line", "hr", _payroll_twice),
    FileKind("employer contribution off by ten", "payroll_line", "hr",
             _payroll(_with(9, lambda v: f"{float(v) * 10:.2f}"))),
    FileKind("pay in another currency", "payroll_line", "hr", _payroll(_with(7, lambda v: "JPY"))),
    FileKind("pay dated in another period", "payroll_line", "hr",
             _payroll(_with(6, lambda v: v.replace(v[:4], str(int(v[:4]) - 1))), column="day")),
    FileKind("payroll of an unknown company", "payroll_line", "hr", _payroll(_with(0, lambda v: "XXXX"))),
    FileKind("amount that is no number", "payroll_line", "hr", _payroll(_with(8, lambda v: "abc"), column="file")),
    FileKind("payroll file lost", "payroll_line", "hr", _payroll_file_lost),
    FileKind("claimed amount off by ten", "expense_claim_line", "hr",
             _rows("expense_claims_*.csv", 0, _at(1), _with(7, lambda v: f"{float(v) * 10:.2f}"), where=_is_approved)),
    FileKind("expense claimed twice", "expense_claim_line", "hr",
             _rows("expense_claims_*.csv", 0, _at(1), _with(1, lambda v: f"{v}9"), is_added=True)),
    FileKind("claim approved before it was handed in", "expense_claim_line", "hr",
             _rows("expense_claims_*.csv", 0, _at(1), _with(9, lambda v: "2022-01-03"), where=_is_approved)),
    FileKind("claim of an unknown employee", "expense_claim_line", "hr",
             _rows("expense_claims_*.csv", 0, _at(1), _with(3, lambda v: "E999999"))),
    FileKind("approved claim lost", "expense_claim_line", "hr",
             _rows("expense_claims_*.csv", 0, _at(9), lambda _: None, where=_is_approved)),
    FileKind("claim in another currency", "expense_claim_line", "hr",
             _rows("expense_claims_*.csv", 0, _at(1), _with(6, lambda v: "JPY"))),
    FileKind("budget off by ten", "budget_line", "planning",
             _rows("budget_*.csv", 0, _at(1), _with(4, lambda v: f"{float(v) * 10:.2f}"), where=_is_large_month)),
    FileKind("budget of an unknown account", "budget_line", "planning",
             _rows("budget_*.csv", 0, lambda row: "99999", _with(1, lambda v: "99999"))),
    FileKind("budget line entered twice", "budget_line", "planning",
             _rows("budget_*.csv", 0, _at(1), lambda row: row, is_added=True)),
    FileKind("cash flow of a project with the wrong sign", "capital_project_cash_flow", "planning",
             _rows("capital_cash_flows.csv", 0, _at(1), _with(4, lambda v: str(-float(v))), where=_is_on_plan)),
    FileKind("cash flow of an unknown project", "capital_project_cash_flow", "planning",
             _rows("capital_cash_flows.csv", None, lambda row: "CP-999", _with(1, lambda v: "CP-999"))),
)  # fmt: skip
