"""What was known about a customer on a day: the inputs of the payment-timing models.

Every row is described as of its own day ``known_on`` from receipts on or before that day, never from later ones. The
description of a row therefore does not depend on when it is computed, and one pass serves training, forecast and
backtest alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DAY = pd.Timedelta(days=1)
FIRST_DAY = np.datetime64("1900-01-01", "D")
RECENT = 30
"""Receipts of a customer that count as its recent behaviour."""
HABIT_DAYS = 120
"""Days over which a customer's habits are read."""
GROUPS = ("customer", "calendar", "lately", "overdue", "amount", "terms")
"""Groups of inputs of the hazard: what a customer usually does, its payment runs, its newest receipts, what it has
overdue, the amount, the terms."""

FEATURES = (
    "due_weekday", "due_day", "days_to_month_end", "amount_log", "amount_to_usual", "same_due_count", "paid_count",
    "late_mean", "late_recent_mean", "late_last", "late_recent_p10", "late_recent_p50", "late_recent_p90",
    "late_last_10_p50", "late_month_run_p50", "late_recent_std", "month_run_std", "late_weekday_p50",
    "late_similar_amount_p50", "late_day_p50", "days_since_receipt", "overdue_count", "overdue_days_mean",
    "overdue_share", "group_late_recent", "term_days",
)  # fmt: skip


def days_between(later: pd.Series, earlier: pd.Series) -> pd.Series:
    """Whole days from ``earlier`` to ``later``; NaN where one is missing."""
    return (later - earlier).dt.total_seconds() / 86_400.0


