"""The other companies' ERP: normalised, net and tax apart, credit notes as documents with negative amounts."""

from __future__ import annotations

from demo.clock import END
from demo.settle import SOURCE_DOCUMENT_ID, source_document

ACCOUNTS = {
    # in the generator → number, title, class, sub-ledger
    "receivable": ("12000", "Trade receivables", "A", "AR"),
    "inventory": ("13000", "Inventory", "A", None),
    "wip_material": ("13500", "Work in process, material", "A", None),
    "wip_labour": ("13600", "Work in process, labour", "A", None),
    "fixed_assets": ("15000", "Property, plant and equipment", "A", None),
    "payable": ("20000", "Trade payables", "L", "AP"),
    "output_vat": ("22000", "Output tax and settlements", "L", None),
    "input_vat": ("22100", "Input tax", "L", None),
    "payroll_taxes_owed": ("23000", "Payroll taxes payable", "L", None),
    "loan": ("25000", "Bank loan", "L", None),
    "accruals": ("24000", "Accrued liabilities", "L", None),
    "expenses_owed": ("24500", "Employee expenses payable", "L", None),
    "share_capital": ("30000", "Share capital", "Q", None),
    "revenue": ("40000", "Sales", "R", None),
    "deferred_revenue": ("24700", "Deferred revenue", "L", None),
    "contract_revenue": ("40500", "Revenue from contracts", "R", None),
    "intercompany_revenue": ("40900", "Sales to affiliates", "R", None),
    "cost_of_sales": ("50000", "Cost of sales", "X", None),
    "discount_given": ("48000", "Cash discounts given", "X", None),
    "services": ("62000", "Services", "X", None),
    "payroll": ("60000", "Personnel", "X", None),
    "travel": ("63000", "Travel and expenses", "X", None),
    "labour_absorbed": ("60900", "Labour charged to production", "X", None),
    "rent": ("61000", "Rent", "X", None),
    "energy": ("61500", "Energy", "X", None),
    "depreciation": ("65000", "Depreciation", "X", None),
    "bank_fees": ("66000", "Bank charges", "X", None),
    "bad_debt": ("67000", "Bad debts written off", "X", None),
    "interest": ("70000", "Interest", "X", None),
    "exchange_gain_loss": ("71000", "Realised exchange differences", "X", "FX"),
    "unrealised_exchange": ("71500", "Unrealised exchange differences", "X", "FXU"),
    "income_tax": ("80000", "Income tax", "X", None),
}  # fmt: skip
_FIRST_CHANGE = "timestamp '2023-10-02 09:00:00'"
_SOURCE_DOCUMENT = source_document(
    "CUSTOMER_DOCUMENT", "SUPPLIER_DOCUMENT", "RECEIPT", "PAYMENT", "RECEIPT_ALLOCATION", "PAYROLL"
)
# Customers and suppliers share a table, so suppliers' ids follow those of the customers.
_PARTNER = "case when {supplier} is null then {customer} + 1 else 1000001 + {supplier} end"


