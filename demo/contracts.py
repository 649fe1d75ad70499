"""Contracts of the demo group with several performance obligations: what the CRM knows, their invoices, their revenue.

A contract sells a control system, its installation and two years of maintenance at one price below what they cost
alone. It is invoiced in three parts, as orders like any other, on deferred revenue; at each month's end what was
performed is released to revenue. All in the currency of the company, and in whole cents.
"""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd

from demo.clock import END, NEVER, START
from demo.identifiers import random_generator
from demo.parties import CURRENCIES, Frame, World
from demo.payment_law import Invoices, draw
from demo.sales import Market, credit_note_columns
from demo.settle import _month_ends

RELEASE = 75  # voucher type
POINT_IN_TIME, PROGRESS, STRAIGHT_LINE = "DELIVERY", "MILESTONE", "RATABLE"
PARTS = ((0.40, 3), (0.35, 60), (0.25, 210))  # share of the price, days after signing
USUAL_PRICE_CNY = 90_000


# What a month's entry is for, where it is more than the month's share.
_OCCASIONS = {
    "AMENDMENT": "contract revenue, modification",
    POINT_IN_TIME: "contract revenue, delivery",
    "PROGRESS": "contract revenue, progress",
}


def load(con: duckdb.DuckDBPyConnection, world: World, market: Market, seed: int, scale: float) -> None:
    """Fill ``contract``, ``contract_obligation``, ``contract_event``, ``contract_billing``; add orders to ``sale``."""
    rng = random_generator(seed, 75)
    contracts = _contracts(rng, world, scale)
    obligations, events = _promises(rng, contracts)
    billings = _billings(market, world, contracts, events)
    for name, frame in (("contract", contracts), ("contract_obligation", obligations), ("contract_event", events)):
        con.register("chunk", frame)
        con.execute(f"create table {name} as from chunk")
        con.unregister("chunk")
    _orders(con, world, market, random_generator(seed, 76), contracts, billings)


def _contracts(rng: np.random.Generator, world: World, scale: float) -> Frame:
    customers, companies = world.customers, world.companies
    count = max(2, round(12 * scale**0.5))
    chosen = []
    for company in companies.index:
        own = customers.index[
            (customers["company"] == company)
            & (customers["currency"] == companies.at[company, "currency"])
            & (customers["country"] == companies.at[company, "country"])
            & (customers["stop_day"] == NEVER)
            & ~customers["is_intercompany"]
        ]
        chosen += list(rng.choice(own, min(count, len(own)), replace=False))
    rows = customers.loc[chosen]
    n = len(rows)
    company = rows["company"].to_numpy()
    per_unit = np.array([{"CNY": 1.0, "EUR": 7.75, "USD": 7.20, "SGD": 5.35, "GBP": 9.05}[c] for c in rows["currency"]])
    alone = USUAL_PRICE_CNY / per_unit * np.exp(rng.normal(0, 0.4, n))
    shares = rng.dirichlet((6, 3, 3), n)
    parts = np.maximum(100, np.rint(np.round(alone[:, None] * shares * 100, 4))).astype(np.int64)
    discount = rng.integers(4, 20, n)
    return pd.DataFrame(
        {
            "contract": np.arange(1, n + 1), "company": company, "customer": chosen,
            "currency": [CURRENCIES.index(c) for c in rows["currency"]],
            "signed_day": START + rng.integers(5, END - START - 40, n),
            "goods": parts[:, 0], "work": parts[:, 1], "service": parts[:, 2],
            "price": parts.sum(axis=1) * (100 - discount) // 100,
            "lead": rng.integers(20, 50, n), "months_of_work": rng.integers(2, 7, n),
            "change_percent": np.where(rng.random(n) < 0.3, rng.choice((-6, 5, 8), n), 0),
        }
    )  # fmt: skip


