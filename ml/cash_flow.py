"""Weekly cash flows of the next 13 weeks and 90 days, as paths: by company, currency and flow.

Every flow is simulated in the same number of paths, so that quantiles of sums come from sums of paths. A flow is made
of components (see fct_cash_flow_daily), and each component of what is planned and of what is not planned yet, never
both:

- documents that are open (receivables, payables, intercompany): each falls into a week by its own payment-timing
  distribution; the component's past counts only for the share that, that far ahead, has come from documents not posted
  yet;
- other planned items (pay, tax, loans, bills, projects, memo records): at their day, with the spread of their amount;
  where a component recurs, its plan reaches to the horizon and its past does not count at all;
- everything else: a past week of the same place in its month, scaled to the component's present level. One past week is
  drawn for all companies and components at once, so that they move together as they have moved.

``amount`` is money of the ``currency`` beside it; inflows are positive, outflows negative.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.calibration import Floats, LatenessDistribution
from ml.features import DAY, days_between
from ml.receipts import ReceiptForecaster

WEEK = 7 * DAY
WEEKS = 13
HORIZON_DAYS = 90
SEASON_WEEKS = 52
LEVEL_WEEKS = 26
PATHS = 1000
LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
QUANTILE_COLUMNS = tuple(f"p{round(level * 100):02d}" for level in LEVELS)
NET = "net"
RECEIPTS = "receipts"
MEMO_RECORDS = "memo_records"
KEYS = ["company_id", "currency", "flow"]
DOCUMENT_COLUMNS = ("company_id", "flow", "document_type", "document_id", "week_start", "expected_amount")
CUSTOMER_LINK, GROUP_LINK = 0.5, 0.05
"""Share of an item's luck that it has in common with the customer's other items, and with all items."""

Where = tuple[str, str]
Receipts = Mapping[Where, NDArray[np.int64]]
"""Paths × weeks of receipts in cents, by company_id and currency: simulated elsewhere."""


@dataclass(frozen=True)
class OpenItems:
    """Documents that will become one of the flows.

    flow: receipts, supplier_payments or intercompany; sign: 1 for money in, -1 for money out.
    items: open at as_of: company_id, currency, customer_id (of payables: the supplier), due_date, invoice_date,
        amount (still open, in ``currency``, positive as owed; credits negative); with ``cash_share``, the share that is
        settled by money and not by a bill.
    history: past and open items with company_id, invoice_date, cleared_date, amount: how soon new ones turn into cash.
    forecaster: fitted on that history.
    components: of the flow that these items become; empty: all of it.
    customer_link: share of an item's luck that it has in common with the customer's other items.
    weeks_vary: whether a week's money is at least as uncertain as weeks of the same place in their month were apart:
        others decide when it moves, and good and bad weeks come over all items together.
    run_days: company_id, run_date: days on which a company pays, where it has a habit; its items are paid on one of
        them, the one nearest to the day that the forecaster says.
    """

    flow: str
    sign: float
    items: pd.DataFrame
    history: pd.DataFrame
    forecaster: ReceiptForecaster
    components: tuple[str, ...] = ()
    customer_link: float = CUSTOMER_LINK
    weeks_vary: bool = False
    run_days: pd.DataFrame | None = None


@dataclass(frozen=True)
class FlowPaths:
    """What may come: paths × weeks of each flow, by company_id, currency and flow, in that currency.

    The first week counts only from the day after ``as_of``. ``documents``: what each document is expected to move, the
    mean over the same paths: company_id, flow, document_type, document_id, week_start, expected_amount; what was
    simulated elsewhere is not in it. ``open_items``: of each flow the part that comes from documents open at ``as_of``.
    """

    as_of: pd.Timestamp
    weeks: pd.DatetimeIndex
    paths: int
    flows: dict[tuple[str, str, str], Floats] = field(repr=False)
    documents: pd.DataFrame = field(repr=False, default_factory=lambda: pd.DataFrame(columns=list(DOCUMENT_COLUMNS)))
    open_items: dict[tuple[str, str, str], Floats] = field(repr=False, default_factory=dict)

    def net(self) -> dict[Where, Floats]:
        """Path by path the sum of a company's flows in one currency."""
        result: dict[Where, Floats] = {}
        for company, currency, flow in sorted(self.flows):
            before = result.get((company, currency), 0.0)
            result[(company, currency)] = before + self.flows[(company, currency, flow)]
        return result