class PaymentHistory:
    """What every customer has done, ready to be read as of any day.

    Built once from a history, read for as many items and days as wanted. Rows are sorted by customer and day; reading
    looks up how many of them lie on the day or before, which no later invoice or receipt enters, and takes sums of
    whole numbers and the last receipts from there.
    """

    def __init__(self, history: pd.DataFrame) -> None:
        """``history``: customer_id, invoice_date (or NaT), due_date, cleared_date (NaT while open), amount."""
        self._customers = known_texts(history["customer_id"])
        customer = codes_of(self._customers, history["customer_id"])
        due, cleared, invoiced = (_day_numbers(history[f"{name}_date"]) for name in ("due", "cleared", "invoice"))
        amount = history["amount"].to_numpy(dtype=float)
        # one order whatever order the rows came in, so that figures do not depend on it
        order = np.lexsort((invoiced, amount, due, customer, cleared))
        customer, due, cleared, invoiced = (values[order] for values in (customer, due, cleared, invoiced))
        amount = amount[order]
        # open on day t: came due before t, less what of that was cleared by t
        self._due = _ByDay(customer, due + 1, {"due": due})
        paid = cleared < NEVER
        overdue_until = np.maximum(due + 1, cleared)[paid]
        self._no_longer_overdue = _ByDay(customer[paid], overdue_until, {"due": due[paid]})
        self._same_due = _ByDay(customer * DAYS + due, np.where(invoiced < NEVER, invoiced, 0), {})
        customer, due, cleared, amount = customer[paid], due[paid], cleared[paid], amount[paid]
        late = cleared - due
        month_end = due + _days_to_month_end(due)
        figures = {
            "late": late, "after_month": cleared - month_end, "amount_log": _amount_log(amount), "cleared": cleared,
            "decayed": _decayed_mean(customer, late),
        }  # fmt: skip
        self._receipts = _ByDay(customer, cleared, figures)
        self._like = {
            name: (window, _ByDay(_with(customer, part), cleared, {"late": late}))
            for (name, window), part in zip(_LIKE, _likeness(due, amount), strict=True)
        }
        daily = pd.DataFrame({"day": cleared, "late": late}).groupby("day")["late"].agg(["sum", "size"])
        lately = daily.reindex(np.arange(daily.index[0], daily.index[-1] + 1), fill_value=0) if len(daily) else daily
        lately = lately.rolling(14, min_periods=1).sum().loc[daily.index]
        self._group_days = daily.index.to_numpy(dtype=np.int64)
        self._group_late = (lately["sum"] / lately["size"]).to_numpy(dtype=float)

    def describe(self, items: pd.DataFrame, known_on: pd.Series) -> pd.DataFrame:
        """Features of ``items``, each as of its ``known_on``.

        Args:
            items: customer_id, due_date, amount and, where known, invoice_date (else NaT); may be part of the history.
            known_on: for each row of ``items`` the last day whose invoices and receipts may be used.

        Returns:
            FEATURES as floats on the index of ``items``; NaN where nothing was known.
        """
        customer = codes_of(self._customers, items["customer_id"])
        due, today = _day_numbers(items["due_date"]), _day_numbers(known_on)
        amount = items["amount"].to_numpy(dtype=float)
        parts = [
            self._describe(customer[rows], due[rows], today[rows], amount[rows])
            for rows in (slice(start, start + AT_ONCE) for start in range(0, max(len(items), 1), AT_ONCE))
        ]
        made = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        made["term_days"] = days_between(_days(items["due_date"]), _days(items["invoice_date"])).to_numpy()
        return pd.DataFrame({name: made[name] for name in FEATURES}, index=items.index, dtype=float)

    def usual_days_late(self, items: pd.DataFrame, known_on: pd.Series) -> Floats:
        """Median of the customer's last receipts as of ``known_on``, that of everyone lately without any; whole days.

        What ``describe`` calls late_recent_p50 and group_late_recent, without the rest of it.
        """
        customer, today = codes_of(self._customers, items["customer_id"]), _day_numbers(known_on)
        made = np.empty(len(items))
        for start in range(0, len(items), AT_ONCE):
            rows = slice(start, start + AT_ONCE)
            late, count = self._receipts.last("late", customer[rows], today[rows], RECENT)
            made[rows] = _quantile(np.sort(late, axis=1), count, 0.5)
        made = np.where(np.isnan(made), self._group_lately(today), made)
        return np.rint(np.nan_to_num(made))

    def _group_lately(self, today: NDArray[np.int64]) -> Floats:
        place = np.searchsorted(self._group_days, today, side="right") - 1
        values = np.append(self._group_late, np.nan)
        return np.asarray(values[np.where(place >= 0, place, len(values) - 1)])

    def _describe(
        self, customer: NDArray[np.int64], due: NDArray[np.int64], today: NDArray[np.int64], amount: Floats
    ) -> dict[str, NDArray[Any]]:
        made: dict[str, NDArray[Any]] = {}
        made["due_weekday"], made["due_day"] = _weekday(due), _day_of_month(due)
        made["days_to_month_end"] = _days_to_month_end(due)
        made["amount_log"] = _amount_log(amount)
        receipts = self._receipts
        seen = receipts.count(customer, today).astype(float)
        known = np.where(seen > 0, seen, np.nan)
        made["paid_count"] = known
        made["late_mean"] = receipts.total("late", customer, today) / known
        newest = {name: receipts.newest(name, customer, today) for name in ("late", "cleared", "decayed")}
        made["late_recent_mean"], made["late_last"] = newest["decayed"], newest["late"]
        made["days_since_receipt"] = today - newest["cleared"]
        late, count = receipts.last("late", customer, today, RECENT)
        made["late_last_10_p50"] = _quantile(np.sort(late[:, :10], axis=1), np.minimum(count, 10), 0.5)
        made["late_recent_std"] = _spread(late, count)
        late.sort(axis=1)
        for level in (10, 50, 90):
            made[f"late_recent_p{level}"] = _quantile(late, count, level / 100)
        after_month, count = receipts.last("after_month", customer, today, RECENT)
        made["month_run_std"] = _spread(after_month, count)
        after_month.sort(axis=1)
        made["late_month_run_p50"] = _quantile(after_month, count, 0.5) + made["days_to_month_end"]
        amounts, count = receipts.last("amount_log", customer, today, RECENT)
        amounts.sort(axis=1)
        made["amount_to_usual"] = made["amount_log"] - _quantile(amounts, count, 0.5)
        for (name, (window, like)), part in zip(self._like.items(), _likeness(due, amount), strict=True):
            late, count = like.last("late", _with(customer, part), today, window)
            late.sort(axis=1)
            made[name] = _quantile(late, count, 0.5)
        came_due = self._due.count(customer, today)
        left = came_due - self._no_longer_overdue.count(customer, today)
        due_days = self._due.total("due", customer, today) - self._no_longer_overdue.total("due", customer, today)
        made["overdue_count"] = left
        made["overdue_days_mean"] = np.where(left > 0, today - due_days / np.maximum(left, 1), 0.0)
        made["overdue_share"] = np.where(came_due > 0, left / np.maximum(came_due, 1), np.nan)
        same = self._same_due.count(np.where(customer >= 0, customer * DAYS + due, -1), today)
        made["same_due_count"] = np.maximum(same, 1)
        made["group_late_recent"] = self._group_lately(today)
        return made


