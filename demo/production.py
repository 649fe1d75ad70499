"""Production of the demo group: two companies make what they sell. Work orders, material, labour, and their postings.

What a work order takes stands in work in process until it is finished, then in stock: the ledger gets one voucher per
company and month, whose debits are the material and labour of the work orders.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

from demo.clock import END
from demo.identifiers import random_generator
from demo.parties import CNY_PER_UNIT, World
from demo.sales import Market
from demo.settle import _date, _monthly, month_days

PRODUCTION = 80  # kind of voucher
# Company → cost of one hour in cents of its currency.
HOURLY_CENTS = {1: 6_500, 2: 3_800}
_MATERIAL_SHARE_OF_SALES = 0.25
_LABOUR_SHARE_OF_MATERIAL = 0.2
_WORK_ORDERS_PER_MONTH_AT_SCALE_1 = 30


def load(con: duckdb.DuckDBPyConnection, world: World, market: Market, seed: int, scale: float) -> None:
    """Tables ``work_order``, ``work_order_standard``, ``material_issue``, ``time_entry``; vouchers in ``ledger``."""
    rng = random_generator(seed, 80)
    orders = _orders(con, world, market, rng, scale)
    planned, material, labour = _costs(world, market, rng, orders)
    for name, frame in (
        ("work_order", orders.drop(columns=["material", "duration"])),
        ("work_order_standard", planned),
        ("material_issue", material),
        ("time_entry", labour),
    ):
        con.register("chunk", frame)
        con.execute(f"create table {name} as from chunk")
        con.unregister("chunk")
    _post(con)


def _orders(
    con: duckdb.DuckDBPyConnection, world: World, market: Market, rng: np.random.Generator, scale: float
) -> pd.DataFrame:
    sold = _monthly(con, "'cost_of_sales'")
    months, company, first = month_days(market, world, 1)
    each = max(2, round(_WORK_ORDERS_PER_MONTH_AT_SCALE_1 * scale))
    of = np.repeat(np.flatnonzero(np.isin(company, list(HOURLY_CENTS))), each)
    month, company, first = months[of], company[of], first[of]
    n = len(of)
    calendar = world.companies["calendar"].to_numpy()[company]
    start = np.minimum(market.working_day(calendar, first + rng.integers(0, 24, n)), END)
    duration = rng.integers(3, 21, n)
    share = rng.uniform(0.5, 1.5, n)
    share /= pd.Series(share).groupby([company, month]).transform("sum").to_numpy()
    material = np.rint(sold[company, month] * _MATERIAL_SHARE_OF_SALES * share).astype(np.int64).clip(min=10_000)
    products = world.products
    product = np.zeros(n, dtype=int)
    for number in HOURLY_CENTS:
        mine = company == number
        made = np.flatnonzero(products["erp"].to_numpy() == world.companies["erp"].to_numpy()[number])
        product[mine] = rng.choice(made, int(mine.sum()))
    unit_cents = products["cost_cny"].to_numpy()[product] * 100 / _cny(world)[company]
    quantity = np.maximum(1, np.rint(material * 1.3 / unit_cents)).astype(np.int64)
    finish = market.working_day(calendar, start + duration)
    finished = finish <= END
    orders = pd.DataFrame(
        {
            "company": company, "product": product, "start_day": start, "duration": duration,
            "finish_day": np.where(finished, finish, -1), "quantity_planned": quantity,
            "quantity_finished": np.where(finished, np.maximum(1, np.rint(quantity * rng.uniform(0.96, 1.0, n))), 0),
            "material": material,
        }
    )  # fmt: skip
    orders = orders.sort_values(["start_day", "company"], kind="stable").reset_index(drop=True)
    return orders.assign(work_order=orders.index + 1)


def _cny(world: World) -> np.ndarray:
    return np.array([CNY_PER_UNIT[c] for c in world.companies["currency"]])


def _costs(
    world: World, market: Market, rng: np.random.Generator, orders: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """What each work order should take, what it took of two materials, and the hours of three people."""
    products, n = world.products, len(orders)
    company = orders["company"].to_numpy()
    calendar = world.companies["calendar"].to_numpy()[company]
    erp = world.companies["erp"].to_numpy()[company]
    planned, issued, worked = [], [], []
    for line, share in ((1, 0.65), (2, 0.35)):
        item = np.zeros(n, dtype=int)
        for name in ("cn", "gl"):
            of = erp == name
            item[of] = rng.choice(np.flatnonzero(products["erp"].to_numpy() == name), int(of.sum()))
        price = np.maximum(1, np.rint(products["cost_cny"].to_numpy()[item] * 20 / _cny(world)[company])).astype(int)
        wanted = np.maximum(1, np.rint(orders["material"] * share / price)).astype(np.int64).to_numpy()
        used = np.maximum(1, np.rint(wanted * rng.normal(1.02, 0.04, n))).astype(np.int64)
        paid = np.maximum(1, np.rint(price * rng.normal(1.0, 0.03, n))).astype(np.int64)
        base = pd.DataFrame({"work_order": orders["work_order"], "product": item})
        planned.append(base.assign(element="material", line=line, quantity=wanted * 100, amount=wanted * price))
        day = np.minimum(market.working_day(calendar, orders["start_day"].to_numpy() + 2 * (line - 1)), END)
        issued.append(base.assign(day=day, quantity=used, amount=used * paid))
    rate = np.array([HOURLY_CENTS.get(c, 0) for c in range(6)])[company]
    hundredths = np.maximum(300, np.rint(orders["material"] * _LABOUR_SHARE_OF_MATERIAL / rate * 100)).astype(np.int64)
    base = pd.DataFrame({"work_order": orders["work_order"], "product": None})
    labour_amount = (hundredths * rate + 50) // 100
    planned.append(base.assign(element="labour", line=3, quantity=hundredths, amount=labour_amount))
    planned.append(base.assign(element="machine", line=4, quantity=(hundredths * 4 + 2) // 5, amount=0))
    people = world.employees.reset_index(names="employee")
    for part in range(3):
        day = market.working_day(calendar, orders["start_day"].to_numpy() + orders["duration"].to_numpy() * part // 3)
        hours = np.maximum(50, np.rint(hundredths / 3 * rng.normal(1.03, 0.08, n))).astype(np.int64)
        who = np.zeros(n, dtype=int)
        for number in HOURLY_CENTS:
            of = company == number
            mine = people.index[people["company"] == number].to_numpy()
            who[of] = rng.choice(mine, int(of.sum()))
        paid = np.rint(rate * rng.normal(1.01, 0.02, n)).astype(np.int64)
        worked.append(
            pd.DataFrame(
                {
                    "work_order": orders["work_order"], "employee": who, "day": day, "labour_hours": hours,
                    "machine_hours": np.rint(hours * rng.uniform(0.6, 1.1, n)).astype(np.int64),
                    "amount": (hours * paid + 50) // 100,
                }
            )
        )  # fmt: skip
    labour = pd.concat(worked, ignore_index=True)
    return pd.concat(planned, ignore_index=True), pd.concat(issued, ignore_index=True), labour[labour["day"] <= END]


def _post(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        f"""
        create temp table production_posting as
        with cost as (
            select work_order, day, 'wip_material' as account, amount from material_issue
            union all
            select work_order, day, 'wip_labour', amount from time_entry
        ),
        flow as (
            select company, day, account, amount from cost join work_order using (work_order)
            union all
            select company, day, case account when 'wip_material' then 'inventory' else 'labour_absorbed' end, -amount
            from cost join work_order using (work_order)
            union all
            select company, finish_day, account || ' finished', -amount from cost join work_order using (work_order)
            where finish_day > 0
            union all
            select company, finish_day, 'inventory', amount from cost join work_order using (work_order)
            where finish_day > 0
        )
        select company, (last_day({_date("day")}) - date '2023-09-01')::integer as day, account,
            sum(amount)::bigint as amount
        from flow group by all
        """
    )
    con.execute(
        f"""
        insert into ledger (voucher_type, voucher_ref, company, day, line, account, amount, memo)
        select {PRODUCTION}, dense_rank() over (order by day, company), company, day,
            row_number() over (partition by day, company order by account), replace(account, ' finished', ''), amount,
            'production'
        from production_posting where amount <> 0
        """
    )
