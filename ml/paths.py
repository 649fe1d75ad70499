"""Simulated cash as whole cents: many series over the same paths and days, so that sums are exact on every path.

A level above is the sum of the series below it, path by path, in integers; a quantile of a sum is read from the sums.
Nothing else makes levels agree: quantiles do not add up, and rounded numbers need not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.features import DAY

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PATHS = 400
"""Paths of a simulation. A cent over 400 paths is 0.0025 cents, so a mean has at most six decimals and adds up too."""
CENTS = 100


@dataclass(frozen=True)
class CashPaths:
    """Cash of each series on each path and day (or week, month).

    series: one row per series, its keys in columns (company_id, currency, …), on the index 0, 1, ….
    days: first day of each period; daily unless the paths were summed over time.
    cents: series × paths × days, hundredths of the series' currency.
    """

    series: pd.DataFrame
    days: pd.DatetimeIndex
    cents: Ints

    @property
    def paths(self) -> int:
        return self.cents.shape[1]

    def roll_up(self, keys: Sequence[str]) -> CashPaths:
        """One series per combination of ``keys``: the sum of all that share it, in the order of the keys' text.

        Without keys one series is left, the sum of all. Series of different currencies must be converted before; that
        is the caller's to know, because the currency column may be one of the keys or not.
        """
        if not keys:
            total = self.cents.sum(axis=0, keepdims=True)
            return CashPaths(pd.DataFrame(index=pd.RangeIndex(1)), self.days, total)
        kept, at = group_rows(self.series, keys)
        cents = np.zeros((len(kept), *self.cents.shape[1:]), dtype=np.int64)
        # series by series: np.add.at would walk cell by cell
        for source, target in enumerate(at):
            cents[target] += self.cents[source]
        return CashPaths(kept, self.days, cents)

    def converted(self, rates: Mapping[str, float] | Floats) -> CashPaths:
        """In another currency: ``rates`` gives its units for one unit of each series' ``currency``, or per series.

        Every cell is rounded to a cent once, here, at the lowest level there is; levels above are sums of such cells.

        Raises:
            KeyError: a currency has no rate.
        """
        if isinstance(rates, Mapping):
            rates = np.array([rates[currency] for currency in self.series["currency"]], dtype=float)
        moved = np.flatnonzero(rates != 1.0)
        if not len(moved):
            return self
        cents = self.cents.copy()
        for row in moved:
            cents[row] = np.rint(self.cents[row] * rates[row])
        return CashPaths(self.series, self.days, cents)

    def where(self, chosen: pd.Series | NDArray[np.bool_]) -> CashPaths:
        """Only the series of which ``chosen`` is true."""
        rows = np.flatnonzero(np.asarray(chosen, dtype=bool))
        return CashPaths(self.series.iloc[rows].reset_index(drop=True), self.days, self.cents[rows])

    def by_week(self) -> CashPaths:
        """Sums of weeks from Monday to Sunday; the first and the last may be parts of weeks."""
        return self._by(self.days - self.days.day_of_week * DAY)

    def by_month(self) -> CashPaths:
        """Sums of calendar months; the first and the last may be parts of months."""
        return self._by(self.days - (self.days.day - 1) * DAY)

    def cumulative(self) -> CashPaths:
        """Sum from the first day to each day."""
        return CashPaths(self.series, self.days, self.cents.cumsum(axis=2))

    def _by(self, period: pd.DatetimeIndex) -> CashPaths:
        starts, first = np.unique(period.to_numpy(), return_index=True)
        return CashPaths(self.series, pd.DatetimeIndex(starts), np.add.reduceat(self.cents, first, axis=2))

    def total_cents(self) -> Ints:
        """Sum over paths (series × days): the mean times the number of paths, exact."""
        return np.asarray(self.cents.sum(axis=1))

    def mean(self) -> Floats:
        """Mean over paths (series × days) in units of the currency."""
        return self.total_cents() / (self.paths * CENTS)

    def quantiles(self, levels: Sequence[float]) -> Floats:
        """Quantiles over paths, series × days × levels, in units of the currency.

        The cent at place ceil(level · paths) of the sorted paths, a value that a path has (Hyndman and Fan 1996, type
        1): interpolated quantiles would show cents that no path has.
        """
        place = np.clip(np.ceil(np.asarray(levels) * self.paths - 1e-9).astype(int) - 1, 0, self.paths - 1)
        ordered = np.sort(np.ascontiguousarray(self.cents.transpose(0, 2, 1)), axis=2)
        return np.asarray(ordered[:, :, place] / CENTS)


def group_rows(frame: pd.DataFrame, keys: Sequence[str]) -> tuple[pd.DataFrame, Ints]:
    """Distinct rows of ``keys`` in ascending order of their text, and for each row of ``frame`` which of them it is."""
    text = frame[list(keys)].astype(str)
    kept = text.drop_duplicates().sort_values(list(keys), kind="stable")
    place = pd.Series(np.arange(len(kept)), index=pd.MultiIndex.from_frame(kept))
    at = place.reindex(pd.MultiIndex.from_frame(text)).to_numpy(dtype=np.int64)
    return kept.reset_index(drop=True), at


def stacked(parts: Sequence[CashPaths]) -> CashPaths:
    """Blocks of one simulation put together again."""
    series = pd.concat([part.series for part in parts], ignore_index=True)
    return CashPaths(series, parts[0].days, np.concatenate([part.cents for part in parts]))


def receipt_weeks(paths: CashPaths) -> dict[tuple[str, str], Ints]:
    """Cash in per company: (company_id, currency) → cents, paths × weeks from the week of the first day on.

    ``paths`` are in each company's own currency: one currency per company (see ``CashPaths.converted``), its name in
    the column ``currency``.
    """
    weeks = paths.roll_up(["company_id", "currency"]).by_week()
    keys = weeks.series[["company_id", "currency"]].itertuples(index=False)
    return {(company, currency): cents for (company, currency), cents in zip(keys, weeks.cents, strict=True)}
