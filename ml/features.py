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
EPOCH = pd.Timestamp(0)
FIRST_DAY = pd.Timestamp("1900-01-01")
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
    """Running figures of every customer, day by day, ready to be read as of any day.

    Built once from a history, read for as many items and days as wanted: reading as of a day takes the newest figures
    of that day or earlier, which no later invoice or receipt enters.
    """

    def __init__(self, history: pd.DataFrame) -> None:
        """``history``: customer_id, invoice_date (or NaT), due_date, cleared_date (NaT while open), amount."""
        past = _order(history)
        paid = past[past["cleared_date"].notna()].copy()
        paid["late"] = days_between(paid["cleared_date"], paid["due_date"])
        _segments(paid)
        self._states: list[tuple[list[str], pd.DataFrame]] = [(["customer_id"], _customer_receipts(paid))]
        for key, window, name in (
            ("due_weekday", 12, "late_weekday_p50"),
            ("amount_size", 12, "late_similar_amount_p50"),
            ("due_day", 6, "late_day_p50"),
        ):
            by = ["customer_id", key]
            self._states.append((by, _recent_median(paid, by, window, name)))
        self._states.append(([], _group_receipts(paid)))
        self._states.append((["customer_id"], _overdue(past)))
        self._states.append((["customer_id", "due_date"], _same_due(past)))

    def describe(self, items: pd.DataFrame, known_on: pd.Series) -> pd.DataFrame:
        """Features of ``items``, each as of its ``known_on``.

        Args:
            items: customer_id, due_date, amount and, where known, invoice_date (else NaT); may be part of the history.
            known_on: for each row of ``items`` the last day whose invoices and receipts may be used.

        Returns:
            FEATURES as floats on the index of ``items``; NaN where nothing was known.
        """
        rows = pd.DataFrame(
            {
                "position": np.arange(len(items)),
                "customer_id": pd.Series(items["customer_id"].astype(str).fillna("").array),
                "due_date": _days(items["due_date"]).to_numpy(),
                "amount": items["amount"].astype(float).to_numpy(),
                "known_on": _days(known_on).to_numpy(),
            }
        )
        invoice_date = pd.Series(_days(items["invoice_date"]).to_numpy())
        rows["term_days"] = days_between(rows["due_date"], invoice_date)
        rows["amount_log"] = _amount_log(rows["amount"])
        _segments(rows)
        for by, states in self._states:
            rows = _asof(rows, states, by)
        rows["days_to_month_end"] = rows["due_date"].dt.days_in_month - rows["due_day"]
        rows["late_month_run_p50"] = rows["month_run_p50"] + rows["days_to_month_end"]
        rows["amount_to_usual"] = rows["amount_log"] - rows["usual_amount_log"]
        rows["days_since_receipt"] = days_between(rows["known_on"], rows["receipt_date"])
        left = rows["overdue_count"].fillna(0.0)
        today = (rows["known_on"] - EPOCH) / DAY
        rows["overdue_count"] = left
        rows["overdue_days_mean"] = (today - rows["overdue_due_day_sum"] / left.where(left > 0)).fillna(0.0)
        rows["overdue_share"] = left / rows["due_count"]
        rows["same_due_count"] = rows["same_due_count"].fillna(1.0)
        rows = rows.sort_values("position")
        return rows[list(FEATURES)].astype(float).set_index(items.index)


def _amount_log(amount: pd.Series) -> pd.Series:
    # rounded: the last bit of a vectorised logarithm depends on the row's place in the array, so on later rows
    return np.log1p(amount.abs()).round(6)


def _segments(rows: pd.DataFrame) -> None:
    rows["due_weekday"] = rows["due_date"].dt.day_of_week
    rows["due_day"] = rows["due_date"].dt.day
    # steps of a factor of two: an amount is compared with the customer's amounts of its own size
    rows["amount_size"] = np.frexp(rows["amount"].abs() + 1.0)[1]


def _days(dates: pd.Series) -> pd.Series:
    return pd.to_datetime(dates).astype("datetime64[ns]").dt.normalize()


def _order(history: pd.DataFrame) -> pd.DataFrame:
    """History in one order whatever order it came in, so that running figures do not depend on it."""
    past = pd.DataFrame(
        {
            "customer_id": history["customer_id"].astype(str).fillna(""),
            "invoice_date": _days(history["invoice_date"]),
            "due_date": _days(history["due_date"]),
            "cleared_date": _days(history["cleared_date"]),
            "amount": history["amount"].astype(float),
        }
    )
    return past.sort_values(["cleared_date", "customer_id", "due_date", "amount", "invoice_date"], ignore_index=True)


