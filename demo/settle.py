"""From orders to documents, money and books: numbering, receipts, payments, allocations, ledger and bank lines.

Set work in SQL over whole cents. Every voucher balances by construction, and what is open on an invoice is what its
control account holds, because both are built from the same rows.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd

from demo import bills, corrections
from demo.clock import END, NEVER, START, month_of
from demo.identifiers import random_generator
from demo.parties import CURRENCIES, World
from demo.sales import Market, in_company_currency

SALES, RECEIPT, APPLICATION, PURCHASE, PAYMENT, PAYROLL, CASH_COST, TRANSFER, REVALUATION, MANUAL, OPENING = range(
    1, 12
)
_SPOT = "({amount} * {rate} + 500000) // 1000000"


def documents(con: duckdb.DuckDBPyConnection) -> None:
    """``sales_document``, ``purchase_document``: what is invoiced by the as-of date, numbered in order of date."""
    con.execute(
        f"""
        create table sales_document as
        with invoiced as (select * from sale where ship_day <= {END}),
        line as (
            select order_id, sum(net)::bigint as net, sum(tax)::bigint as tax, sum(net_base)::bigint as net_base,
                sum(tax_base)::bigint as tax_base, sum(cost)::bigint as cost
            from sale_line group by order_id
        ),
        document as (
            select s.order_id, 0 as is_note, s.ship_day as day, s.due_day, s.company, s.customer, s.currency, s.rate,
                s.is_disputed, s.is_intercompany,
                case when s.is_intercompany then 'intercompany_revenue' when b.contract is not null
                    then 'deferred_revenue' else 'revenue' end as revenue_account,
                line.* exclude (order_id)
            from invoiced s join line using (order_id) left join contract_billing b using (order_id)
            union all
            select order_id, 1, note_day, note_day, company, customer, currency, rate, false, false, 'revenue',
                note_net, note_tax, note_net_base, note_tax_base, note_cost
            from invoiced where note_day <= {END}
        )
        select row_number() over (order by day, order_id, is_note) as document_id, *,
            (select code from company c where c.company = document.company) || case when is_note = 1 then '-CN-'
                else '-INV-' end
            || year({_date("day")}) || '-' || lpad((row_number() over (partition by company, is_note,
                year({_date("day")}) order by day, order_id))::varchar, 6, '0')
                as document_number
        from document order by 1
        """
    )
    con.execute(
        f"""
        create table purchase_document as
        with line as (
            select order_id, sum(net)::bigint as net, sum(tax)::bigint as tax, sum(net_base)::bigint as net_base,
                sum(tax_base)::bigint as tax_base
            from purchase_line group by order_id
        )
        select row_number() over (order by p.post_day, p.order_id) as document_id, p.*, line.* exclude (order_id),
            p.order_id = p.reference_of as has_order, k.discount_percent::decimal(9, 4) as discount_percent,
            k.discount_days::integer as discount_days,
            -- A duplicate carries the number of its original; every third is typed another way.
            coalesce(d.document_number, case p.supplier % 4 when 0 then 'RE-' when 1 then 'F' when 2 then ''
                else 'INV/' end
                || (100000 + (p.reference_of * 37 + p.supplier * 1013) % 9000000)
                || case when p.order_id <> p.reference_of and p.order_id % 3 = 0 then 'A'
                    else '' end) as supplier_reference,
            row_number() over (partition by p.company, year({_date("post_day")}) order by p.post_day,
                p.order_id) as number
        from purchase p join line using (order_id) join supplier k on k.supplier = p.supplier
            left join intercompany i on i.order_id = p.order_id
        left join sales_document d on d.order_id = i.sale_id and d.is_note = 0
        where p.has_invoice and p.post_day <= {END} order by 1
        """
    )


def _date(day: str) -> str:
    return f"(date '2023-09-01' + {day}::integer)"


def money_in(con: duckdb.DuckDBPyConnection, world: World, market: Market, seed: int) -> None:
    """``receipt`` and ``allocation``: what customers paid by the as-of date, and what it was applied to."""
    con.execute(
        f"""
        create temp table due_money as
        with item as (
            select d.document_id, s.order_id, s.company, s.customer, s.currency, s.first_day, s.second_day,
                s.first_share,
                s.takes_discount, s.bundles, s.bank_fee, s.unapplied_days, s.third_party, s.style,
                d.net + d.tax - s.note_net - s.note_tax as rest,
                d.net_base + d.tax_base - s.note_net_base - s.note_tax_base as rest_base
            from sales_document d join sale s using (order_id) where d.is_note = 0
        ),
        shared as (
            select *, case when takes_discount then rest - (rest * 200 + 5000) // 10000
                when second_day > 0 then rest * first_share // 10000 else rest end as first_amount
            from item where rest > 0
        )
        select *, ((rest_base::hugeint * first_amount + rest // 2) // rest)::bigint as first_base,
            1 as part, first_day as day, first_amount as amount, first_base as base
        from shared where first_day <= {END}
        union all
        select *, ((rest_base::hugeint * first_amount + rest // 2) // rest)::bigint as first_base,
            2, second_day, rest - first_amount, rest_base - first_base
        from shared where second_day > 0 and second_day <= {END} and rest > first_amount
        """
    )
    corrections.small_balances(con, seed)
    con.execute(
        """
        create temp table paid as
        select *, dense_rank() over (
            order by day, company, customer, currency,
                case when bundles then 0 else order_id end, case when bundles then 0 else part end
        ) as receipt_id
        from due_money
        """
    )
    con.execute(
        """
        create table receipt as
        with gathered as (
            select receipt_id, any_value(company) as company, any_value(customer) as customer,
                any_value(currency) as currency, any_value(day) as day, sum(amount)::bigint as amount,
                max(bank_fee) as fee_wanted, arg_min(unapplied_days, document_id) as unapplied_days,
                arg_min(third_party, document_id) as third_party, arg_min(style, document_id) as style,
                count(*) as invoices
            from paid group by receipt_id
        )
        select g.* exclude (fee_wanted), least(fee_wanted, amount // 20) as fee, r.rate
        from gathered g join rate r on r.company = g.company and r.currency = g.currency and r.day = g.day
        order by receipt_id
        """
    )
    con.execute(
        f"""
        create table allocation as
        with share as (
            select p.document_id, p.receipt_id, 'PAYMENT' as kind, r.day + r.unapplied_days as day, p.amount,
                p.base, r.rate,
                p.part
            from paid p join receipt r using (receipt_id)
            union all
            select p.document_id, p.receipt_id, 'DISCOUNT', r.day + r.unapplied_days, p.rest - p.amount,
                p.rest_base - p.base, r.rate, 3
            from paid p join receipt r using (receipt_id) where p.takes_discount and p.rest > p.amount
        ),
        every as (
            select document_id, receipt_id, null::bigint as note_id, kind, day, amount, base,
                {_SPOT.format(amount="amount", rate="rate")} as spot, part
            from share
            union all
            select d.document_id, null, n.document_id, 'CREDIT', s.note_apply_day, n.net + n.tax,
                n.net_base + n.tax_base,
                n.net_base + n.tax_base, 0
            from sales_document n join sale s using (order_id) join sales_document d on d.order_id = n.order_id
                and d.is_note = 0
            where n.is_note = 1 and s.note_apply_day <= {END}
        )
        select row_number() over (order by day, document_id, part) as allocation_id, *, spot - base as exchange
        from every order by 1
        """
    )
    _prepayments(con, world, market, seed)
    bills.received(con, world, market, seed)
    con.execute(
        f"""
        create or replace table receipt as
        with applied as (
            select receipt_id, sum(spot) filter (where kind = 'PAYMENT') as amount_base,
                coalesce(sum(spot) filter (where kind = 'DISCOUNT'), 0) as discount_spot, sum(base) as base,
                    sum(exchange) as exchange
            from allocation where receipt_id is not null group by receipt_id
        )
        select r.*, coalesce(a.amount_base, {_SPOT.format(amount="r.amount", rate="r.rate")})::bigint as amount_base,
            a.discount_spot::bigint as discount_spot, a.base::bigint as base, a.exchange::bigint as exchange,
            {_SPOT.format(amount="r.fee", rate="r.rate")} as fee_base, b.account,
            row_number() over (partition by r.company, year({_date("r.day")}) order by r.day, r.receipt_id) as number
        from receipt r left join applied a using (receipt_id)
        join bank_account b on b.company = r.company and b.currency = r.currency order by receipt_id
        """
    )
    corrections.bad_debts(con, seed)
    # What is applied after the as-of date is not known yet: the money stands there unapplied.
    con.execute(f"delete from allocation where day > {END}")


def _prepayments(con: duckdb.DuckDBPyConnection, world: World, market: Market, seed: int) -> None:
    """A dozen round amounts on account that nobody could assign."""
    rng = random_generator(seed, 30)
    customers = world.customers
    rows = rng.choice(customers.index[~customers["is_intercompany"]], 12, replace=False)
    company = customers["company"].to_numpy()[rows]
    currency = np.array([CURRENCIES.index(c) for c in customers["currency"]])[rows]
    day = market.working_day(world.companies["calendar"].to_numpy()[company], END - rng.integers(5, 160, 12))
    first = con.execute("select coalesce(max(receipt_id), 0) from receipt").fetchone()
    assert first is not None
    frame = pd.DataFrame(
        {
            "receipt_id": first[0] + 1 + np.arange(12), "company": company, "customer": rows, "currency": currency,
            "day": day, "amount": rng.integers(1, 9, 12) * 500_000, "unapplied_days": NEVER, "third_party": False,
            "style": 990, "invoices": 0, "fee": 0, "rate": market.rate(company, currency, day),
        }
    )  # fmt: skip
    con.register("chunk", frame)
    con.execute("insert into receipt by name select * from chunk")
    con.unregister("chunk")


def money_out(con: duckdb.DuckDBPyConnection, world: World, market: Market, seed: int) -> None:
    """``payment`` and ``payment_allocation``: one payment per supplier, currency and run, or a bill in its place."""
    con.execute(
        f"""
        create table payment_allocation as
        with due as (
            select d.document_id, d.company, d.supplier, d.currency, pay_day as day,
                d.net + d.tax - coalesce(n.net + n.tax, 0) as amount,
                d.net_base + d.tax_base - coalesce(n.net_base + n.tax_base, 0) as base,
                dense_rank() over (order by pay_day, d.company, d.supplier, d.currency) as payment_id,
                'PAYMENT' as kind, null::bigint as note_id
            from purchase_document d left join supplier_note n on n.invoice_id = d.document_id and n.apply_day <= {END}
            where pay_day <= {END}
        )
        select row_number() over (order by d.day, document_id) as allocation_id, d.*, r.rate,
            {_SPOT.format(amount="d.amount", rate="r.rate")} as spot, base - spot as exchange
        from due d join rate r on r.company = d.company and r.currency = d.currency and r.day = d.day
        order by 1
        """
    )
    bills.paid(con, world, market, seed)
    con.execute(
        f"""
        create table payment as
        with gathered as (
            select payment_id, any_value(company) as company, any_value(supplier) as supplier,
                any_value(currency) as currency, any_value(day) as day, any_value(rate) as rate,
                sum(amount)::bigint as amount, sum(spot)::bigint as amount_base, sum(base)::bigint as base,
                sum(exchange)::bigint as exchange, count(*) as invoices
            from payment_allocation where kind = 'PAYMENT' group by payment_id
        )
        select g.*, b.account, coalesce(c.account_number, s.account_number) as paid_to,
            row_number() over (partition by g.company, year({_date("g.day")}) order by g.day, payment_id) as number
        from gathered g join bank_account b on b.company = g.company and b.currency = g.currency
        join supplier s using (supplier)
        left join account_change h using (supplier)
        left join lateral (select case when g.day < h.day then h.old_account
            else h.new_account end as account_number) c on true
        order by payment_id
        """
    )
    corrections.apply_supplier_notes(con)


_LEDGER_COLUMNS = (
    "voucher_type, voucher_ref, company, day, line, account, amount, customer, supplier, currency, foreign_amount, memo"
)


def ledger_of_documents(con: duckdb.DuckDBPyConnection) -> None:
    """``ledger``: one row per posting, ``amount`` in company currency cents, positive is debit; and ``bank_line``."""
    con.execute(
        """
        create table ledger (voucher_type integer, voucher_ref bigint, company integer, day integer,
            line integer, account varchar,
            amount bigint, customer integer, supplier integer, currency integer, foreign_amount bigint, memo varchar);
        create table bank_line (account integer, day integer, amount bigint, origin varchar, ref bigint, name varchar,
            name_account varchar, reference varchar, in_books boolean);
        """
    )
    post = f"insert into ledger ({_LEDGER_COLUMNS}) "
    sign = "(case when is_note = 1 then -1 else 1 end)"
    for line, account, amount, party in (
        (1, "'receivable'", "net_base + tax_base", "customer"),
        (2, "revenue_account", "-net_base", "null"),
        (3, "'output_vat'", "-tax_base", "null"),
        (4, "'cost_of_sales'", "cost", "null"),
        (5, "'inventory'", "-cost", "null"),
    ):
        foreign = "(net + tax)" if line == 1 else "null"
        con.execute(
            f"{post} select {SALES}, document_id, company, day, {line}, {account}, {sign} * ({amount}), {party}, null, "
            f"currency, {sign} * {foreign}, case when is_note = 1 then 'credit note' else 'invoice' end "
            f"from sales_document where {amount} <> 0"
        )
    same_day = "unapplied_days = 0"
    for line, account, amount, party, condition in (
        (1, "'bank:' || account", "amount_base - fee_base", "null", "true"),
        (2, "'bank_fees'", "fee_base", "null", "true"),
        (3, "'receivable'", f"case when {same_day} then -base else -amount_base end", "customer", "true"),
        (4, "'discount_given'", "discount_spot", "null", same_day),
        (5, "'exchange_gain_loss'", "-exchange", "null", same_day),
    ):
        foreign = "amount - fee" if line == 1 else "-amount" if line == 3 else "null"
        con.execute(
            f"{post} select {RECEIPT}, receipt_id, company, day, {line}, {account}, {amount}, {party}, null, currency, "
            f"{foreign}, 'receipt' from receipt where {condition} and ({amount}) <> 0"
        )
    for line, account, amount, party in (
        (1, "'receivable'", "amount_base", "customer"),
        (2, "'receivable'", "-base", "customer"),
        (3, "'discount_given'", "discount_spot", "null"),
        (4, "'exchange_gain_loss'", "-exchange", "null"),
    ):
        con.execute(
            f"{post} select {APPLICATION}, receipt_id, company, day + unapplied_days, {line}, {account}, {amount}, "
            f"{party}, null, currency, null, 'receipt applied' from receipt "
            f"where unapplied_days > 0 and day + unapplied_days <= {END} and ({amount}) <> 0"
        )
    for line, account, amount, party in (
        (1, "case when is_service then 'services' else 'inventory' end", "net_base", "null"),
        (2, "'input_vat'", "tax_base", "null"),
        (3, "'payable'", "-net_base - tax_base", "supplier"),
    ):
        foreign = "-net - tax" if line == 3 else "null"
        con.execute(
            f"{post} select {PURCHASE}, document_id, company, post_day, {line}, {account}, {amount}, null, {party}, "
            f"currency, {foreign}, 'supplier invoice' from purchase_document where ({amount}) <> 0"
        )
    for line, account, amount, party in (
        (1, "'payable'", "base", "supplier"),
        (2, "'bank:' || account", "-amount_base", "null"),
        (3, "'exchange_gain_loss'", "-exchange", "null"),
    ):
        foreign = "amount" if line == 1 else "-amount" if line == 2 else "null"
        con.execute(
            f"{post} select {PAYMENT}, payment_id, company, day, {line}, {account}, {amount}, null, {party}, currency, "
            f"{foreign}, 'payment' from payment where ({amount}) <> 0"
        )
    corrections.post(con, PURCHASE)
    bills.post(con)
    con.execute(
        "insert into bank_line select account, day, amount - fee, 'receipt', receipt_id, null, null, null, true "
        "from receipt"
    )
    con.execute(
        "insert into bank_line select account, day, -amount, 'payment', payment_id, null, null, null, true from payment"
    )


class Books:
    """Adds vouchers that concern money or corrections, each a debit and credits that balance, with its bank line."""

    def __init__(self, con: duckdb.DuckDBPyConnection, world: World, market: Market) -> None:
        self.con, self.world, self.market = con, world, market
        self.main = world.bank_accounts.drop_duplicates("company").index.to_numpy()
        self._next_ref = 0

    def post(self, frame: pd.DataFrame) -> None:
        """Rows of the ledger: voucher, company, day, account, amount, memo; rows of one voucher add up to 0."""
        frame = frame[frame["amount"] != 0].assign(customer=None, supplier=None)
        for name in ("currency", "foreign_amount"):
            if name not in frame:
                frame[name] = None
        frame["line"] = frame.groupby(["voucher_type", "voucher_ref"]).cumcount() + 1
        self._insert("ledger", frame)

    def bank(self, account, day, amount, origin, ref, name, reference, in_books=True) -> None:  # type: ignore[no-untyped-def]
        frame = pd.DataFrame(
            {"account": account, "day": day, "amount": amount, "origin": origin, "ref": ref, "name": name,
             "name_account": None, "reference": reference, "in_books": in_books}
        )  # fmt: skip
        self._insert("bank_line", frame[frame["amount"] != 0])

    def _insert(self, table: str, frame: pd.DataFrame) -> None:
        self.con.register("chunk", frame)
        self.con.execute(f"insert into {table} by name select * from chunk")
        self.con.unregister("chunk")

    def refs(self, count: int) -> np.ndarray:
        first = self._next_ref
        self._next_ref += count
        return np.arange(first + 1, first + count + 1)

    def pay(self, kind: int, company, day, account: str, amount, memo: str, name, reference) -> None:  # type: ignore[no-untyped-def]
        """Money that leaves a company's main account: debit ``account``; what falls after the as-of date is dropped."""
        frame = pd.DataFrame({"company": company, "day": day, "amount": amount, "name": name, "reference": reference})
        frame = frame[(frame["day"] <= END) & (frame["amount"] != 0)].reset_index(drop=True)
        refs = self.refs(len(frame))
        bank = self.main[frame["company"].to_numpy()]
        both = [
            frame.assign(voucher_type=kind, voucher_ref=refs, account=account, memo=memo),
            frame.assign(
                voucher_type=kind,
                voucher_ref=refs,
                account=[f"bank:{b}" for b in bank],
                amount=-frame["amount"],
                memo=memo,
            ),
        ]
        columns = ["voucher_type", "voucher_ref", "company", "day", "account", "amount", "memo"]
        self.post(pd.concat(both)[columns])
        self.bank(bank, frame["day"], -frame["amount"], memo, refs, frame["name"], frame["reference"])


def month_days(market: Market, world: World, day_of_month: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Month number 0–35, company and the working day on or after a day of that month, for every month and company."""
    months = np.repeat(np.arange(36), 6)
    company = np.tile(np.arange(6), 36)
    first = (
        (months + 10 + (2023 - 1970) * 12).astype("datetime64[M]").astype("datetime64[D]") - np.datetime64("2023-09-01")
    ).astype(int)
    calendar = world.companies["calendar"].to_numpy()[company]
    return months, company, market.working_day(calendar, first + day_of_month - 1)


def other_money(con: duckdb.DuckDBPyConnection, world: World, market: Market, seed: int, scale: float) -> pd.DataFrame:
    """Payroll, taxes, rent, loan, fees, transfers, manual vouchers, opening balances. Returns the payroll lines."""
    from demo import expenses

    rng = random_generator(seed, 40)
    books = Books(con, world, market)
    payroll = _payroll(books, rng)
    months, company, day = month_days(market, world, 3)
    usual = {"CN": 98_000, "DE": 11_500, "US": 13_500, "SG": 12_000, "GB": 8_500}
    rent = np.array([usual[c] for c in world.companies["country"]])[company] * 100 * scale
    rent = np.rint(rent * 1.03 ** (months // 12)).astype(np.int64)
    books.pay(CASH_COST, company, day, "rent", rent, "rent", "Property management", "rent")
    _loan(books, world, market, scale)
    _fees(books, rng)
    expenses.load(books, seed)
    _vat(books)
    _transfers(books)
    _manual_vouchers(books, rng, scale)
    _income_tax(books)
    _opening(books)
    _revaluation(books)
    return payroll


def _payroll(books: Books, rng: np.random.Generator) -> pd.DataFrame:
    world, market = books.world, books.market
    months, company, day = month_days(market, world, 25)
    runs = pd.DataFrame({"month": months, "company": company, "pay_day": day})
    lines = runs.merge(world.employees.reset_index(names="employee"), on="company")
    lines = lines[(lines["hired"] <= lines["pay_day"]) & (lines["left"] > lines["pay_day"])].reset_index(drop=True)
    country = world.companies["country"].to_numpy()[lines["company"]]
    bonus = np.where(
        (lines["month"] % 12 == 2) & (country == "CN"),
        1.6,
        np.where((lines["month"] % 12 == 1) & (country != "CN"), 1.4, 1.0),
    )
    gross = np.rint(np.round(lines["gross"] * bonus * 1.035 ** (lines["month"] // 12), 4)).astype(np.int64)
    employer = {"CN": 0.28, "DE": 0.20, "US": 0.09, "SG": 0.17, "GB": 0.12}
    own = {"CN": 0.105, "DE": 0.20, "US": 0.0765, "SG": 0.20, "GB": 0.08}
    tax = {"CN": 0.06, "DE": 0.17, "US": 0.16, "SG": 0.05, "GB": 0.15}
    for name, shares in (("employer_contribution", employer), ("employee_contribution", own), ("income_tax", tax)):
        lines[name] = np.rint(np.round(gross * np.array([shares[c] for c in country]), 4)).astype(np.int64)
    lines["gross"] = gross
    lines["net"] = gross - lines["income_tax"] - lines["employee_contribution"]
    lines = lines[lines["pay_day"] <= END].reset_index(drop=True)
    total = lines.groupby(["month", "company", "pay_day"], as_index=False)[
        ["gross", "employer_contribution", "employee_contribution", "income_tax", "net"]
    ].sum()
    refs = books.refs(len(total))
    bank = books.main[total["company"].to_numpy()]
    owed = total["gross"] + total["employer_contribution"] - total["net"]
    base = total.assign(voucher_type=PAYROLL, voucher_ref=refs, day=total["pay_day"], memo="payroll")
    rows = [
        base.assign(account="payroll", amount=total["gross"] + total["employer_contribution"]),
        base.assign(account=[f"bank:{b}" for b in bank], amount=-total["net"]),
        base.assign(account="payroll_taxes_owed", amount=-owed),
    ]
    books.post(pd.concat(rows)[["voucher_type", "voucher_ref", "company", "day", "account", "amount", "memo"]])
    books.bank(bank, total["pay_day"], -total["net"], "payroll", refs, "SALARY BATCH", "payroll")
    _, _, following = month_days(market, world, 12)
    next_day = dict(zip(zip(months, company, strict=True), following, strict=True))
    day = np.array([next_day.get((m + 1, c), NEVER) for m, c in zip(total["month"], total["company"], strict=True)])
    books.pay(
        CASH_COST,
        total["company"],
        day,
        "payroll_taxes_owed",
        owed,
        "payroll taxes",
        "Tax and social insurance office",
        "payroll taxes",
    )
    return lines


def _loan(books: Books, world: World, market: Market, scale: float) -> None:
    """Two companies repay a loan by quarters and pay interest on it by months."""
    months, company, day = month_days(market, world, 20)
    for borrower, principal in ((1, 24_000_000), (2, 1_500_000)):
        of = company == borrower
        owed = round(principal * scale) * 100
        instalment = owed // 48
        quarter = (months[of] + 1) // 3
        interest = np.rint((owed - instalment * quarter) * 0.045 / 12).astype(np.int64)
        books.pay(CASH_COST, company[of], day[of], "interest", interest, "loan interest", "House bank", "loan interest")
        due = of & (months % 3 == 2)
        books.pay(
            CASH_COST,
            company[due],
            day[due],
            "loan",
            np.full(int(due.sum()), instalment),
            "loan repayment",
            "House bank",
            "loan repayment",
        )


def _fees(books: Books, rng: np.random.Generator) -> None:
    accounts = books.world.bank_accounts
    _, company, day = month_days(books.market, books.world, 27)
    for number, account in accounts.iterrows():
        of = company == account["company"]
        amount = rng.integers(40, 260, int(of.sum())) * 100
        currency = CURRENCIES.index(account["currency"])
        rate = books.market.rate(company[of], np.full(of.sum(), currency), day[of])
        base = in_company_currency(amount, rate)
        refs = books.refs(len(amount))
        rows = pd.DataFrame(
            {
                "voucher_type": CASH_COST,
                "voucher_ref": refs,
                "company": company[of],
                "day": day[of],
                "memo": "bank fees",
            }
        )
        rows = rows[rows["day"] <= END]
        n = len(rows)
        both = [
            rows.assign(account="bank_fees", amount=base[:n], currency=None, foreign_amount=None),
            rows.assign(account=f"bank:{number}", amount=-base[:n], currency=currency, foreign_amount=-amount[:n]),
        ]
        books.post(pd.concat(both))
        books.bank(number, rows["day"], -amount[:n], "bank fees", refs[:n], account["bank"], "account fees")


def _monthly(con: duckdb.DuckDBPyConnection, accounts: str) -> np.ndarray:
    """Company × month (0–35) of the ledger's amounts on some accounts."""
    found: dict[str, Any] = con.execute(
        f"select company, (year({_date('day')}) - 2023) * 12 + month({_date('day')}) - 11 as m, "
        f"sum(amount)::bigint as a "
        f"from ledger where account in ({accounts}) group by all"
    ).fetchnumpy()
    result = np.zeros((6, 36), dtype=np.int64)
    result[found["company"].astype(int), found["m"].astype(int)] = found["a"].astype(np.int64)
    return result


def _vat(books: Books) -> None:
    """What is owed for a month is paid in the next; a month with more input than output tax is carried forward."""
    owed = -_monthly(books.con, "'output_vat', 'input_vat'")
    months, company, day = month_days(books.market, books.world, 15)
    amount = np.zeros_like(owed)
    carried = np.zeros(6, dtype=np.int64)
    for month in range(36):
        carried += owed[:, month]
        amount[:, month] = carried.clip(min=0)
        carried -= amount[:, month]
    due = months >= 1
    paid = amount[company[due], months[due] - 1]
    books.pay(CASH_COST, company[due], day[due], "output_vat", paid, "value added tax", "Tax office", "VAT")


def _income_tax(books: Books) -> None:
    income = (
        "'revenue', 'intercompany_revenue', 'contract_revenue', 'cost_of_sales', "
        "'discount_given', 'services', 'payroll', 'rent', "
        "'bank_fees', 'interest', 'discount_interest', 'exchange_gain_loss', 'energy', 'depreciation', 'bad_debt'"
    )
    profit = -_monthly(books.con, income)
    months, company, day = month_days(books.market, books.world, 18)
    due = (months >= 2) & (months % 3 == 2)  # January, April, July, October: for the quarter that ended before
    amount = np.array(
        [max(0, int(profit[c, max(0, m - 3) : m].sum()) // 4) for m, c in zip(months[due], company[due], strict=True)]
    )
    books.pay(
        CASH_COST, company[due], day[due], "income_tax", amount, "income tax", "Tax office", "income tax prepayment"
    )


def _daily(con: duckdb.DuckDBPyConnection, account: int) -> np.ndarray:
    found: dict[str, Any] = con.execute(
        "select day, sum(amount)::bigint as a from bank_line where account = ? group by day", [account]
    ).fetchnumpy()
    flows = np.zeros(END + 1, dtype=np.int64)
    flows[found["day"].astype(int)] = found["a"].astype(np.int64)
    return flows


def _transfers(books: Books) -> None:
    """Foreign currency accounts are swept to, or filled from, the main account at each month's end."""
    world, market = books.world, books.market
    ends = _month_ends()
    rows = []
    for number, account in world.bank_accounts.iterrows():
        company = int(account["company"])
        if number == books.main[company]:
            continue
        currency = CURRENCIES.index(account["currency"])
        flows = _daily(books.con, int(number))
        starts = np.concatenate([[START - 1], ends[:-1]])
        lowest = np.array(
            [min(0, int(np.cumsum(flows[a + 1 : b + 1]).min())) for a, b in zip(starts, ends, strict=True)]
        )
        balance, buffer = -int(lowest[0]) + 2_000_000, 2_000_000
        rows.append((int(number), company, currency, START, balance))
        for month, end in enumerate(ends):
            balance += int(flows[starts[month] + 1 : end + 1].sum())
            if month + 1 < len(ends):
                wanted = buffer - int(lowest[month + 1])
                change = -((balance - wanted) // 10_000_000) * 10_000_000 if balance > wanted else wanted - balance
                if change:
                    rows.append((int(number), company, currency, int(end), change))
                    balance += change
    frame = pd.DataFrame(rows, columns=["number", "company", "currency", "day", "amount"])
    books.opening_foreign = frame[frame["day"] == START]  # type: ignore[attr-defined]
    moved = frame[frame["day"] != START].reset_index(drop=True)
    rate = market.rate(moved["company"].to_numpy(), moved["currency"].to_numpy(), moved["day"].to_numpy())
    base = in_company_currency(moved["amount"].to_numpy(), rate)
    refs = books.refs(len(moved))
    main = books.main[moved["company"].to_numpy()]
    head = moved[["company", "day"]].assign(
        voucher_type=TRANSFER, voucher_ref=refs, memo="transfer between own accounts"
    )
    both = [
        head.assign(
            account=[f"bank:{n}" for n in moved["number"]],
            amount=base,
            currency=moved["currency"],
            foreign_amount=moved["amount"],
        ),
        head.assign(account=[f"bank:{n}" for n in main], amount=-base, currency=None, foreign_amount=None),
    ]
    books.post(pd.concat(both))
    names = world.companies["name"].to_numpy()[moved["company"]]
    books.bank(moved["number"], moved["day"], moved["amount"], "transfer", refs, names, "own account transfer")
    books.bank(main, moved["day"], -base, "transfer", refs, names, "own account transfer")


def _month_ends() -> np.ndarray:
    months = np.arange(36) + 11 + (2023 - 1970) * 12
    return (months.astype("datetime64[M]").astype("datetime64[D]") - np.datetime64("2023-09-01")).astype(int) - 1


def _manual_vouchers(books: Books, rng: np.random.Generator, scale: float) -> None:
    """Month-end accruals for energy, turned around on the first of the next month; depreciation."""
    ends = _month_ends()
    month = np.repeat(np.arange(36), 6)
    company = np.tile(np.arange(6), 36)
    amount = np.rint(rng.uniform(8_000, 20_000, len(month)) * scale).astype(np.int64) * 100 + 100
    for day, sign, text in ((ends[month], 1, "accrued energy"), (ends[month] + 1, -1, "accrued energy, reversed")):
        keep = day <= END
        refs = books.refs(int(keep.sum()))
        head = pd.DataFrame(
            {"voucher_type": MANUAL, "voucher_ref": refs, "company": company[keep], "day": day[keep], "memo": text}
        )
        books.post(
            pd.concat(
                [
                    head.assign(account="energy", amount=sign * amount[keep]),
                    head.assign(account="accruals", amount=-sign * amount[keep]),
                ]
            )
        )
    refs = books.refs(len(month))
    head = pd.DataFrame(
        {"voucher_type": MANUAL, "voucher_ref": refs, "company": company, "day": ends[month], "memo": "depreciation"}
    )
    charge = (
        np.rint(np.array([60_000, 90_000, 7_000, 6_000, 5_000, 4_000])[company] * scale).astype(np.int64) * 100 + 100
    )
    books.post(
        pd.concat(
            [head.assign(account="depreciation", amount=charge), head.assign(account="fixed_assets", amount=-charge)]
        )
    )


def _opening(books: Books) -> None:
    """Share capital, enough for the main account never to be overdrawn; stock for six weeks; fixed assets; loans."""
    con, world, market = books.con, books.world, books.market
    stock = _monthly(con, "'cost_of_sales'")
    flow = _monthly(con, "'inventory'")
    rows = []
    for company in range(6):
        main = int(books.main[company])
        lowest = int(np.cumsum(_daily(con, main)).min())
        monthly_cost = int(stock[company].mean())
        cash = max(0, -lowest) + monthly_cost // 2
        cash = -(-cash // 10_000_000) * 10_000_000
        inventory = max(0, -int(np.cumsum(flow[company]).min())) + monthly_cost * 3 // 2
        rows += [(company, f"bank:{main}", cash, None, None), (company, "inventory", inventory, None, None)]
        rows.append((company, "fixed_assets", monthly_cost * 3, None, None))
        books.bank(
            [main], [START], [cash], "opening", [company + 1], world.companies["name"][company], "paid-in capital"
        )
    for account in books.opening_foreign.itertuples():  # type: ignore[attr-defined]
        rate = market.rate(np.array([account.company]), np.array([account.currency]), np.array([START]))
        base = int(in_company_currency(np.array([account.amount]), rate)[0])
        rows.append((account.company, f"bank:{account.number}", base, account.currency, account.amount))
        books.bank(
            [account.number],
            [START],
            [account.amount],
            "opening",
            [account.company + 1],
            world.companies["name"][account.company],
            "paid-in capital",
        )
    loans = {1: 24_000_000, 2: 1_500_000}
    owed = con.execute("select company, sum(amount)::bigint from ledger where account = 'loan' group by all").fetchall()
    rows += [(company, "loan", -int(repaid) * 4, None, None) for company, repaid in owed if company in loans]
    frame = pd.DataFrame(rows, columns=["company", "account", "amount", "currency", "foreign_amount"])
    capital = frame.groupby("company", as_index=False)["amount"].sum()
    capital = capital.assign(account="share_capital", amount=-capital["amount"], currency=None, foreign_amount=None)
    frame = pd.concat([frame, capital], ignore_index=True)
    books.post(frame.assign(voucher_type=OPENING, voucher_ref=frame["company"] + 1, day=START, memo="opening balance"))


def _revaluation(books: Books) -> None:
    """Foreign currency accounts stand in the books at the month-end rate."""
    con, world, market = books.con, books.world, books.market
    ends = _month_ends()
    rows = []
    for number, account in world.bank_accounts.iterrows():
        company = int(account["company"])
        if number == books.main[company]:
            continue
        found: dict[str, Any] = con.execute(
            "select day, sum(amount)::bigint as a from ledger where account = ? group by day", [f"bank:{number}"]
        ).fetchnumpy()
        booked = np.zeros(END + 1, dtype=np.int64)
        booked[found["day"].astype(int)] = found["a"].astype(np.int64)
        held = np.cumsum(_daily(con, int(number)))[ends]
        currency = np.full(len(ends), CURRENCIES.index(account["currency"]))
        wanted = in_company_currency(held, market.rate(np.full(len(ends), company), currency, ends))
        change = np.diff(wanted - np.cumsum(booked)[ends], prepend=0)
        rows.append(pd.DataFrame({"company": company, "day": ends, "account": f"bank:{number}", "amount": change}))
    frame = pd.concat(rows, ignore_index=True)
    frame = frame.assign(voucher_type=REVALUATION, voucher_ref=books.refs(len(frame)), memo="revaluation")
    books.post(pd.concat([frame, frame.assign(account="unrealised_exchange", amount=-frame["amount"])]))


def source_document(
    sale: str, purchase: str, receipt: str, payment: str, write_off: str, payroll: str, bill: str | None = None
) -> str:
    """SQL of the kind of document that ``voucher v`` posts, in the words of an ERP; NULL where there is none."""
    kinds = {
        SALES: sale, PURCHASE: purchase, RECEIPT: receipt, APPLICATION: receipt, PAYMENT: payment,
        corrections.WRITE_OFF: write_off, PAYROLL: payroll,
    }  # fmt: skip
    if bill:
        kinds[bills.BILL] = bill
    return "case v.voucher_type " + " ".join(f"when {kind} then '{name}'" for kind, name in kinds.items()) + " end"


SOURCE_DOCUMENT_ID = (
    f"case when v.voucher_type in ({SALES}, {PURCHASE}, {RECEIPT}, {APPLICATION}, {PAYMENT}, {corrections.WRITE_OFF}, "
    f"{PAYROLL}, {bills.BILL}) then v.voucher_ref end"
)


def vouchers(con: duckdb.DuckDBPyConnection) -> None:
    """``voucher``: numbered in order of date; the lines keep its number."""
    con.execute(
        f"""
        create table voucher as
        with head as (select voucher_type, voucher_ref, company, day, any_value(memo) as memo from ledger
            group by all)
        select row_number() over (order by day, voucher_type, voucher_ref, company) as voucher_id, *,
            row_number() over (partition by company, year({_date("day")}) order by day, voucher_type,
                voucher_ref) as number
        from head order by 1
        """
    )
    con.execute(
        """
        create table voucher_line as
        select v.voucher_id, v.number, l.* from ledger l join voucher v using (voucher_type, voucher_ref,
            company, day)
        order by v.voucher_id, l.line
        """
    )
    con.execute("drop table ledger")


def month_index(days: np.ndarray) -> np.ndarray:
    return month_of(days) - (2023 * 12 + 10)
