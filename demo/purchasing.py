"""Purchases of the demo group: orders, goods received, supplier invoices, and the payment runs that pay them."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pandas as pd

from demo.clock import END, NEVER, RUN_KINDS, START, THURSDAY, TWICE_A_MONTH
from demo.identifiers import random_generator
from demo.parties import CNY_PER_UNIT, CURRENCIES, World
from demo.sales import _LINES_AT_ONCE, FIRST_MONTH, LAST_MONTH, Market, _priced, _weighted_pick

LINES_AT_SCALE_1 = 20_000
SERVICE_SHARE_OF_COST = 0.10


def load(connection: duckdb.DuckDBPyConnection, world: World, market: Market, seed: int, scale: float) -> None:
    """Fill the tables ``purchase`` (one row per order) and ``purchase_line``.

    Reads ``sale``: what is bought in a month is what that month's sales cost, so that stock neither piles up nor runs
    out; what sister companies deliver counts.
    """
    cost = _cost_by_month(connection, world)
    months = np.arange(2023 * 12 + 10, LAST_MONTH + 1)
    per_month = LINES_AT_SCALE_1 * scale / len(months)
    parts = np.array_split(months, max(1, min(len(months), round(len(months) * per_month / _LINES_AT_ONCE))))
    order_id, exists = 0, False
    for chunk, part in enumerate(parts):
        orders, lines = _draw(world, market, random_generator(seed, 2000 + chunk), part, scale, order_id, cost)
        order_id += len(orders)
        append(connection, orders, lines, exists)
        exists = True


def append(connection: duckdb.DuckDBPyConnection, orders: pd.DataFrame, lines: pd.DataFrame, exists: bool) -> None:
    for table, frame in (("purchase", orders), ("purchase_line", lines)):
        connection.register("chunk", frame)
        connection.execute(
            f"insert into {table} by name select * from chunk" if exists else f"create table {table} as from chunk"
        )
        connection.unregister("chunk")


def _cost_by_month(connection: duckdb.DuckDBPyConnection, world: World) -> np.ndarray:
    """Cost of sales in company currency (not cents), company × month, less what sister companies deliver."""
    rows: dict[str, Any] = connection.execute(
        f"""
        select company, m, sum(amount)::double / 100 as cost from (
            select s.company, {_month("s.ship_day")} as m, l.cost as amount from sale s
                join sale_line l using (order_id)
            where s.ship_day <= {END}
        ) group by all
        """
    ).fetchnumpy()
    cost = np.zeros((6, LAST_MONTH + 1))
    cost[rows["company"].astype(int), rows["m"].astype(int)] = rows["cost"]
    delivered: dict[str, Any] = connection.execute(
        f"""
        select c.sister as company, {_month("s.ship_day")} as m, s.currency, sum(l.net)::double / 100 as net
        from sale s join sale_line l using (order_id) join customer c using (customer)
        where s.is_intercompany and s.ship_day <= {END} group by all
        """
    ).fetchnumpy()
    per_unit = np.array([CNY_PER_UNIT[c] for c in CURRENCIES])
    own = np.array([CNY_PER_UNIT[c] for c in world.companies["currency"]])
    buyer = delivered["company"].astype(int)
    net = delivered["net"] * per_unit[delivered["currency"].astype(int)] / own[buyer]
    np.subtract.at(cost, (buyer, delivered["m"].astype(int)), net)
    return np.maximum(cost, 1000.0)


def _month(day: str) -> str:
    return f"(year(date '2023-09-01' + {day}::integer) * 12 + month(date '2023-09-01' + {day}::integer) - 1)"


def _draw(world: World, market: Market, rng: np.random.Generator, months, scale: float, first_id: int, cost):  # type: ignore[no-untyped-def]
    companies, suppliers, products = world.companies, world.suppliers, world.products
    cells = pd.MultiIndex.from_product([months, range(6)], names=["month", "company"]).to_frame(index=False)
    month, company = cells["month"].to_numpy(), cells["company"].to_numpy()
    per_cell = LINES_AT_SCALE_1 * scale / 2.9 / (LAST_MONTH - FIRST_MONTH) * companies["share"].to_numpy()[company]
    counts = np.maximum(2, np.floor(per_cell + rng.random(len(cells)))).astype(int)
    cell = np.repeat(np.arange(len(cells)), counts)
    month, company = month[cell], company[cell]
    n = len(month)
    service = rng.random(n) < 0.25
    # Every month has an order of each kind, so that the month's amounts can be spread over them.
    position = np.arange(n) - np.repeat(np.cumsum(counts) - counts, counts)
    service = np.where(position == 0, False, np.where(position == 1, True, service))
    group = suppliers["company"].to_numpy() * 2 + suppliers["is_service"].to_numpy()
    supplier = _weighted_pick(rng, group, suppliers["weight"].to_numpy(), company * 2 + service)
    who = suppliers.iloc[supplier].reset_index(drop=True)
    currency = np.array([CURRENCIES.index(c) for c in who["currency"]])
    calendar = companies["calendar"].to_numpy()[company]
    first = ((month - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]") - np.datetime64("2023-09-01")).astype(
        int
    )
    order_day = market.working_day(calendar, first + rng.integers(0, 27, n) - 14).clip(max=END)
    receipt_day = market.working_day(calendar, order_day + rng.integers(4, 22, n))
    document_day = np.maximum(receipt_day - rng.integers(-4, 3, n), START)
    post_day = np.maximum(market.working_day(calendar, np.maximum(document_day, receipt_day)), START)
    receipt_day = np.maximum(receipt_day, START)
    due_day = document_day + who["agreed_term"].to_numpy()
    held = np.where(rng.random(n) < 0.08, rng.integers(5, 40, n), 0)
    run = calendar * RUN_KINDS + np.where(company < 2, TWICE_A_MONTH, THURSDAY)
    pay_day = market.next_run[run, np.maximum(due_day, post_day) + held]
    foreign = (who["country"] != companies["country"].to_numpy()[company]).to_numpy()
    line_counts = np.where(service, 1, rng.choice((1, 2, 3, 4, 5, 6), n, p=(0.1, 0.15, 0.2, 0.2, 0.2, 0.15)))
    orders = pd.DataFrame(
        {
            "order_id": np.arange(first_id + 1, first_id + n + 1),
            "company": company,
            "supplier": supplier,
            "currency": currency,
            "order_day": order_day,
            "receipt_day": receipt_day,
            "document_day": document_day,
            "post_day": post_day,
            "due_day": due_day,
            "pay_day": pay_day,
            "vat": np.where(foreign, 0, companies["vat"].to_numpy()[company]),
            "rate": market.rate(company, currency, post_day),
            "is_service": service,
            "requester": rng.integers(0, 6, n),
            "style": rng.integers(0, 1000, n),
            "reference_of": np.arange(first_id + 1, first_id + n + 1),
            "is_intercompany": False,
            "has_invoice": True,
        }
    )
    lines = _purchase_lines(world, rng, orders, line_counts, cell, cells, cost, products)
    return orders, lines


def _purchase_lines(world: World, rng, orders, counts, cell, cells, cost, products) -> pd.DataFrame:  # type: ignore[no-untyped-def]
    companies = world.companies
    row = np.repeat(np.arange(len(orders)), counts)
    of = {name: orders[name].to_numpy()[row] for name in ("order_id", "company", "currency", "vat", "rate")}
    service = orders["is_service"].to_numpy()[row]
    erp = (products["erp"] == "gl").to_numpy().astype(int)
    product = _weighted_pick(rng, erp, products["weight"].to_numpy(), (of["company"] >= 2).astype(int))
    weight = np.exp(rng.normal(0, 0.7, len(row)))
    key = cell[row] * 2 + service
    total = np.bincount(key, weights=weight, minlength=2 * len(cells))
    month, company = cells["month"].to_numpy()[cell[row]], of["company"]
    # The last month's cost is not complete before its last shipment; the month before stands in where it is higher.
    target = cost[company, month]
    share = np.where(service, SERVICE_SHARE_OF_COST, 0.97)
    amount = weight / total[key] * target * share  # company currency
    per_unit = np.array([CNY_PER_UNIT[c] for c in CURRENCIES])[of["currency"]]
    own = np.array([CNY_PER_UNIT[c] for c in companies["currency"]])[company]
    years = (orders["post_day"].to_numpy()[row] - START) / 365
    price = products["cost_cny"].to_numpy()[product] * (1 + 0.018 * years) * (1 + 0.04 * (rng.random(len(row)) - 0.5))
    price = np.where(service, amount * own, price) / per_unit
    quantity = np.maximum(1, np.rint(np.round(amount * own / per_unit / np.maximum(price, 0.01), 6))).astype(np.int64)
    quantity = np.where(service, 1, quantity)
    lines = _priced(of, np.where(service, -1, product), quantity, price, np.zeros(len(row)), counts)
    # Some invoices ask more than the order says, some goods come short: what a three-way match should find.
    odd = rng.random(len(row))
    lines["order_price"] = np.where(odd < 0.015, np.rint(lines["price"] / 1.06).astype(np.int64), lines["price"]).clip(
        min=1
    )
    lines["received"] = np.where(
        odd > 0.988, np.maximum(1, lines["quantity"] - np.maximum(1, lines["quantity"] // 20)), lines["quantity"]
    )
    return lines.drop(columns="cost")


def add_intercompany(connection: duckdb.DuckDBPyConnection, world: World) -> None:
    """The buyer's side of every intercompany invoice: same day, same amount, in the buyer's books."""
    suppliers = world.suppliers
    sisters = suppliers[suppliers["is_intercompany"]]
    pairs = pd.DataFrame(
        {"seller": sisters["sister"].astype(int), "buyer": sisters["company"], "supplier": sisters.index}
    )
    sister_of = world.customers["sister"].fillna(-1).astype(int).rename("sister").reset_index(drop=True)
    lookup = pd.DataFrame({"customer": np.arange(len(sister_of)), "sister": sister_of})
    connection.register("pairs", pairs)
    connection.register("lookup", lookup)
    connection.execute(
        f"""
        create table intercompany as
        select s.order_id as sale_id, (select max(order_id)
            from purchase) + row_number() over (order by s.order_id) as order_id,
            s.company as seller, l.sister as buyer, p.supplier, r.rate as buyer_rate, c.vat as buyer_vat
        from sale s join lookup l using (customer) join pairs p on p.seller = s.company and p.buyer = l.sister
        join rate r on r.company = l.sister and r.currency = s.currency and r.day = least(s.ship_day, {END})
        join company c on c.company = l.sister
        where s.is_intercompany
        """
    )
    connection.execute(
        """
        insert into purchase by name
        select i.order_id, i.buyer as company, i.supplier, s.currency, s.order_day, s.ship_day as receipt_day,
            s.ship_day as document_day, s.ship_day as post_day, s.due_day, s.first_day as pay_day, s.vat,
            i.buyer_rate as rate, false as is_service, 0 as requester, 0 as style, i.order_id as reference_of,
            true as is_intercompany, true as has_invoice
        from intercompany i join sale s on s.order_id = i.sale_id
        """
    )
    connection.execute(
        """
        insert into purchase_line by name
        select i.order_id, l.line, -1 as product, l.quantity, l.price, l.net, l.tax,
            (l.net * i.buyer_rate + 500000) // 1000000 as net_base,
                (l.tax * i.buyer_rate + 500000) // 1000000 as tax_base,
            l.price as order_price, l.quantity as received
        from intercompany i join sale_line l on l.order_id = i.sale_id
        """
    )
    connection.unregister("pairs")
    connection.unregister("lookup")


__all__ = ["NEVER", "add_intercompany", "append", "load"]
