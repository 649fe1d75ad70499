"""Corrections of what was invoiced: credit notes of suppliers, small balances and bad debts written off.

Nothing drawn elsewhere changes by it; payments are smaller by the credit notes applied, and a balance that is written
off is not paid. All correct the invoice at its own rate, so none makes an exchange difference.
"""

from __future__ import annotations

import duckdb
import numpy as np

from demo.clock import END, NEVER
from demo.identifiers import random_generator
from demo.parties import World
from demo.sales import Market

WRITE_OFF = 50  # voucher type
_MONTH_END = "datediff('day', date '2023-09-01', last_day(date '2023-09-01' + ({day})::integer))"


def supplier_notes(con: duckdb.DuckDBPyConnection, world: World, market: Market, seed: int) -> None:
    """``supplier_note``: goods sent back; most are applied to their invoice before it is paid."""
    candidates = con.execute(
        f"""
        select document_id, company, post_day, pay_day from purchase_document
        where not is_intercompany and not is_service and has_order and pay_day - post_day > 8 and post_day < {END} - 3
        order by document_id
        """
    ).df()
    rng = random_generator(seed, 65)
    chosen = candidates[rng.random(len(candidates)) < 0.05].reset_index(drop=True)
    n = len(chosen)
    calendar = world.companies["calendar"].to_numpy()[chosen["company"]]
    day = market.working_day(calendar, chosen["post_day"].to_numpy() + rng.integers(1, 15, n))
    wait = np.where(rng.random(n) < 0.4, 0, rng.integers(1, 25, n))
    latest = chosen["pay_day"].to_numpy()
    day = np.minimum(day, latest)
    chosen["day"] = day
    # One in eight waits for a later invoice, and still stands open.
    chosen["apply_day"] = np.where(rng.random(n) < 0.125, NEVER, np.minimum(day + wait, latest))
    chosen["share"] = rng.integers(5, 40, n)
    con.register("chosen", chosen)
    con.execute(
        f"""
        create table supplier_note as
        with returned as (
            select d.document_id as invoice_id, d.order_id, d.company, d.supplier, d.currency, d.rate, d.vat,
                d.supplier_reference, c.day, c.apply_day, l.product, l.price, l.line,
                greatest(1, l.quantity * c.share // 100) as quantity
            from chosen c join purchase_document d using (document_id)
            join purchase_line l on l.order_id = d.order_id and l.line = 1
            where c.day <= {END} and l.quantity > 1
        ),
        priced as (
            select *, (quantity * price)::bigint as net, ((quantity * price * vat + 5000) // 10000)::bigint as tax
            from returned
        )
        select (select max(document_id) from purchase_document)
                + row_number() over (order by day, invoice_id) as document_id, *,
            ((net * rate + 500000) // 1000000)::bigint as net_base,
            ((tax * rate + 500000) // 1000000)::bigint as tax_base,
            row_number() over (partition by company, year(d(day)) order by day, invoice_id) as number
        from priced
        """
    )
    con.unregister("chosen")


def small_balances(con: duckdb.DuckDBPyConnection, seed: int) -> None:
    """``written_off``: rests of short payments that customers never settle, and nobody asks for any more.

    Their second parts go from ``due_money``, which is read before receipts are made of it.
    """
    short = con.execute(
        f"""
        select document_id, day, amount, base from due_money
        where part = 2 and amount * 10 < rest and day < {END} - 20 order by document_id
        """
    ).df()
    rng = random_generator(seed, 66)
    chosen = short[rng.random(len(short)) < 0.25].reset_index(drop=True)
    con.register("chosen", chosen)
    con.execute(
        f"""
        create table written_off as
        select document_id, least({END}, {_MONTH_END.format(day="day + 10")}) as day, amount, base from chosen
        """
    )
    con.unregister("chosen")
    con.execute("delete from due_money where part = 2 and document_id in (select document_id from written_off)")


def bad_debts(con: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Adds invoices on which nothing came for long to ``written_off``, and all of that to ``allocation``."""
    old = con.execute(
        f"""
        select d.document_id, d.due_day, d.is_disputed from sales_document d join sale s using (order_id)
        where d.is_note = 0 and not d.is_intercompany and s.first_day > {END} and s.note_day > {END}
            and d.due_day < {END} - case when d.is_disputed then 300 else 540 end
        order by d.document_id
        """
    ).df()
    rng = random_generator(seed, 67)
    chosen = old[rng.random(len(old)) < 0.6].reset_index(drop=True)
    chosen["after"] = np.where(chosen["is_disputed"], 270, 510)
    con.register("chosen", chosen)
    con.execute(
        f"""
        insert into written_off
        select document_id, {_MONTH_END.format(day="c.due_day + c.after")}, net + tax, net_base + tax_base
        from chosen c join sales_document d using (document_id)
        """
    )
    con.unregister("chosen")
    con.execute(
        """
        insert into allocation by name
        select (select max(allocation_id) from allocation) + row_number() over (order by day, document_id)
                as allocation_id,
            document_id, null::bigint as receipt_id, null::bigint as note_id, 'WRITE_OFF' as kind, day, amount, base,
            base as spot, 4 as part, 0 as exchange
        from written_off
        """
    )


def apply_supplier_notes(con: duckdb.DuckDBPyConnection) -> None:
    """Adds to ``payment_allocation`` the credit notes applied to their invoices."""
    con.execute(
        f"""
        insert into payment_allocation by name
        select (select coalesce(max(allocation_id), 0) from payment_allocation)
                + row_number() over (order by apply_day, document_id) as allocation_id,
            invoice_id as document_id, company, supplier, currency, apply_day as day, net + tax as amount,
            net_base + tax_base as base, 'CREDIT' as kind, document_id as note_id, rate, net_base + tax_base as spot,
            0 as exchange
        from supplier_note where apply_day <= {END}
        """
    )


def post(con: duckdb.DuckDBPyConnection, purchase: int) -> None:
    """Vouchers of all corrections in ``ledger``; ``purchase`` is the voucher type of supplier documents."""
    columns = "voucher_type, voucher_ref, company, day, line, account, amount, customer, supplier, currency, memo"
    for line, account, amount, foreign, supplier in (
        (1, "payable", "net_base + tax_base", "net + tax", "supplier"),
        (2, "inventory", "-net_base", "null", "null"),
        (3, "input_vat", "-tax_base", "null", "null"),
    ):
        con.execute(
            f"""
            insert into ledger ({columns}, foreign_amount)
            select {purchase}, document_id, company, day, {line}, '{account}', {amount}, null, {supplier}, currency,
                'supplier credit note', {foreign} from supplier_note where {amount} <> 0
            """
        )
    for line, account, sign, foreign, customer in (
        (1, "bad_debt", "", "null", "null"),
        (2, "receivable", "-", "-a.amount", "d.customer"),
    ):
        con.execute(
            f"""
            insert into ledger ({columns}, foreign_amount)
            select {WRITE_OFF}, a.allocation_id, d.company, a.day, {line}, '{account}', {sign}a.base, {customer}, null,
                d.currency, 'write-off', {foreign}
            from allocation a join sales_document d using (document_id) where a.kind = 'WRITE_OFF' and a.base <> 0
            """
        )
