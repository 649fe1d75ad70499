"""Naive and classical forecasts of weekly receipts: what a method must beat before it is worth its trouble.

All give weeks ahead of a Sunday, one row per path and one column per week; a point forecast is a single path.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ml.calibration import Floats
from ml.features import DAY, days_between

RECENT_RECEIPTS = 30
SEASON_WEEKS = 52
LEVEL_WEEKS = 13
ETS_WEEKS = 156
MONTH_WEEKS = 4
LEAST_WEEKS = 16
"""Shorter series are continued at their mean: a form with a trend and a season has eight parameters."""


def recent_days_late(history: pd.DataFrame) -> pd.Series:
    """Mean days late of each customer's last 30 receipts; ``history`` as known on the day of the forecast."""
    paid = history[history["cleared_date"].notna() & history["due_date"].notna()]
    paid = paid.assign(late=days_between(paid["cleared_date"], paid["due_date"]), who=paid["customer_id"].astype(str))
    # one order whatever order the rows came in, so that which receipts are the last 30 does not depend on it
    paid = paid.sort_values(["who", "cleared_date", "due_date", "late", "amount"], kind="stable")
    return paid.groupby("who", sort=False).tail(RECENT_RECEIPTS).groupby("who")["late"].mean()


def seasonal_naive(past: pd.Series, weeks: pd.DatetimeIndex) -> Floats:
    """The same weeks a year (52 weeks) before; without them, the mean of the last 13 weeks. 1 × weeks."""
    level = float(past.tail(LEVEL_WEEKS).mean()) if len(past) else 0.0
    before = past.reindex(weeks - SEASON_WEEKS * 7 * DAY).fillna(level)
    return before.to_numpy(dtype=float)[None, :]


@dataclass(frozen=True)
class EtsForm:
    """A form of exponential smoothing: error add or mul; trend none or add, damped or not; season none, add or mul."""

    error: str
    is_trended: bool
    is_damped: bool
    season: str | None

    def __str__(self) -> str:
        trend = ("Ad" if self.is_damped else "A") if self.is_trended else "N"
        return f"ETS({self.error[0].upper()},{trend},{(self.season or 'none')[0].upper()})"


# As in Hyndman and Khandakar 2008 without additive errors with a multiplicative season, which are unstable, and without
# multiplicative trends. The season is the place in a month of four weeks: a season of 52 states can't be estimated
# from three years (forecast::ets leaves it out as well).
FORMS = tuple(
    EtsForm(error, is_trended, is_damped, season)
    for error, seasons in (("add", (None, "add")), ("mul", (None, "add", "mul")))
    for is_trended, is_damped in ((False, False), (True, False), (True, True))
    for season in seasons
)


@dataclass(frozen=True)
class AutoEts:
    """Exponential smoothing with the form of the smallest AICc (Hyndman, Koehler, Ord, Snyder 2008).

    ``form`` is None where the series is too short or constant; then its mean goes on.
    """

    form: EtsForm | None
    parameters: Floats | None
    start: pd.Timestamp | None
    scale: float

    @classmethod
    def fit(cls, past: pd.Series, forms: tuple[EtsForm, ...] = FORMS) -> AutoEts:
        """``past``: complete weeks on a Monday index without gaps; at most the last 156 are used."""
        past = past.tail(ETS_WEEKS)
        scale = float(past.abs().mean()) if len(past) else 0.0
        if len(past) < LEAST_WEEKS or past.std() == 0.0 or scale == 0.0:
            return cls(None, None, None, scale)
        best: tuple[float, EtsForm, Any] | None = None
        for form in forms:
            # a multiplicative error or season needs weeks that are all above zero
            if "mul" in (form.error, form.season) and past.min() <= 0.0:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    fitted = _model(past / scale, form).fit(disp=False, maxiter=200)
                except (ValueError, np.linalg.LinAlgError):
                    continue
            if np.isfinite(fitted.aicc) and (best is None or fitted.aicc < best[0]):
                best = (float(fitted.aicc), form, np.asarray(fitted.params, dtype=float))
        return cls(best[1], best[2], past.index[0], scale) if best else cls(None, None, None, scale)

    def simulate(self, past: pd.Series, weeks: int, paths: int, seed: int) -> Floats:
        """Paths × weeks after the last week of ``past``, which may reach further than the series fitted on."""
        level = float(past.tail(LEVEL_WEEKS).mean()) if len(past) else 0.0
        if self.form is None:
            return np.full((1, weeks), level)
        past = past[past.index >= self.start]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            known = _model(past / self.scale, self.form).smooth(self.parameters)
            drawn = known.simulate(weeks, anchor="end", repetitions=paths, rng=np.random.default_rng(seed))
        made = np.asarray(drawn, dtype=float).reshape(weeks, -1).T * self.scale
        # a form with a multiplicative error can run off: no week is more than ten times the largest ever seen
        most = 10.0 * float(past.abs().max())
        made = np.nan_to_num(np.clip(made, -most, most), nan=level)
        return np.maximum(made, 0.0) if past.min() >= 0.0 else made


def _model(past: pd.Series, form: EtsForm) -> Any:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    return ETSModel(
        past.asfreq("7D"),
        error=form.error,
        trend="add" if form.is_trended else None,
        damped_trend=form.is_damped,
        seasonal=form.season,
        seasonal_periods=MONTH_WEEKS if form.season else None,
    )