AT_ONCE = 20_000
"""Rows described at once: their last receipts are a table of so many rows by RECENT columns."""
DAYS = 100_000
"""More than there are days: a key and a day are one whole number."""
NEVER = DAYS - 1
_LIKE = (("late_weekday_p50", 12), ("late_similar_amount_p50", 12), ("late_day_p50", 6))
"""Receipts like an item in one thing (see ``_likeness``), and how many of the last of them tell its median."""


class _ByDay:
    """Rows sorted by key and day, those of a day in the order they came: those of a key up to a day lie side by side.

    A key below 0 has none.
    """

    def __init__(self, key: NDArray[np.int64], day: NDArray[np.int64], figures: dict[str, NDArray[Any]]) -> None:
        place = key * DAYS + day
        order = np.argsort(place, kind="stable")
        self._place = place[order]
        # one more row, so that there is something to point at where there is none
        self._values = {name: np.append(values[order], 0).astype(float) for name, values in figures.items()}
        whole = {name: values[order] for name, values in figures.items() if values.dtype.kind == "i"}
        # sums of whole numbers are exact: those of other keys leave no trace in a difference
        self._sums = {name: np.concatenate([[0], values.cumsum()]) for name, values in whole.items()}

    def _range(self, key: NDArray[np.int64], day: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
        end = np.searchsorted(self._place, key * DAYS + day, side="right")
        first = np.searchsorted(self._place, key * DAYS, side="left")
        return first, np.where(key >= 0, end, first)

    def count(self, key: NDArray[np.int64], day: NDArray[np.int64]) -> NDArray[Any]:
        """Rows of each key up to its day."""
        first, end = self._range(key, day)
        return end - first

    def total(self, name: str, key: NDArray[np.int64], day: NDArray[np.int64]) -> NDArray[Any]:
        """Sum of a whole-numbered figure over them."""
        first, end = self._range(key, day)
        sums = self._sums[name]
        return np.asarray(sums[end] - sums[first])

    def newest(self, name: str, key: NDArray[np.int64], day: NDArray[np.int64]) -> Floats:
        """The figure of the last of them; NaN without any."""
        first, end = self._range(key, day)
        return np.where(end > first, self._values[name][end - 1], np.nan)

    def last(
        self, name: str, key: NDArray[np.int64], day: NDArray[np.int64], count: int
    ) -> tuple[Floats, NDArray[Any]]:
        """The figures of the last ``count`` of them, newest first, infinite where there are fewer; and how many."""
        first, end = self._range(key, day)
        at = end[:, None] - 1 - np.arange(count)[None, :]
        there = at >= first[:, None]
        return np.where(there, self._values[name][np.maximum(at, 0)], np.inf), np.minimum(end - first, count)


def _quantile(ordered: Floats, count: NDArray[Any], level: float) -> Floats:
    """Quantile of the first ``count`` of each ascending row, linear between neighbours; NaN of none."""
    place = level * np.maximum(count - 1, 0)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(count - 1, 0))
    row = np.arange(len(ordered))
    below, above = ordered[row, low], ordered[row, high]
    with np.errstate(invalid="ignore"):
        return np.where(count > 0, below + (above - below) * (place - low), np.nan)


