"""Sales of the demo group: orders, what is shipped and invoiced, credit notes, and when customers pay.

Money is whole cents from here on; exchange rates are millionths. A chunk of months is drawn at a time, so memory does
not grow with the number of lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from demo.clock import DAYS, END, NEVER, START, day_number, month_of
from demo.identifiers import random_generator
from demo.parties import CNY_PER_UNIT, CURRENCIES, INTERCOMPANY, World
from demo.payment_law import Invoices, Plan, draw

LINES_AT_SCALE_1 = 60_000
LINES_PER_ORDER = 3
MEDIAN_LINE_VALUE_CNY = 12_000
_LINES_AT_ONCE = 400_000
FIRST_MONTH = 2023 * 12 + 9  # October 2023: what is ordered then is invoiced from November on
LAST_MONTH = 2026 * 12 + 9


@dataclass(frozen=True)
class Market:
    """What every part of the generator looks up: calendars and exchange rates (company × currency × day)."""

    open_days: np.ndarray
    next_run: np.ndarray
    rate_millionths: np.ndarray
    regime_change: bool

    def rate(self, company: np.ndarray, currency: np.ndarray, day: np.ndarray) -> np.ndarray:
        return self.rate_millionths[company, currency, np.clip(day, 0, END)]

    def working_day(self, calendar: np.ndarray, day: np.ndarray) -> np.ndarray:
        """The day itself or the next working day."""
        from demo.clock import ANY_DAY, RUN_KINDS

        return self.next_run[calendar * RUN_KINDS + ANY_DAY, np.clip(day, 0, DAYS - 1)]


def in_company_currency(cents: np.ndarray, rate_millionths: np.ndarray) -> np.ndarray:
    return (cents * rate_millionths + 500_000) // 1_000_000


def exchange_rates(seed: int) -> np.ndarray:
    """CNY for one unit, currency × day, four decimals: a walk around the usual rates; weekends keep Friday's."""
    rng = random_generator(seed, 20)
    steps = rng.normal(0, 0.003, (len(CURRENCIES), DAYS))
    steps[0] = 0
    weekday = (np.arange(DAYS) + 4) % 7  # 2023-09-01 was a Friday
    steps[:, weekday >= 5] = 0
    walk = np.zeros_like(steps)
    level = np.zeros(len(CURRENCIES))
    for day in range(DAYS):
        level = 0.997 * level + steps[:, day] if weekday[day] < 5 else level
        walk[:, day] = level
    usual = np.array([CNY_PER_UNIT[c] for c in CURRENCIES])
    return np.round(usual[:, None] * np.exp(walk), 4)


def company_rates(world: World, cny: np.ndarray) -> np.ndarray:
    own = np.array([CURRENCIES.index(c) for c in world.companies["currency"]])
    return np.rint(cny[None, :, :] / cny[own][:, None, :] * 1e6).astype(np.int64)


def load(connection: duckdb.DuckDBPyConnection, world: World, market: Market, seed: int, scale: float) -> None:
    """Fill the tables ``sale`` (one row per order) and ``sale_line``."""
    order_id = 0
    created = False
    for chunk, months in enumerate(_chunks(scale)):
        orders, lines = _draw_orders(world, market, random_generator(seed, 1000 + chunk), months, scale, order_id)
        order_id += len(orders)
        _append(connection, orders, lines, created)
        created = True
    orders, lines = _intercompany(world, market, random_generator(seed, 999), scale, order_id)
    _append(connection, orders, lines, created)


def _append(connection: duckdb.DuckDBPyConnection, orders: pd.DataFrame, lines: pd.DataFrame, exists: bool) -> None:
    for table, frame in (("sale", orders), ("sale_line", lines)):
        connection.register("chunk", frame)
        connection.execute(
            f"insert into {table} by name select * from chunk" if exists else f"create table {table} as from chunk"
        )
        connection.unregister("chunk")


def _chunks(scale: float) -> Iterator[np.ndarray]:
    months = np.arange(FIRST_MONTH, LAST_MONTH + 1)
    per_month = LINES_AT_SCALE_1 * scale / len(months)
    yield from np.array_split(months, max(1, min(len(months), round(len(months) * per_month / _LINES_AT_ONCE))))


