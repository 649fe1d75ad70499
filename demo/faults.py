"""Faults planted in transactions, each noted so that a test can find it again. Few, so that totals stay sane."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd

from demo.clock import END, NEVER, RUN_KINDS, START, THURSDAY, TWICE_A_MONTH
from demo.identifiers import account_number, random_generator
from demo.parties import CURRENCIES, Frame, World
from demo.purchasing import append
from demo.sales import Market, credit_note_columns, in_company_currency


def before_documents(con: duckdb.DuckDBPyConnection, world: World, market: Market, seed: int) -> None:
    """Faults in orders and invoices, before they are numbered, paid and posted."""
    rng = random_generator(seed, 50)
    _return_clusters(con, world, rng)
    _duplicate_invoices(con, world, market, rng)
    _split_orders(con, world, market, rng)
    _intercompany(con, world, market, rng)
    _account_changes(con, world, rng)
    con.execute("create table orphan_product (order_id bigint, line integer, product_code varchar, product_id bigint)")
    con.execute(
        f"""
        insert into orphan_product
        select order_id, 1, 'W99' || (900 + row_number() over (order by order_id)),
            99990 + row_number() over (order by order_id)
        from (
            (select order_id from sale where company < 2 and ship_day between {END - 200} and {END - 20}
                and not is_intercompany order by order_id limit 2)
            union all
            (select order_id from sale where company >= 2 and ship_day between {END - 200} and {END - 20}
                order by order_id limit 2)
        )
        """
    )


def none(con: duckdb.DuckDBPyConnection) -> None:
    """A clean group: the tables that faults are noted in, empty; invoices ask and goods come as they were ordered;
    an ERP has one record of a sister company, whichever of its companies trade with it."""
    for party, document in (("customer", "sale"), ("supplier", "purchase")):
        con.execute(
            f"create temp table kept as select {party}, "
            f"min({party}) over (partition by erp, sister) as one from {party} where is_intercompany"
        )
        con.execute(f"update {document} d set {party} = kept.one from kept where kept.{party} = d.{party}")
        con.execute(f"delete from {party} where {party} in (select {party} from kept where {party} <> one)")
        con.execute("drop table kept")
    con.execute(
        "create table account_change (supplier bigint, old_account varchar, new_account varchar, day integer, "
        "changed_by varchar)"
    )
    con.execute("create table orphan_product (order_id bigint, line integer, product_code varchar, product_id bigint)")
    con.execute("update purchase_line set order_price = price, received = quantity")
    _voucher_fault_tables(con)


def _voucher_fault_tables(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("create table unbalanced_line (voucher_id bigint, line integer, difference bigint)")
    con.execute("create table unknown_account (voucher_id bigint, line integer, code varchar, account_id bigint)")
    con.execute("create table odd_voucher_date (voucher_id bigint, date date)")


def _frame(con: duckdb.DuckDBPyConnection, query: str) -> Frame:
    return con.execute(query).df()


def _return_clusters(con: duckdb.DuckDBPyConnection, world: World, rng: np.random.Generator) -> None:
    """Customers that return a little again and again within a few weeks."""
    busy = _frame(
        con,
        f"""
        select customer, array_agg(order_id order by ship_day, order_id) as orders from sale
        where not is_intercompany and not is_disputed and note_day = {NEVER} and ship_day between {END - 330}
            and {END - 60}
            and first_day - ship_day between 12 and 400
        group by customer order by count(*) desc, customer limit 16
        """,
    )
    for row in busy.iloc[[0, 5, 10, 15] if len(busy) > 15 else range(min(4, len(busy)))].itertuples():
        ids = sorted(row.orders)[-7:]
        orders = _frame(con, f"select * from sale where order_id in ({','.join(map(str, ids))}) order by order_id")
        first = _frame(
            con, f"select * from sale_line where line = 1 and order_id in ({','.join(map(str, ids))}) order by order_id"
        )
        note_day = orders["ship_day"].to_numpy() + rng.integers(3, 9, len(orders))
        quantity = np.maximum(1, first["quantity"].to_numpy() // 25)
        columns = credit_note_columns(orders, first, np.ones(len(orders), bool), note_day, note_day, quantity)
        con.register("chunk", pd.DataFrame({"order_id": orders["order_id"], **columns}))
        con.execute(
            f"update sale set {', '.join(f'{c} = chunk.{c}' for c in columns)} from chunk "
            "where sale.order_id = chunk.order_id"
        )
        con.unregister("chunk")
        system = "erp_china" if world.customers.at[row.customer, "erp"] == "cn" else "erp_global"
        table = "t_xs_fapiao" if system == "erp_china" else "customer_documents"
        world.plant(
            "return_cluster", system, table, world.customers.at[row.customer, "code"], orders=[int(i) for i in ids]
        )


def _invoice_table(world: World, company: int) -> tuple[str, str]:
    return (
        ("erp_china", "t_cg_fapiao")
        if world.companies.at[company, "erp"] == "cn"
        else ("erp_global", "supplier_documents")
    )


def _next_purchase(con: duckdb.DuckDBPyConnection) -> int:
    row = con.execute("select max(order_id) + 1 from purchase").fetchone()
    assert row is not None
    return int(row[0])


def _duplicate_invoices(con: duckdb.DuckDBPyConnection, world: World, market: Market, rng: np.random.Generator) -> None:
    """The same supplier invoice booked, and mostly paid, twice; some under a number that is typed another way."""
    originals = _frame(
        con,
        "select * from purchase where not is_intercompany and has_invoice "
        f"and post_day between {START + 200} and {END - 45} order by order_id",
    )
    chosen = originals.iloc[np.sort(rng.choice(len(originals), 8, replace=False))].reset_index(drop=True)
    first_id = _next_purchase(con)
    calendar = world.companies["calendar"].to_numpy()[chosen["company"]]
    post_day = market.working_day(calendar, chosen["post_day"].to_numpy() + rng.integers(3, 30, len(chosen))).clip(
        max=END
    )
    run = calendar * RUN_KINDS + np.where(chosen["company"] < 2, TWICE_A_MONTH, THURSDAY)
    copies = chosen.assign(
        order_id=first_id + np.arange(len(chosen)), post_day=post_day, receipt_day=NEVER,
        pay_day=market.next_run[run, np.maximum(chosen["due_day"].to_numpy(), post_day)],
        rate=market.rate(chosen["company"].to_numpy(), chosen["currency"].to_numpy(), post_day),
    )  # fmt: skip
    ids = ",".join(map(str, chosen["order_id"]))
    lines = _frame(con, f"select * from purchase_line where order_id in ({ids}) order by order_id, line")
    new_id = dict(zip(chosen["order_id"], copies["order_id"], strict=True))
    rate = lines["order_id"].map(dict(zip(chosen["order_id"], copies["rate"], strict=True))).to_numpy()
    lines = lines.assign(
        order_id=lines["order_id"].map(new_id),
        net_base=in_company_currency(lines["net"].to_numpy(), rate),
        tax_base=in_company_currency(lines["tax"].to_numpy(), rate),
    )  # fmt: skip
    append(con, copies, lines, True)
    for original, copy in zip(chosen.itertuples(), copies.itertuples(), strict=True):
        world.plant(
            "duplicate_supplier_invoice",
            *_invoice_table(world, original.company),
            copy.order_id,
            original=int(original.order_id),
        )


def _split_orders(con: duckdb.DuckDBPyConnection, world: World, market: Market, rng: np.random.Generator) -> None:
    """One need, ordered in three or four orders within days, each just under what a manager may approve alone."""
    suppliers = world.suppliers
    first_id = _next_purchase(con)
    for company in (0, 1, 2, 5):
        own = suppliers.index[
            (suppliers["company"] == company)
            & ~suppliers["is_intercompany"]
            & (suppliers["currency"] == world.companies.at[company, "currency"])
            & ~suppliers["is_service"]
        ]
        supplier = int(rng.choice(own))
        count = int(rng.integers(3, 5))
        day = END - int(rng.integers(60, 300))
        calendar = int(world.companies.at[company, "calendar"])
        order_day = market.working_day(np.full(count, calendar), day + np.arange(count))
        run = calendar * RUN_KINDS + (TWICE_A_MONTH if company < 2 else THURSDAY)
        term = int(suppliers.at[supplier, "agreed_term"])
        post_day = market.working_day(np.full(count, calendar), order_day + 9)
        vat = (
            int(world.companies.at[company, "vat"])
            if suppliers.at[supplier, "country"] == world.companies.at[company, "country"]
            else 0
        )
        currency = CURRENCIES.index(suppliers.at[supplier, "currency"])
        ids = first_id + np.arange(count)
        first_id += count
        orders = pd.DataFrame(
            {
                "order_id": ids, "company": company, "supplier": supplier, "currency": currency, "order_day": order_day,
                "receipt_day": post_day, "document_day": post_day, "post_day": post_day, "due_day": post_day + term,
                "pay_day": market.next_run[run, post_day + term], "vat": vat, "rate": 1_000_000, "is_service": False,
                "requester": 3,
                "style": 0, "reference_of": ids, "is_intercompany": False, "has_invoice": True,
            }
        )  # fmt: skip
        gross = np.rint(world.companies.at[company, "approval_limit"] * 100 * rng.uniform(0.90, 0.985, count)).astype(
            np.int64
        )
        net = gross * 10_000 // (10_000 + vat)
        tax = (net * vat + 5_000) // 10_000
        product = int(
            world.products.index[world.products["erp"] == world.companies.at[company, "erp"]][int(rng.integers(200))]
        )
        lines = pd.DataFrame(
            {
                "order_id": ids, "line": 1, "product": product, "quantity": 1, "price": net, "net": net, "tax": tax,
                "net_base": net, "tax_base": tax, "order_price": net, "received": 1,
            }
        )  # fmt: skip
        append(con, orders, lines, True)
        system = ("erp_china", "t_cg_dingdan") if company < 2 else ("erp_global", "purchase_orders")
        world.plant("split_purchase_order", *system, suppliers.at[supplier, "code"], orders=[int(i) for i in ids])


def _intercompany(con: duckdb.DuckDBPyConnection, world: World, market: Market, rng: np.random.Generator) -> None:
    """Pairs that disagree. Where money would differ, only invoices that are not paid yet are touched."""
    open_pairs = _frame(
        con,
        f"""
        select i.*, s.ship_day, s.currency from intercompany i join sale s on s.order_id = i.sale_id
        where s.ship_day between {END - 70} and {END - 8} and s.first_day > {END} order by i.sale_id
        """,
    )
    # The currency differs only where the buyer's own is another.
    foreign = [r for r in open_pairs.itertuples() if CURRENCIES[r.currency] != world.companies.at[r.buyer, "currency"]][
        :2
    ]
    rest = [r for r in open_pairs.itertuples() if r.order_id not in {f.order_id for f in foreign}]

    def note(pair, kind: str) -> None:  # type: ignore[no-untyped-def]
        system = "erp_china" if pair.buyer < 2 else "erp_global"
        table = "t_cg_fapiao" if pair.buyer < 2 else "supplier_documents"
        seller, buyer = (world.companies.at[company, "code"] for company in (pair.seller, pair.buyer))
        world.plant(
            f"intercompany_{kind}",
            system,
            table,
            pair.order_id,
            sale_order=int(pair.sale_id),
            seller=seller,
            buyer=buyer,
        )

    for pair in foreign:
        own = CURRENCIES.index(world.companies.at[pair.buyer, "currency"])
        con.execute(f"update purchase set currency = {own}, rate = 1000000 where order_id = {pair.order_id}")
        con.execute(f"update purchase_line set net_base = net, tax_base = tax where order_id = {pair.order_id}")
        note(pair, "currency")
    for pair in rest[:3]:
        con.execute(
            "update purchase_line set price = price - greatest(1, price // 20) "
            f"where order_id = {pair.order_id} and line = 1"
        )
        con.execute(
            f"""update purchase_line l set net = l.quantity * l.price,
                tax = (l.quantity * l.price * p.vat + 5000) // 10000,
                net_base = (l.quantity * l.price * p.rate + 500000) // 1000000,
                tax_base = ((l.quantity * l.price * p.vat + 5000) // 10000 * p.rate + 500000) // 1000000
            from purchase p where p.order_id = l.order_id and l.order_id = {pair.order_id} and l.line = 1"""
        )
        note(pair, "amount")
    for pair in rest[3:5]:
        con.execute(
            f"update purchase set has_invoice = false, receipt_day = {NEVER}, reference_of = -1 "
            f"where order_id = {pair.order_id}"
        )
        con.execute(f"update sale set first_day = {NEVER} where order_id = {pair.sale_id}")
        note(pair, "missing_side")
    late = _frame(
        con,
        f"""
        select i.*, s.ship_day from intercompany i join sale s on s.order_id = i.sale_id
        where s.ship_day between {END - 400} and {END - 120} and s.first_day - s.ship_day > 40 order by i.sale_id
        """,
    )
    for pair in late.iloc[np.sort(rng.choice(len(late), 3, replace=False))].itertuples():
        day = int(
            market.working_day(np.array([world.companies.at[pair.buyer, "calendar"]]), np.array([pair.ship_day + 32]))[
                0
            ]
        )
        con.execute(f"update purchase set post_day = {day} where order_id = {pair.order_id}")
        con.execute(
            f"""update purchase p set rate = r.rate from rate r
            where r.company = p.company and r.currency = p.currency and r.day = {day}
                and p.order_id = {pair.order_id}"""
        )
        con.execute(
            f"""update purchase_line l set net_base = (l.net * p.rate + 500000) // 1000000,
                tax_base = (l.tax * p.rate + 500000) // 1000000
            from purchase p where p.order_id = l.order_id and l.order_id = {pair.order_id}"""
        )
        note(pair, "timing")


def _account_changes(con: duckdb.DuckDBPyConnection, world: World, rng: np.random.Generator) -> None:
    """Suppliers whose bank account was changed just before a payment; and as many honest changes, long before."""
    suppliers = world.suppliers
    payments = _frame(
        con,
        f"""
        select supplier, pay_day, sum(net) as amount from purchase join purchase_line using (order_id)
        where pay_day between {START + 300} and {END} and not is_intercompany group by supplier, pay_day
        qualify row_number() over (partition by supplier order by amount desc, pay_day) = 1
            order by amount desc, supplier limit 60
        """,
    )
    twice = suppliers["entity"].duplicated(keep=False)
    known = [
        r for r in payments.itertuples() if suppliers.at[r.supplier, "account"] is not None and not twice[r.supplier]
    ]
    chosen = [known[i] for i in (1, 4, 9, 14, 19, 24, 29, 34) if i < len(known)]
    rows = []
    for number, row in enumerate(chosen):
        suspicious = number < 4
        day = int(row.pay_day) - (int(rng.integers(1, 4)) if suspicious else int(rng.integers(40, 90)))
        system, table = (
            ("erp_china", "t_gys_zhanghu_bg")
            if suppliers.at[row.supplier, "erp"] == "cn"
            else ("erp_global", "partner_bank_accounts")
        )
        new = account_number(rng, suppliers.at[row.supplier, "country"])
        rows.append(
            (row.supplier, suppliers.at[row.supplier, "account"], new, day, "j.temp" if suspicious else "master.data")
        )
        if suspicious:
            world.plant(
                "bank_account_changed_before_payment",
                system,
                table,
                suppliers.at[row.supplier, "code"],
                changed_day=day,
                payment_day=int(row.pay_day),
                new_account=new,
            )
    con.register("chunk", pd.DataFrame(rows, columns=["supplier", "old_account", "new_account", "day", "changed_by"]))
    con.execute("create table account_change as from chunk")
    con.unregister("chunk")


def after_vouchers(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Faults in manual vouchers, which touch neither customers, suppliers nor banks."""
    manual = _frame(
        con,
        """
        select voucher_id, company from voucher where voucher_type = 10 and memo = 'accrued energy'
        order by voucher_id desc limit 60
        """,
    )
    picks = {c: manual[manual["company"] == c]["voucher_id"].tolist() for c in range(6)}
    _voucher_fault_tables(con)

    def note(kind: str, company: int, voucher: int, **detail: Any) -> None:
        system = ("erp_china", "t_pingzheng") if company < 2 else ("erp_global", "journal_entries")
        world.plant(kind, *system, voucher, **detail)

    for company, difference in ((1, 90_000), (2, 12_345)):
        voucher = picks[company][3]
        con.execute(f"insert into unbalanced_line values ({voucher}, 1, {difference})")
        note("unbalanced_journal", company, voucher, difference=str(difference / 100))
    for company in (0, 3):
        voucher = picks[company][4]
        con.execute(f"insert into unknown_account values ({voucher}, 1, '9999.09', 999999)")
        note("orphan_account", company, voucher)
    for company, day in ((0, "2062-08-31"), (5, "2036-08-31")):
        voucher = picks[company][2]
        con.execute(f"insert into odd_voucher_date values ({voucher}, date '{day}')")
        note("date_in_future", company, voucher, date=day)
    for order_id, company, line in con.execute(
        "select order_id, company, line from orphan_product join sale using (order_id) order by 1"
    ).fetchall():
        world.plant(
            "orphan_product",
            "erp_china" if company < 2 else "erp_global",
            "t_xs_fapiao_mx" if company < 2 else "customer_document_lines",
            order_id,
            line=line,
        )
    odd = "select * from odd_order union all select * from odd_approval order by 1"
    for order_id, company, kind in con.execute(odd).fetchall():
        world.plant(
            kind,
            "erp_china" if company < 2 else "erp_global",
            "t_cg_dingdan" if company < 2 else "purchase_orders",
            order_id,
        )