def _spread(whole_days: Floats, count: NDArray[Any]) -> Floats:
    """Standard deviation of the first ``count`` of each row; from sums of whole numbers, which are exact."""
    values = np.where(np.isfinite(whole_days), whole_days, 0.0)
    total, squares = values.sum(axis=1), (values**2).sum(axis=1)
    spread = squares - total**2 / np.maximum(count, 1)
    return np.sqrt(np.maximum(spread, 0.0) / np.where(count > 1, count - 1.0, np.nan))


def _decayed_mean(customer: NDArray[np.int64], late: NDArray[np.int64]) -> Floats:
    """Of each receipt the mean of the customer's so far, each weighing half as much as the eighth after it."""
    if not len(late):
        return np.zeros(0)
    by_customer = pd.Series(late).groupby(customer, sort=False)
    return by_customer.ewm(halflife=8).mean().droplevel(0).reindex(np.arange(len(late))).to_numpy()


def _likeness(due: NDArray[np.int64], amount: Floats) -> tuple[NDArray[Any], ...]:
    """What an item is like others in, as whole numbers below 2,048, in the order of _LIKE: due on the same weekday, of
    about the same amount (steps of a factor of two), due on the same day of the month."""
    size = np.clip(np.frexp(np.abs(amount) + 1.0)[1], 0, 2_047)
    return _weekday(due), size, _day_of_month(due)


def _with(customer: NDArray[np.int64], part: NDArray[Any]) -> NDArray[np.int64]:
    return np.where(customer >= 0, customer * 2_048 + part, -1)


def _amount_log(amount: Floats) -> Floats:
    # rounded: the last bit of a vectorised logarithm depends on the row's place in the array, so on later rows
    return np.asarray(np.log1p(np.abs(amount)).round(6))


def _days(dates: pd.Series) -> pd.Series:
    return pd.to_datetime(dates).astype("datetime64[ns]").dt.normalize()


def _day_numbers(dates: pd.Series) -> NDArray[np.int64]:
    """Days since 1900-01-01; NEVER where there is no date."""
    days = _days(dates).to_numpy().astype("datetime64[D]")
    number = (days - FIRST_DAY).astype(np.int64)
    return np.where(np.isnat(days), NEVER, np.clip(number, 0, NEVER - 1))


def _weekday(day: NDArray[np.int64]) -> NDArray[np.int64]:
    """Monday 0 … Sunday 6; 1900-01-01 was a Monday."""
    return day % 7


def _dates(day: NDArray[np.int64]) -> NDArray[Any]:
    return np.asarray(FIRST_DAY + day)


def _day_of_month(day: NDArray[np.int64]) -> NDArray[np.int64]:
    dates = _dates(day)
    return (dates - dates.astype("datetime64[M]").astype("datetime64[D]")).astype(np.int64) + 1


def _days_to_month_end(day: NDArray[np.int64]) -> NDArray[np.int64]:
    dates = _dates(day)
    return ((dates.astype("datetime64[M]") + 1).astype("datetime64[D]") - dates).astype(np.int64) - 1


