"""On which days a customer pays: any working day, one day of the week, or fixed days of the month.

Read off the days of its past payments. Who pays on the 25th pays on the 25th whenever its invoice is due; a forecast of
days late alone smears that over the days around, and a week's cash goes to the week before or after.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.features import DAY
from ml.new_invoices import working_days

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

HISTORY_DAYS = 730
PAIRED_DAYS = 8
"""Days of the month that are tried in pairs: those on which most is paid."""
ROUNDS = 8
WEEKDAYS = 5

NEW_YEAR_OFFSETS = range(-10, 21)
"""Days from the Chinese New Year on which offices may rest longer than the law says."""
LEAST_EXPECTED, SELDOM = 6.0, 0.1
"""Where so many payments were to be expected and no more than this share of them came, nobody worked."""


def rest_at_new_year(paid: pd.DatetimeIndex, country: str, as_of: pd.Timestamp, days: pd.DatetimeIndex) -> Bools:
    """Which of ``days`` offices in ``country`` rest on around the Chinese New Year, as they did in the years before.

    Many close for two weeks where the law gives one, and the feast moves by the moon. A day at the same distance from
    it on which hardly anything was paid in past years is a day off, as far as such days join the holiday.

    Args:
        paid: days of all payments of or from the country up to ``as_of``.
    """
    import holidays

    rest = np.zeros(len(days), dtype=bool)
    paid = paid[paid <= as_of]
    if paid.empty or country not in holidays.list_supported_countries():
        return rest
    years = range(paid.min().year, days[-1].year + 1)
    feasts = sorted(
        {day.year: pd.Timestamp(day) for day, name in sorted(
            holidays.country_holidays("CN", years=years, language="en_US").items(), reverse=True
        ) if name.startswith("Chinese New Year (")}.values()
    )  # fmt: skip
    usual = len(paid) / max(int(working_days(country, pd.date_range(paid.min(), as_of, freq="D")).sum()), 1)
    counts = paid.value_counts()
    expected, seen = np.zeros(len(NEW_YEAR_OFFSETS)), np.zeros(len(NEW_YEAR_OFFSETS))
    for feast in feasts:
        around = feast + pd.to_timedelta(np.array(NEW_YEAR_OFFSETS), unit="D")
        if around[0] >= paid.min() and around[-1] <= as_of:
            expected += usual * working_days(country, around)
            seen += counts.reindex(around, fill_value=0).to_numpy()
    closed = (expected >= LEAST_EXPECTED) & (seen <= SELDOM * expected)
    for feast in feasts:
        around = feast + pd.to_timedelta(np.array(NEW_YEAR_OFFSETS), unit="D")
        off = closed | ~working_days(country, around)
        centre = NEW_YEAR_OFFSETS.index(0)
        if feast not in holidays.country_holidays(country, years=feast.year):
            continue
        off[centre] = True
        first = centre - int(np.argmin(np.append(off[centre::-1], False))) + 1
        last = centre + int(np.argmin(np.append(off[centre:], False))) - 1
        rest |= days.isin(around[first : last + 1])
    return rest


class PayDays:
    """How much more often than on a day at random each customer pays on a day.

    Every customer is taken to follow one of a few calendars: any working day; the same weekday; one day of the month;
    two of them. A run that falls on a holiday moves to the next working day; a weekly one may also be left out. How
    common each calendar is, and how often payments miss it, is learnt over all customers (expectation maximisation,
    Dempster, Laird, Rubin 1977); a customer's own payments then say which calendars it may follow, so that three
    payments on Mondays say little and thirty say all.
    """

    def __init__(
        self, payments: pd.DataFrame, as_of: pd.Timestamp, last_day: pd.Timestamp, countries: dict[str, str]
    ) -> None:
        """Learn from payments up to ``as_of``.

        Args:
            payments: customer_id, day.
            last_day: to be asked for, inclusive.
            countries: customer_id → ISO 3166 country, whose holidays move payments.
        """
        self._countries = countries
        self._first = as_of - HISTORY_DAYS * DAY
        self._days = pd.date_range(self._first, last_day + 45 * DAY, freq="D")
        paid = payments[(payments["day"] <= as_of) & (payments["day"] > self._first)]
        paid = paid[["customer_id", "day"]].drop_duplicates().sort_values(["customer_id", "day"])
        self._rests_at_weekends = bool(len(paid) < 20 or (paid["day"].dt.day_of_week >= 5).mean() < 0.03)
        customer, names = pd.factorize(paid["customer_id"], sort=True)
        self._place = {name: number for number, name in enumerate(names)}
        everything = payments[payments["day"] <= as_of]
        whose = everything["customer_id"].map(countries).fillna("")
        self._rest = {
            name: rest_at_new_year(pd.DatetimeIndex(everything.loc[whose == name, "day"]), name, as_of, self._days)
            for name in sorted({"", *countries.values()})
        }
        country = np.array([countries.get(name, "") for name in names], dtype=object)[customer]
        day = ((paid["day"] - self._first) / DAY).to_numpy().astype(np.int64)
        self._pairs: list[tuple[int, int]] = []
        self._tables = {name: self._runs(name) for name in sorted({"", *countries.values()})}
        hits = self._hits(country, day)
        single = hits[:, 1 + 2 * WEEKDAYS :].sum(axis=0)
        self._pairs = list(combinations(sorted(np.argsort(-single, kind="stable")[:PAIRED_DAYS] + 1), 2))
        self._tables = {name: self._runs(name) for name in self._tables}
        hits = self._hits(country, day)
        counts = np.bincount(customer, minlength=len(names))
        hit_counts = np.stack([np.bincount(customer, hit, minlength=len(names)) for hit in hits.T], axis=1)
        # how seldom each calendar runs where the customer is: tells who leaves holidays out from who moves them
        seldom = {name: 1.0 / np.maximum(runs.mean(axis=1), 1e-3) for name, runs in self._tables.items()}
        length = np.array([seldom[countries.get(name, "")] for name in names]).reshape(len(names), hits.shape[1])
        self._learn(counts.astype(np.float64), hit_counts.astype(np.float64), length)

    def weights(self, customer_id: pd.Series, days: pd.DatetimeIndex) -> Floats:
        """Rows of ``customer_id`` × ``days``: about 1 on average, 0 where a customer surely does not pay."""
        at = ((days - self._first) / DAY).astype(int).to_numpy()
        result = np.empty((len(customer_id), len(days)))
        place = customer_id.map(self._place).fillna(-1).astype(int).to_numpy()
        share = np.vstack([self.share_, self.common_])[place]
        country = customer_id.map(self._countries).fillna("").to_numpy()
        for name in sorted(set(country)):
            rows = country == name
            result[rows] = share[rows] @ self._factors(self._tables[name])[:, at]
        return result

    def _factors(self, runs: Bools) -> Floats:
        """Calendars × days: how much more often than on any day a payment comes. A run pays what was meant for the days
        since the run before, so it counts for as many: a Monday for three, the first day after two weeks of holidays
        for fifteen. A payment that misses its run comes on any working day."""
        place = np.where(runs, np.arange(runs.shape[1]), -1)
        before = np.roll(np.maximum.accumulate(place, axis=1), 1, axis=1)
        before[:, 0] = -1
        waited = runs * (np.arange(runs.shape[1]) - before)
        made = (1.0 - self.missed_) * waited + self.missed_ * waited[:1]
        made[0] = waited[0]
        return made

    def _learn(self, counts: Floats, hits: Floats, length: Floats) -> None:
        kinds = hits.shape[1]
        common = np.full(kinds, 0.5 / (kinds - 1))
        common[0] = 0.5
        self.missed_ = 0.1
        share = np.zeros((0, kinds))
        for _ in range(ROUNDS):
            inside = np.log((1.0 - self.missed_) * length + self.missed_ * length[:, :1])
            outside = np.log(self.missed_ * length[:, :1])
            fits = hits * inside + (counts[:, None] - hits) * outside
            fits[:, 0] = counts * np.log(length[:, 0])
            fits = (fits + np.log(common)[None, :]).round(9)
            share = np.exp(fits - fits.max(axis=1, keepdims=True)) if len(fits) else fits
            share = share / share.sum(axis=1, keepdims=True)
            # ten customers' worth of the start values
            start = np.full(kinds, 5.0 / (kinds - 1))
            start[0] = 5.0
            common = (share.sum(axis=0) + start) / (len(share) + 10.0)
            on_runs = share[:, 1:]
            paid = float((on_runs * counts[:, None]).sum())
            missed = float((on_runs * (counts[:, None] - hits[:, 1:])).sum())
            self.missed_ = float(np.clip((missed + 2.0) / (paid + 20.0), 0.01, 0.4))
        self.share_, self.common_ = share.reshape(-1, kinds), common

    def _hits(self, country: NDArray[np.object_], day: NDArray[np.int64]) -> Bools:
        """Payments × calendars: whether it came on a run day."""
        kinds = len(next(iter(self._tables.values())))
        hits = np.zeros((len(day), kinds), dtype=bool)
        for name in sorted(set(country)):
            rows = np.flatnonzero(country == name)
            hits[rows] = self._tables[name][:, day[rows]].T
        return hits

    def _runs(self, country: str) -> Bools:
        """Calendars × days: any working day; Monday … Friday, the next working day where that is none; the same, left
        out where it is none; 1st … 31st of the month; pairs of these."""
        is_open = working_days(country, self._days) if self._rests_at_weekends else np.ones(len(self._days), dtype=bool)
        is_open &= ~self._rest[country]
        place = np.where(is_open, np.arange(len(is_open)), len(is_open) - 1)
        following = np.minimum.accumulate(place[::-1])[::-1]

        def moved(meant: Bools) -> Bools:
            runs = np.zeros(len(is_open), dtype=bool)
            runs[following[np.flatnonzero(meant)]] = True
            return runs

        weekday = self._days.day_of_week.to_numpy()
        of_month = np.minimum(self._days.day.to_numpy(), 31)
        last = self._days.is_month_end
        single = [moved((of_month == k) | (last & (of_month < k))) for k in range(1, 32)]
        weekly = [moved(weekday == k) for k in range(WEEKDAYS)]
        left_out = [is_open & (weekday == k) for k in range(WEEKDAYS)]
        paired = [single[first - 1] | single[second - 1] for first, second in self._pairs]
        return np.array([is_open, *weekly, *left_out, *single, *paired])