def _promises(rng: np.random.Generator, contracts: Frame) -> tuple[Frame, Frame]:
    promised: list[tuple[Any, ...]] = []
    happened: list[tuple[Any, ...]] = []
    for c in contracts.itertuples():
        delivery = c.signed_day + c.lead
        finished = delivery + 30 * c.months_of_work
        promised += [
            (c.contract, 1, "Control system", POINT_IN_TIME, c.goods, delivery, delivery),
            (c.contract, 2, "Installation", PROGRESS, c.work, delivery, finished),
            (c.contract, 3, "Maintenance", STRAIGHT_LINE, c.service, delivery, delivery + 729),
        ]
        happened.append((c.contract, 1, POINT_IN_TIME, delivery, None, None))
        done = [*np.sort(rng.integers(5, 98, c.months_of_work - 1)).tolist(), 100]
        for month, percent in enumerate(done, start=1):
            happened.append((c.contract, 2, "PROGRESS", delivery + 30 * month, percent, None))
        if c.change_percent:
            amount = int(c.price) * int(c.change_percent) // 100
            happened.append((c.contract, None, "AMENDMENT", c.signed_day + 120, None, amount))
    columns = ["contract", "item", "title", "recognition", "alone", "first_day", "last_day"]
    events: Frame = pd.DataFrame(happened, columns=["contract", "item", "kind", "day", "percent", "amount"])
    events = events[events["day"] <= END].reset_index(drop=True)
    events[["item", "percent", "amount"]] = events[["item", "percent", "amount"]].astype("Int64")
    return pd.DataFrame(promised, columns=columns), events


def _billings(market: Market, world: World, contracts: Frame, events: Frame) -> Frame:
    """What is invoiced when: the last part brings what a modification changed before."""
    changed = events[events["kind"] == "AMENDMENT"].set_index("contract")["amount"].to_dict()
    rows = []
    for c in contracts.itertuples():
        billed = 0
        for number, (share, after) in enumerate(PARTS):
            last = number + 1 == len(PARTS)
            net = int(c.price) + int(changed.get(c.contract, 0)) - billed if last else int(c.price * share)
            billed += net
            rows.append((c.contract, c.company, c.customer, c.currency, c.signed_day + after, net))
    frame = pd.DataFrame(rows, columns=["contract", "company", "customer", "currency", "day", "net"])
    calendar = world.companies["calendar"].to_numpy()[frame["company"]]
    frame["day"] = market.working_day(calendar, frame["day"].to_numpy())
    return frame[frame["day"] <= END].reset_index(drop=True)


def _orders(  # type: ignore[no-untyped-def]
    con: duckdb.DuckDBPyConnection, world: World, market: Market, rng, contracts: Frame, billings: Frame
) -> None:
    n = len(billings)
    who = world.customers.iloc[billings["customer"]].reset_index(drop=True)
    company, day = billings["company"].to_numpy(), billings["day"].to_numpy()
    due_day = day + who["agreed_term"].to_numpy()
    disputed = np.zeros(n, bool)
    plan = draw(rng, Invoices(who, day, due_day, disputed), market.next_run, market.regime_change)
    first = con.execute("select max(order_id) from sale").fetchone()
    assert first is not None
    vat = world.companies["vat"].to_numpy()[company]
    net = billings["net"].to_numpy().astype(np.int64)
    tax = (net * vat + 5_000) // 10_000
    orders = pd.DataFrame(
        {
            "order_id": first[0] + 1 + np.arange(n), "company": company, "customer": billings["customer"],
            "currency": billings["currency"], "order_day": day, "ship_day": day, "due_day": due_day, "vat": vat,
            "rate": market.rate(company, billings["currency"].to_numpy(), day), "is_disputed": disputed,
            "first_day": plan.first_day, "second_day": plan.second_day,
            "first_share": np.rint(plan.first_share * 10_000).astype(np.int64), "takes_discount": plan.takes_discount,
            "style": rng.integers(0, 1000, n), "is_intercompany": False, "bundles": who["bundles"].to_numpy(),
            "bank_fee": 0, "unapplied_days": 0, "third_party": False,
        }
    )  # fmt: skip
    erp = world.products["erp"].to_numpy()
    product = np.where(company < 2, np.flatnonzero(erp == "cn")[0], np.flatnonzero(erp == "gl")[0])
    lines = pd.DataFrame(
        {
            "order_id": orders["order_id"], "line": 1, "product": product, "quantity": 1, "price": net, "net": net,
            "tax": tax, "net_base": net, "tax_base": tax, "cost": 0,
        }
    )  # fmt: skip
    never = np.full(n, NEVER)
    orders = orders.assign(**credit_note_columns(orders, lines, disputed, never, never, lines["quantity"].to_numpy()))
    for table, frame in (("sale", orders), ("sale_line", lines)):
        con.register("chunk", frame)
        con.execute(f"insert into {table} by name select * from chunk")
        con.unregister("chunk")
    con.register("chunk", billings.assign(order_id=orders["order_id"])[["order_id", "contract"]])
    con.execute("create table contract_billing as from chunk")
    con.unregister("chunk")