def _season(company: np.ndarray, month: np.ndarray) -> np.ndarray:
    of_year = month % 12
    usual = np.array([0.97, 0.90, 1.02, 1.0, 1.0, 1.03, 0.95, 0.93, 1.05, 1.06, 1.08, 1.01])
    chinese = np.array([0.95, 0.62, 1.12, 1.04, 1.02, 1.05, 0.96, 0.98, 1.06, 1.02, 1.10, 1.08])
    return np.where(company < 2, chinese[of_year], usual[of_year])


def _draw_orders(
    world: World, market: Market, rng: np.random.Generator, months: np.ndarray, scale: float, first_id: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    companies, customers = world.companies, world.customers
    cells = pd.MultiIndex.from_product([months, range(6)], names=["month", "company"]).to_frame(index=False)
    month, company = cells["month"].to_numpy(), cells["company"].to_numpy()
    growth = (1 + companies["growth"].to_numpy()[company]) ** ((month - FIRST_MONTH - 18) / 12)
    share = companies["share"].to_numpy()[company] / (LAST_MONTH - FIRST_MONTH + 1)
    wanted = LINES_AT_SCALE_1 * scale / LINES_PER_ORDER * share * growth * _season(company, month)
    counts = np.floor(wanted + rng.random(len(cells))).astype(int)
    month, company = np.repeat(month, counts), np.repeat(company, counts)
    n = len(month)

    calendar = companies["calendar"].to_numpy()[company]
    first_of_month = (
        (month - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]") - np.datetime64("2023-09-01")
    ).astype(int)
    order_day = market.working_day(calendar, first_of_month + np.floor(28 * rng.random(n) ** 0.85).astype(int))
    customer = _weighted_pick(rng, customers["company"].to_numpy(), customers["weight"].to_numpy(), company)
    # Customers that stopped paying are not delivered for ever: another one orders instead.
    refused = order_day > customers["stop_day"].to_numpy()[customer] + 45
    customer[refused] = _weighted_pick(
        rng, customers["company"].to_numpy(), customers["weight"].to_numpy(), company[refused]
    )
    who = customers.iloc[customer].reset_index(drop=True)
    currency = np.array([CURRENCIES.index(c) for c in customers["currency"]])[customer]
    long_lead = rng.random(n) < 0.12
    lead = np.where(long_lead, rng.integers(30, 120, n), rng.geometric(0.11, n).clip(max=45))
    ship_day = market.working_day(calendar, order_day + lead)
    order_day = np.where(order_day > END, END, order_day)
    ship_day = np.maximum(ship_day, START)
    due_day = ship_day + who["agreed_term"].to_numpy()
    disputed = rng.random(n) < who["dispute_share"].to_numpy()
    plan = draw(rng, Invoices(who, ship_day, due_day, disputed), market.next_run, market.regime_change)

    foreign = (who["country"] != companies["country"].to_numpy()[company]).to_numpy()
    vat = np.where(foreign, 0, companies["vat"].to_numpy()[company])
    orders = _order_frame(
        rng, market, company, customer, currency, order_day, ship_day, due_day, vat, disputed, plan, first_id
    )
    orders["bundles"] = who["bundles"].to_numpy()
    orders["bank_fee"] = np.where(foreign & (rng.random(n) < 0.35), rng.integers(8, 30, n) * 100, 0)
    orders["unapplied_days"] = np.where(rng.random(n) < 0.012, rng.integers(2, 25, n), 0)
    orders["third_party"] = rng.random(n) < 0.012
    lines = _lines(
        world, rng, orders, who["size"].to_numpy() * who["price_factor"].to_numpy(), who["price_factor"].to_numpy()
    )
    return _with_credit_notes(rng, market, orders, lines), lines


def _weighted_pick(rng: np.random.Generator, group: np.ndarray, weight: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Row numbers drawn by weight within the wanted group (groups are 0, 1, 2 …)."""
    order = np.argsort(group, kind="stable")
    sums = np.bincount(group, weights=weight)
    within = np.cumsum(weight[order]) - np.concatenate([[0], np.cumsum(sums)[:-1]])[group[order]]
    ladder = group[order] + np.round(within / sums[group[order]], 12).clip(max=1 - 1e-12)
    return order[np.searchsorted(ladder, wanted + rng.random(len(wanted)) * (1 - 1e-9)).clip(max=len(order) - 1)]


def _order_frame(  # type: ignore[no-untyped-def]
    rng,
    market: Market,
    company,
    customer,
    currency,
    order_day,
    ship_day,
    due_day,
    vat,
    disputed,
    plan: Plan,
    first_id: int,
) -> pd.DataFrame:
    n = len(company)
    return pd.DataFrame(
        {
            "order_id": np.arange(first_id + 1, first_id + n + 1),
            "company": company,
            "customer": customer,
            "currency": currency,
            "order_day": order_day,
            "ship_day": ship_day,
            "due_day": due_day,
            "vat": vat,
            "rate": market.rate(company, currency, ship_day),
            "is_disputed": disputed,
            "first_day": plan.first_day,
            "second_day": plan.second_day,
            "first_share": np.rint(plan.first_share * 10_000).astype(np.int64),
            "takes_discount": plan.takes_discount,
            "style": rng.integers(0, 1000, n),
            "is_intercompany": False,
        }
    )


def _lines(
    world: World, rng: np.random.Generator, orders: pd.DataFrame, size: np.ndarray, price_factor: np.ndarray
) -> pd.DataFrame:
    companies, products = world.companies, world.products
    counts = rng.choice((1, 2, 3, 4, 5, 6), len(orders), p=(0.2, 0.22, 0.22, 0.18, 0.1, 0.08))
    row = np.repeat(np.arange(len(orders)), counts)
    n = len(row)
    of = {name: orders[name].to_numpy()[row] for name in ("order_id", "company", "currency", "ship_day", "vat", "rate")}
    erp = (products["erp"] == "gl").to_numpy().astype(int)
    product = _weighted_pick(rng, erp, products["weight"].to_numpy(), (of["company"] >= 2).astype(int))
    years = (of["ship_day"] - START) / 365
    list_price = products["price_cny"].to_numpy()[product]
    value = MEDIAN_LINE_VALUE_CNY * size[row] * np.exp(rng.normal(0, 1.05, n))
    quantity = np.maximum(1, np.rint(np.round(value / list_price, 6))).astype(np.int64)
    per_unit = np.array([CNY_PER_UNIT[c] for c in CURRENCIES])[of["currency"]]
    price = list_price / per_unit * price_factor[row] * (1 + 0.022 * years) * (1 + 0.05 * (rng.random(n) - 0.5))
    own = np.array([CNY_PER_UNIT[c] for c in companies["currency"]])[of["company"]]
    cost = products["cost_cny"].to_numpy()[product] / own * (1 + 0.018 * years)
    return _priced(of, product, quantity, price, cost, counts)


def _priced(of: dict[str, np.ndarray], product, quantity, price, cost, counts) -> pd.DataFrame:  # type: ignore[no-untyped-def]
    price_cents = np.maximum(1, np.rint(np.round(price * 100, 4))).astype(np.int64)
    net = quantity * price_cents
    tax = (net * of["vat"] + 5_000) // 10_000
    first = np.cumsum(counts) - counts
    return pd.DataFrame(
        {
            "order_id": of["order_id"],
            "line": np.arange(len(product)) - np.repeat(first, counts) + 1,
            "product": product,
            "quantity": quantity,
            "price": price_cents,
            "net": net,
            "tax": tax,
            "net_base": in_company_currency(net, of["rate"]),
            "tax_base": in_company_currency(tax, of["rate"]),
            "cost": np.rint(np.round(cost * quantity * 100, 4)).astype(np.int64),
        }
    )


def _with_credit_notes(
    rng: np.random.Generator, market: Market, orders: pd.DataFrame, lines: pd.DataFrame
) -> pd.DataFrame:
    """2–3 % of invoices get a credit note for part of their first line, before they are paid."""
    n = len(orders)
    first = lines[lines["line"] == 1].set_index("order_id").loc[orders["order_id"]]
    wanted = rng.random(n) < np.where(orders["is_disputed"], 0.30, 0.022)
    note_day = orders["ship_day"].to_numpy() + rng.integers(3, 30, n)
    apply_day = note_day + np.where(rng.random(n) < 0.5, 0, rng.integers(1, 15, n))
    latest = orders["first_day"].to_numpy()
    note_day = np.minimum(note_day, latest)
    apply_day = np.minimum(apply_day, latest)
    wanted &= note_day > orders["ship_day"].to_numpy()
    quantity = np.maximum(1, np.rint(np.round(first["quantity"].to_numpy() * (0.1 + 0.8 * rng.random(n)), 6))).astype(
        np.int64
    )
    return orders.assign(**credit_note_columns(orders, first, wanted, note_day, apply_day, quantity))


def credit_note_columns(orders, first, wanted, note_day, apply_day, quantity) -> dict[str, np.ndarray]:  # type: ignore[no-untyped-def]
    net = quantity * first["price"].to_numpy()
    tax = (net * orders["vat"].to_numpy() + 5_000) // 10_000
    rate = orders["rate"].to_numpy()
    cost = first["cost"].to_numpy() * quantity // first["quantity"].to_numpy()
    columns = {
        "note_quantity": quantity,
        "note_net": net,
        "note_tax": tax,
        "note_net_base": in_company_currency(net, rate),
        "note_tax_base": in_company_currency(tax, rate),
        "note_cost": cost,
    }
    columns = {name: np.where(wanted, values, 0) for name, values in columns.items()}
    return columns | {
        "note_day": np.where(wanted, note_day, NEVER),
        "note_apply_day": np.where(wanted, apply_day, NEVER),
    }


def _intercompany(
    world: World, market: Market, rng: np.random.Generator, scale: float, first_id: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One invoice a month from each selling to each buying sister company; the buyer pays at the end of its term."""
    companies, customers, products = world.companies, world.customers, world.products
    months = np.arange(2023 * 12 + 10, LAST_MONTH + 1)
    pair = np.tile(np.arange(len(INTERCOMPANY)), len(months))
    month = np.repeat(months, len(INTERCOMPANY))
    seller, buyer, currency = (np.array(column)[pair] for column in zip(*INTERCOMPANY, strict=True))
    currency = np.array([CURRENCIES.index(c) for c in currency])
    sisters = customers[customers["is_intercompany"]]
    lookup = {
        (int(c), int(s)): row for row, c, s in zip(sisters.index, sisters["company"], sisters["sister"], strict=True)
    }
    customer = np.array([lookup[int(s), int(b)] for s, b in zip(seller, buyer, strict=True)])
    n = len(pair)
    calendar = companies["calendar"].to_numpy()[seller]
    day = ((month - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]") - np.datetime64("2023-09-01")).astype(
        int
    )
    ship_day = market.working_day(calendar, day + rng.integers(6, 20, n))
    due_day = ship_day + 45
    paid = market.working_day(companies["calendar"].to_numpy()[buyer], due_day + rng.integers(0, 5, n))
    paid = market.working_day(calendar, paid)
    country = companies["country"].to_numpy()
    vat = np.where(country[seller] == country[buyer], companies["vat"].to_numpy()[seller], 0)
    plan = Plan(paid, np.zeros(n, np.int64), np.ones(n), np.zeros(n, bool))
    orders = _order_frame(
        rng, market, seller, customer, currency, ship_day - 7, ship_day, due_day, vat,
        np.zeros(n, bool), plan, first_id,
    )  # fmt: skip
    orders["style"] = 0
    orders["is_intercompany"] = True
    orders = orders.assign(bundles=False, bank_fee=0, unapplied_days=0, third_party=False)
    counts = np.full(n, 3)
    row = np.repeat(np.arange(n), 3)
    of = {name: orders[name].to_numpy()[row] for name in ("order_id", "company", "currency", "ship_day", "vat", "rate")}
    erp = (products["erp"] == "gl").to_numpy().astype(int)
    product = _weighted_pick(rng, erp, products["weight"].to_numpy(), (of["company"] >= 2).astype(int))
    cost_cny = products["cost_cny"].to_numpy()[product]
    quantity = np.maximum(1, np.rint(130_000 * scale * rng.uniform(0.6, 1.4, len(row)) / cost_cny)).astype(np.int64)
    per_unit = np.array([CNY_PER_UNIT[c] for c in CURRENCIES])
    own = np.array([CNY_PER_UNIT[c] for c in companies["currency"]])[of["company"]]
    lines = _priced(of, product, quantity, cost_cny * 1.18 / per_unit[of["currency"]], cost_cny / own, counts)
    first = lines[lines["line"] == 1]
    none = np.zeros(n, bool)
    never = np.full(n, NEVER)
    return orders.assign(**credit_note_columns(orders, first, none, never, never, first["quantity"].to_numpy())), lines


__all__ = ["Market", "company_rates", "day_number", "exchange_rates", "load", "month_of"]
