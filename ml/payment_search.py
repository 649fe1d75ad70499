"""The cheapest choice of one run per payable under which cash seldom falls under its floor.

Payables are options of (week, pay, cost), one of which is chosen per payable, so that on no more than a share of given
paths of cash more is paid by the end of some week than the path leaves room for: a joint chance constraint over a
sample (Luedtke, Ahmed, Nemhauser 2010), as a mixed-integer programme solved by HiGHS.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GAP = 0.001
"""Relative distance from the least extra cost at which a search ends."""
SECONDS, NODES = 5.0, 2000
"""Where a search ends; nodes end it at the same place on every machine."""
EXACT_UP_TO, ONE_BY_ONE_UP_TO = 400, 6000
"""Options up to which all is searched at once, and up to which all payables may be assigned one by one at the end."""
ROUND_UNAVOIDABLE = 0.01
"""Chance of a breach that may come on top of one that no plan avoids."""
TOLERATED, DOUBT = 0.01, 0.01
"""A plan's chance on other paths may be this much over the limit, with no more than this doubt."""
BINDING_WEEKS = 4
"""Weeks whose floor shapes a plan that was chosen for its paths; see decision 261."""
HALF_A_CENT = 0.005
OPTIMAL, FLOOR_NOT_KEPT, NO_SOLUTION = "optimal", "floor_not_kept", "no_solution"


