"""When a customer pays: the law the demo group's receipts are drawn from, and the same law as a distribution.

A customer means to pay on a day that is a mixture of logistic distributions (habit, lateness, discount, dispute) and
then pays on its next payment day. So the true distribution of every open invoice's payment date is known exactly,
given the customer's latent habits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from demo.clock import DAYS, END, NEVER

REGIME_START = END - 183
NEVER_SHARE, NEVER_SHARE_DISPUTED = 0.003, 0.05
SECOND_LOC, SECOND_SCALE, SECOND_LEAST, SECOND_MOST = 24.0, 4.0, 3, 70


@dataclass(frozen=True)
class Invoices:
    """What the law needs to know of each invoice; days are numbers, ``habit`` has one row per invoice."""

    habit: pd.DataFrame
    invoice_day: np.ndarray
    due_day: np.ndarray
    is_disputed: np.ndarray


@dataclass(frozen=True)
class Plan:
    """What was drawn: NEVER where no money comes; ``second_day`` is 0 where one payment clears the invoice."""

    first_day: np.ndarray
    second_day: np.ndarray
    first_share: np.ndarray
    takes_discount: np.ndarray


def _components(invoices: Invoices, regime_change: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, locations and scales (invoice × component): habit, lateness, discount."""
    h = invoices.habit
    years = invoices.invoice_day / 365.0
    changed = regime_change * (invoices.invoice_day >= REGIME_START)
    loc = invoices.due_day + h["mu"].to_numpy() + h["drift"].to_numpy() * years
    loc = loc + changed * 12.0 * h["sensitivity"].to_numpy()
    scale = h["spread"].to_numpy() * (1 + 0.3 * changed)
    disputed = invoices.is_disputed
    discount = np.where(disputed, 0.0, h["discount_share"].to_numpy())
    late = np.where(disputed, 0.0, h["late_share"].to_numpy()) * (1 - discount)
    weights = np.column_stack([1 - discount - late, late, discount])
    locs = np.column_stack([np.where(disputed, loc + 38, loc), loc + 18, invoices.invoice_day + 8.0])
    scales = np.column_stack([np.where(disputed, 6 + 2 * scale, scale), 2.5 * scale, np.full(len(loc), 0.7)])
    return weights, locs, scales


def draw(rng: np.random.Generator, invoices: Invoices, next_run: np.ndarray, regime_change: bool) -> Plan:
    """Payment days of invoices, drawn from the law."""
    n = len(invoices.invoice_day)
    h = invoices.habit
    weights, locs, scales = _components(invoices, regime_change)
    choice = (rng.random(n)[:, None] > np.cumsum(weights, axis=1)[:, :2]).sum(axis=1)
    rows = np.arange(n)
    meant = locs[rows, choice] + scales[rows, choice] * _logit(rng.random(n))
    meant_day = np.maximum(np.ceil(np.round(meant, 6)).astype(np.int64), invoices.invoice_day + 1)
    run = h["run"].to_numpy()
    first = next_run[run, meant_day.clip(max=DAYS - 1)]
    takes_discount = choice == 2
    partial = (rng.random(n) < h["partial_share"].to_numpy()) & ~takes_discount
    # Half of the partial payments are short pays: a deduction that is settled later.
    short = rng.random(n) < 0.5
    first_share = np.where(short, 0.92 + 0.06 * rng.random(n), 0.4 + 0.3 * rng.random(n))
    wait = np.ceil(np.round(SECOND_LOC + SECOND_SCALE * _logit(rng.random(n)), 6)).astype(np.int64)
    second = next_run[run, (first + wait.clip(SECOND_LEAST, SECOND_MOST)).clip(max=DAYS - 1)]
    never = rng.random(n) < np.where(invoices.is_disputed, NEVER_SHARE_DISPUTED, NEVER_SHARE)
    stop = h["stop_day"].to_numpy()
    first = np.where(never | (first > stop), NEVER, first)
    second = np.where(first == NEVER, NEVER, np.where(second > stop, NEVER, second))
    return Plan(first, np.where(partial, second, 0), np.where(partial, first_share, 1.0), takes_discount)


def _logit(u: np.ndarray) -> np.ndarray:
    u = u.clip(1e-9, 1 - 1e-9)
    return np.log(u / (1 - u))


def cleared_distribution(
    invoices: Invoices,
    paid_first_day: np.ndarray,
    next_run: np.ndarray,
    regime_change: bool,
    grid: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """P(cleared within k days of the as-of date | open at its end) for k in ``grid``, and P(never).

    ``paid_first_day`` is the day of a first, partial payment, or NEVER where nothing was paid yet.
    """
    first_axis = int(invoices.invoice_day.min())
    axis = np.arange(first_axis, min(END + 520, DAYS))
    h = invoices.habit
    weights, locs, scales = _components(invoices, regime_change)
    run_days = next_run[h["run"].to_numpy()[:, None], axis[None, :]] - first_axis
    started = axis[None, :] >= invoices.invoice_day[:, None] + 1

    def first_payment(components: tuple[int, ...]) -> np.ndarray:
        cumulative = np.zeros(started.shape)
        for k in components:
            z = np.clip((axis[None, :] - locs[:, [k]]) / scales[:, [k]], -60, 60)
            cumulative += weights[:, [k]] / (1 + np.exp(-z))
        return _moved(np.diff(cumulative * started, axis=1, prepend=0.0), run_days)

    after = axis > END
    plain, discounted = first_payment((0, 1)) * after, first_payment((2,)) * after
    has_first = paid_first_day < NEVER
    plain[has_first] = 0.0
    rows = np.flatnonzero(has_first)
    plain[rows, paid_first_day[rows] - first_axis] = 1.0
    second = _moved(_waited(plain), run_days) * after
    partial = h["partial_share"].to_numpy()[:, None]
    cleared = np.where(has_first[:, None], second, discounted + (1 - partial) * plain + partial * second)
    left = cleared.sum(axis=1)
    never_share = np.where(invoices.is_disputed, NEVER_SHARE_DISPUTED, NEVER_SHARE)
    alive = np.where(has_first, 1.0, left * (1 - never_share) / (left * (1 - never_share) + never_share))
    alive = np.where((h["stop_day"].to_numpy() <= END) | (left <= 0), 0.0, alive)
    by_day = np.cumsum(cleared, axis=1) / np.where(left > 0, left, 1)[:, None]
    position = (END + grid - first_axis).clip(0, len(axis) - 1)
    return by_day[:, position] * alive[:, None], 1 - alive


def _waited(first: np.ndarray) -> np.ndarray:
    """Mass of the day a second payment is meant for, from the mass of the first payment's day."""
    days = np.arange(SECOND_LEAST, SECOND_MOST + 1)
    upper = 1 / (1 + np.exp(-(days - SECOND_LOC) / SECOND_SCALE))
    upper[-1] = 1.0
    waited = np.zeros_like(first)
    for wait, probability in zip(days, np.diff(upper, prepend=0.0), strict=True):
        waited[:, wait:] += probability * first[:, :-wait]
    return waited


def _moved(mass: np.ndarray, to: np.ndarray) -> np.ndarray:
    """Probability moved from each day to the payment day that follows it."""
    n, days = mass.shape
    inside = to < days
    flat = (np.arange(n)[:, None] * days + np.where(inside, to, 0)).ravel()
    return np.bincount(flat, weights=(mass * inside).ravel(), minlength=n * days).reshape(n, days)
