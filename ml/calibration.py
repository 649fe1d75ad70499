"""Distributions of days late, and their calibration on recent invoices that the model was not fitted on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FIRST_DAY_LATE, LAST_DAY_LATE = -75, 195
DAYS_LATE = np.arange(FIRST_DAY_LATE, LAST_DAY_LATE + 1)
LEVELS = np.array([0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95])
LEAST_UNPAID = 1e-9
"""A smaller share than this is rounding, not knowledge."""
FEW_INVOICES = 100.0
"""Recent invoices at which a calibration counts as much as no calibration at all."""


@dataclass(frozen=True)
class LatenessDistribution:
    """One distribution of days late per row.

    ``paid_by`` has a row per invoice and a column per day of DAYS_LATE: the probability of being paid by that day.
    What is left after the last day falls off exponentially with ``tail_days`` as mean.
    """

    paid_by: Floats
    tail_days: float

    def probability_by(self, days_late: Floats) -> Floats:
        """Probability of being paid by ``days_late`` (one row per invoice, any number of columns)."""
        days = np.asarray(days_late, dtype=float)
        column = np.clip(np.floor(days) - FIRST_DAY_LATE, -1, len(DAYS_LATE) - 1).astype(int)
        known = np.take_along_axis(self.paid_by, np.maximum(column, 0), axis=1)
        beyond = np.maximum(np.floor(days) - LAST_DAY_LATE, 0.0)
        return np.where(column < 0, 0.0, 1.0 - (1.0 - known) * np.exp(-beyond / self.tail_days))

    def quantile(self, levels: Floats, later_than: Floats | None = None) -> Floats:
        """Days late at ``levels``, one column each; a day's probability is spread evenly over that day ± a half.

        With ``later_than`` (days late already reached, per row) the distribution is the one of invoices still unpaid
        then, and no quantile lies before the next day.
        """
        reached = np.zeros(len(self.paid_by)) if later_than is None else self.probability_by(later_than[:, None])[:, 0]
        asked = reached[:, None] + (1.0 - reached[:, None]) * np.asarray(levels, dtype=float)[None, :]
        days = _inverse(self.paid_by, asked, self.tail_days)
        if later_than is None:
            return days
        # past all that was ever seen only the tail is left, and it does not age
        tail = later_than[:, None] - self.tail_days * np.log1p(-np.asarray(levels, dtype=float))[None, :]
        days = np.where(reached[:, None] > 1.0 - LEAST_UNPAID, tail, days)
        return np.maximum(days, later_than[:, None] + 1.0)

    def probability_within(self, days: Floats, later_than: Floats) -> Floats:
        """Probability of being paid within ``days`` (one column each) after ``later_than``, still unpaid then."""
        ahead = np.asarray(days, dtype=float)[None, :]
        unpaid = 1.0 - self.probability_by(later_than[:, None])
        still = 1.0 - self.probability_by(later_than[:, None] + ahead)
        tail = np.exp(-ahead / self.tail_days)
        return 1.0 - np.where(unpaid < LEAST_UNPAID, tail, still / np.maximum(unpaid, LEAST_UNPAID))

    def median_day(self, later_than: Floats | None = None) -> Floats:
        """The whole day by which half are paid: the best guess when a miss costs its days."""
        return np.rint(self.quantile(np.array([0.5]), later_than)[:, 0])

    def mean(self, later_than: Floats | None = None) -> Floats:
        """Mean of 99 evenly spaced quantiles: leaves out the outermost percent, which a few lost invoices rule."""
        return self.quantile(np.arange(1, 100) / 100.0, later_than).mean(axis=1)

    def with_stragglers(self) -> LatenessDistribution:
        """At least one invoice in 500 follows the tail from its due date on: no receipt is ever quite certain."""
        straggler = 0.002 * np.exp(-np.maximum(DAYS_LATE, 0) / self.tail_days)
        return LatenessDistribution(np.minimum(self.paid_by, 1.0 - straggler), self.tail_days)

    def recalibrated(self, levels: Floats) -> LatenessDistribution:
        """The distribution whose quantile at LEVELS is this one's quantile at ``levels``."""
        knots = np.concatenate([[0.0], levels, [1.0]])
        return LatenessDistribution(
            np.interp(self.paid_by, knots, np.concatenate([[0.0], LEVELS, [1.0]])), self.tail_days
        )


