"""Cash in over 13 weeks on the demo group, weekly origins, beside naive baselines and the generator's own law:
python tests/benchmarks/cash_in.py [--seed 7] [--origins 52] [--every 1] [--refit 4] [--paths 400] [--law-paths 200]

The history is taken from the generator's tables, not through a run, so that several seeds can be measured; the law
needs the generator anyway. Receipts are scored at the rates of each origin: what a currency does is another question
than what customers do. The law knows every customer's habits, discounts and shares, draws open invoices given that they
are still open, and new orders from the law of sales with other random numbers; invoices of service contracts it knows
in advance. Nobody can forecast better than it does, but for luck.
"""

from __future__ import annotations

# ruff: noqa: E402
import argparse
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

# run as a script, the benchmark beside this one that is called demo hides the package
sys.path = [place for place in sys.path if Path(place or ".").resolve() != Path(__file__).resolve().parent]

import duckdb
import numpy as np
import pandas as pd

from demo import bills, contracts, corrections, faults, group, parties, purchasing, sales, settle, shipping, tax
from demo.clock import END, FIRST_DAY, NEVER, next_run, working_days
from demo.identifiers import random_generator
from demo.parties import CURRENCIES
from demo.payment_law import SECOND_LEAST, SECOND_LOC, SECOND_MOST, SECOND_SCALE, Invoices, draw
from ml.cash_in import (
    CashInData,
    CashInTables,
    cash_in_blocks,
    estimate_links,
    first_receipts,
    forecast_days,
    largest_debtors,
    observed_luck,
    simulate_cash_in,
)
from ml.paths import CashPaths
from ml.receipts import ReceiptForecaster, SimilarInvoices

ORIGIN = pd.Timestamp(FIRST_DAY)
LINK_LAG_WEEKS = 13


@dataclass
class Made:
    """A generated group: what a forecaster may see (cut by date), and what only the law knows."""

    data: CashInData
    cash: pd.DataFrame  # company_id, currency, day, amount: what came, as it came
    world: Any
    market: Any
    sale: pd.DataFrame
    bill: pd.DataFrame
    note_events: pd.DataFrame  # note_id, day, event, amount, cash
    seed: int
    scale: float


def _dates(days: Any) -> pd.Series:
    values = pd.Series(np.asarray(days, dtype=float))
    return (ORIGIN + pd.to_timedelta(values.where(values < NEVER), unit="D")).astype("datetime64[ns]")


