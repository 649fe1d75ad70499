"""On which payment run to pay each supplier invoice: discounts and cost of cash against the floor of cash.

Every payable may be paid on several runs; each has a cost against paying on the due day: the discount lost or won, the
cost of money that leaves earlier, the charge for being late. The cheapest assignment is sought under which cash falls
under its floor, in any week of the horizon, on no more than a given share of the forecast's paths: a joint chance
constraint over a sample of paths (Luedtke, Ahmed, Nemhauser 2010), as a mixed-integer programme solved by HiGHS.

Amounts are money of the company's books, positive as owed; rates are shares a year, 0.05 is 5 %.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.features import DAY

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

YEAR_DAYS = 365.0
GAP = 0.001
"""Relative distance from the best possible cost at which the search ends."""
SECONDS, NODES = 5.0, 2000
"""Where a search ends; nodes end it at the same place on every machine."""
EXACT_UP_TO, ONE_BY_ONE_UP_TO = 400, 6000
"""Options up to which all is searched at once, and up to which all payables are assigned one by one at the end."""
_HALF_A_CENT = 0.005
ROUND_UNAVOIDABLE = 0.01
"""Chance of a breach that may come on top of one that no plan avoids."""
USUAL, DISCOUNT, LATE = "usual", "discount", "late"
OPTIMAL, FLOOR_NOT_KEPT, NO_SOLUTION, NO_FLOOR, NO_RUN = (
    "optimal", "floor_not_kept", "no_solution", "cash_unknown", "no_payment_run",
)  # fmt: skip
PROPOSED, NOT_PROPOSED, CREDIT = "proposed", "not_proposed", "credit"
PLANS = ("usual", "at_once", "proposed")

PROPOSAL_COLUMNS = (
    "payable_id", "company_id", "state", "reasons", "usual_date", "proposed_date", "days_late", "takes_discount",
    "discount_amount", "cash_cost", "late_cost", "total_cost", "saving", "discount_annual_rate",
)  # fmt: skip
COMPANY_COLUMNS = (
    "company_id", "currency", "status", "gap", "breach_limit", "cash_floor", "unavoidable_breach", "payable_count",
    *(f"total_cost_{plan}" for plan in PLANS), *(f"discount_{plan}" for plan in PLANS),
    *(f"probability_below_floor_{plan}" for plan in PLANS),
)  # fmt: skip
WEEK_COLUMNS = (
    "scope", "company_id", "currency", "week_start", "cash_floor", *(f"payments_{plan}" for plan in PLANS),
    *(f"probability_below_floor_{plan}" for plan in PLANS),
    *(f"probability_below_floor_so_far_{plan}" for plan in PLANS),
)  # fmt: skip


@dataclass(frozen=True)
class PaymentPolicy:
    """Rates a year: cost_of_cash of money that leaves before it is due, late_payment of what is paid after. breach_limit:
    largest chance of cash under the floor; longest_delay_days: after the due day (or the first run, if later)."""

    cost_of_cash: float
    late_payment: float
    breach_limit: float = 0.05
    longest_delay_days: int = 28

    def __post_init__(self) -> None:
        if self.cost_of_cash < 0 or self.late_payment < 0:
            raise ValueError("cost_of_cash and late_payment must be 0 or more")
        if not 0.0 < self.breach_limit < 1.0 or self.longest_delay_days < 0:
            raise ValueError("breach_limit lies between 0 and 1, longest_delay_days is 0 or more")


@dataclass(frozen=True)
class CompanyCash:
    """Cash of a company without the open payables that are planned here.

    opening: None where it is not known. cash_floor: least cash. flows: paths × weeks, in ``currency``. rate: what one
    unit is worth in reporting currency, None where no rate is known.
    """

    currency: str
    opening: float | None
    cash_floor: float
    flows: Floats
    rate: float | None = None


@dataclass(frozen=True)
class PaymentProposals:
    """proposals: one row per payable (PROPOSAL_COLUMNS), days as datetime64. companies: one row per company with
    payables (COMPANY_COLUMNS). weeks: one row per company and week, and of the group in reporting currency
    (WEEK_COLUMNS)."""

    proposals: pd.DataFrame
    companies: pd.DataFrame
    weeks: pd.DataFrame


@dataclass(frozen=True)
class Assignment:
    """option: chosen row of the options, one per payable in order of payable. gap: of the extra cost over the cheapest
    assignment without a floor; 0 is the exact optimum, None where no search found one."""

    option: Ints
    status: str
    gap: float | None
    unavoidable: float


def propose_payments(
    payables: pd.DataFrame,
    run_days: pd.DataFrame,
    cash: Mapping[str, CompanyCash],
    weeks: pd.DatetimeIndex,
    as_of: pd.Timestamp,
    policy: PaymentPolicy,
    group: tuple[str, float] | None = None,
) -> PaymentProposals:
    """The run on which each open payable should be paid, and what that does to the chance of falling under the floor.

    Args:
        payables: payable_id, company_id, due_date, amount (open; credits negative), discount_percent and discount_date
            (last day on which it is granted; both may be empty), blocked (codes with commas why it must not be
            proposed, or ""), is_within_group (its payment is part of ``cash`` already).
        run_days: company_id, run_date: payment runs after ``as_of``.
        cash: by company_id. A payable that is blocked is counted as paid on its usual run: the money is kept ready.
            Credits are not counted, so that cash is not thought larger than it is.
        weeks: Mondays of the weeks of ``cash``.
        group: currency and floor of all companies together, where their chance is wanted too; they are not bound by it.

    Raises:
        ValueError: a payable's company is not in ``cash``.
    """
    missing = sorted(set(payables["company_id"]) - set(cash))
    if missing:
        raise ValueError(f"no cash is given of {', '.join(missing)}")
    made = [
        _Company(company, rows, run_days, cash[company], weeks, as_of, policy)
        for company, rows in payables.sort_values("payable_id").groupby("company_id", sort=True)
    ]
    frames = [one.week_frame() for one in made]
    if group is not None:
        frames.append(_group_frame(made, cash, weeks, *group))
    return PaymentProposals(
        _joined([one.proposals for one in made], PROPOSAL_COLUMNS),
        _joined([one.company_frame() for one in made], COMPANY_COLUMNS),
        _joined(frames, WEEK_COLUMNS),
    )


def _joined(frames: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return pd.DataFrame(columns=list(columns))
    return pd.concat(filled, ignore_index=True)[list(columns)]


def payment_options(
    payables: pd.DataFrame, runs: Ints, week_of_run: Ints, as_of: pd.Timestamp, policy: PaymentPolicy
) -> pd.DataFrame:
    """The runs worth thinking of for each payable, one row each.

    Those are the last run that the discount allows, the last run before the due day (the first there is, where that
    has passed), and after it the last run of each week within the longest delay. Any other run is paid earlier than one
    of these for no less money, so that it neither costs less nor leaves more cash in any week.

    Args:
        payables: due_date, amount (positive), discount_percent, discount_date; the index does not matter.
        runs: days from ``as_of`` of the payment runs, ascending, at least one.
        week_of_run: week of each.

    Returns:
        payable (position in ``payables``), alike (number of its due day and discount), run (position in ``runs``), kind, week, pay, discount, cash_cost, late_cost,
        cost; ordered by payable and run. cost is against paying all of it on the due day; money that is kept by paying
        late is no gain, so that only the floor makes a payment late.
    """
    due = _days(payables["due_date"], as_of)
    offer = payables["discount_percent"].astype(float).fillna(0.0).to_numpy()
    until = np.where(offer > 0, _days(payables["discount_date"], as_of, missing=-1), -1)
    usual = _usual_run(runs, due)
    rows = np.arange(len(payables))
    discount_run = np.searchsorted(runs, until, side="right") - 1
    early = (discount_run >= 0) & (discount_run < usual)
    last_of_week = np.flatnonzero(np.append(np.diff(week_of_run) > 0, True))
    latest = np.maximum(due, runs[0]) + policy.longest_delay_days
    late = (
        (week_of_run[last_of_week][None, :] > week_of_run[usual][:, None])
        & (runs[last_of_week][None, :] <= latest[:, None])
    )  # fmt: skip
    late_row, late_run = np.nonzero(late)
    options = pd.DataFrame(
        {
            "payable": np.concatenate([rows[early], rows, late_row]),
            "run": np.concatenate([discount_run[early], usual, last_of_week[late_run]]),
            "kind": np.repeat([DISCOUNT, USUAL, LATE], [early.sum(), len(rows), len(late_row)]),
        }
    ).sort_values(["payable", "run"], ignore_index=True)
    return _with_cost(options, payables, runs, week_of_run, due, offer, until, policy)


def _with_cost(
    options: pd.DataFrame, payables: pd.DataFrame, runs: Ints, week_of_run: Ints, due: Ints, offer: Floats,
    until: Ints, policy: PaymentPolicy,
) -> pd.DataFrame:  # fmt: skip
    row, run = options["payable"].to_numpy(), options["run"].to_numpy()
    amount = payables["amount"].to_numpy(dtype=float)[row]
    day = runs[run]
    discount = np.where(day <= until[row], np.round(amount * offer[row] / 100.0, 2), 0.0)
    pay = amount - discount
    usual_day = runs[_usual_run(runs, due)][row]
    alike = np.unique(np.column_stack([due, offer, until]), axis=0, return_inverse=True)[1].reshape(-1)
    return options.assign(
        alike=alike[row],
        week=week_of_run[run],
        pay=pay,
        discount=discount,
        cash_cost=pay * policy.cost_of_cash * np.maximum(due[row] - np.minimum(day, usual_day), 0) / YEAR_DAYS,
        late_cost=amount * policy.late_payment * np.maximum(day - due[row], 0) / YEAR_DAYS,
    ).eval("cost = cash_cost + late_cost - discount")


def _usual_run(runs: Ints, due: Ints) -> Ints:
    """The last run before the due day; the first there is, where that has passed."""
    return np.maximum(np.searchsorted(runs, due, side="right") - 1, 0)


def _days(days: pd.Series, as_of: pd.Timestamp, missing: int = 0) -> Ints:
    return ((pd.to_datetime(days) - as_of) / DAY).fillna(missing).to_numpy().astype(np.int64)


def cheapest_plan(
    options: pd.DataFrame,
    headroom: Floats | None,
    breach_limit: float,
    *,
    exact_up_to: int = EXACT_UP_TO,
    seconds: float = SECONDS,
) -> Assignment:
    """Choose one option per payable: least cost, with no more than ``breach_limit`` of the paths under the floor.

    Args:
        options: payable (0, 1, …, each with at least one), alike (payables of the same number have the same runs and
            costs per unit of money), run, week, pay, cost.
        headroom: paths × weeks: what may have been paid by the end of a week before cash is under its floor; None
            where no floor is to be kept. A week from the last of these on touches no constraint.
        breach_limit: chance that is accepted; the paths given here are held to ``in_sample_limit`` of it. Where no
            assignment keeps it, the share that cannot be avoided and ROUND_UNAVOIDABLE take its place: what must be
            paid is paid, least damage first, and nobody is paid late for next to nothing.
        exact_up_to: so many options are searched as they are. Of more, payables that are alike are first taken together
            and may be split, which says which paths to give up and how cheap it can be at best; then payables are
            assigned one by one, of very many only those of the few sums that were split.
        seconds: for each search.
    """
    cost = options["cost"].to_numpy(dtype=float)
    cheapest = _per_payable(options, cost)
    if headroom is None or len(options) == 0:
        return Assignment(cheapest, OPTIMAL, 0.0, 0.0)
    paths = len(headroom)
    kept_by_limit = int(np.floor(in_sample_limit(breach_limit, paths) * paths + 1e-9))
    priced = options.assign(extra=cost - cost[cheapest][options["payable"]])
    search = _search_whole if len(options) <= exact_up_to else _search_alike
    safe, breached = cheapest, _breached(options, cheapest, headroom)
    if breached > kept_by_limit:
        # later is safer; but a discount makes the sum smaller, so that the latest is not always the safest
        latest = _per_payable(options, -options["week"].to_numpy(dtype=float), cost)
        safe, breached = min((latest, _breached(options, latest, headroom)), (safe, breached), key=lambda one: one[1])
    if breached > kept_by_limit:
        fewest, _ = search(priced.assign(extra=0.0), headroom, breached, 0.0, seconds)
        if fewest is not None and _breached(options, fewest, headroom) < breached:
            safe, breached = fewest, _breached(options, fewest, headroom)
    unavoidable = breached if breached > kept_by_limit else 0
    allowed, status, share = max(kept_by_limit, unavoidable), OPTIMAL, unavoidable / paths
    if share > breach_limit:
        allowed, status = unavoidable + int(ROUND_UNAVOIDABLE * paths), FLOOR_NOT_KEPT
    if _breached(options, cheapest, headroom) <= allowed:
        return Assignment(cheapest, status, 0.0, share)
    extra = priced["extra"].to_numpy()
    for tighter in (0.0, 1e-6):
        chosen, least = search(priced, headroom, allowed, tighter, seconds)
        if chosen is None:
            break
        # what the solver takes for kept may be off by its tolerance
        good = [one for one in (chosen, safe) if _breached(options, one, headroom) <= allowed]
        best = min(good, key=lambda one: float(extra[one].sum()))
        if best is chosen or tighter:
            more = float(extra[best].sum())
            return Assignment(best, status, max(more - least, 0.0) / more if more > 0 else 0.0, share)
    return Assignment(safe, NO_SOLUTION, None, share)


def in_sample_limit(limit: float, paths: int) -> float:
    """The limit to keep on the paths that are searched, so that it holds on others too.

    A plan that just keeps a limit on its own paths breaks it on others about every second time (Luedtke and Ahmed 2008);
    one standard error of a share that was counted on so many paths is left free.
    """
    return max(limit - np.sqrt(limit * (1.0 - limit) / paths), 0.0)


def _per_payable(options: pd.DataFrame, *keys: Floats) -> Ints:
    """The option of each payable that is smallest by ``keys``; of equals, the one that is paid first."""
    order = np.lexsort((np.arange(len(options)), *reversed(keys), options["payable"].to_numpy()))
    first = np.unique(options["payable"].to_numpy()[order], return_index=True)[1]
    return np.asarray(order[first], dtype=np.int64)


def _paid_by_week(options: pd.DataFrame, chosen: Ints, weeks: int, column: str = "pay") -> Floats:
    week = options["week"].to_numpy()[chosen]
    inside = week < weeks
    paid = np.bincount(week[inside], options[column].to_numpy()[chosen][inside], minlength=weeks)
    return np.asarray(paid, dtype=np.float64)


def _breached(options: pd.DataFrame, chosen: Ints, headroom: Floats) -> int:
    paid = np.cumsum(_paid_by_week(options, chosen, headroom.shape[1]))
    return int((headroom < paid[None, :] - _HALF_A_CENT).any(axis=1).sum())


def _search_whole(
    options: pd.DataFrame, headroom: Floats, allowed: int, tighter: float, seconds: float
) -> tuple[Ints | None, float]:
    found = _solve(options, headroom, allowed, tighter, seconds, split=False)
    return (None, 0.0) if found is None else (_per_payable(options, -np.round(found.share)), found.least)


def _search_alike(
    options: pd.DataFrame, headroom: Floats, allowed: int, tighter: float, seconds: float
) -> tuple[Ints | None, float]:
    sums = options.groupby(["alike", "run"], sort=True, as_index=False).agg(
        week=("week", "first"), pay=("pay", "sum"), extra=("extra", "sum")
    )
    sums = sums.rename(columns={"alike": "payable"})
    found = _solve(sums, headroom, allowed, tighter, seconds, split=True)
    if found is None:
        return None, 0.0
    place = pd.MultiIndex.from_frame(sums[["payable", "run"]])
    share = pd.Series(found.share, index=place)
    is_split = (share > 1e-6) & (share < 1.0 - 1e-6)
    split = np.unique(place.get_level_values(0)[is_split])
    of_option = share.reindex(pd.MultiIndex.from_frame(options[["alike", "run"]])).to_numpy()
    free = options["alike"].isin(split).to_numpy() if len(options) > ONE_BY_ONE_UP_TO else np.ones(len(options), bool)
    chosen = _per_payable(options, -np.round(of_option))
    settled = chosen[~free[chosen]]
    kept = ~(headroom < np.cumsum(found.paid)[None, :] - _HALF_A_CENT).any(axis=1)
    room = headroom[kept].min(axis=0) - np.cumsum(_paid_by_week(options, settled, headroom.shape[1]))
    if free.any():
        rest = options[free].assign(payable=pd.factorize(options.loc[free, "payable"])[0])
        last = _solve(rest, room[None, :], 0, tighter, seconds, split=False)
        at = np.flatnonzero(free)
        latest = _per_payable(rest, -rest["week"].to_numpy(dtype=float), rest["extra"].to_numpy())
        own = latest if last is None else _per_payable(rest, -np.round(last.share))
        chosen = np.sort(np.concatenate([settled, at[own]]))
    return chosen, found.least


@dataclass(frozen=True)
class _Found:
    """share: of each option that is chosen; paid: in each week; least: no assignment costs less extra than this."""

    share: Floats
    paid: Floats
    least: float


def _solve(
    options: pd.DataFrame, headroom: Floats, allowed: int, tighter: float, seconds: float, *, split: bool
) -> _Found | None:
    """The mixed-integer programme over options (payable, week, pay, extra); ``split``: a payable may be divided.

    Where nothing costs extra, as few paths as can be are given up.
    The sum C(w) of what is paid by week w must not exceed the headroom of a path in any week, but for ``allowed``
    paths; so C(w) is at most the (allowed+1)-th smallest headroom of the week, and only paths below it need a
    constraint and a binary of their own.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array

    payable, week = options["payable"].to_numpy(), options["week"].to_numpy()
    pay, extra = options["pay"].to_numpy(dtype=float), options["extra"].to_numpy(dtype=float)
    count, weeks, payables = len(options), headroom.shape[1], int(payable.max()) + 1
    # money in units of the largest payment, so that the solver's tolerance is a small part of it
    unit, worth = max(float(pay.max()), 1.0), max(float(extra.max()), 1e-9)
    order = np.argsort(headroom, axis=0, kind="stable")[: allowed + 1]
    lowest = np.take_along_axis(headroom, order, axis=0) / unit - tighter
    paths, number = np.unique(order[:allowed], return_inverse=True)
    number = number.reshape(order[:allowed].shape)
    every = np.full(weeks, 2.0 * max(float(pay.sum()) / unit, float(np.abs(lowest).max())))
    highest = lowest[allowed] if allowed < len(headroom) else every
    # variables: share of each option, then what is paid by the end of each week, then whether a path is given up
    sum_of, path_of, width = count, count + weeks, count + weeks + len(paths)
    inside = np.flatnonzero(week < weeks)
    w = np.arange(weeks)
    once = coo_array((np.ones(count), (payable, np.arange(count))), shape=(payables, width))
    balance = coo_array(
        (
            np.concatenate([pay[inside] / unit, -np.ones(weeks), np.ones(weeks - 1)]),
            (np.concatenate([week[inside], w, w[1:]]), np.concatenate([inside, sum_of + w, sum_of + w[:-1]])),
        ),
        shape=(weeks, width),
    )
    constraints = [LinearConstraint(once, 1.0, 1.0), LinearConstraint(balance, 0.0, 0.0)]
    if allowed:
        row, rank = np.arange(weeks * allowed), np.tile(np.arange(allowed), weeks)
        in_week = np.repeat(w, allowed)
        kept = coo_array(
            (
                np.concatenate([np.ones(len(row)), lowest[rank, in_week] - highest[in_week]]),
                (np.tile(row, 2), np.concatenate([sum_of + in_week, path_of + number[rank, in_week]])),
            ),
            shape=(len(row), width),
        )
        # star inequality of the mixing set (Atamtürk, Nemhauser, Savelsbergh 2000): cuts off fractions
        steps = np.diff(np.vstack([lowest[:allowed], highest]), axis=0)
        star = coo_array(
            (
                np.concatenate([np.ones(weeks), -steps[rank, in_week]]),
                (np.concatenate([w, in_week]), np.concatenate([sum_of + w, path_of + number[rank, in_week]])),
            ),
            shape=(weeks, width),
        )
        few = coo_array((np.ones(len(paths)), (np.zeros(len(paths), int), path_of + np.arange(len(paths)))), (1, width))
        constraints += [
            LinearConstraint(kept, -np.inf, lowest[rank, in_week]),
            LinearConstraint(star, -np.inf, lowest[0]),
            LinearConstraint(few, -np.inf, allowed),
        ]
    bounds = Bounds(0.0, np.concatenate([np.ones(count), highest, np.ones(len(paths))]))
    if (bounds.ub < 0).any():
        return None
    found = milp(
        np.concatenate([extra / worth, np.zeros(weeks), np.full(len(paths), 0.0 if extra.any() else 1.0)]),
        integrality=np.concatenate([np.full(count, 0 if split else 1), np.zeros(weeks), np.ones(len(paths))]),
        bounds=bounds, constraints=constraints,
        options={"mip_rel_gap": GAP, "time_limit": seconds, "node_limit": NODES},
    )  # fmt: skip
    if found.x is None:
        return None
    share, sums = found.x[:count], found.x[sum_of:path_of] * unit
    least = found.fun if found.mip_dual_bound is None else found.mip_dual_bound
    return _Found(share, np.diff(sums, prepend=0.0), float(least) * worth)