def tables() -> dict[str, str]:
    """Table → SELECT over the generator's tables."""
    own = "company >= 2"
    categories = """(
        select name, row_number() over (order by name) as id
        from (select distinct category as name from product where erp = 'gl' and category is not null)
    )"""
    terms = """(
        select *, row_number() over (order by net_days, discount_days nulls first) as id
        from (
            select distinct term::integer as net_days, case when discount_terms is not null then 10 end as discount_days
            from customer where erp = 'gl'
            union select term::integer, null from supplier where erp = 'gl'
        )
    )"""
    return {
        "companies": f"""select company + 1 as id, code, name, currency as currency_code, country as country_code,
            tax_identifier as tax_number, {_FIRST_CHANGE} as updated_at from company where {own} order by 1""",
        "fiscal_periods": f"""select row_number() over (order by c.company, m) as id,
            c.company + 1 as company_id, 'FY' || year(m) as year_label,
            month(m) as period_number, m as starts_on, last_day(m) as ends_on, case
                when m < date '2026-10-01' then 'closed' else 'open' end as status, {_FIRST_CHANGE} as updated_at
            from company c, (select unnest(generate_series(date '2023-01-01', date '2026-12-01',
                interval 1 month))::date as m) where {own} order by 1""",
        "exchange_rates": f"""select row_number() over (order by r.currency_code, r.day) as id,
            r.currency_code, d(r.day) as valid_from,
            (e.cny::double / r.cny::double)::decimal(18, 8) as units_per_eur, ts(r.day, 1) as updated_at
            from cny_rate r join cny_rate e on e.day = r.day and e.currency_code = 'EUR'
            where (r.currency_code <> 'EUR' or r.day = 0) and isodow(d(r.day)) < 6 and r.day <= {END} order by 1""",
        "accounts": f"""select account_id as id, company + 1 as company_id, code as account_number,
            name as title, type as account_class,
            control as subledger, {_FIRST_CHANGE} as updated_at from account where {own} order by 1""",
        "payment_terms": f"""select id, 'Net ' || net_days || case when discount_days is null then ''
            else ', 2% within 10' end as name, net_days, discount_days,
            case when discount_days is null then 0 else 2 end::decimal(9, 4) as discount_percent,
                {_FIRST_CHANGE} as updated_at from {terms} order by 1""",
        "business_partners": f"""
            with terms as {terms}
            select customer + 1 as id, code as partner_number, 1 as is_customer, 0 as is_supplier,
                name as legal_name, tax_identifier as tax_number,
                country as country_code, region, city, email, currency as currency_code, t.id as payment_term_id,
                case when stop_day <= {END} then 'blocked' else 'active' end as status,
                    null::bigint as merged_into_id, ts(20 + customer % 30, customer) as updated_at
            from customer c join terms t on t.net_days = c.term
                and (t.discount_days is not null) = (c.discount_terms is not null) where erp = 'gl'
            union all
            select 1000001 + supplier, code, 0, 1, name, tax_identifier, country, region, city, email,
                currency, t.id, 'active', null, ts(20 + supplier % 30, supplier)
            from supplier s join terms t on t.net_days = s.term and t.discount_days is null where erp = 'gl'
                order by 1""",
        "customer_settings": """select customer + 1 as partner_id,
            credit_limit::decimal(18, 2) as credit_limit, 'P' || (customer % 4) as price_group,
            ts(20 + customer % 30, customer) as updated_at from customer where erp = 'gl' order by 1""",
        "partner_bank_accounts": """select 2 * supplier + 1 as id, 1000001 + supplier as partner_id,
            coalesce(h.old_account, account_number) as account_number,
                date '2023-09-20' as valid_from, d(h.day - 1) as valid_to, 'master.data' as changed_by,
                    coalesce(ts(h.day, supplier), ts(20 + supplier % 30, supplier)) as updated_at
            from supplier s left join account_change h using (supplier) where erp = 'gl'
                and account_number is not null
            union all
            select 2 * supplier + 2, 1000001 + supplier, h.new_account, d(h.day), null, h.changed_by,
                ts(h.day, supplier)
            from supplier s join account_change h using (supplier) where erp = 'gl' order by 1""",
        "product_categories": f"select id, name, {_FIRST_CHANGE} as updated_at from {categories} order by 1",
        "products": f"""select product + 1 as id, code as sku, p.name as description, g.id as category_id,
            unit as unit_of_measure,
            (price_cny / 7.75)::decimal(18, 4) as list_price_eur,
                (listed_cost_cny / 7.75)::decimal(18, 4) as standard_cost_eur, 0 as discontinued,
                {_FIRST_CHANGE} as updated_at
            from product p left join {categories} g on g.name = p.category where erp = 'gl' order by 1""",
        "own_bank_accounts": f"""select b.account + 1 as id, b.company + 1 as company_id, bank || ' '
            || b.currency_code as title, bank as bank_name, b.number as account_number,
            b.currency_code, a.account_id, {_FIRST_CHANGE} as updated_at from bank_account b
                join account a on a.company = b.company and a.account = 'bank:' || b.account
            where b.{own} order by 1""",
        "sales_orders": f"""select order_id as id, 'SO-' || lpad(order_id::varchar, 8, '0') as order_number,
            company + 1 as company_id, customer + 1 as partner_id, d(order_day) as ordered_on,
            d(ship_day) as promised_on, u.code as currency_code, case when shipped_day <= {END} then 'shipped'
                else 'open' end as state,
            ts(case when shipped_day <= {END} then shipped_day else order_day end, order_id) as updated_at
            from sale s join currency u on u.currency = s.currency where s.{own} order by 1""",
        "sales_order_lines": f"""select s.order_id * 10 + l.line as id, s.order_id as sales_order_id,
            l.line::integer as line_number, l.product + 1 as product_id,
            l.quantity::decimal(18, 2) as quantity, m(l.price) as unit_price, m(l.net) as net_amount,
                ts(s.order_day, s.order_id) as updated_at
            from sale s join sale_line l using (order_id) where s.{own} order by 1""",
        "shipments": f"""select shipment_id as id, 'DN-' || lpad(order_id::varchar, 8, '0')
            || case when part = 2 then '-2' else '' end as shipment_number,
            order_id as sales_order_id, company + 1 as company_id, d(day) as shipped_on,
            ts(day, order_id) as updated_at from shipment where {own} order by 1""",
        "shipment_lines": f"""select shipment_id * 10 + line as id, shipment_id, order_id * 10 + line as
            sales_order_line_id, product + 1 as product_id, quantity::decimal(18, 2) as quantity,
            ts(day, order_id) as updated_at from shipment_line where {own} order by 1""",
        "customer_documents": f"""
            with changed as (select document_id, max(day) as day from allocation group by 1 union all
                select note_id, max(day) from allocation where note_id is not null group by 1)
            select d.document_id as id, d.document_number, case when d.is_note = 1 then 'CRN'
                else 'INV' end as document_type, d.company + 1 as company_id, d.customer + 1 as partner_id,
                d.order_id as sales_order_id, o.document_id as original_document_id, d(d.day) as document_date,
                    d(d.due_day) as due_date, u.code as currency_code,
                r6(d.rate) as exchange_rate, m(sign * d.net) as net_total, m(sign * d.tax) as tax_total,
                    m(sign * d.net_base) as net_total_base, m(sign * d.tax_base) as tax_total_base,
                case when d.is_disputed then 'QUALITY' end as dispute_code, 'posted' as state,
                    ts(greatest(d.day, coalesce(h.day, 0)), d.document_id) as updated_at
            from (select *, case when is_note = 1 then -1 else 1 end as sign from sales_document where {own}) d
                join currency u on u.currency = d.currency
            left join (select order_id, document_id, 1 as is_note from sales_document where is_note = 0) o
                on o.order_id = d.order_id and o.is_note = d.is_note
            left join changed h on h.document_id = d.document_id
            union all
            select 900000000 + document_id, null, 'INV', company + 1, customer + 1, order_id, null, d(day),
                d(due_day), u.code, r6(rate), m(net), m(tax), m(net_base), m(tax_base), null, 'draft',
                ts({END}, document_id)
            from (select * from sales_document where {own} and is_note = 0 order by document_id desc limit 3) d
                join currency u on u.currency = d.currency order by 1""",
        "customer_document_lines": f"""
            select d.document_id * 10 + l.line as id, d.document_id, l.line::integer as line_number,
                coalesce(f.product_id, l.product + 1) as product_id, p.name as line_text,
                a.account_id, l.quantity::decimal(18, 2) as quantity, m(l.price) as unit_price,
                    m(l.net) as net_amount, m(l.tax) as tax_amount, m(l.net_base) as net_amount_base,
                m(l.tax_base) as tax_amount_base, m(l.cost) as cost_base,
                    l.order_id * 10 + l.line as sales_order_line_id, (s.vat * 0.0001)::decimal(9, 4) as tax_rate,
                t.account_id as tax_account_id, ts(d.day, d.document_id) as updated_at
            from sales_document d join sale s using (order_id) join sale_line l using (order_id)
                join product p using (product)
            join account t on t.company = d.company and t.account = 'output_vat'
            join account a on a.company = d.company and a.account = d.revenue_account
            left join orphan_product f on f.order_id = l.order_id and f.line = l.line where d.{own} and d.is_note = 0
            union all
            select d.document_id * 10 + 1, d.document_id, 1, l.product + 1, 'Returned: ' || p.name,
                a.account_id, -s.note_quantity::decimal(18, 2), m(l.price), m(-d.net), m(-d.tax),
                m(-d.net_base), m(-d.tax_base), m(-d.cost), l.order_id * 10 + 1, (s.vat * 0.0001)::decimal(9, 4),
                t.account_id, ts(d.day, d.document_id)
            from sales_document d join sale s using (order_id) join sale_line l on l.order_id = s.order_id
                and l.line = 1 join product p using (product)
            join account t on t.company = d.company and t.account = 'output_vat'
            join account a on a.company = d.company and a.account = 'revenue' where d.{own} and d.is_note = 1
                order by 1""",
        "vat_return_lines": f"""select row_number() over (order by company, month, direction, vat) as id,
            company + 1 as company_id, month as period_start, last_day(month) as period_end,
            upper(direction) as side, (vat * 0.0001)::decimal(9, 4) as tax_rate, m(base) as taxable_amount,
            m(tax) as tax_amount, filed_on, filed_on + interval 10 hour as updated_at
            from vat_return where {own} order by 1""",
        "receipts": f"""select receipt_id as id, 'RC-' || year(d(day)) || '-'
            || lpad(r.number::varchar, 6, '0') as receipt_number, company + 1 as company_id,
            customer + 1 as partner_id,
            account + 1 as own_bank_account_id, d(day) as received_on, u.code as currency_code,
                r6(rate) as exchange_rate, m(amount) as amount, m(fee) as bank_charges,
            m(amount_base) as amount_base, ts(day, receipt_id) as updated_at from receipt r
                join currency u on u.currency = r.currency where r.{own} order by 1""",
        "receipt_allocations": f"""select a.allocation_id as id, a.document_id, a.receipt_id,
            a.note_id as credit_document_id, d(a.day) as allocated_on, a.kind as allocation_kind,
            m(a.amount) as amount, m(a.base) as amount_base, m(a.exchange) as exchange_difference_base,
                ts(a.day, a.allocation_id) as updated_at
            from allocation a join sales_document d using (document_id) where d.{own} order by 1""",
        "purchase_orders": f"""select order_id as id, order_number, company + 1 as company_id, case
            when supplier_code is not null then 1000001 + supplier end as partner_id,
            d(order_day) as ordered_on, expected_on, u.code as currency_code, m(t.total) as total_amount,
                m(t.total_base) as total_amount_base, requester_name as requested_by,
            approver_name as approved_by, ts(order_day + 1, order_id) as approved_at,
                ts(order_day + 1, order_id) as updated_at
            from purchase_order t join currency u on u.currency = t.currency where t.{own} order by 1""",
        "purchase_order_lines": f"""select t.order_id * 10 + l.line as id, t.order_id as purchase_order_id,
            l.line::integer as line_number, nullif(l.product, -1) + 1 as product_id,
            l.quantity::decimal(18, 2) as quantity, m(l.order_price) as unit_price,
                m(l.quantity * l.order_price) as net_amount, ts(t.order_day, t.order_id) as updated_at
            from purchase_order t join purchase_line l using (order_id) where t.{own} order by 1""",
        "goods_receipts": f"""select order_id as id, 'GR-' || lpad(order_id::varchar, 8,
            '0') as receipt_number, order_id as purchase_order_id, company + 1 as company_id,
            d(receipt_day) as received_on, ts(receipt_day, order_id) as updated_at from purchase_order
                where {own} and receipt_day <= {END} and not is_service order by 1""",
        "goods_receipt_lines": f"""select t.order_id * 10 + l.line as id, t.order_id as goods_receipt_id,
            t.order_id * 10 + l.line as purchase_order_line_id, nullif(l.product, -1) + 1 as product_id,
            l.received::decimal(18, 2) as quantity, ts(t.receipt_day, t.order_id) as updated_at
            from purchase_order t join purchase_line l using (order_id) where t.{own} and receipt_day <= {END}
                and not is_service order by 1""",
        "supplier_documents": f"""
            with changed as (select document_id, max(day) as day from payment_allocation group by 1)
            select d.document_id as id, 'PI-' || year(d(post_day)) || '-'
                || lpad(number::varchar, 6, '0') as document_number, supplier_reference, company + 1 as company_id,
                1000001 + supplier as partner_id, case when has_order then order_id end as purchase_order_id,
                    d(document_day) as document_date, d(post_day) as posting_date,
                d(due_day) as due_date, u.code as currency_code, r6(d.rate) as exchange_rate,
                    m(net) as net_total, m(tax) as tax_total, m(net_base) as net_total_base,
                m(tax_base) as tax_total_base, d.discount_percent, d.discount_days, 'posted' as state,
                    ts(greatest(post_day, coalesce(h.day, 0)), d.document_id) as updated_at
            from purchase_document d join currency u on u.currency = d.currency
                left join changed h on h.document_id = d.document_id where d.{own}
            union all
            select n.document_id, 'PC-' || year(d(n.day)) || '-' || lpad(n.number::varchar, 6, '0'),
                n.supplier_reference || '-CR', n.company + 1, 1000001 + n.supplier, n.order_id, d(n.day), d(n.day),
                d(n.day), u.code, r6(n.rate), m(-n.net), m(-n.tax), m(-n.net_base), m(-n.tax_base),
                null, null, 'posted',
                ts(case when n.apply_day <= {END} then n.apply_day else n.day end, n.document_id)
            from supplier_note n join currency u on u.currency = n.currency where n.{own} order by 1""",
        "supplier_document_lines": f"""select d.document_id * 10 + l.line as id, d.document_id,
            l.line::integer as line_number, nullif(l.product, -1) + 1 as product_id,
            coalesce(p.name, case when d.is_intercompany then 'Goods from affiliate'
                else 'Services' end) as line_text, a.account_id, l.quantity::decimal(18, 2) as quantity,
            m(l.price) as unit_price, m(l.net) as net_amount, m(l.tax) as tax_amount,
                m(l.net_base) as net_amount_base, m(l.tax_base) as tax_amount_base,
            case when has_order then l.order_id * 10 + l.line end as purchase_order_line_id,
                (d.vat * 0.0001)::decimal(9, 4) as tax_rate, t.account_id as tax_account_id,
                ts(post_day, d.document_id) as updated_at
            from purchase_document d join purchase_line l using (order_id) left join product p using (product)
            join account t on t.company = d.company and t.account = 'input_vat'
            join account a on a.company = d.company and a.account = case when is_service then 'services'
                else 'inventory' end where d.{own}
            union all
            select n.document_id * 10 + 1, n.document_id, 1, n.product + 1, 'Returned: ' || p.name, a.account_id,
                -n.quantity::decimal(18, 2), m(n.price), m(-n.net), m(-n.tax), m(-n.net_base), m(-n.tax_base),
                n.order_id * 10 + n.line, (n.vat * 0.0001)::decimal(9, 4), t.account_id, ts(n.day, n.document_id)
            from supplier_note n join product p using (product)
            join account t on t.company = n.company and t.account = 'input_vat'
            join account a on a.company = n.company and a.account = 'inventory' where n.{own} order by 1""",
        "payments": f"""select payment_id as id, 'PY-' || year(d(day)) || '-'
            || lpad(t.number::varchar, 6, '0') as payment_number, company + 1 as company_id,
            1000001 + supplier as partner_id,
            account + 1 as own_bank_account_id, d(day) as paid_on, u.code as currency_code,
                r6(rate) as exchange_rate, m(amount) as amount, m(amount_base) as amount_base,
            paid_to as paid_to_account, ts(day, payment_id) as updated_at from payment t
                join currency u on u.currency = t.currency where t.{own} order by 1""",
        "payment_allocations": f"""select allocation_id as id, document_id, payment_id,
            note_id as credit_document_id, d(day) as allocated_on, kind as allocation_kind,
            m(amount) as amount, m(base) as amount_base,
            m(exchange) as exchange_difference_base, ts(day, allocation_id) as updated_at
                from payment_allocation where {own} order by 1""",
        "journal_entries": f"""select voucher_id as id, 'JE-' || year(d(day)) || '-'
            || lpad(number::varchar, 7, '0') as entry_number, company + 1 as company_id,
            coalesce(x.date, d(day)) as posted_on, memo as journal,
                {_SOURCE_DOCUMENT} as source_document, {SOURCE_DOCUMENT_ID} as source_document_id, 'posted' as state,
                ts(day, voucher_id) as updated_at
            from voucher v left join odd_voucher_date x using (voucher_id) where v.{own} order by 1""",
        "journal_entry_lines": f"""select voucher_id * 100 + l.line as id, voucher_id as entry_id,
            l.line::integer as line_number, coalesce(x.account_id, a.account_id) as account_id,
            {_PARTNER.format(supplier="l.supplier", customer="l.customer")} as partner_id,
                m(greatest(l.amount, 0) + case when l.amount > 0 then coalesce(o.difference, 0) else 0 end) as debit,
            m(greatest(-l.amount, 0)) as credit, u.code as currency_code,
                m(l.foreign_amount) as amount_currency, l.memo, ts(l.day, voucher_id) as updated_at
            from voucher_line l join account a using (company, account)
                left join currency u on u.currency = l.currency
            left join unbalanced_line o using (voucher_id, line)
                left join unknown_account x using (voucher_id, line) where l.{own} order by 1""",
    }