def make(seed: int, scale: float = 1.0) -> Made:
    """The group of ``demo.generate(scale, seed)``, its sales and receipts, without writing any system."""
    con = duckdb.connect(":memory:")
    con.execute("set enable_progress_bar = false")
    world = parties.build(seed, scale, True)
    cny = sales.exchange_rates(seed)
    open_days = working_days()
    market = sales.Market(open_days, next_run(open_days), sales.company_rates(world, cny), False)
    group._load_master_data(con, world, market, cny)
    sales.load(con, world, market, seed, scale)
    purchasing.load(con, world, market, seed, scale)
    purchasing.add_intercompany(con, world)
    faults.before_documents(con, world, market, seed)
    contracts.load(con, world, market, seed, scale)
    settle.documents(con)
    shipping.load(con, seed)
    corrections.supplier_notes(con, world, market, seed)
    tax.file_returns(con, world, True)
    group._purchase_orders(con, True)
    shipping.receive_earlier(con, seed)
    settle.money_in(con, world, market, seed)
    settle.money_out(con, world, market, seed)
    code = world.companies["code"].to_numpy()
    entity = world.customers["entity"].to_numpy()
    currency = np.array(CURRENCIES)

    def frame(query: str) -> pd.DataFrame:
        made = con.execute(query).df()
        made["company_id"] = code[made.pop("company")]
        if "customer" in made:
            made["customer_id"] = entity[made.pop("customer").to_numpy()]
        made["currency"] = currency[made["currency"].to_numpy()]
        return made

    invoices = frame(
        """
        select 'i' || lpad(document_id::varchar, 9, '0') as receivable_id, company, customer, currency, day, due_day,
            (net + tax) / 100.0 as amount, case when applied >= net + tax then last_paid end as cleared,
            case when applied >= net + tax then last end as applied_day
        from sales_document d
        left join (
            select document_id, max(a.day) as last, max(coalesce(r.day, a.day)) as last_paid, sum(a.amount) as applied
            from allocation a left join receipt r using (receipt_id) group by 1
        ) using (document_id)
        where is_note = 0 order by 1
        """
    )
    invoices = invoices.assign(
        invoice_date=_dates(invoices.pop("day")), due_date=_dates(invoices.pop("due_day")),
        cleared_date=_dates(invoices.pop("cleared").fillna(NEVER)),
        applied_on=_dates(invoices.pop("applied_day").fillna(NEVER)),
    )  # fmt: skip
    payments = con.execute(
        """
        select 'i' || lpad(document_id::varchar, 9, '0') as receivable_id, coalesce(r.day, a.day) as day,
            a.day as applied_on,
            case kind when 'PAYMENT' then 'payment' when 'BILL' then 'note' else lower(kind) end as kind,
            a.amount / 100.0 as amount
        from allocation a left join receipt r using (receipt_id) order by all
        """
    ).df()
    payments = payments.assign(day=_dates(payments["day"]), applied_on=_dates(payments["applied_on"]))
    orders = frame(
        f"""
        select 's' || lpad(s.order_id::varchar, 9, '0') as sale_id, s.company, s.customer, s.currency, s.order_day,
            s.ship_day, s.due_day, s.ship_day <= {END} as invoiced, l.gross / 100.0 as amount,
            b.contract is not null as of_contract
        from sale s join (select order_id, sum(net + tax) as gross from sale_line group by 1) l using (order_id)
        left join contract_billing b using (order_id) order by 1
        """
    )
    ship = _dates(orders["ship_day"])
    orders = orders.assign(
        order_date=_dates(orders["order_day"]), promised_date=ship,
        invoice_date=ship.where(orders["invoiced"].to_numpy()), due_date=_dates(orders["due_day"]),
    )  # fmt: skip
    receipts = frame(
        "select company, customer, currency, day, unapplied_days, amount / 100.0 as amount from receipt "
        "order by 1, 2, 3, 4, 6"
    )
    credits = receipts[receipts["unapplied_days"] > 0].reset_index(drop=True)
    credits = credits.assign(
        credit_id=[f"c{n:06d}" for n in range(len(credits))],
        cleared_date=_dates(np.minimum(credits["day"] + credits["unapplied_days"], NEVER)),
        day=_dates(credits["day"]),
    )
    notes = frame(
        """
        select 'n' || lpad(b.bill_id::varchar, 6, '0') as note_id, b.company, b.party as customer, 0 as currency, b.day,
            b.maturity_day, x.day as ended, x.event, b.amount / 100.0 as amount, x.cash / 100.0 as cash
        from bill b left join (
            select bill_id, arg_min(event, day) as event, min(day) as day,
                sum(case when moves_money then amount - fee else 0 end) as cash
            from bill_event where direction = '应收' and event <> '收票' group by 1
        ) x using (bill_id) where b.direction = '应收' order by 1
        """
    )
    names = {"贴现": "discounted", "到期": "matured", "拒付": "dishonoured", "背书": "endorsed"}
    notes = notes.assign(
        ending=notes.pop("event").map(names), received_date=_dates(notes.pop("day")),
        maturity_date=_dates(notes.pop("maturity_day")), ended_date=_dates(notes.pop("ended").fillna(NEVER)),
    )  # fmt: skip
    note_events = con.execute(
        """
        select 'n' || lpad(bill_id::varchar, 6, '0') as note_id, day, event, amount / 100.0 as amount,
            case when moves_money then amount - fee else 0 end / 100.0 as cash
        from bill_event where direction = '应收' and event <> '收票' order by all
        """
    ).df()
    note_events = note_events.assign(event=note_events["event"].map(names), day=_dates(note_events["day"]))
    of_notes = note_events.drop(columns="amount").rename(columns={"cash": "amount"})
    of_notes = of_notes[of_notes["amount"] > 0].merge(notes[["note_id", "company_id", "currency"]], on="note_id")
    cash = pd.concat([
        receipts.assign(day=_dates(receipts["day"])), of_notes,
    ])[["company_id", "currency", "day", "amount"]]  # fmt: skip
    who = world.customers
    customers = pd.DataFrame(
        {
            "customer_id": who["entity"],
            "region": who["country"] + " " + who["region"],
            "segment": who["segment"],
            "country": who["country"],
        }
    ).drop_duplicates("customer_id")
    companies = world.companies[["code", "country", "currency"]].rename(columns={"code": "company_id"})
    sale = con.execute(
        "select s.*, d.document_id, d.net + d.tax - s.note_net - s.note_tax as rest, l.gross, "
        "b.contract is not null as of_contract from sale s "
        "join (select order_id, sum(net + tax)::bigint as gross from sale_line group by 1) l using (order_id) "
        "left join sales_document d on d.order_id = s.order_id and d.is_note = 0 "
        "left join contract_billing b on b.order_id = s.order_id order by s.order_id"
    ).df()
    bill = con.execute("select * from bill where direction = '应收' order by bill_id").df()
    data = CashInData(invoices, payments, orders, notes, credits, customers, companies)
    return Made(data, cash, world, market, sale, bill, note_events, seed, scale)