@dataclass(frozen=True)
class Assignment:
    """option: chosen row of the options, one per payable in order of payable. gap: of the extra cost over the cheapest
    assignment without a floor; 0 is the exact optimum, None where no search found one."""

    option: Ints
    status: str
    gap: float | None
    unavoidable: float


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
        breach_limit: chance that is accepted; on the paths given here no more than ``allowed_paths`` of it may be in
            breach. Where no assignment surely keeps it, the share that cannot be avoided and ROUND_UNAVOIDABLE take its
            place: what must be paid is paid, least damage first, and nobody is paid late for next to nothing.
        exact_up_to: so many options are searched as they are. Of more, payables that are alike are first taken together
            and may be split, which says which paths to give up and how cheap it can be at best; then the payables of
            the few sums that were split are assigned one by one, and all of them where that is not near enough.
        seconds: for each search.
    """
    cost = options["cost"].to_numpy(dtype=float)
    cheapest = per_payable(options, cost)
    if headroom is None or len(options) == 0:
        return Assignment(cheapest, OPTIMAL, 0.0, 0.0)
    paths = len(headroom)
    surely_kept = allowed_paths(breach_limit, paths, 1)
    if breached(options, cheapest, headroom) <= surely_kept:
        # not chosen for these paths, so that it does as well on others
        return Assignment(cheapest, OPTIMAL, 0.0, 0.0)
    kept_by_limit = allowed_paths(breach_limit, paths)
    priced = options.assign(extra=cost - cost[cheapest][options["payable"]])
    search = _search_whole if len(options) <= exact_up_to else _search_alike
    safe, worst = cheapest, breached(options, cheapest, headroom)
    if worst > kept_by_limit:
        # later is safer; but a discount makes the sum smaller, so that the latest is not always the safest
        latest = per_payable(options, -options["week"].to_numpy(dtype=float), cost)
        safe, worst = min((latest, breached(options, latest, headroom)), (safe, worst), key=lambda one: one[1])
    if worst > kept_by_limit:
        fewest, _ = search(priced.assign(extra=0.0), headroom, worst, 0.0, seconds)
        if fewest is not None and breached(options, fewest, headroom) < worst:
            safe, worst = fewest, breached(options, fewest, headroom)
    unavoidable = worst if worst > kept_by_limit else 0
    allowed, status, share = max(kept_by_limit, unavoidable), OPTIMAL, unavoidable / paths
    if unavoidable > surely_kept:
        allowed, status = unavoidable + int(ROUND_UNAVOIDABLE * paths), FLOOR_NOT_KEPT
    if breached(options, cheapest, headroom) <= allowed:
        return Assignment(cheapest, status, 0.0, share)
    extra = priced["extra"].to_numpy()
    for tighter in (0.0, 1e-6):
        chosen, least = search(priced, headroom, allowed, tighter, seconds)
        if chosen is None:
            break
        # what the solver takes for kept may be off by its tolerance
        good = [one for one in (chosen, safe) if breached(options, one, headroom) <= allowed]
        best = min(good, key=lambda one: float(extra[one].sum()))
        if best is chosen or tighter:
            more = float(extra[best].sum())
            return Assignment(best, status, max(more - least, 0.0) / more if more > 0 else 0.0, share)
    return Assignment(safe, NO_SOLUTION, None, share)


def allowed_paths(limit: float, paths: int, weeks: int = BINDING_WEEKS) -> int:
    """How many of ``paths`` may be in breach, so that the limit holds on other paths too.

    A plan that just keeps a limit on its own paths breaks it on others more often than not. With k of N paths given up
    and d things chosen for the rest, its chance is over e with no more doubt than C(k+d-1, k) B(k+d-1; N, e), B being
    the binomial distribution (Campi, Garatti 2011, theorem 2.1). ``weeks`` is d; 1 is the exact test of a plan that
    was not chosen for these paths.
    """
    from scipy.special import comb
    from scipy.stats import binom

    given_up = np.arange(int(limit * paths) + 1)
    doubt = comb(given_up + weeks - 1, given_up) * binom.cdf(given_up + weeks - 1, paths, limit + TOLERATED)
    return max(int((doubt <= DOUBT).sum()) - 1, 0)


def per_payable(options: pd.DataFrame, *keys: NDArray[np.floating[Any]]) -> Ints:
    """The option of each payable that is smallest by ``keys``; of equals, the one that is paid first."""
    order = np.lexsort((np.arange(len(options)), *reversed(keys), options["payable"].to_numpy()))
    first = np.unique(options["payable"].to_numpy()[order], return_index=True)[1]
    return np.asarray(order[first], dtype=np.int64)


def paid_by_week(options: pd.DataFrame, chosen: Ints, weeks: int) -> Floats:
    """What the chosen options pay in each of the ``weeks``; what is paid after them is left out."""
    week = options["week"].to_numpy()[chosen]
    inside = week < weeks
    paid = np.bincount(week[inside], options["pay"].to_numpy()[chosen][inside], minlength=weeks)
    return np.asarray(paid, dtype=np.float64)


def breached(options: pd.DataFrame, chosen: Ints, headroom: Floats) -> int:
    """Paths on which the chosen options pay more by the end of some week than there is room for."""
    paid = np.cumsum(paid_by_week(options, chosen, headroom.shape[1]))
    return int((headroom < paid[None, :] - HALF_A_CENT).any(axis=1).sum())


def _search_whole(
    options: pd.DataFrame, headroom: Floats, allowed: int, tighter: float, seconds: float
) -> tuple[Ints | None, float]:
    found = _solve(options, headroom, allowed, tighter, seconds, split=False)
    return (None, 0.0) if found is None else (per_payable(options, -np.round(found.share)), found.least)


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
    kept = ~(headroom < np.cumsum(found.paid)[None, :] - HALF_A_CENT).any(axis=1)
    rounded = per_payable(options, -np.round(of_option))
    if not kept.any():
        # no path is left whose room would have to be kept
        return rounded, found.least
    room = headroom[kept].min(axis=0)
    extra = options["extra"].to_numpy()
    free = options["alike"].isin(split).to_numpy()
    chosen = _one_by_one(options, rounded, free, room, tighter, seconds)
    if len(options) <= ONE_BY_ONE_UP_TO and extra[chosen].sum() > found.least * (1.0 + 5.0 * GAP):
        whole = _one_by_one(options, rounded, np.ones(len(options), dtype=bool), room, tighter, seconds)
        chosen = min(chosen, whole, key=lambda one: float(extra[one].sum()))
    return chosen, found.least


def _one_by_one(
    options: pd.DataFrame, rounded: Ints, free: NDArray[np.bool_], room: Floats, tighter: float, seconds: float
) -> Ints:
    """``rounded``, with the payables of ``free`` options assigned anew within the room that the others leave."""
    if not free.any():
        return rounded
    settled = rounded[~free[rounded]]
    left = room - np.cumsum(paid_by_week(options, settled, len(room)))
    rest = options[free].assign(payable=pd.factorize(options.loc[free, "payable"])[0])
    found = _solve(rest, left[None, :], 0, tighter, seconds, split=False)
    latest = per_payable(rest, -rest["week"].to_numpy(dtype=float), rest["extra"].to_numpy())
    own = latest if found is None else per_payable(rest, -np.round(found.share))
    return np.sort(np.concatenate([settled, np.flatnonzero(free)[own]]))


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