def forecast_weeks(as_of: pd.Timestamp) -> pd.DatetimeIndex:
    """Mondays from the week of the day after ``as_of`` to the one that completes 13 weeks and 90 days."""
    first = _monday(as_of + DAY)
    last = max(first + (WEEKS - 1) * WEEK, _monday(as_of + HORIZON_DAYS * DAY))
    return pd.date_range(first, last, freq="7D")


def forecast_cash(
    flows: pd.DataFrame,
    as_of: pd.Timestamp,
    open_items: tuple[OpenItems, ...] = (),
    seed: int = 0,
    *,
    planned: pd.DataFrame | None = None,
    movements: pd.DataFrame | None = None,
    receipts: Receipts | None = None,
) -> pd.DataFrame:
    """Distribution of each week's flow: the frame of fct_cash_forecast. Arguments as for ``simulate_cash``.

    Returns:
        forecast_as_of, company_id, currency, flow, week_start, mean, p05, p10, p25, p50, p75, p90, p95.
    """
    return summarise_paths(
        simulate_cash(flows, as_of, open_items, seed, planned=planned, movements=movements, receipts=receipts)
    )


def simulate_cash(
    flows: pd.DataFrame,
    as_of: pd.Timestamp,
    open_items: tuple[OpenItems, ...] = (),
    seed: int = 0,
    *,
    planned: pd.DataFrame | None = None,
    movements: pd.DataFrame | None = None,
    receipts: Receipts | None = None,
) -> FlowPaths:
    """Paths of each week's flows.

    Args:
        flows: company_id, currency, flow, week_start (Monday), amount, and component where a flow has several; weeks
            after ``as_of`` are not read, a week that ``as_of`` cuts is not used for learning.
        as_of: last day whose events may be used.
        open_items: documents that are open, per flow; without them the flow's own past is all there is.
        seed: of the paths; the same seed and data give the same bits.
        planned: other planned items: company_id, currency, flow, component, planned_date (NaT: nobody knows when),
            amount (signed), spread (standard deviation of the amount as a share of it), recurs (the plan of its
            component reaches to the horizon).
        movements: company_id, flow, component, moved_on, known_on (moved_on where nothing is known
            ahead), amount: how long ahead of the money a component is known.
        receipts: paths of the flow receipts, simulated elsewhere; they replace what is drawn of that flow here, for the
            companies and currencies they have, but for memo records, which nobody else knows.

    Raises:
        ValueError: receipts that are not paths × weeks of this horizon, or not all of the same number of paths.
    """
    as_of = pd.Timestamp(as_of).normalize()
    weeks = forecast_weeks(as_of)
    given = _checked(receipts, len(weeks)) if receipts else {}
    paths = next(iter(given.values())).shape[0] if given else PATHS
    plan = _known_plan(planned, as_of)
    documents: list[pd.DataFrame] = []
    drawn: dict[tuple[str, str, str], Floats] = {}

    def add(key: tuple[str, str, str], more: Floats) -> None:
        if key[2] == RECEIPTS and key[:2] in given:
            return
        drawn[key] = drawn[key] + more if key in drawn else more

    for items in open_items:
        for where, more in _draw_open_items(items, as_of, weeks, paths, seed, documents).items():
            add((*where, items.flow), more)
    from_open = {key: array.copy() for key, array in drawn.items()}
    memos = plan["component"] == MEMO_RECORDS
    for of_plan, more in _draw_plan(plan[~memos], weeks, paths, seed, documents).items():
        add(of_plan, more)
    elsewhere = {company for company, _ in given}
    documents = [of[(of["flow"] != RECEIPTS) | ~of["company_id"].isin(elsewhere)] for of in documents]
    of_memos = _draw_plan(plan[memos], weeks, paths, seed, documents)
    for of_memo, more in of_memos.items():
        add(of_memo, more)
    chance = np.random.default_rng([seed, 1]).random((paths, len(weeks)))
    left = min(((weeks[0] + WEEK - as_of) / DAY - 1.0) / 7.0, 1.0)
    components = [one for one in _by_component(flows, as_of) if one[0][2] != RECEIPTS or one[0][:2] not in given]
    if movements is not None and all(flow != RECEIPTS for (_, _, flow, _), _ in components):
        # of a large group nearly all movements are receipts, and nobody asks for them
        movements = movements[movements["flow"] != RECEIPTS]
    unplanned = _Unplanned(open_items, plan if planned is not None else None, movements, as_of, len(weeks))
    luck_of_weeks: dict[tuple[str, str, str], pd.Series] = {}
    for key, past in components:
        if any(o.weeks_vary and o.flow == key[2] and key[3] in (o.components or (key[3],)) for o in open_items):
            luck_of_weeks[key[:3]] = (
                luck_of_weeks[key[:3]].add(past, fill_value=0.0) if key[:3] in luck_of_weeks else past
            )
        share = unplanned.share(*key)
        if share is None:
            continue
        of_week = _draw_past(past, weeks, chance, np.random.default_rng([seed, 2, _number(*key)]))
        of_week[:, 0] *= left
        add(key[:3], of_week * share[None, :])
    chance = np.random.default_rng([seed, 4]).random((paths, len(weeks)))
    for of_weeks, past in luck_of_weeks.items():
        if of_weeks in drawn and of_weeks[:2] not in given:
            drawn[of_weeks] = _varied(drawn[of_weeks], past, weeks, chance)
    for where, array in given.items():
        drawn[(*where, RECEIPTS)] = array / 100.0 + of_memos.get((*where, RECEIPTS), 0.0)
    told = pd.concat(documents, ignore_index=True) if documents else pd.DataFrame(columns=list(DOCUMENT_COLUMNS))
    return FlowPaths(as_of, weeks, paths, {key: drawn[key] for key in sorted(drawn)}, told, from_open)