class _Company:
    """Options, the three plans and their figures of one company."""

    def __init__(
        self, company_id: str, payables: pd.DataFrame, run_days: pd.DataFrame, cash: CompanyCash,
        weeks: pd.DatetimeIndex, as_of: pd.Timestamp, policy: PaymentPolicy,
    ) -> None:  # fmt: skip
        self.company_id, self.cash, self.weeks, self.policy = company_id, cash, weeks, policy
        rows = payables.reset_index(drop=True)
        dates = run_days.loc[run_days["company_id"] == company_id, "run_date"]
        self._run_dates = np.sort(dates[dates > as_of].unique())
        runs = ((pd.DatetimeIndex(self._run_dates) - as_of) / DAY).to_numpy().astype(np.int64)
        week_of_run = ((pd.DatetimeIndex(self._run_dates) - weeks[0]) // (7 * DAY)).to_numpy().astype(np.int64)
        self.paid = {plan: np.zeros(len(weeks)) for plan in PLANS}
        self.totals = {plan: (0.0, 0.0) for plan in PLANS}
        self.gap: float | None = 0.0
        self.status, self.unavoidable = NO_RUN, 0.0
        owed = rows["amount"].to_numpy() > 0
        free = owed & (rows["blocked"] == "").to_numpy()
        self.count = int(free.sum())
        made = _unplanned(rows)
        if len(runs):
            # a blocked invoice may be released any day: its money is kept ready
            kept = rows[owed & ~free & ~rows["is_within_group"].to_numpy(dtype=bool)]
            reserved = np.zeros(len(weeks))
            if len(kept):
                ready = payment_options(kept, runs, week_of_run, as_of, policy)
                reserved = _paid_by_week(ready, np.flatnonzero(ready["kind"] == USUAL), len(weeks))
            self._plan(made, rows[free], runs, week_of_run, reserved, as_of)
        self.proposals = made

    def _headroom(self, reserved: Floats) -> Floats | None:
        if self.cash.opening is None:
            return None
        without = self.cash.opening + np.cumsum(self.cash.flows - reserved[None, :], axis=1)
        return np.asarray(without - self.cash.cash_floor)

    def _plan(
        self, made: pd.DataFrame, payables: pd.DataFrame, runs: Ints, week_of_run: Ints, reserved: Floats,
        as_of: pd.Timestamp,
    ) -> None:  # fmt: skip
        if payables.empty:
            self.status = OPTIMAL if self.cash.opening is not None else NO_FLOOR
            self.paid = dict.fromkeys(PLANS, reserved)
            return
        options = payment_options(payables, runs, week_of_run, as_of, self.policy)
        headroom = self._headroom(reserved)
        found = cheapest_plan(options, headroom, self.policy.breach_limit)
        self.gap, self.unavoidable = found.gap, found.unavoidable
        self.status = found.status if headroom is not None else NO_FLOOR
        usual = np.flatnonzero(options["kind"] == USUAL)
        at_once = _at_once(payables, runs, week_of_run, as_of, self.policy)
        for plan, frame, chosen in (
            ("usual", options, usual), ("at_once", at_once, np.arange(len(at_once))), ("proposed", options, found.option),
        ):  # fmt: skip
            self.paid[plan] = reserved + _paid_by_week(frame, chosen, len(self.weeks))
            picked = frame.iloc[chosen]
            self.totals[plan] = (float(picked["cost"].sum()), float(picked["discount"].sum()))
        cheapest = _per_payable(options, options["cost"].to_numpy(dtype=float))
        self._describe(made, payables, options, usual, found.option, cheapest, runs, as_of)

    def _describe(
        self, made: pd.DataFrame, payables: pd.DataFrame, options: pd.DataFrame, usual: Ints, chosen: Ints,
        cheapest: Ints, runs: Ints, as_of: pd.Timestamp,
    ) -> None:  # fmt: skip
        at, habit = options.iloc[chosen].reset_index(drop=True), options.iloc[usual].reset_index(drop=True)
        day, usual_day = runs[at["run"].to_numpy()], runs[habit["run"].to_numpy()]
        due = _days(payables["due_date"], as_of)
        moved_by_floor = at["cost"].to_numpy() > options["cost"].to_numpy()[cheapest] + 1e-9
        offered = np.zeros(len(payables), dtype=bool)
        early = options[options["kind"] == DISCOUNT].set_index("payable")
        offered[early.index] = True
        rate = np.full(len(payables), np.nan)
        share = early["discount"] / early["pay"]
        rate[early.index] = share * YEAR_DAYS / (usual_day[early.index] - runs[early["run"].to_numpy()])
        late = (at["kind"] == LATE).to_numpy()
        beyond = (due > runs[-1]) & (at["kind"] == USUAL).to_numpy()
        reason = np.select(
            [
                beyond,
                late,
                at["discount"].to_numpy() > 0,
                offered & moved_by_floor,
                offered,
                due < runs[0],
            ],
            [
                "due_after_last_run", "delayed_for_floor", "discount_taken", "discount_left_for_floor",
                "discount_not_worth_it", "overdue_next_run",
            ],
            "last_run_before_due",
        )  # fmt: skip
        dates = pd.DatetimeIndex(self._run_dates)
        where = payables.index
        made.loc[where, "state"] = np.where(beyond, NOT_PROPOSED, PROPOSED)
        made.loc[where, "reasons"] = reason
        made.loc[where, "usual_date"] = np.where(due > runs[-1], np.datetime64("NaT"), dates[habit["run"]])
        made.loc[where, "proposed_date"] = np.where(beyond, np.datetime64("NaT"), dates[at["run"]])
        made.loc[where, "days_late"] = np.where(beyond, 0, np.maximum(day - due, 0))
        made.loc[where, "takes_discount"] = at["discount"].to_numpy() > 0
        made.loc[where, "discount_amount"] = at["discount"].to_numpy()
        for name in ("cash_cost", "late_cost"):
            made.loc[where, name] = at[name].to_numpy()
        made.loc[where, "total_cost"] = at["cost"].to_numpy()
        made.loc[where, "saving"] = habit["cost"].to_numpy() - at["cost"].to_numpy()
        made.loc[where, "discount_annual_rate"] = rate

    def closing(self, plan: str) -> Floats | None:
        """Cash at the end of each week, paths × weeks; None where the opening is not known."""
        if self.cash.opening is None:
            return None
        return np.asarray(self.cash.opening + np.cumsum(self.cash.flows - self.paid[plan][None, :], axis=1))

    def company_frame(self) -> pd.DataFrame:
        known = self.cash.opening is not None
        row: dict[str, object] = {
            "company_id": self.company_id, "currency": self.cash.currency, "status": self.status, "gap": self.gap,
            "breach_limit": self.policy.breach_limit, "cash_floor": self.cash.cash_floor if known else None,
            "unavoidable_breach": self.unavoidable if known else None, "payable_count": self.count,
        }  # fmt: skip
        for plan in PLANS:
            row[f"total_cost_{plan}"], row[f"discount_{plan}"] = self.totals[plan]
            closing = self.closing(plan)
            row[f"probability_below_floor_{plan}"] = (
                None if closing is None else _chances(closing, self.cash.cash_floor)[1][-1]
            )
        return pd.DataFrame([row])

    def week_frame(self) -> pd.DataFrame:
        floor = self.cash.cash_floor if self.cash.opening is not None else None
        frame = pd.DataFrame({"week_start": self.weeks}).assign(
            scope="company", company_id=self.company_id, currency=self.cash.currency, cash_floor=floor
        )
        for plan in PLANS:
            _add_plan(frame, plan, self.paid[plan], self.closing(plan), self.cash.cash_floor)
        return frame


def _unplanned(rows: pd.DataFrame) -> pd.DataFrame:
    """Every payable with why it is not proposed; those that are planned are filled in later."""
    credit = rows["amount"].to_numpy() <= 0
    blocked = rows["blocked"].to_numpy()
    made = pd.DataFrame({"payable_id": rows["payable_id"], "company_id": rows["company_id"]})
    made["state"] = np.where(credit, CREDIT, NOT_PROPOSED)
    made["reasons"] = np.select([credit, blocked != ""], ["credit_to_set_off", blocked], NO_RUN)
    for name in ("usual_date", "proposed_date"):
        made[name] = pd.Series(pd.NaT, index=made.index, dtype="datetime64[ns]")
    made["days_late"], made["takes_discount"] = 0, False
    for name in ("discount_amount", "cash_cost", "late_cost", "total_cost", "saving"):
        made[name] = 0.0
    made["discount_annual_rate"] = np.nan
    return made


def _at_once(
    payables: pd.DataFrame, runs: Ints, week_of_run: Ints, as_of: pd.Timestamp, policy: PaymentPolicy
) -> pd.DataFrame:
    """Everything on the first run, with the discounts that still stand then."""
    first = pd.DataFrame({"payable": np.arange(len(payables)), "run": 0, "kind": USUAL})
    offer = payables["discount_percent"].astype(float).fillna(0.0).to_numpy()
    until = np.where(offer > 0, _days(payables["discount_date"], as_of, missing=-1), -1)
    return _with_cost(first, payables, runs, week_of_run, _days(payables["due_date"], as_of), offer, until, policy)


def _chances(closing: Floats, floor: float) -> tuple[Floats, Floats]:
    """Share of paths under the floor in each week, and in it or any week before."""
    below = closing < floor - _HALF_A_CENT
    return below.mean(axis=0), np.logical_or.accumulate(below, axis=1).mean(axis=0)


def _add_plan(frame: pd.DataFrame, plan: str, paid: Floats, closing: Floats | None, floor: float) -> None:
    frame[f"payments_{plan}"] = paid
    chance, so_far = (None, None) if closing is None else _chances(closing, floor)
    frame[f"probability_below_floor_{plan}"] = chance
    frame[f"probability_below_floor_so_far_{plan}"] = so_far


def _group_frame(
    made: list[_Company], cash: Mapping[str, CompanyCash], weeks: pd.DatetimeIndex, currency: str, floor: float
) -> pd.DataFrame:
    """All companies as one purse in reporting currency; those without opening or rate are left out, as in the forecast."""
    planned = {one.company_id: one for one in made}
    frame = pd.DataFrame({"week_start": weeks}).assign(
        scope="group", company_id=None, currency=currency, cash_floor=floor
    )
    for plan in PLANS:
        paid, closing = np.zeros(len(weeks)), None
        for company_id, of in sorted(cash.items()):
            if of.opening is None or of.rate is None:
                continue
            one = planned.get(company_id)
            own = of.opening + np.cumsum(of.flows, axis=1) if one is None else one.closing(plan)
            assert own is not None
            closing = own * of.rate if closing is None else closing + own * of.rate
            paid = paid + (one.paid[plan] * of.rate if one is not None else 0.0)
        _add_plan(frame, plan, paid, closing, floor)
    return frame