class ReceiptHabits:
    """When receipts came: per customer, due weekday and size of amount the last ones, readable as of any day.

    Each reading looks up positions in sorted receipts and takes whole numbers from there, so later rows and other
    customers cannot touch it.
    """

    OPTIONAL = ("company_id", "country", "segment")
    """Columns of the history that, where given, stand between the customer and all receipts together."""

    def __init__(self, history: pd.DataFrame) -> None:
        """``history``: as for PaymentHistory, and where known company_id, country (ISO 3166), segment."""
        paid = history[history["cleared_date"].notna()]
        self._customers = known_texts(history["customer_id"])
        self.levels = tuple(column for column in self.OPTIONAL if column in history.columns)
        self._values = {column: known_texts(history[column]) for column in self.levels}
        self._calendar = WorkingDays(history["country"] if "country" in history.columns else None)
        facts = self._facts(paid)
        facts["cleared"] = _ordinals(paid["cleared_date"])
        self._by = {name: _Receipts(facts, facts[name]) for name in ("customer", "weekday", "size", "all")}
        self._by |= {column: _Receipts(facts, facts[column]) for column in self.levels}

    def weekday(self, dates: pd.Series) -> NDArray[np.int64]:
        """Monday 0 … Sunday 6."""
        return (_ordinals(dates) + 3) % 7

    def candidates(
        self,
        items: pd.DataFrame,
        known_on: pd.Series,
        described: pd.DataFrame,
        days_late: NDArray[np.int64],
        keep: NDArray[np.bool_],
    ) -> Floats:
        """INPUTS of the hazard: a row per invoice and candidate day where ``keep`` (invoices × ``days_late``) is true.

        ``described``: features of ``items`` as of ``known_on``.
        """
        facts = self._facts(items)
        now = _ordinals(known_on)
        base = np.full((len(items), len(days_late)), 0.05)
        everyone = self._hazard(facts, now, "all", base, days_late, 5.0)
        prior = everyone
        for level in self.levels:
            prior = self._hazard(facts, now, level, prior, days_late, 10.0)
        usual = self._hazard(facts, now, "customer", prior, days_late, 2.0)
        lately = self._hazard(facts, now, "customer", usual, days_late, 2.0, recent=True)
        weekday = self._hazard(facts, now, "weekday", usual, days_late, 1.0)
        size = self._hazard(facts, now, "size", usual, days_late, 1.0)
        row, column = np.nonzero(keep)
        late = days_late[column]
        day = facts["due"][row] + late
        weekday_share, month_share, wide_month_share, left = self._shares(facts, now, days_late, row, late, day)
        calendar = facts["calendar"][row]
        work = self._calendar.until(calendar, day) - self._calendar.until(calendar, facts["due"][row])
        working = self._calendar.is_working(calendar, day)
        after_closed = working & ~self._calendar.is_working(calendar, day - 1)
        columns = [
            *(hazard[row, column] for hazard in (everyone, prior, usual, lately, weekday, size)),
            left, weekday_share, month_share, wide_month_share, late, work, working, after_closed, (day + 3) % 7,
            _month_offset(day), *(described[name].to_numpy()[row] for name in ("due_weekday", "due_day")),
            *(late - described[name].to_numpy()[row] for name in _ANCHORS),
            *(described[name].to_numpy()[row] for name in _PLAIN),
        ]  # fmt: skip
        # as doubles, which is what the trees make of anything else
        inputs = np.empty((len(row), len(columns)))
        for place, values in enumerate(columns):
            inputs[:, place] = values
        return inputs

    def _facts(self, rows: pd.DataFrame) -> dict[str, NDArray[Any]]:
        customer = codes_of(self._customers, rows["customer_id"])
        due = _ordinals(rows["due_date"])
        amount = rows["amount"].abs().to_numpy(dtype=float) + 1.0
        known = customer >= 0
        facts = {
            "customer": customer,
            "weekday": np.where(known, customer * 7 + (due + 3) % 7, -1),
            "size": np.where(known, customer * 64 + np.minimum(np.frexp(amount)[1], 63), -1),
            "all": np.zeros(len(rows), dtype=np.int64),
            "due": due,
            "calendar": self._calendar.codes(rows["country"] if "country" in rows.columns else None, len(rows)),
        }
        for column in self.levels:
            given = column in rows.columns
            facts[column] = codes_of(self._values[column], rows[column]) if given else np.full(len(rows), -1)
        return facts

    def _hazard(
        self,
        facts: dict[str, NDArray[Any]],
        now: NDArray[np.int64],
        by: str,
        prior: Floats,
        days_late: NDArray[np.int64],
        prior_receipts: float,
        recent: bool = False,
    ) -> Floats:
        """Share of the past receipts on each day late of those not earlier, with ``prior`` for what is not seen."""
        receipts, count = self._by[by], 30 if recent or by == "size" else 40 if by == "weekday" else 100
        window = 0 if recent or by in ("weekday", "size") else HABIT_DAYS
        code = facts[by]
        if by in ("all", *self.levels):
            # the same for all items of a key and day: looked up once
            keys, inverse = np.unique(code * 100_000 + now, return_inverse=True)
            of, there = receipts.last(keys // 100_000, keys % 100_000, 2 * count, window)
            events = _counts(receipts.late[of], there * 1.0, days_late)[inverse]
        else:
            of, there = receipts.last(code, now, count, window)
            weight = there * (0.5 ** (np.arange(count) / 20.0) if by == "weekday" else 1.0)
            events = _counts(receipts.late[of], weight, days_late)
        not_earlier = events[:, ::-1].cumsum(axis=1)[:, ::-1]
        return (events + prior_receipts * prior) / (not_earlier + prior_receipts)

    def _shares(
        self,
        facts: dict[str, NDArray[Any]],
        now: NDArray[np.int64],
        days_late: NDArray[np.int64],
        row: NDArray[np.int64],
        late: NDArray[np.int64],
        day: NDArray[np.int64],
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """The customer's payment runs: its share of receipts on the candidate's weekday and part of the month (3 and 7
        days wide), and its share of receipts that were at least so late."""
        receipts = self._by["customer"]
        of, there = receipts.last(facts["customer"], now, 100, HABIT_DAYS)
        seen = there.sum(axis=1, keepdims=True)
        by_weekday = _histogram((receipts.cleared[of] + 3) % 7, there * 1.0, 7)
        # a little of what is usual everywhere
        by_weekday = (by_weekday + 3.0 * _USUAL_WEEKDAYS) / (seen + 3.0)
        by_offset = _histogram(_month_offset(receipts.cleared[of]) + 15, there * 1.0, 31)
        near = [np.roll(by_offset, step, axis=1) for step in range(-3, 4)]
        narrow, wide = sum(near[2:5]) / 3.0, sum(near) / 7.0
        counts = _counts(receipts.late[of], there * 1.0, days_late)
        left = (counts[:, ::-1].cumsum(axis=1)[:, ::-1] + 0.5) / (seen + 1.0)
        offset = _month_offset(day) + 15
        return (
            by_weekday[row, (day + 3) % 7],
            ((narrow + 3.0 / 31.0) / (seen + 3.0))[row, offset],
            ((wide + 3.0 / 31.0) / (seen + 3.0))[row, offset],
            left[row, late - days_late[0]],
        )


class WorkingDays:
    """Mondays to Fridays without the public holidays of a country (the holidays package, which knows moving ones)."""

    _FIRST, _LAST = 1990, 2060

    def __init__(self, countries: pd.Series | None) -> None:
        import holidays

        self._countries = [] if countries is None else sorted(set(known_texts(countries)) - {""})
        first, last = (int(np.datetime64(f"{y}-01-01", "D").astype(int)) for y in (self._FIRST, self._LAST))
        self._first = first
        open_ = np.tile((np.arange(first, last) + 3) % 7 < 5, (len(self._countries) + 1, 1))
        for row, country in enumerate(self._countries, start=1):
            try:
                days = holidays.country_holidays(country, years=range(2000, 2041))
            except NotImplementedError:
                continue
            for day in days:
                open_[row, int(np.datetime64(day, "D").astype(int)) - first] = False
        self._open = open_
        self._until: NDArray[np.int64] = np.cumsum(open_, axis=1)

    def codes(self, countries: pd.Series | None, rows: int) -> NDArray[np.int64]:
        """Row of the calendar: 0, weekends only, where the country is not known."""
        if countries is None:
            return np.zeros(rows, dtype=np.int64)
        return codes_of(pd.Index(self._countries, dtype=object), countries) + 1

    def until(self, calendar: NDArray[np.int64], day: NDArray[np.int64]) -> NDArray[np.int64]:
        """Working days up to and including ``day``, from an arbitrary start."""
        until: NDArray[np.int64] = self._until[calendar, np.clip(day - self._first, 0, self._until.shape[1] - 1)]
        return until

    def is_working(self, calendar: NDArray[np.int64], day: NDArray[np.int64]) -> NDArray[np.bool_]:
        working: NDArray[np.bool_] = self._open[calendar, np.clip(day - self._first, 0, self._until.shape[1] - 1)]
        return working


class _Receipts:
    """Receipts sorted by key and day, so that the last ones of a key as of a day lie side by side."""

    def __init__(self, facts: dict[str, NDArray[Any]], code: NDArray[np.int64]) -> None:
        order = np.lexsort((facts["due"], facts["cleared"], code))
        self.cleared = facts["cleared"][order]
        self.late = self.cleared - facts["due"][order]
        self._key = code[order] * 100_000 + self.cleared

    def last(
        self, code: NDArray[np.int64], now: NDArray[np.int64], count: int, window_days: int
    ) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Positions of the last ``count`` receipts of each key, newest first, and which of them there are.

        With ``window_days`` a key with more receipts than ``count`` in so many days gives every n-th, so that the
        figures span the window: a big customer's last hundred receipts may be those of one day.
        """
        if not len(self._key):
            return np.zeros((len(code), count), dtype=np.int64), np.zeros((len(code), count), dtype=bool)
        end = np.searchsorted(self._key, code * 100_000 + now, side="right")
        start = np.searchsorted(self._key, code * 100_000)
        step = np.ones_like(end)
        if window_days:
            in_window = end - np.searchsorted(
                self._key, code * 100_000 + np.maximum(now - window_days, 0), side="right"
            )
            step = np.maximum(1, -(-in_window // count))
        position = end[:, None] - 1 - np.arange(count)[None, :] * step[:, None]
        exists = (position >= start[:, None]) & (code >= 0)[:, None]
        return np.where(exists, position, 0), exists


_ANCHORS = (
    "late_recent_p50", "late_recent_p10", "late_recent_p90", "late_last", "late_weekday_p50", "late_last_10_p50",
    "late_month_run_p50", "late_similar_amount_p50", "late_recent_mean",
)  # fmt: skip
_PLAIN = (
    "amount_log", "amount_to_usual", "same_due_count", "paid_count", "late_recent_std", "month_run_std",
    "overdue_count", "overdue_days_mean", "overdue_share", "group_late_recent", "late_mean", "late_recent_p50",
    "term_days",
)  # fmt: skip
INPUTS = (
    "everyone", "prior", "usual", "lately", "weekday", "size", "left", "weekday_share", "month_share",
    "wide_month_share", "late", "work", "working", "after_closed", "candidate_weekday", "month_offset", "due_weekday",
    "due_day", *(f"late - {name}" for name in _ANCHORS), *_PLAIN,
)  # fmt: skip
"""Columns of ``candidates``: hazards that past receipts had on the day (everyone's; of its company, country and
segment; the customer's, lately, on this weekday, of this size), shares of the customer's receipts, the day itself, days
after what is usual, and features."""


def without_knowledge(group: str, inputs: Floats) -> Floats:
    """``inputs`` as if nothing were known of a group of GROUPS: in its place what is usual where nothing is known."""
    changed = inputs.copy()

    def put(names: tuple[str, ...], value: Floats | float) -> None:
        for name in names:
            changed[:, INPUTS.index(name)] = value

    def was(name: str) -> Floats:
        return inputs[:, INPUTS.index(name)]

    if group == "customer":
        put(("usual", "lately", "weekday", "size"), was("prior"))
        put(("weekday_share",), _USUAL_WEEKDAYS[was("candidate_weekday").astype(np.int64)])
        put(("month_share", "wide_month_share"), 1.0 / 31.0)
        put(("left",), 0.5)
        put(tuple(f"late - {name}" for name in _ANCHORS), np.nan)
        put(
            ("amount_to_usual", "paid_count", "late_recent_std", "month_run_std", "late_mean", "late_recent_p50"),
            np.nan,
        )
    elif group == "calendar":
        put(("weekday",), was("usual"))
        put(("late - late_weekday_p50",), was("late - late_recent_p50"))
        put(
            (
                "weekday_share", "month_share", "wide_month_share", "work", "working", "after_closed",
                "candidate_weekday", "month_offset", "due_weekday", "due_day", "late - late_month_run_p50",
            ),
            np.nan,
        )  # fmt: skip
    elif group == "lately":
        put(("lately",), was("usual"))
        put(("late - late_last", "late - late_last_10_p50"), was("late - late_recent_p50"))
        put(("late - late_recent_mean",), was("late") - was("late_mean"))
        put(("group_late_recent",), np.nan)
    elif group == "overdue":
        put(("overdue_count", "overdue_days_mean"), 0.0)
        put(("overdue_share",), np.nan)
    elif group == "amount":
        put(("size",), was("usual"))
        put(("amount_to_usual",), 0.0)
        put(("amount_log", "late - late_similar_amount_p50"), np.nan)
    elif group == "terms":
        put(("term_days",), np.nan)
    return changed


_USUAL_WEEKDAYS = np.array([0.2, 0.2, 0.2, 0.2, 0.2, 0.001, 0.001])
"""Weekdays alike, no weekends."""


def known_texts(values: pd.Series) -> pd.Index:
    """Distinct ``values`` as text, sorted; a missing one is the empty text."""
    return pd.Index(np.unique(_texts(pd.Series(values.unique()))))


def codes_of(known: pd.Index, values: pd.Series) -> NDArray[np.int64]:
    """Position of each value among the sorted ``known`` texts; -1 for others."""
    code, found = pd.factorize(values, use_na_sentinel=False)
    return np.asarray(known.get_indexer(pd.Index(_texts(pd.Series(found)))).astype(np.int64)[code])


def _texts(values: pd.Series) -> NDArray[Any]:
    return values.astype(object).where(values.notna(), "").astype(str).to_numpy(dtype=object)


def _ordinals(dates: pd.Series) -> NDArray[np.int64]:
    """Days since 1970-01-01."""
    return pd.to_datetime(dates).to_numpy().astype("datetime64[D]").astype(np.int64)


def _month_offset(day: NDArray[np.int64]) -> NDArray[np.int64]:
    """Days from the nearest end of a month: the 3rd is 3, the last day 0, the day before it -1."""
    dates = day.astype("datetime64[D]")
    month = dates.astype("datetime64[M]")
    since = (dates - month.astype("datetime64[D]")).astype(np.int64) + 1
    left = ((month + 1).astype("datetime64[D]") - dates).astype(np.int64) - 1
    return np.where(since <= 15, since, -np.minimum(left, 15))


def _histogram(slot: NDArray[np.int64], weight: NDArray[Any], width: int) -> Floats:
    rows = len(slot)
    flat = (np.arange(rows)[:, None] * width + slot).ravel()
    counts: Floats = np.bincount(flat, weights=weight.ravel(), minlength=rows * width).astype(float)
    return counts.reshape(rows, width)


def _counts(late: NDArray[np.int64], weight: NDArray[Any], days_late: NDArray[np.int64]) -> Floats:
    """Receipts on each of ``days_late``; those outside count at its ends."""
    return _histogram(np.clip(late, days_late[0], days_late[-1]) - days_late[0], weight, len(days_late))