def _inverse(paid_by: Floats, asked: Floats, tail_days: float) -> Floats:
    rows, days = paid_by.shape
    # one sorted search for all rows: row i lives in (2i, 2i + 1]
    offset = 2.0 * np.arange(rows)[:, None]
    at = np.searchsorted((paid_by + offset).ravel(), (asked + offset).ravel()).reshape(asked.shape)
    at = at - np.arange(rows)[:, None] * days
    inside = np.clip(at, 0, days - 1)
    above = np.take_along_axis(paid_by, inside, axis=1)
    below = np.where(inside > 0, np.take_along_axis(paid_by, np.maximum(inside - 1, 0), axis=1), 0.0)
    share = np.divide(asked - below, above - below, out=np.zeros_like(asked), where=above > below)
    within = FIRST_DAY_LATE + inside - 0.5 + np.clip(share, 0.0, 1.0)
    last = paid_by[:, -1:]
    left = np.maximum(1.0 - last, 1e-12)
    beyond = LAST_DAY_LATE + 0.5 + tail_days * np.log(left / np.clip(1.0 - asked, 1e-12, left))
    return np.where(at < days, within, beyond)


def calibrated_levels(forecast: LatenessDistribution, days_late: Floats, paid: NDArray[np.bool_]) -> Floats:
    """Levels at which the forecast must be read so that LEVELS of recent invoices really fall below.

    Source: probability integral transform recalibration (Kuleshov, Fenner, Ermon 2018, "Accurate uncertainties for
    deep learning using calibrated regression"), with half of the day's own probability as is usual for counts
    (Czado, Gneiting, Held 2009). The median is left alone: it minimises the absolute error, which shifting it for
    the sake of the tails would not.

    Args:
        forecast: made without these invoices.
        days_late: what came of them; of those still open the days late reached.
        paid: which of them are paid. An open one lies somewhere above what it has reached (Kaplan and Meier).
    """
    if not paid.any():
        return LEVELS
    days = np.clip(days_late, FIRST_DAY_LATE - 1, LAST_DAY_LATE)[:, None]
    by, before = forecast.probability_by(days)[:, 0], forecast.probability_by(days - 1.0)[:, 0]
    reached = np.where(paid, 0.5 * (by + before), by)
    order = np.lexsort((~paid, reached))
    reached, paid = reached[order], paid[order]
    at_risk = np.arange(len(paid), 0, -1)
    below = 1.0 - np.cumprod(1.0 - paid / at_risk)
    seen = np.interp(LEVELS, below[paid], reached[paid])
    # a level that so few have reached yet is known to lie no lower than they do, and no more
    seen = np.where(below[paid][-1] < LEVELS, np.maximum(LEVELS, seen), seen)
    weight = len(reached) / (len(reached) + FEW_INVOICES)
    levels = np.clip(weight * seen + (1.0 - weight) * LEVELS, 0.001, 0.999)
    middle = len(LEVELS) // 2
    levels[:middle] = np.minimum(levels[:middle], 0.49)
    levels[middle] = 0.5
    levels[middle + 1 :] = np.maximum(levels[middle + 1 :], 0.51)
    return np.maximum.accumulate(levels + np.arange(len(levels)) * 1e-9)


def share_unpaid(
    cell: NDArray[np.int64],
    cells: int,
    days_late: Floats,
    paid: NDArray[np.bool_],
    prior: Floats | None = None,
    prior_invoices: float = 0.0,
) -> Floats:
    """Share still unpaid after each day of DAYS_LATE, per cell, from paid and still open invoices alike.

    Source: Kaplan and Meier 1958. An open invoice counts as at risk up to the days late it has reached, so that those
    who pay late are not forgotten because they have not paid yet.

    Args:
        cell: the cell (leaf, segment) each invoice is in, 0 … cells - 1.
        days_late: of paid invoices; of open ones the days late reached (negative before they are due).
        prior: share unpaid after each day that a cell without invoices has; it counts as ``prior_invoices`` at risk on
            every day. Without it a cell whose last invoices are still open would say that nobody pays any more.
    """
    width = len(DAYS_LATE)
    day = np.clip(np.floor(days_late) - FIRST_DAY_LATE, -1, width - 1).astype(int)
    open_long_enough = ~paid & (day >= 0)
    slot = cell * width
    events = np.bincount((slot + np.maximum(day, 0))[paid], minlength=cells * width).reshape(cells, width)
    leaving = np.bincount((slot + day)[open_long_enough], minlength=cells * width).reshape(cells, width)
    at_risk = (events + leaving)[:, ::-1].cumsum(axis=1)[:, ::-1]
    expected = np.zeros(width)
    if prior is not None:
        before = np.concatenate([[1.0], prior[:-1]])
        expected = prior_invoices * (1.0 - np.divide(prior, before, out=np.ones(width), where=before > 0))
    hazard = np.divide(
        events + expected, at_risk + prior_invoices, out=np.zeros((cells, width)), where=at_risk + prior_invoices > 0
    )
    return np.cumprod(1.0 - hazard, axis=1, dtype=np.float64)
