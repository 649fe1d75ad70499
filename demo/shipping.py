"""When goods leave: some shipments are billed days later, some orders leave in two parts. Books follow the invoice."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

from demo.clock import END, NEVER
from demo.identifiers import random_generator

_SECOND_PART = 1_000_000_000


def load(con: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Fill ``shipment`` and ``shipment_line`` with what left up to the as-of date; ``sale`` gets ``shipped_day``.

    An order leaves on the day it is billed or, one in four, up to ten days before; one in twelve in two parts, the
    first of which may leave days earlier still. Of what is billed after the as-of date, half has left just before it.
    """
    rng = random_generator(seed, 60)
    sales = con.execute("select order_id, order_day, ship_day, is_intercompany from sale order by order_id").fetchdf()
    n = len(sales)
    ordinary = ~sales["is_intercompany"].to_numpy(dtype=bool)
    order_day, billed_day = sales["order_day"].to_numpy(), sales["ship_day"].to_numpy()
    ahead = np.where((rng.random(n) < 0.25) & ordinary, rng.integers(1, 11, n), 0)
    last = np.maximum(np.minimum(order_day + 1, billed_day), billed_day - ahead)
    waiting = ordinary & (billed_day > END) & (order_day < END) & (rng.random(n) < 0.5)
    last = np.where(waiting, np.maximum(order_day + 1, END - rng.integers(0, 6, n)), last)
    split = (rng.random(n) < 1 / 12) & ordinary
    first = np.where(split, np.maximum(np.minimum(order_day + 1, last), last - rng.integers(1, 15, n)), last)
    plan = pd.DataFrame({"order_id": sales["order_id"], "first": first, "last": last, "split": split})
    con.register("plan", plan)
    con.execute("alter table sale add column shipped_day bigint")
    con.execute("update sale set shipped_day = plan.last from plan where plan.order_id = sale.order_id")
    con.execute(
        f"""
        create table shipment as
        select p.order_id as shipment_id, p.order_id, s.company, p.first as day, 1 as part, p.split
        from plan p join sale s using (order_id) where p.first <= {END}
        union all
        select {_SECOND_PART} + p.order_id, p.order_id, s.company, p.last, 2, true
        from plan p join sale s using (order_id) where p.split and p.last <= {END}
        """
    )
    con.unregister("plan")
    con.execute(
        """
        create table shipment_line as
        select * from (
            select t.shipment_id, t.order_id, l.line, l.product, t.company, t.day,
                case when not t.split then l.quantity when t.part = 1 then l.quantity // 2
                    else l.quantity - l.quantity // 2 end as quantity
            from shipment t join sale_line l using (order_id)
        ) where quantity > 0
        """
    )


def receive_earlier(con: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Some goods come up to ten days before the supplier's invoice: receipts of ``purchase_order`` move, books stay."""
    rng = random_generator(seed, 61)
    orders = con.execute(
        "select order_id, order_day, receipt_day, post_day from purchase_order "
        f"where not is_service and not is_intercompany and receipt_day < {NEVER} order by order_id"
    ).fetchdf()
    n = len(orders)
    order_day, receipt_day = orders["order_day"].to_numpy(), orders["receipt_day"].to_numpy()
    ahead = np.where(rng.random(n) < 0.25, rng.integers(1, 11, n), 0)
    waiting = (orders["post_day"].to_numpy() > END) & (rng.random(n) < 0.5)
    day = np.where(waiting, np.minimum(receipt_day, END - rng.integers(0, 6, n)), receipt_day - ahead)
    day = np.maximum(np.minimum(order_day + 1, receipt_day), day)
    con.register("plan", pd.DataFrame({"order_id": orders["order_id"], "day": day}))
    con.execute(
        "update purchase_order set receipt_day = plan.day from plan where plan.order_id = purchase_order.order_id"
    )
    con.unregister("plan")