def release(con: duckdb.DuckDBPyConnection) -> None:
    """Post to ``ledger``, for each contract and month's end, what was performed: deferred revenue to revenue."""
    contracts: Frame = con.execute("select * from contract order by contract").df()
    obligations: Frame = con.execute("select * from contract_obligation order by contract, item").df()
    events: Frame = con.execute("select * from contract_event").df()
    ends = [int(end) for end in _month_ends() if end <= END]
    rows, number = [], 0
    for c in contracts.itertuples():
        own = events[events["contract"] == c.contract]
        items = list(obligations[obligations["contract"] == c.contract].itertuples())
        before, last_end = 0, 0
        for end in ends:
            if end < c.signed_day:
                continue
            known = own[own["day"] <= end]
            price = int(c.price) + int(known.loc[known["kind"] == "AMENDMENT", "amount"].sum())
            shares = allocated(price, [int(item.alone) for item in items])
            total = sum(_earned(item, share, end, known) for item, share in zip(items, shares, strict=True))
            if total != before:
                number += 1
                of_month = set(own.loc[(own["day"] > last_end) & (own["day"] <= end), "kind"])
                memo = next((text for kind, text in _OCCASIONS.items() if kind in of_month), "contract revenue")
                rows.append((number, c.company, end, 1, "deferred_revenue", total - before, memo))
                rows.append((number, c.company, end, 2, "contract_revenue", before - total, memo))
            before, last_end = total, end
    frame = pd.DataFrame(rows, columns=["voucher_ref", "company", "day", "line", "account", "amount", "memo"])
    con.register("chunk", frame.assign(voucher_type=RELEASE))
    con.execute("insert into ledger by name select * from chunk")
    con.unregister("chunk")


def allocated(price: int, weights: list[int]) -> list[int]:
    """Cents of a price in proportion to weights; the cents left over go to the largest remainders, the first first."""
    whole = [price * weight // sum(weights) for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(price * weights[i] % sum(weights)), i))
    for i in order[: price - sum(whole)]:
        whole[i] += 1
    return whole


def _earned(item: Any, share: int, end: int, known: Frame) -> int:
    events = known[known["item"] == item.item]
    if item.recognition == POINT_IN_TIME:
        return share if (events["kind"] == POINT_IN_TIME).any() else 0
    if item.recognition == PROGRESS:
        percent = events.loc[events["kind"] == "PROGRESS", "percent"].max()
        done, whole = (0 if pd.isna(percent) else int(percent)), 100
    else:
        whole = item.last_day - item.first_day + 1
        done = min(max(end - item.first_day + 1, 0), whole)
    return int((2 * share * int(done) + int(whole)) // (2 * int(whole)))