def summarise_paths(simulated: FlowPaths) -> pd.DataFrame:
    """Mean and quantiles of each flow and of their sum, net: the frame of fct_cash_forecast."""
    net = {(*where, NET): array for where, array in simulated.net().items()}
    return _frame({**simulated.flows, **net}, simulated.weeks, simulated.as_of)


def _frame(draws: dict[tuple[str, str, str], Floats], weeks: pd.DatetimeIndex, as_of: pd.Timestamp) -> pd.DataFrame:
    columns = ["forecast_as_of", *KEYS, "week_start", "mean", *QUANTILE_COLUMNS]
    if not draws:
        return pd.DataFrame(columns=columns)
    keys = pd.DataFrame(list(draws), columns=KEYS).loc[np.repeat(np.arange(len(draws)), len(weeks))]
    result = keys.reset_index(drop=True)
    result.insert(0, "forecast_as_of", as_of)
    result["week_start"] = np.tile(weeks.to_numpy(), len(draws))
    drawn = np.concatenate(list(draws.values()), axis=1)
    result["mean"] = drawn.mean(axis=0)
    result[list(QUANTILE_COLUMNS)] = np.quantile(drawn, LEVELS, axis=0).T
    return result[columns]


def _checked(receipts: Receipts, weeks: int) -> dict[Where, Floats]:
    shapes = {np.shape(array) for array in receipts.values()}
    if len(shapes) != 1 or len(next(iter(shapes))) != 2 or next(iter(shapes))[1] != weeks:
        raise ValueError(f"receipts must all be paths × {weeks} weeks of one number of paths, not {sorted(shapes)}")
    return {where: np.asarray(receipts[where], dtype=float) for where in sorted(receipts)}


def _number(*words: str) -> int:
    """A number for a random stream: another company more or less changes no draw of this one."""
    return zlib.crc32("\x1f".join(words).encode())