def known_at(made: Made, as_of: pd.Timestamp) -> CashInData:
    """What was applied by ``as_of``: money that came and was not applied yet stands among the credits. Of a note passed
    on in part the rest is held."""
    data = made.data
    invoices, payments = data.invoices, data.payments
    went = made.note_events[made.note_events["day"] <= as_of].groupby("note_id", sort=True)
    went = went.agg(gone=("amount", "sum"), day=("day", "max"), event=("event", "last"), cash=("cash", "sum"))
    went = went.reindex(data.notes["note_id"]).reset_index(drop=True)
    gone = went["gone"].fillna(0.0)
    ended = gone >= data.notes["amount"] - 0.005
    notes = data.notes.assign(
        ended_date=went["day"].where(ended), ending=went["event"].where(ended), cash=went["cash"].where(ended),
        amount=data.notes["amount"].where(ended, data.notes["amount"] - gone),
    )  # fmt: skip
    return replace(
        data, payments=payments[payments["applied_on"] <= as_of], notes=notes,
        invoices=invoices.assign(cleared_date=invoices["cleared_date"].where(invoices["applied_on"] <= as_of)),
    )  # fmt: skip


# The generator's own law


class Law:
    """Draws cash in from the law itself, given all that the generator knows at an origin."""

    def __init__(self, made: Made, paths: int) -> None:
        self.made, self.paths = made, paths
        world, market = made.world, made.market
        self.calendar = world.companies["calendar"].to_numpy()
        months = np.arange(2025 * 12 + 5, sales.LAST_MONTH + 1)
        keep = [
            "company", "customer", "currency", "order_day", "ship_day", "due_day", "is_disputed", "first_day",
            "second_day", "first_share", "takes_discount", "bundles", "is_intercompany",
        ]  # fmt: skip
        self.replicas = []
        for path in range(paths):
            rng = random_generator(made.seed + 900_000, path)
            orders, lines = sales._draw_orders(world, market, rng, months, made.scale, 0)
            sisters, sister_lines = sales._intercompany(world, market, rng, made.scale, len(orders))
            both, rows = pd.concat([orders, sisters]), pd.concat([lines, sister_lines])
            rest = (rows.groupby("order_id")["net"].sum() + rows.groupby("order_id")["tax"].sum()).reindex(
                both["order_id"]
            )
            rest = rest.to_numpy() - both["note_net"].to_numpy() - both["note_tax"].to_numpy()
            self.replicas.append(both[keep].assign(rest=rest).astype({"rest": np.int64}).reset_index(drop=True))

    def simulate(self, origin: int, days: int) -> np.ndarray:
        """Cash per company × currency × path × day, cents, of the days after ``origin``."""
        made, paths = self.made, self.paths
        rng = np.random.default_rng([made.seed, origin])
        cash = np.zeros((6, len(CURRENCIES), paths, days))
        sale = made.sale
        future = sale["ship_day"] > origin
        ordered = (sale["order_day"] <= origin) & future
        unpaid = (~future) & sale["document_id"].notna() & (sale["first_day"] > origin) & (sale["rest"].fillna(0) > 0)
        part = (~future) & (sale["first_day"] <= origin) & (sale["second_day"] > origin)
        contract = future & sale["of_contract"] & (sale["ship_day"] <= origin + days)
        known = sale[unpaid | ordered | contract].reset_index(drop=True)
        self._unpaid(cash, known, origin, rng)
        self._second_parts(cash, sale[part].reset_index(drop=True), origin, rng)
        for path, replica in enumerate(self.replicas):
            new = replica[(replica["order_day"] > origin) & (replica["order_day"] <= origin + days)]
            self._pay(cash, new, np.full(len(new), path), origin, rng)
        self._held(cash, origin, rng)
        return cash

    def _unpaid(self, cash: np.ndarray, known: pd.DataFrame, origin: int, rng: np.random.Generator) -> None:
        paths = self.paths
        world, market = self.made.world, self.made.market
        rest = np.where(known["rest"].notna(), known["rest"], known["gross"]).astype(np.int64)
        known = known.assign(rest=rest)
        item = np.repeat(np.arange(len(known)), paths)
        path = np.tile(np.arange(paths), len(known))
        sister = known["is_intercompany"].to_numpy(dtype=bool)
        drawn = known.loc[item, ["company", "customer", "currency", "ship_day", "is_disputed", "bundles", "rest",
                                 "is_intercompany"]].reset_index(drop=True)  # fmt: skip
        first = np.full(len(item), NEVER)
        second, share, discount = np.zeros(len(item), np.int64), np.full(len(item), 10_000), np.zeros(len(item), bool)
        left = np.flatnonzero(~sister[item])
        for _ in range(60):
            if not len(left):
                break
            rows = known.iloc[item[left]]
            who = world.customers.iloc[rows["customer"].to_numpy()].reset_index(drop=True)
            plan = draw(
                rng,
                Invoices(
                    who, rows["ship_day"].to_numpy(), rows["due_day"].to_numpy(), rows["is_disputed"].to_numpy(bool)
                ),
                market.next_run,
                False,
            )
            good = plan.first_day > origin
            at = left[good]
            first[at], second[at], discount[at] = plan.first_day[good], plan.second_day[good], plan.takes_discount[good]
            share[at] = np.rint(plan.first_share[good] * 10_000)
            left = left[~good]
        left = np.flatnonzero(sister[item])
        buyer = world.customers["sister"].fillna(0).astype(int).to_numpy()
        for _ in range(200):
            rows = known.iloc[item[left]]
            meant = rows["due_day"].to_numpy() + rng.integers(0, 5, len(left))
            paid = market.working_day(self.calendar[buyer[rows["customer"].to_numpy()]], meant)
            paid = market.working_day(self.calendar[rows["company"].to_numpy()], paid)
            good = paid > origin
            first[left[good]] = paid[good]
            left = left[~good]
        self._pay(
            cash, drawn.assign(first_day=first, second_day=second, first_share=share, takes_discount=discount),
            path, origin, rng,
        )  # fmt: skip

    def _second_parts(self, cash: np.ndarray, part: pd.DataFrame, origin: int, rng: np.random.Generator) -> None:
        paths = self.paths
        item, path = np.repeat(np.arange(len(part)), paths), np.tile(np.arange(paths), len(part))
        run = self.made.world.customers["run"].to_numpy()[part["customer"].to_numpy()]
        day = np.full(len(item), NEVER)
        left = np.arange(len(item))
        for _ in range(100):
            u = rng.random(len(left)).clip(1e-9, 1 - 1e-9)
            wait = np.ceil(SECOND_LOC + SECOND_SCALE * np.log(u / (1 - u))).astype(int).clip(SECOND_LEAST, SECOND_MOST)
            drawn = self.made.market.next_run[run[item[left]], part["first_day"].to_numpy()[item[left]] + wait]
            good = drawn > origin
            day[left[good]] = drawn[good]
            left = left[~good]
        rest = part["rest"].to_numpy(dtype=np.int64)
        second = (rest - rest * part["first_share"].to_numpy() // 10_000)[item]
        # a quarter of what is short by less than a tenth is written off
        second = np.where((second * 10 < rest[item]) & (rng.random(len(item)) < 0.25), 0, second)
        self._add(
            cash, part["company"].to_numpy()[item], part["currency"].to_numpy()[item], path, day - origin - 1, second
        )

    def _pay(
        self, cash: np.ndarray, rows: pd.DataFrame, path: np.ndarray, origin: int, rng: np.random.Generator
    ) -> None:
        rest = rows["rest"].to_numpy(dtype=np.int64)
        discount = rows["takes_discount"].to_numpy(bool)
        parts = rows["second_day"].to_numpy() > 0
        first = np.where(discount, rest - (rest * 200 + 5000) // 10_000,
                         np.where(parts, rest * rows["first_share"].to_numpy() // 10_000, rest))  # fmt: skip
        second = np.where(parts, rest - first, 0)
        second = np.where((second * 10 < rest) & (rng.random(len(rest)) < 0.25), 0, second)
        company, currency = rows["company"].to_numpy(), rows["currency"].to_numpy()
        home = np.array([CURRENCIES.index(c) for c in self.made.world.companies["currency"]])
        takes_notes = (company < 2) & (currency == home[company]) & ~rows["is_intercompany"].to_numpy(bool)
        for day, amount in ((rows["first_day"].to_numpy(), first), (rows["second_day"].to_numpy(), second)):
            day = np.where(day == 0, NEVER, day)
            # one note for all that is bundled in a receipt
            own = np.where(rows["bundles"].to_numpy(bool), 0, np.arange(len(rows)))
            receipt = pd.DataFrame({"c": rows["customer"].to_numpy(), "d": day, "p": path, "o": own})
            number = receipt.groupby(["c", "d", "p", "o"], sort=False).ngroup().to_numpy()
            count = int(number.max()) + 1 if len(number) else 0
            noted = (rng.random(count) < bills.RECEIVED_SHARE)[number] & takes_notes & ~discount
            fate = rng.integers(0, 10, count)[number]
            wait, term = rng.integers(4, 40, count)[number], rng.choice([90, 120, 180], count)[number]
            issued = rng.integers(0, 5, count)[number]
            discounted = np.isin(fate, (2, 7))
            later = np.where(discounted, day + wait, day - issued + term)
            moved = self.made.market.working_day(self.calendar[company], np.where(day < NEVER, later, 0))
            when = np.where(noted, np.where(day < NEVER, moved, NEVER), day)
            # four in ten of those passed on find a payment; one held in twelve fails
            lost = noted & (np.isin(fate, (0, 4, 6)) & (rng.random(count) < 0.28)[number]
                            | ~discounted & (rng.random(count) < 0.08)[number])  # fmt: skip
            self._add(cash, company, currency, path, when - origin - 1, np.where(lost, 0, amount))

    def _held(self, cash: np.ndarray, origin: int, rng: np.random.Generator) -> None:
        notes = self.made.data.notes
        day = ((notes["received_date"] - ORIGIN) / pd.Timedelta(days=1)).to_numpy()
        ended = ((notes["ended_date"] - ORIGIN) / pd.Timedelta(days=1)).to_numpy()
        held = np.flatnonzero((day <= origin) & ~(ended <= origin))
        bill = self.made.bill.iloc[held]
        for row in bill.itertuples():
            age = origin - row.day
            # of ten: two are discounted within 40 days, one passed on, the others held
            still = max(40 - max(age, 4), 0) / 36
            weights = np.array([2 * still, 1.0 if age < 60 else 0.3, 7.0])
            fate = rng.choice(3, self.paths, p=weights / weights.sum())
            wait = rng.integers(max(age + 1, 4), max(40, age + 2), self.paths)
            moved = self.made.market.working_day(np.full(self.paths, self.calendar[row.company]), row.day + wait)
            when = np.where(fate == 0, moved, row.paid_day)
            lost = (fate == 1) | ((fate == 2) & (rng.random(self.paths) < 0.08))
            amount = np.where(lost, 0, row.amount)
            self._add(cash, np.full(self.paths, row.company), np.zeros(self.paths, int), np.arange(self.paths),
                      when - origin - 1, amount)  # fmt: skip

    @staticmethod
    def _add(cash: np.ndarray, company, currency, path, day, amount) -> None:  # type: ignore[no-untyped-def]
        inside = (day >= 0) & (day < cash.shape[3])
        at = np.ravel_multi_index((company[inside], currency[inside], path[inside], day[inside]), cash.shape)
        cash += np.bincount(at, amount[inside], minlength=cash.size).reshape(cash.shape)


# Scores


LEVELS = np.concatenate([["group"], parties.COMPANIES["code"].to_numpy()])


def weekly(cents: np.ndarray, days: pd.DatetimeIndex) -> np.ndarray:
    """… × days → … × 13 weeks of seven days from the day after the origin."""
    return cents[..., : 7 * 13].reshape(*cents.shape[:-1], 13, 7).sum(axis=-1)


def by_level(cents: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """company × currency × … in cents → group and companies × … in reporting currency (CNY)."""
    in_cny = (
        np.tensordot(rates / 100.0, cents, axes=([0], [1]))
        if cents.ndim == 2
        else np.einsum("k,ck...->c...", rates / 100.0, cents)
    )
    return np.concatenate([in_cny.sum(axis=0, keepdims=True), in_cny])


def crps(paths: np.ndarray, actual: np.ndarray) -> np.ndarray:
    """Continuous ranked probability score of an ensemble (first axis), the fair estimate (Ferro 2014)."""
    ordered = np.sort(paths, axis=0)
    n = len(ordered)
    weight = (2.0 * np.arange(1, n + 1) - n - 1.0).reshape(-1, *[1] * (paths.ndim - 1))
    spread = 2.0 * (weight * ordered).sum(axis=0) / (n * max(n - 1, 1))
    return np.abs(paths - actual[None]).mean(axis=0) - 0.5 * spread


def point_baseline(made: Made, as_of: pd.Timestamp, late: dict[str, float] | None, days: int) -> np.ndarray:
    """Company × currency × days, cents: open invoices on their due date (plus each customer's recent average days
    late), new ones as in the last 26 weeks, evenly, on the same terms."""
    data = made.data
    code = {c: n for n, c in enumerate(parties.COMPANIES["code"])}
    place = {c: n for n, c in enumerate(CURRENCIES)}
    cash = np.zeros((6, len(CURRENCIES), days))
    opened = data.invoices[(data.invoices["invoice_date"] <= as_of) & ~(data.invoices["cleared_date"] <= as_of)]
    opened = opened[opened["due_date"] > as_of - pd.Timedelta(days=180)]
    paid = data.payments[data.payments["day"] <= as_of].groupby("receivable_id")["amount"].sum()
    left = opened["amount"].to_numpy() - paid.reindex(opened["receivable_id"]).fillna(0).to_numpy()
    recent = data.invoices[
        (data.invoices["invoice_date"] <= as_of) & (data.invoices["invoice_date"] > as_of - pd.Timedelta(days=182))
    ]
    for rows, amount, times in ((opened, left, 1), (recent, recent["amount"].to_numpy(), 26)):
        shift = rows["customer_id"].map(late).fillna(late["*"]).to_numpy() if late else np.zeros(len(rows))
        due = ((rows["due_date"] - as_of).dt.days.to_numpy() + np.rint(shift)).astype(int)
        company, currency = rows["company_id"].map(code).to_numpy(), rows["currency"].map(place).to_numpy()
        if times == 1:
            np.add.at(cash, (company, currency, np.clip(due - 1, 0, days - 1)), np.where(due <= days, amount * 100, 0))
            continue
        wait = due - (rows["invoice_date"] - as_of).dt.days.to_numpy()
        for day in range(days):
            at = np.clip(wait, 1, None) + day
            inside = at < days
            np.add.at(cash, (company[inside], currency[inside], at[inside]), amount[inside] * 100 / 182.0)
    return cash


def recent_days_late(made: Made, as_of: pd.Timestamp) -> dict[str, float]:
    done = made.data.invoices[made.data.invoices["cleared_date"] <= as_of].sort_values(
        ["cleared_date", "receivable_id"]
    )
    late = (done["cleared_date"] - done["due_date"]).dt.days.clip(-60, 120)
    by = late.groupby(done["customer_id"]).apply(lambda days: days.tail(30).mean()).to_dict()
    return by | {"*": float(late.tail(2000).mean())}


def smoothing(history: np.ndarray, paths: int, seed: int) -> np.ndarray:
    """AutoETS on the weekly total: the better by AIC of level and damped trend, simulated (statsmodels)."""
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    series = pd.Series(history)
    fitted = [
        ETSModel(series, error="add", trend=trend, damped_trend=trend is not None).fit(disp=False)
        for trend in (None, "add")
    ]
    best = min(fitted, key=lambda model: model.aic)
    drawn = best.simulate(13, anchor="end", repetitions=paths, rng=np.random.default_rng(seed))
    return np.asarray(drawn).T


def measure(made: Made, arguments: argparse.Namespace) -> dict[str, dict[str, np.ndarray]]:
    last = END - 7 * 13 - arguments.skip * 7
    origins = [last - 7 * arguments.every * n for n in range(arguments.origins)][::-1]
    cny = sales.exchange_rates(made.seed)
    code = {c: n for n, c in enumerate(parties.COMPANIES["code"])}
    place = {c: n for n, c in enumerate(CURRENCIES)}
    actual_days = np.zeros((6, len(CURRENCIES), END + 200))
    day = ((made.cash["day"] - ORIGIN) / pd.Timedelta(days=1)).astype(int).to_numpy()
    where = made.cash["company_id"].map(code).to_numpy(), made.cash["currency"].map(place).to_numpy(), day
    np.add.at(actual_days, where, np.rint(made.cash["amount"].to_numpy() * 100))
    law = Law(made, arguments.law_paths) if arguments.law_paths else None
    result: dict[str, dict[str, list[np.ndarray]]] = {}
    fits: dict[int, ReceiptForecaster] = {}
    forecaster: ReceiptForecaster | None = None
    spent = {"fit": 0.0, "simulate": 0.0, "law": 0.0}
    for number, origin in enumerate(origins):
        as_of = ORIGIN + pd.Timedelta(days=origin)
        known = known_at(made, as_of)
        history = first_receipts(known, as_of)
        rates = cny[:, origin]
        days = forecast_days(as_of)
        actual = by_level(weekly(actual_days[:, :, origin + 1 : origin + 92], days), rates)
        started = time.perf_counter()
        if forecaster is None or number % arguments.refit == 0:
            if number == 0:
                for back in (1, 2, 3):
                    earlier = origin - 7 * LINK_LAG_WEEKS - 28 * (back - 1)
                    fits[earlier] = SimilarInvoices().fit(history, ORIGIN + pd.Timedelta(days=earlier))
            forecaster = SimilarInvoices().fit(history, as_of)
            fits[origin] = forecaster
            usable = sorted(o for o in fits if o <= origin - 7 * 8)[-4:]
            luck = [observed_luck(history, fits[o], ORIGIN + pd.Timedelta(days=o), as_of) for o in usable]
            links = estimate_links(pd.concat(luck))
        spent["fit"] += time.perf_counter() - started
        started = time.perf_counter()
        paths = simulate_cash_in(known, as_of, forecaster, links, arguments.paths, arguments.seed)
        model = np.zeros((6, len(CURRENCIES), arguments.paths, 91))
        both = paths.roll_up(["company_id", "currency"])
        for row, key in both.series.iterrows():
            model[code[key["company_id"]], place[key["currency"]]] = both.cents[row, :, :91]
        components = {
            part: by_level(weekly(_cube(paths.where(paths.series["component"] == part), code, place), days), rates)[0]
            for part in ("open", "new", "notes")
        }
        spent["simulate"] += time.perf_counter() - started
        made_by = {"model": by_level(weekly(model, days), rates)}
        if law is not None:
            started = time.perf_counter()
            made_by["law"] = by_level(weekly(law.simulate(origin, 91), days), rates)
            spent["law"] += time.perf_counter() - started
        late = recent_days_late(made, as_of)
        for name, given in (("due date", None), ("recent average", late)):
            made_by[name] = by_level(weekly(point_baseline(made, as_of, given, 91)[:, :, None], days), rates)
        made_by["seasonal naive"] = by_level(
            weekly(actual_days[:, :, origin - 363 : origin - 272], days)[:, :, None], rates
        )
        history = by_level(
            actual_days[:, :, origin + 1 - 7 * 78 : origin + 1].reshape(6, len(CURRENCIES), 78, 7).sum(axis=-1), rates
        )
        ets = smoothing(history[0], arguments.paths, arguments.seed)
        made_by["AutoETS"] = np.concatenate([ets[None], np.full((6, *ets.shape), np.nan)])
        for name, cube in made_by.items():
            result.setdefault(name, {}).setdefault("paths", []).append(cube)
        result.setdefault("actual", {}).setdefault("paths", []).append(actual)
        if number % 4 == 0:
            m = made_by["model"][0].mean(axis=0).sum() / 1e6
            text = f"{as_of.date()} actual {actual[0].sum() / 1e6:6.1f} model {m:6.1f}"
            if law is not None:
                text += f" law {made_by['law'][0].mean(axis=0).sum() / 1e6:6.1f}"
            parts = " ".join(f"{k} {v.mean(axis=0).sum() / 1e6:.1f}" for k, v in components.items())
            print(f"{text}  ({parts})  links {links.customer:.3f} {links.everyone:.3f}", flush=True)
    print({k: round(v, 1) for k, v in spent.items()})
    return {name: {"paths": np.stack(parts["paths"])} for name, parts in result.items()}


def _cube(paths: CashPaths, code: dict[str, int], place: dict[str, int]) -> np.ndarray:
    cube = np.zeros((6, len(CURRENCIES), paths.paths, 91))
    both = paths.roll_up(["company_id", "currency"])
    for row, key in both.series.iterrows():
        cube[code[key["company_id"]], place[key["currency"]]] = both.cents[row, :, :91]
    return cube


def report(result: dict[str, dict[str, np.ndarray]], label: str) -> str:
    """The table of figures; ``paths`` are origins × levels × paths × weeks."""
    actual = result["actual"]["paths"]
    lines = [f"## {label}: {len(actual)} origins", "",
             "| group | weekly WAPE | 90-day error, mean | bias | CRPS week, CNY | CRPS 90 days | CRPS beside model |",
             "|---|---|---|---|---|---|---|"]  # fmt: skip
    base = None
    for name in ("model", "law", "due date", "recent average", "seasonal naive", "AutoETS"):
        if name not in result:
            continue
        paths = result[name]["paths"][:, 0]
        a = actual[:, 0]
        middle = np.median(paths, axis=1)
        wape = np.abs(middle - a).sum() / a.sum()
        total = paths.sum(axis=2)
        off = np.abs(total.mean(axis=1) - a.sum(axis=1)).sum() / a.sum()
        bias = (total.mean(axis=1) - a.sum(axis=1)).sum() / a.sum()
        week = float(crps(np.moveaxis(paths, 1, 0), a).mean())
        all_days = float(crps(total.T, a.sum(axis=1)).mean())
        base = base or week
        lines.append(
            f"| {name} | {wape:.1%} | {off:.1%} | {bias:+.1%} | {week:,.0f} | {all_days:,.0f} | {week / base:.2f} |"
        )
    lines += ["", "| level | period | model in 80 % | in 95 % | law in 80 % | in 95 % "
              "| width 80 to law | width 95 to law | CRPS to law |", "|---" * 9 + "|"]  # fmt: skip
    for level in ("group", "companies"):
        which = [0] if level == "group" else list(range(1, 7))
        for period, cut in (
            ("week", lambda x: x),
            ("month", _months),
            ("90 days", lambda x: x.sum(axis=-1, keepdims=True)),
        ):
            cells = []
            widths = {}
            scores = {}
            for name in ("model", "law"):
                if name not in result:
                    cells += ["", ""]
                    continue
                paths, a = cut(result[name]["paths"][:, which]), cut(actual[:, which])
                scores[name] = float(crps(np.moveaxis(paths, 2, 0), a).mean())
                for cover, (low, high) in {80: (0.1, 0.9), 95: (0.025, 0.975)}.items():
                    q = np.quantile(paths, [low, high], axis=2)
                    inside = (a >= q[0]) & (a <= q[1])
                    cells.append(f"{inside.mean():.1%}")
                    widths[name, cover] = float((q[1] - q[0]).mean())
            if "law" in result:
                cells += [f"{widths['model', c] / widths['law', c]:.2f}" for c in (80, 95)]
                cells.append(f"{scores['model'] / scores['law']:.2f}")
            lines.append(f"| {level} | {period} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _months(weeks: np.ndarray) -> np.ndarray:
    """Thirteen weeks as three periods of four weeks and one of one left out."""
    return weeks[..., :12].reshape(*weeks.shape[:-1], 3, 4).sum(axis=-1)


def large(invoices: int, customers: int = 20_000) -> None:
    """A made-up history of 10,000 leaves: what the simulation and its tables take, the timing model beside."""
    import resource

    random = np.random.default_rng(5)
    leaf = np.arange(customers) % 10_000
    who = pd.DataFrame({
        "customer_id": [f"c{n:06d}" for n in range(customers)], "company_id": [f"k{n % 10}" for n in leaf],
        "currency": np.array(["EUR", "USD", "CNY", "GBP", "SGD"])[leaf // 10 % 5],
        "region": [f"r{n // 50 % 40:02d}" for n in leaf], "segment": [f"s{n // 2000}" for n in leaf], "country": "DE",
    })  # fmt: skip
    as_of = pd.Timestamp("2026-10-31")
    which = (random.random(invoices) ** 1.5 * customers).astype(int)
    invoiced = as_of - pd.to_timedelta(random.integers(0, 1095, invoices), unit="D")
    due = invoiced + pd.to_timedelta(np.array([30, 60, 90])[which % 3], unit="D")
    cleared = due + pd.to_timedelta(np.rint(random.gumbel(3 + which % 20, 6)), unit="D")
    rows = who[["customer_id", "company_id", "currency"]].iloc[which].reset_index(drop=True).assign(
        receivable_id=[f"i{n:08d}" for n in range(invoices)], invoice_date=invoiced, due_date=due,
        cleared_date=np.asarray(cleared), amount=np.round(np.exp(random.normal(8, 1.2, invoices)), 2),
    )  # fmt: skip
    rows["cleared_date"] = rows["cleared_date"].where(rows["cleared_date"] > rows["invoice_date"], rows["due_date"])
    paid = rows[rows["cleared_date"] <= as_of]
    payments = paid[["receivable_id", "amount"]].assign(day=paid["cleared_date"], kind="payment")
    sales_frame = rows.drop(columns="cleared_date").rename(columns={"receivable_id": "sale_id"})
    sales_frame = sales_frame.assign(order_date=rows["invoice_date"], promised_date=rows["invoice_date"])
    nothing = pd.DataFrame({c: pd.Series(dtype=object) for c in ("note_id", "company_id", "customer_id", "currency",
                            "ending", "credit_id")})  # fmt: skip
    nothing = nothing.assign(**{c: pd.Series(dtype="datetime64[ns]") for c in (
        "received_date", "maturity_date", "ended_date", "day", "cleared_date")})  # fmt: skip
    nothing = nothing.assign(amount=pd.Series(dtype=float), cash=pd.Series(dtype=float))
    companies = pd.DataFrame({"company_id": [f"k{n}" for n in range(10)], "country": "DE", "currency": "EUR"})
    data = CashInData(rows, payments, sales_frame, nothing, nothing, who, companies)
    print(f"{invoices} invoices, {(~(rows['cleared_date'] <= as_of)).sum()} open", flush=True)
    # processor time: the machine may have other work; what runs on one core takes as long, with nothing beside it
    clock = time.process_time
    started = clock()
    forecaster = SimilarInvoices().fit(rows, as_of)
    print(f"timing model fitted      {clock() - started:6.1f} s", flush=True)
    started = clock()
    rates = {"EUR": 7.75, "USD": 7.2, "CNY": 1.0, "GBP": 9.05, "SGD": 5.35}
    books = dict(zip(companies["company_id"], companies["currency"], strict=True))
    tables = CashInTables(as_of, rates, "CNY", books, 50)
    spent = 0.0
    for block in cash_in_blocks(data, as_of, forecaster, by_customer=largest_debtors(data, as_of, rates)):
        before = clock()
        tables.add(block)
        spent += clock() - before
    total = clock() - started
    print(f"simulated                {total - spent:6.1f} s\nlevels and quantiles     {spent:6.1f} s", flush=True)
    before = clock()
    forecast, paths = tables.forecast(), tables.paths()
    print(f"frames of {len(forecast)} and {len(paths)} rows {clock() - before:6.1f} s")
    day = forecast[forecast["period"] == "day"].groupby(["level", "period_day"])["total_cents_reporting"].sum()
    assert (day.unstack("level").nunique(axis=1) == 1).all()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{(forecast['level'] == 'leaf').sum()} rows of leaves; peak {peak:.1f} GB")


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, default in (
        ("seed", 7),
        ("origins", 52),
        ("every", 1),
        ("refit", 4),
        ("paths", 400),
        ("law-paths", 200),
        ("skip", 0),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--large", type=int, default=0, help="so many made-up invoices: time and memory, no scores")
    arguments = parser.parse_args()
    if arguments.large:
        large(arguments.large)
        return
    started = time.perf_counter()
    made = make(arguments.seed, arguments.scale)
    print(f"made {len(made.data.invoices)} invoices  {time.perf_counter() - started:.0f} s", flush=True)
    result = measure(made, arguments)
    print(report(result, f"seed {arguments.seed}, scale {arguments.scale:g}, {arguments.paths} paths"))
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
