"""Bills 票据 of the Chinese companies: taken from customers, passed on, discounted, collected; issued to suppliers.

A share of the money that customers and suppliers would have moved is settled by bills instead, on the same day and for
the same invoices, so that nothing else of what was drawn changes; the cash follows when a bill is discounted or falls
due. Amounts are whole cents of the company's currency.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

from demo.clock import ANY_DAY, END, NEVER, RUN_KINDS
from demo.identifiers import random_generator
from demo.parties import World
from demo.sales import Market

BILL = 51  # voucher type
RECEIVED_SHARE, ISSUED_SHARE = 0.18, 0.12
# What becomes of ten bills received, one after the other; what is not endorsed for want of a payment is held.
_FATES = np.array(
    ["endorsed", "held", "discounted", "held", "endorsed", "held", "endorsed", "discounted", "held", "held"]
)
_TERMS = np.array([90, 120, 180])
_ISSUERS = np.array(["中国工商银行", "招商银行", "中国银行", "建设银行"])


def received(con: duckdb.DuckDBPyConnection, world: World, market: Market, seed: int) -> None:
    """``bill``: receipts that were bills. They leave ``receipt``, and their allocations are of kind BILL."""
    candidates = con.execute(
        f"""
        select r.receipt_id, r.company, r.customer as party, r.day, r.amount from receipt r
        join company c using (company) join customer k using (customer) join currency u on u.currency = r.currency
        where c.erp = 'cn' and u.code = c.currency and not k.is_intercompany and not r.third_party
            and r.unapplied_days = 0 and r.day <= {END} and r.receipt_id not in (select receipt_id from allocation
                where receipt_id is not null and (kind <> 'PAYMENT' or exchange <> 0))
        order by r.receipt_id
        """
    ).df()
    rng = random_generator(seed, 80)
    chosen = candidates[rng.random(len(candidates)) < RECEIVED_SHARE].reset_index(drop=True)
    n = len(chosen)
    place = np.arange(n)
    issued = chosen["day"] - rng.integers(0, 5, n)
    fate = _FATES[place % len(_FATES)]
    # A drawee of its own word may fail; a bank does not.
    commercial = place % 4 == 1
    bills = _dated(world, market, chosen, issued, rng)
    held = np.flatnonzero(commercial & (fate == "held"))
    bills["fate"] = fate
    bills.loc[held[1::3], "fate"] = "dishonoured"
    bills["kind"] = np.where(commercial, "商业承兑", "银行承兑")
    calendar = world.companies["calendar"].to_numpy()[chosen["company"]]
    discounted = market.working_day(calendar, chosen["day"].to_numpy() + rng.integers(4, 40, n))
    bills["discount_day"] = np.where(fate == "discounted", discounted, NEVER)
    bills["discount_rate"] = rng.integers(140, 260, n)  # hundredths of a percent a year
    bills = bills.assign(bill_id=place + 1, direction="应收")
    con.register("chunk", bills)
    con.execute("create table bill as from chunk")
    con.unregister("chunk")
    con.execute("alter table allocation add column bill_id bigint")
    con.execute(
        """
        update allocation set bill_id = b.bill_id, kind = 'BILL', receipt_id = null
        from bill b where b.receipt_id = allocation.receipt_id
        """
    )
    con.execute("delete from receipt where receipt_id in (select receipt_id from bill)")


def _dated(
    world: World, market: Market, chosen: pd.DataFrame, issued: pd.Series, rng: np.random.Generator
) -> pd.DataFrame:
    """``chosen`` with its day of issue, of maturity, the working day on which it is paid, and who accepted it."""
    n = len(chosen)
    maturity = issued.to_numpy() + _TERMS[rng.integers(0, len(_TERMS), n)]
    calendar = world.companies["calendar"].to_numpy()[chosen["company"]]
    return chosen.assign(
        issue_day=issued,
        maturity_day=maturity,
        paid_day=market.next_run[calendar * RUN_KINDS + ANY_DAY, maturity],
        acceptor=_ISSUERS[rng.integers(0, len(_ISSUERS), n)],
    )


def paid(con: duckdb.DuckDBPyConnection, world: World, market: Market, seed: int) -> None:
    """Payments settled by a bill: one that a customer gave, whole or in part, or one of the company's own.

    Their allocations are of kind BILL and belong to no payment.
    """
    con.execute("alter table payment_allocation add column bill_id bigint")
    con.execute(
        f"""
        create temp table payable_by_bill as
        select payment_id, any_value(a.company) as company, any_value(supplier) as supplier, any_value(a.day) as day,
            sum(amount)::bigint as amount
        from payment_allocation a join company c using (company) join supplier s using (supplier)
            join currency u on u.currency = a.currency
        where c.erp = 'cn' and u.code = c.currency and not s.is_intercompany and a.day <= {END}
            and supplier not in (select supplier from account_change)
        group by payment_id
        """
    )
    # A bill goes to one payment and a payment takes one bill: the earliest that the bill covers.
    con.execute(
        """
        create temp table endorsement as
        with pair as (
            select b.bill_id, p.* from bill b join payable_by_bill p on p.company = b.company and p.amount <= b.amount
                and p.day between b.day and b.paid_day - 15
            where b.fate = 'endorsed'
        ),
        of_payment as (
            select * from pair qualify row_number() over (partition by payment_id order by bill_id) = 1
        )
        select * from of_payment qualify row_number() over (partition by bill_id order by day, payment_id) = 1
        """
    )
    candidates = con.execute(
        "select payment_id, company, supplier as party, day, amount from payable_by_bill "
        "where payment_id not in (select payment_id from endorsement) order by payment_id"
    ).df()
    rng = random_generator(seed, 81)
    chosen = candidates[rng.random(len(candidates)) < ISSUED_SHARE].reset_index(drop=True)
    bills = _dated(world, market, chosen, chosen["day"], rng)
    bills["kind"] = np.where(np.arange(len(bills)) % 4 == 3, "商业承兑", "银行承兑")
    bills = bills.assign(fate="held", direction="应付", discount_day=NEVER, discount_rate=0)
    con.register("chunk", bills)
    con.execute(
        """
        insert into bill by name
        select (select coalesce(max(bill_id), 0) from bill) + row_number() over (order by payment_id) as bill_id,
            * exclude (payment_id), null as receipt_id from chunk
        """
    )
    con.execute(
        """
        update payment_allocation set bill_id = x.bill_id, kind = 'BILL', payment_id = null
        from (
            select payment_id, bill_id from endorsement
            union all
            select c.payment_id, b.bill_id from chunk c join bill b on b.direction = '应付' and b.company = c.company
                and b.party = c.party and b.day = c.day
        ) x where x.payment_id = payment_allocation.payment_id
        """
    )
    con.unregister("chunk")
    _events(con)


def _events(con: duckdb.DuckDBPyConnection) -> None:
    """``bill_event``: what happened to each bill by the as-of date; ``fee`` is the interest of discounting."""
    con.execute(
        f"""
        create table bill_event as
        with numbered as (
            select b.*, (case direction when '应收' then 'R' else 'P' end) || c.code || lpad(bill_id::varchar, 7, '0')
                as number, coalesce(e.amount, 0) as endorsed, e.day as endorsed_day, e.supplier as endorsed_to
            from bill b join company c using (company) left join endorsement e using (bill_id)
        ),
        event as (
            select bill_id, '收票' as event, day, amount, 0 as fee, null::bigint as supplier, false as moves_money
            from numbered where direction = '应收'
            union all
            select bill_id, '开票', day, amount, 0, party, false from numbered where direction = '应付'
            union all
            select bill_id, '背书', endorsed_day, endorsed, 0, endorsed_to, false from numbered where endorsed > 0
            union all
            select bill_id, '贴现', discount_day, amount,
                (amount * discount_rate * (maturity_day - discount_day) + 1800000) // 3600000, null, true
            from numbered where discount_day < maturity_day
            union all
            select bill_id, case fate when 'dishonoured' then '拒付' else '到期' end, paid_day, amount - endorsed, 0,
                case direction when '应付' then party end, fate <> 'dishonoured'
            from numbered where discount_day >= maturity_day and amount > endorsed
        )
        select row_number() over (order by e.day, e.bill_id, e.event) as event_id, e.*, b.company, b.direction,
            b.number, b.acceptor, case when b.direction = '应收' then b.party end as customer, a.account, a.bank,
            a.currency as currency
        from event e join numbered b using (bill_id) join company c on c.company = b.company
            join bank_account a on a.company = b.company and a.currency_code = c.currency
        where e.day <= {END} order by 1
        """
    )


def post(con: duckdb.DuckDBPyConnection) -> None:
    """Vouchers of bills in ``ledger``, and what the bank moved for them in ``bank_line``."""
    columns = (
        "voucher_type, voucher_ref, company, day, line, account, amount, customer, supplier, currency, "
        "foreign_amount, memo"
    )
    memo = "event || case direction when '应收' then ' bill receivable' else ' bill payable' end"
    note = "case direction when '应收' then 'note_receivable' else 'note_payable' end"
    sign = "case when event in ('收票') or (direction = '应付' and event <> '开票') then 1 else -1 end"
    # The customer's account for what it paid with and what came back, the supplier's for what was paid to it.
    party = "case when event in ('收票', '拒付') then 'receivable' else 'payable' end"
    for line, account, amount, customer, supplier, condition in (
        (1, note, f"({sign}) * amount", "null", "null", "true"),
        (2, party, f"-({sign}) * amount", "case when event in ('收票', '拒付') then customer end",
         "case when event in ('开票', '背书') then supplier end", "not moves_money"),
        (2, "'bank:' || account", f"-({sign}) * amount - fee", "null", "null", "moves_money"),
        (3, "'discount_interest'", "fee", "null", "null", "fee <> 0"),
    ):  # fmt: skip
        con.execute(
            f"insert into ledger ({columns}) select {BILL}, event_id, company, day, {line}, {account}, {amount}, "
            f"{customer}, {supplier}, currency, case when {line} < 3 then {amount} end, {memo} "
            f"from bill_event where {condition}"
        )
    con.execute(
        """
        insert into bank_line
        select account, day, case direction when '应收' then amount - fee else -amount end, 'bill', event_id,
            case event when '贴现' then bank else acceptor end, null,
            case event when '贴现' then '票据贴现 ' else '票据到期 ' end || number, true
        from bill_event where moves_money
        """
    )