def _known_plan(planned: pd.DataFrame | None, as_of: pd.Timestamp) -> pd.DataFrame:
    columns = [*KEYS, "component", "planned_date", "amount", "spread", "recurs"]
    if planned is None or planned.empty:
        return pd.DataFrame(columns=columns)
    # tells documents apart, and nothing else
    columns += [name for name in ("planned_cash_item_id",) if name in planned.columns]
    known = planned[columns].dropna(subset=["planned_date", "amount"])
    # what is late is expected tomorrow
    late = pd.to_datetime(known["planned_date"]) <= as_of
    known = known.assign(planned_date=pd.to_datetime(known["planned_date"]).mask(late, as_of + DAY))
    return known.sort_values(columns, ignore_index=True)


def _draw_plan(
    plan: pd.DataFrame, weeks: pd.DatetimeIndex, paths: int, seed: int, documents: list[pd.DataFrame]
) -> dict[tuple[str, str, str], Floats]:
    """Planned items in their weeks: the day is certain, the amount is as uncertain as its spread says.

    Half of an amount's luck is its own and half that of its component: what is dearer once tends to stay so.
    """
    result: dict[tuple[str, str, str], Floats] = {}
    for key, items in plan.groupby([*KEYS, "component"], sort=True):
        random = np.random.default_rng([seed, 3, _number(*map(str, key))])
        common = random.standard_normal(paths)
        total = np.zeros((paths, len(weeks)))
        week = ((items["planned_date"] - weeks[0]) // WEEK).to_numpy(dtype=int).tolist()
        spread = items["spread"].to_numpy(dtype=float)
        expected = np.zeros(len(items))
        for row, (at, amount, share) in enumerate(
            zip(week, items["amount"].to_numpy(dtype=float), spread, strict=True)
        ):
            # drawn also beyond the horizon: which items lie inside must not change the luck of the others
            factor = 1.0
            if share > 0:
                luck = (common + random.standard_normal(paths)) * np.sqrt(0.5)
                factor = np.maximum(1.0 + share * luck, 0.0)
            if 0 <= at < len(weeks):
                total[:, at] += amount * factor
                expected[row] = amount * np.mean(factor)
        where = (str(key[0]), str(key[1]), str(key[2]))
        result[where] = result[where] + total if where in result else total
        if "planned_cash_item_id" in items.columns:
            inside = expected != 0.0
            documents.append(
                pd.DataFrame(
                    {
                        "company_id": where[0],
                        "flow": where[2],
                        "document_type": "planned_item",
                        "document_id": items["planned_cash_item_id"].to_numpy()[inside],
                        "week_start": weeks[np.asarray(week)[inside]],
                        "expected_amount": expected[inside],
                    }
                )
            )
    return result


class _Unplanned:
    """Which share of a component's past counts, week by week ahead, beside what is planned of it."""

    def __init__(
        self,
        open_items: tuple[OpenItems, ...],
        plan: pd.DataFrame | None,
        movements: pd.DataFrame | None,
        as_of: pd.Timestamp,
        weeks: int,
    ) -> None:
        self._items = open_items
        self._as_of, self._weeks = as_of, weeks
        self._recurs: set[tuple[str, ...]] = set()
        if plan is not None and len(plan):
            recurring = plan.loc[plan["recurs"].astype(bool), ["company_id", "flow", "component"]].drop_duplicates()
            self._recurs = set(recurring.itertuples(index=False, name=None))
        self._has_plan = plan is not None
        self._known: dict[tuple[str, str], pd.DataFrame] = {}
        if movements is not None and len(movements):
            seen = movements[movements["moved_on"] <= as_of]
            # sums of floats depend on their order
            seen = seen.sort_values(["company_id", "flow", "component", "moved_on", "known_on", "amount"])
            self._known = {
                (str(flow), str(component)): rows
                for (flow, component), rows in seen.groupby(["flow", "component"])
                if (rows["known_on"] < rows["moved_on"]).any()
            }
        self._new: dict[object, Floats] = {}

    def share(self, company: str, currency: str, flow: str, component: str) -> Floats | None:
        """One figure per week ahead; None where nothing of the past counts."""
        whole = np.ones(self._weeks)
        if (company, flow, component) in self._recurs:
            return None
        given = next((o for o in self._items if o.flow == flow and component in (o.components or (component,))), None)
        known = self._known.get((flow, component))
        if known is not None and (self._has_plan or given is not None):
            own = known[known["company_id"] == company]
            frame = own.rename(columns={"moved_on": "cleared_date", "known_on": "invoice_date"})
            pooled = known.rename(columns={"moved_on": "cleared_date", "known_on": "invoice_date"})
            return share_of_new(frame, self._as_of, self._weeks, beside=pooled)
        if given is not None:
            if id(given) not in self._new:
                self._new[id(given)] = share_of_new(given.history, self._as_of, self._weeks)
            return self._new[id(given)]
        return whole


def _by_component(flows: pd.DataFrame, as_of: pd.Timestamp) -> list[tuple[tuple[str, str, str, str], pd.Series]]:
    """Complete weeks of every component, sorted by its key."""
    named = flows if "component" in flows.columns else flows.assign(component=flows["flow"])
    past = complete_weeks(named, as_of, [*KEYS, "component"])
    return [
        ((str(key[0]), str(key[1]), str(key[2]), str(key[3])), rows.set_index("week_start")["amount"])
        for key, rows in past.groupby([*KEYS, "component"], sort=True)
    ]


def _monday(day: pd.Timestamp) -> pd.Timestamp:
    return day - day.day_of_week * DAY


def complete_weeks(flows: pd.DataFrame, as_of: pd.Timestamp, keys: list[str] | None = None) -> pd.DataFrame:
    """Weeks that ended by ``as_of``, one row per key (of KEYS, or as given) and week, weeks without a flow as 0."""
    keys = keys or KEYS
    start = pd.to_datetime(flows["week_start"]).astype("datetime64[ns]")
    done = flows.assign(week_start=start, amount=flows["amount"].astype(float))[start + 6 * DAY <= as_of]
    if done.empty:
        return done[[*keys, "week_start", "amount"]]
    wide = done.sort_values("amount").pivot_table(index="week_start", columns=keys, values="amount", aggfunc="sum")
    # up to the last week there can be, not the last with a flow: a flow that has stopped has stopped
    every_week = pd.date_range(wide.index.min(), _monday(as_of - 6 * DAY), freq="7D", name="week_start")
    wide = wide.reindex(every_week)
    # a flow counts from its first week on; the weeks before are no zeros of it
    wide = wide.fillna(0.0).where(wide.notna().cummax())
    return wide.melt(ignore_index=False, value_name="amount").dropna().reset_index()[[*keys, "week_start", "amount"]]


def _place_in_month(weeks: pd.DatetimeIndex) -> np.ndarray:
    """Which of its month's weeks a week is, by its Thursday: 0 the first, 4 the fifth."""
    return np.minimum(((weeks + 3 * DAY).day.to_numpy() - 1) // 7, 4)


def _draw_past(past: pd.Series, weeks: pd.DatetimeIndex, chance: Floats, random: np.random.Generator) -> Floats:
    """Weeks of the past year that had the same place in their month, scaled to the level of the last half year.

    ``chance`` (paths × weeks, uniform) says which of them; it is the same for everything that is drawn, so that a path
    takes the same past week of all components. ``random`` blurs each by itself.
    """
    scaled, place = _scaled_past(past)
    drawn = np.empty(chance.shape)
    for column, wanted in enumerate(_place_in_month(weeks)):
        same = scaled[place == wanted]
        same = same if len(same) >= 3 else scaled
        # smoothed by the rule of thumb of Silverman 1986: a dozen weeks show too little of what a week can be
        width = 0.9 * same.std() * len(same) ** -0.2
        # counted from the newest week, so that a component with a shorter past meets the same weeks of the others
        back = np.minimum((chance[:, column] * len(same)).astype(int), len(same) - 1)
        drawn[:, column] = same[::-1][back] + width * random.standard_normal(len(drawn))
    # a flow that has only ever gone one way goes on that way
    return np.clip(drawn, -np.inf if scaled.min() < 0 else 0.0, np.inf if scaled.max() > 0 else 0.0)


def _scaled_past(past: pd.Series) -> tuple[Floats, np.ndarray]:
    """The weeks of the past year at the level of the last half year, oldest first, and their places in their month."""
    past = past.sort_index().tail(SEASON_WEEKS)
    level = past.abs().rolling(LEVEL_WEEKS, min_periods=1, center=True).mean().to_numpy()
    now = past.abs().tail(LEVEL_WEEKS).mean()
    growth = np.clip(np.divide(now, level, out=np.ones(len(level)), where=level > 0), 0.5, 2.0)
    return past.to_numpy() * growth, _place_in_month(pd.DatetimeIndex(past.index))


def _varied(drawn: Floats, past: pd.Series, weeks: pd.DatetimeIndex, chance: Floats) -> Floats:
    """Paths whose weeks vary at least as much as weeks of the same place in their month have varied.

    What is missing is added from those weeks: how far one of them, drawn by ``chance`` for all companies at once, was
    from their mean. Means stay, and so does the sign of what only ever goes one way.
    """
    scaled, place = _scaled_past(past)
    result = drawn.copy()
    for column, wanted in enumerate(_place_in_month(weeks)):
        same = scaled[place == wanted]
        same = same if len(same) >= 3 else scaled
        usual = float(same.mean())
        if usual == 0.0 or len(same) < 3:
            continue
        apart = same / usual - 1.0
        expected = float(drawn[:, column].mean())
        wished, there = expected**2 * float(apart.var()), float(drawn[:, column].var())
        if wished <= there:
            continue
        back = np.minimum((chance[:, column] * len(same)).astype(int), len(same) - 1)
        result[:, column] += expected * np.sqrt(1.0 - there / wished) * apart[::-1][back]
    if scaled.min() >= 0:
        result = np.maximum(result, np.minimum(drawn, 0.0))
    return result


def _draw_open_items(
    given: OpenItems,
    as_of: pd.Timestamp,
    weeks: pd.DatetimeIndex,
    paths: int,
    seed: int,
    documents: list[pd.DataFrame],
) -> dict[Where, Floats]:
    """Paths × weeks of the cash from items open now, per company and currency.

    Items share luck (Gaussian copula with one factor per customer and one for all), because customers pay several
    invoices in one run and slow down together: independent items would make the sum look far too certain.
    """
    from scipy.special import ndtr

    items = given.items[given.items["due_date"].notna()]
    if items.empty:
        return {}
    columns = ["company_id", "customer_id", "currency", "due_date", "amount"]
    items = items.sort_values(columns, ignore_index=True, key=lambda c: c.astype(str) if c.dtype == object else c)
    distribution = given.forecaster.distribution(items, as_of)
    reached = days_between(pd.Series(as_of, index=items.index), items["due_date"]).to_numpy()
    ends = (weeks + 6 * DAY - as_of) / DAY
    by_week = distribution.probability_within(np.asarray(ends), reached)
    if given.run_days is not None:
        for company, days in given.run_days.groupby("company_id", sort=True):
            mine = (items["company_id"] == company).to_numpy()
            if mine.any():
                runs = np.sort(np.asarray((days["run_date"] - as_of) / DAY, dtype=np.float64))
                own = LatenessDistribution(distribution.paid_by[mine], distribution.tail_days)
                by_week[mine] = _by_run(own, runs, np.asarray(ends, dtype=np.float64), reached[mine])
    random = np.random.default_rng([seed, 2**20, _number(given.flow)])
    customer = pd.factorize(items["customer_id"].astype(str).fillna(""), sort=True)[0]
    where: Any = items.groupby(["company_id", "currency"]).indices
    amount = given.sign * items["amount"].to_numpy(dtype=float)
    if "cash_share" in items.columns:
        amount = amount * items["cash_share"].fillna(1.0).to_numpy(dtype=float)
    shared = random.standard_normal(paths)
    by_customer = random.standard_normal((paths, customer.max() + 1))
    own_share = np.sqrt(max(1.0 - given.customer_link - GROUP_LINK, 0.0))
    result = {}
    for (company, currency), rows in where.items():
        total = np.zeros((paths, len(weeks)))
        # blocks of items keep the memory bounded
        for block in np.array_split(rows, max(1, len(rows) // 2000)):
            luck = own_share * random.standard_normal((paths, len(block)))
            luck += np.sqrt(given.customer_link) * by_customer[:, customer[block]]
            luck += np.sqrt(GROUP_LINK) * shared[:, None]
            chance = ndtr(luck)
            paid_by = np.zeros((paths, len(weeks)))
            paid_share = np.zeros((len(block), len(weeks)))
            for week in range(len(weeks)):
                is_paid = chance <= by_week[block, week][None, :]
                paid_by[:, week] = is_paid @ amount[block]
                paid_share[:, week] = is_paid.mean(axis=0)
            total += np.diff(paid_by, axis=1, prepend=0.0)
            if {"document_type", "receivable_id"} <= set(items.columns):
                expected = np.diff(paid_share, axis=1, prepend=0.0) * amount[block][:, None]
                row, week_of = np.nonzero(expected)
                documents.append(
                    pd.DataFrame(
                        {
                            "company_id": str(company),
                            "flow": given.flow,
                            "document_type": items["document_type"].to_numpy()[block][row],
                            "document_id": items["receivable_id"].to_numpy()[block][row],
                            "week_start": weeks[week_of],
                            "expected_amount": expected[row, week_of],
                        }
                    )
                )
        result[(str(company), str(currency))] = total
    return result


def _by_run(distribution: LatenessDistribution, runs: Floats, ends: Floats, reached: Floats) -> Floats:
    """Probability of being paid by the end of each week when only runs pay: each takes the days nearest to it.

    ``runs`` and ``ends`` are days ahead, ``runs`` sorted; beyond the last run the days stand for themselves.
    """
    nearest = np.concatenate([(runs[:-1] + runs[1:]) / 2.0, [max(runs[-1], ends[-1])]])
    paid_by = distribution.probability_within(nearest, reached)
    last = np.searchsorted(runs, ends, side="right") - 1
    return np.where(last[None, :] >= 0, paid_by[:, np.maximum(last, 0)], 0.0)


def share_of_new(
    history: pd.DataFrame, as_of: pd.Timestamp, weeks: int, origins: int = 12, beside: pd.DataFrame | None = None
) -> Floats:
    """Per week ahead, the share of cash that came from items invoiced after the forecast day, at past forecast days.

    ``beside``: a larger history to go by in the weeks ahead in which this one has nothing.
    """
    new, total = _new_and_total(history, as_of, weeks, origins)
    # nothing seen: new invoices take over evenly along the horizon
    unseen = np.linspace(0.0, 1.0, weeks) if beside is None else share_of_new(beside, as_of, weeks, origins)
    share = np.divide(new, total, out=unseen, where=total > 0)
    return np.maximum.accumulate(share)


def _new_and_total(history: pd.DataFrame, as_of: pd.Timestamp, weeks: int, origins: int) -> tuple[Floats, Floats]:
    paid = history[history["cleared_date"] <= as_of]
    invoiced = paid["invoice_date"]
    if "due_date" in paid.columns:
        invoiced = invoiced.fillna(paid["due_date"] - 30 * DAY)
    new, total = np.zeros(weeks), np.zeros(weeks)
    for back in range(1, origins + 1):
        origin = as_of - (weeks + back * 2) * WEEK
        week = np.floor((days_between(paid["cleared_date"], pd.Series(origin, index=paid.index)) - 1.0) / 7.0)
        inside = ((week >= 0) & (week < weeks)).to_numpy()
        index = week[inside].astype(int).to_numpy()
        amount = paid["amount"].abs()[inside].to_numpy(dtype=float)
        is_new = (invoiced > origin)[inside].to_numpy()
        total += np.bincount(index, amount, minlength=weeks)
        new += np.bincount(index[is_new], amount[is_new], minlength=weeks)
    return new, total
