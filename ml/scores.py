"""Scores of forecasts. Errors are forecast less actual: a positive bias says later, or more, than what came.

All take plain arrays of equal length; NaN for no rows at all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def _pair(forecast: ArrayLike, actual: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    return np.asarray(forecast, dtype=float), np.asarray(actual, dtype=float)


def mean_absolute_error(forecast: ArrayLike, actual: ArrayLike) -> float:
    """Mean of |forecast - actual| (Hyndman and Koehler 2006)."""
    f, a = _pair(forecast, actual)
    return float(np.abs(f - a).mean()) if len(a) else float("nan")


def weighted_absolute_percentage_error(forecast: ArrayLike, actual: ArrayLike) -> float:
    """Sum of |forecast - actual| over sum of |actual| (Kolassa and Schütz 2007); NaN where all actuals are 0."""
    f, a = _pair(forecast, actual)
    total = np.abs(a).sum()
    return float(np.abs(f - a).sum() / total) if total > 0 else float("nan")


def bias(forecast: ArrayLike, actual: ArrayLike) -> float:
    """Mean of forecast - actual."""
    f, a = _pair(forecast, actual)
    return float((f - a).mean()) if len(a) else float("nan")


def share_within(forecast: ArrayLike, actual: ArrayLike, tolerance: float) -> float:
    """Share of |forecast - actual| of at most ``tolerance``."""
    f, a = _pair(forecast, actual)
    return float((np.abs(f - a) <= tolerance).mean()) if len(a) else float("nan")


def pinball_loss(quantile: ArrayLike, actual: ArrayLike, level: float) -> float:
    """Mean of level · (actual - q) above q and (1 - level) · (q - actual) below (Koenker and Bassett 1978)."""
    q, a = _pair(quantile, actual)
    return float(np.maximum(level * (a - q), (level - 1.0) * (a - q)).mean()) if len(a) else float("nan")


def continuous_ranked_probability_score(quantiles: ArrayLike, levels: ArrayLike, actual: ArrayLike) -> float:
    """CRPS as twice the integral of the pinball loss over the levels (Gneiting and Ranjan 2011).

    The outermost levels stand for all beyond them, so a forecast known by few quantiles scores about right, not
    exactly; a certain forecast, all quantiles equal, scores its absolute error only with levels symmetric around 0.5.

    Args:
        quantiles: one row per forecast, one column per level.
    """
    q, a = _pair(quantiles, actual)
    if not len(a):
        return float("nan")
    tau = np.asarray(levels, dtype=float)
    loss = np.maximum(tau * (a[:, None] - q), (tau - 1.0) * (a[:, None] - q)).mean(axis=0)
    borders = np.concatenate([[0.0], (tau[1:] + tau[:-1]) / 2.0, [1.0]])
    return float(2.0 * (loss * np.diff(borders)).sum())


def coverage(lower: ArrayLike, upper: ArrayLike, actual: ArrayLike) -> float:
    """Share of actuals within [lower, upper]."""
    low, a = _pair(lower, actual)
    return float(((a >= low) & (a <= np.asarray(upper, dtype=float))).mean()) if len(a) else float("nan")