def _asof(rows: pd.DataFrame, states: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """``rows`` with the newest state on or before known_on; ``states`` has ``by``, day and the new columns."""
    return pd.merge_asof(
        rows.sort_values(["known_on", "position"], ignore_index=True),
        states.sort_values("day", kind="stable", ignore_index=True),
        left_on="known_on",
        right_on="day",
        by=by or None,
    ).drop(columns="day")


def _end_of_day(states: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    return states.drop_duplicates([*by, "day"], keep="last")


def _rolled(paid: pd.DataFrame, by: list[str], column: str, window: int) -> Any:
    return paid.groupby(by, sort=False)[column].rolling(window, min_periods=1)


def _flat(rolled: Any, by: list[str]) -> Any:
    return rolled.droplevel(list(range(len(by))))


def _recent_std(whole_days: pd.Series, customer_id: pd.Series) -> pd.Series:
    """Standard deviation of the customer's last RECENT values.

    From sums of whole numbers, which are exact: pandas' own running deviation carries rounding from one customer to
    the next, so that a later receipt of one would touch the last bit of an earlier figure of another.
    """
    values = pd.DataFrame({"one": 1.0, "sum": whole_days, "squares": whole_days**2}).groupby(customer_id, sort=False)
    sums = _flat(values.rolling(RECENT, min_periods=1).sum(), ["customer_id"])
    spread = sums["squares"] - sums["sum"] ** 2 / sums["one"]
    return np.sqrt(spread.clip(lower=0.0) / (sums["one"] - 1.0).where(sums["one"] > 1.0))


def _customer_receipts(paid: pd.DataFrame) -> pd.DataFrame:
    by = ["customer_id"]
    late = paid.groupby("customer_id", sort=False)["late"]
    recent = _rolled(paid, by, "late", RECENT)
    after_month = paid["late"] - (paid["due_date"].dt.days_in_month - paid["due_date"].dt.day)
    month_run = _rolled(paid.assign(after_month=after_month), by, "after_month", RECENT)
    count = late.cumcount() + 1
    states = pd.DataFrame(
        {
            "customer_id": paid["customer_id"],
            "day": paid["cleared_date"],
            "receipt_date": paid["cleared_date"],
            "paid_count": count,
            "late_mean": late.cumsum() / count,
            "late_recent_mean": _flat(paid.groupby("customer_id", sort=False)["late"].ewm(halflife=8).mean(), by),
            "late_last": paid["late"],
            "late_recent_p10": _flat(recent.quantile(0.1), by),
            "late_recent_p50": _flat(recent.median(), by),
            "late_recent_p90": _flat(recent.quantile(0.9), by),
            "late_last_10_p50": _flat(_rolled(paid, by, "late", 10).median(), by),
            "late_recent_std": _recent_std(paid["late"], paid["customer_id"]),
            "month_run_p50": _flat(month_run.median(), by),
            "month_run_std": _recent_std(after_month, paid["customer_id"]),
            "usual_amount_log": _flat(
                _rolled(paid.assign(amount_log=_amount_log(paid["amount"])), by, "amount_log", RECENT).median(), by
            ),
        }
    )
    return _end_of_day(states, by)


def _recent_median(paid: pd.DataFrame, by: list[str], window: int, name: str) -> pd.DataFrame:
    states = paid[by].assign(day=paid["cleared_date"])
    states[name] = _flat(_rolled(paid, by, "late", window).median(), by)
    return _end_of_day(states, by)


def _group_receipts(paid: pd.DataFrame) -> pd.DataFrame:
    """Lateness over all customers lately, each day's receipts against what their customers usually do."""
    daily = paid.groupby("cleared_date")["late"].agg(["sum", "size"]).sort_index()
    recent = daily.rolling("14D").sum()
    states = (recent["sum"] / recent["size"]).rename("group_late_recent").rename_axis("day").reset_index()
    return states


def _overdue(past: pd.DataFrame) -> pd.DataFrame:
    """How many of the customer's items have come due, how many of them are open, and the sum of their due days.

    Open and overdue on day t: due before t, not cleared by t. As running sums: what has come due less what has come
    due and been cleared, so no day × item table is needed.
    """
    due_day = (past["due_date"] - EPOCH) / DAY
    came_due = pd.DataFrame(
        {
            "customer_id": past["customer_id"],
            "day": past["due_date"] + DAY,
            "due_count": 1,
            "overdue_count": 1,
            "overdue_due_day_sum": due_day,
        }
    )
    paid = past["cleared_date"].notna()
    settled = pd.DataFrame(
        {
            "customer_id": past.loc[paid, "customer_id"],
            "day": np.maximum(past.loc[paid, "due_date"] + DAY, past.loc[paid, "cleared_date"]),
            "due_count": 0,
            "overdue_count": -1,
            "overdue_due_day_sum": -due_day[paid],
        }
    )
    daily = pd.concat([came_due, settled]).groupby(["day", "customer_id"], as_index=False).sum()
    figures = ["due_count", "overdue_count", "overdue_due_day_sum"]
    return daily[["customer_id", "day"]].join(daily.groupby("customer_id", sort=False)[figures].cumsum())


def _same_due(past: pd.DataFrame) -> pd.DataFrame:
    """Items of the customer falling due the same day, of those invoiced by then."""
    by = ["customer_id", "due_date"]
    states = past[by].assign(day=past["invoice_date"].fillna(FIRST_DAY)).sort_values("day", kind="stable")
    states["same_due_count"] = states.groupby(by).cumcount() + 1.0
    return _end_of_day(states, by)


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
        self._customers = np.unique(_texts(history["customer_id"]))
        self.levels = tuple(column for column in self.OPTIONAL if column in history.columns)
        self._values = {column: np.unique(_texts(history[column])) for column in self.levels}
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
        without: str = "",
    ) -> NDArray[np.float32]:
        """Inputs of the hazard: a row per invoice and candidate day where ``keep`` (invoices × ``days_late``) is true.

        Args:
            described: features of ``items`` as of ``known_on``.
            without: a group of GROUPS whose inputs are read as if nothing were known of it.
        """
        facts = self._facts(items)
        now = _ordinals(known_on)
        span = len(days_late)
        base = np.full((len(items), span), 0.05)
        everyone = self._hazard(facts, now, "all", base, days_late, 5.0)
        prior = everyone
        for level in self.levels:
            prior = self._hazard(facts, now, level, prior, days_late, 10.0)
        if without == "customer":
            facts = facts | {name: np.full(len(items), -1) for name in ("customer", "weekday", "size")}
            described = described.assign(**dict.fromkeys(_CUSTOMER_FEATURES, np.nan))
        usual = self._hazard(facts, now, "customer", prior, days_late, 2.0)
        lately = self._hazard(facts, now, "customer", usual, days_late, 2.0, recent=True)
        weekday = self._hazard(facts, now, "weekday", usual, days_late, 1.0)
        size = self._hazard(facts, now, "size", usual, days_late, 1.0)
        if without == "lately":
            lately = usual
            described = described.assign(
                late_last=described["late_recent_p50"],
                late_last_10_p50=described["late_recent_p50"],
                late_recent_mean=described["late_mean"],
                group_late_recent=np.nan,
            )
        if without == "amount":
            size = usual
            described = described.assign(amount_log=np.nan, amount_to_usual=0.0, late_similar_amount_p50=np.nan)
        if without == "overdue":
            described = described.assign(overdue_count=0.0, overdue_days_mean=0.0, overdue_share=np.nan)
        if without == "terms":
            described = described.assign(term_days=np.nan)
        row, column = np.nonzero(keep)
        late = days_late[column]
        day = facts["due"][row] + late
        weekday_share, month_share, wide_month_share, left = self._shares(facts, now, days_late, row, late, day)
        work = self._calendar.until(facts["calendar"][row], day) - self._calendar.until(
            facts["calendar"][row], facts["due"][row]
        )
        working = self._calendar.is_working(facts["calendar"][row], day)
        after_closed = working & ~self._calendar.is_working(facts["calendar"][row], day - 1)
        month_offset = _month_offset(day)
        due_weekday, due_day = described["due_weekday"].to_numpy()[row], described["due_day"].to_numpy()[row]
        candidate_weekday = (day + 3) % 7
        if without == "calendar":
            weekday = usual
            weekday_share = month_share = wide_month_share = np.full(len(row), np.nan)
            work, working, after_closed = (np.full(len(row), np.nan) for _ in range(3))
            month_offset, due_weekday, due_day, candidate_weekday = (np.full(len(row), np.nan) for _ in range(4))
            described = described.assign(late_weekday_p50=described["late_recent_p50"], late_month_run_p50=np.nan)
        columns = [
            *(hazard[row, column] for hazard in (everyone, prior, usual, lately, weekday, size)),
            left, weekday_share, month_share, wide_month_share, late, work, working, after_closed, candidate_weekday,
            month_offset, due_weekday, due_day,
            *(late - described[name].to_numpy()[row] for name in _ANCHORS),
            *(described[name].to_numpy()[row] for name in _PLAIN),
        ]  # fmt: skip
        return np.column_stack(columns).astype(np.float32)

    def _facts(self, rows: pd.DataFrame) -> dict[str, NDArray[Any]]:
        customer = _codes(self._customers, rows["customer_id"])
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
            facts[column] = _codes(self._values[column], rows[column]) if given else np.full(len(rows), -1)
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
        # a little of what is usual everywhere: weekdays alike, no weekends
        by_weekday = (by_weekday + 3.0 * np.array([0.2, 0.2, 0.2, 0.2, 0.2, 0.001, 0.001])) / (seen + 3.0)
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

        self._countries = [] if countries is None else sorted(set(_texts(countries)) - {""})
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
        return _codes(np.array(self._countries, dtype=object), countries) + 1

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
_CUSTOMER_FEATURES = (
    *_ANCHORS, "amount_to_usual", "paid_count", "late_recent_std", "month_run_std", "late_mean",
)  # fmt: skip


def _texts(values: pd.Series) -> NDArray[Any]:
    return values.astype(object).where(values.notna(), "").astype(str).to_numpy(dtype=object)


def _codes(known: NDArray[Any], values: pd.Series) -> NDArray[np.int64]:
    """Position of each value among the sorted ``known`` ones; -1 for others."""
    return pd.Index(known).get_indexer(pd.Index(_texts(values))).astype(np.int64)


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
