"""What was known about a customer on a day: the inputs of the payment-timing models.

Every row is described as of its own day ``known_on`` from receipts on or before that day, never from later ones. The
description of a row therefore does not depend on when it is computed, and one pass serves training, forecast and
backtest alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

DAY = pd.Timedelta(days=1)
EPOCH = pd.Timestamp(0)
FIRST_DAY = pd.Timestamp("1900-01-01")
RECENT = 30
"""Receipts of a customer that count as its recent behaviour."""

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
