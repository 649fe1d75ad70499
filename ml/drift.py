"""Has payment behaviour changed? Receipts that came beside those that were to be expected, week by week.

Every open item is expected to be paid on each day with the hazard that invoices have had around their customer's own
median; the week's receipts less the sum of those hazards is noise as long as behaviour stays (observed less expected
events: Biswas and Kalbfleisch 2008, "A risk-adjusted CUSUM in continuous time based on the Cox model"). When customers
start to pay later, receipts fail to come at once, days before the first late one arrives. Small weekly lacks are added
up by the cumulative sum of Page 1954 ("Continuous inspection schemes").
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.calibration import DAYS_LATE, FIRST_DAY_LATE, Floats, share_unpaid
from ml.features import DAY, PaymentHistory, days_between
from ml.receipts import LEAD_DAYS, known_invoices, learning_days

GROUP_LEVEL = "group"
WEEKS, BEFORE_WEEKS = 53, 26
"""Weeks that are told, and weeks before each that say what is usual."""
ALLOWANCE, LIMIT = 1.0, 3.0
"""In standard deviations of a week. With independent normal weeks the time to a false alarm of one side is
(exp(2kb) - 2kb - 1) / 2k² with b = LIMIT + 1.166, k = ALLOWANCE (Siegmund 1985): 2,070 weeks, of both sides 20 years;
real weeks have longer tails, so a stated rate of one in some years is kept. A change by four standard deviations is
told in its first week."""
QUIET_WEEKS = 9
"""After an alarm the same change raises no second one."""
EVERY_DAY_LATE = np.arange(-LEAD_DAYS, 61)
LEAST_WEEKS = 8
LEAST_RECEIPTS = 5.0
"""Expected receipts a week below which a level is too small to be watched."""
COLUMNS = [
    "forecast_as_of", "level", "day", "receipts", "expected_receipts", "later_statistic", "earlier_statistic",
    "alarm_limit", "is_alarm", "direction", "days_shifted",
]  # fmt: skip


def watch(history: pd.DataFrame, as_of: pd.Timestamp, by: str | None = None) -> pd.DataFrame:
    """Weekly statistics of change over the year before ``as_of``, and the alarms among them.

    Args:
        history: as for a forecaster; later rows and receipts are not seen.
        by: a column of ``history`` whose values are watched each by itself, beside the group as a whole.

    Returns:
        COLUMNS, a row per level and week: day (the week's last, a multiple of 7 days before ``as_of``), receipts,
        expected_receipts, later_statistic and earlier_statistic (in standard deviations; an alarm from alarm_limit
        on), is_alarm, direction (later, earlier; None without an alarm), days_shifted (of an alarm: change of the
        median days around the customer's own habit, items due in the three weeks around against all before). Levels
        with fewer than LEAST_RECEIPTS expected a week are left out.
    """
    as_of = pd.Timestamp(as_of).normalize()
    known = known_invoices(history, as_of)
    known = known[(known["amount"] > 0) & (known["due_date"] > as_of - (7 * (WEEKS + BEFORE_WEEKS) + 120) * DAY)]
    known = known.sort_values(["due_date", "customer_id", "amount"], kind="stable").reset_index(drop=True)
    if len(known) < 50:
        return pd.DataFrame(columns=COLUMNS)
    day = learning_days(known)
    anchor = PaymentHistory(known).usual_days_late(known, day.where(day <= as_of, as_of))
    levels = {GROUP_LEVEL: np.ones(len(known), dtype=bool)}
    if by is not None:
        levels |= {str(v): (known[by] == v).to_numpy() for v in sorted(known[by].dropna().unique())}
    parts = [_watch_level(known[rows], anchor[rows], as_of, level) for level, rows in levels.items()]
    parts = [part for part in parts if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)


def last_alarm(watched: pd.DataFrame, level: str = GROUP_LEVEL) -> pd.Series | None:
    """The newest alarm of ``level``, or None."""
    alarms = watched[(watched["level"] == level) & watched["is_alarm"].astype(bool)] if len(watched) else watched
    return alarms.iloc[-1] if len(alarms) else None


def _watch_level(known: pd.DataFrame, anchor: Floats, as_of: pd.Timestamp, level: str) -> pd.DataFrame:
    paid = known["cleared_date"].notna().to_numpy()
    late = days_between(known["cleared_date"].where(paid, as_of), known["due_date"]).to_numpy()
    due = days_between(known["due_date"], pd.Series(as_of, index=known.index)).to_numpy().astype(int)
    observed, expected = _receipts(due, late, paid, anchor, as_of)
    weeks = len(observed) // 7
    o, e = (x[-7 * weeks :].reshape(weeks, 7).sum(axis=1) for x in (observed, expected))
    if weeks <= LEAST_WEEKS or np.median(e) < LEAST_RECEIPTS:
        return pd.DataFrame(columns=COLUMNS)
    deviation = (o - e) / np.sqrt(np.maximum(e, 1.0))
    z = np.zeros(weeks)
    for week in range(LEAST_WEEKS, weeks):
        # receipts come in batches: their spread is what the weeks before show, and never less than Poisson's; their
        # middle takes out that the chances are estimated from all weeks, those after a change too
        usual = deviation[max(0, week - BEFORE_WEEKS) : week]
        centre = np.median(usual)
        z[week] = (deviation[week] - centre) / max(1.0, 1.4826 * float(np.median(np.abs(usual - centre))))
    rows = []
    later = earlier = 0.0
    quiet = 0
    for week in range(weeks):
        later = max(0.0, later - z[week] - ALLOWANCE)
        earlier = max(0.0, earlier + z[week] - ALLOWANCE)
        quiet = max(0, quiet - 1)
        if quiet:
            later = earlier = 0.0
        alarm = later >= LIMIT or earlier >= LIMIT
        back = 7 * (weeks - 1 - week)
        shifted = _days_shifted(due, late, paid, anchor, -back) if alarm else np.nan
        rows.append(
            (as_of, level, as_of - back * DAY, o[week], round(e[week], 1), round(later, 3), round(earlier, 3), LIMIT,
             alarm, ("later" if later >= earlier else "earlier") if alarm else None, shifted)
        )  # fmt: skip
        if alarm:
            later = earlier = 0.0
            quiet = QUIET_WEEKS
    return pd.DataFrame(rows[-WEEKS:], columns=COLUMNS)


def _receipts(
    due: np.ndarray, late: Floats, paid: np.ndarray, anchor: Floats, as_of: pd.Timestamp
) -> tuple[Floats, Floats]:
    """Receipts, and those to be expected, per day of the watched weeks up to as_of (the last)."""
    unpaid = share_unpaid(np.zeros(len(late), dtype=np.int64), 1, late - anchor, paid)[0]
    hazard = 1.0 - unpaid / np.concatenate([[1.0], unpaid[:-1]]).clip(1e-12)
    span = 7 * (WEEKS + BEFORE_WEEKS)
    observed, expected = np.zeros(span), np.zeros(span)
    for day_late in EVERY_DAY_LATE:
        at_risk = late >= day_late
        day = due + day_late + span - 1
        inside = at_risk & (day >= 0) & (day < span)
        around = np.clip(day_late - anchor - FIRST_DAY_LATE, 0, len(DAYS_LATE) - 1).astype(int)
        expected += np.bincount(day[inside], weights=hazard[around[inside]], minlength=span)
        event = inside & paid & (late == day_late)
        observed += np.bincount(day[event], minlength=span)
    # some weekdays have no receipts, and payment runs at the end of a month twice as many
    days = pd.date_range(end=as_of, periods=span)
    month_part = np.digitize((days + 4 * DAY).day, [8, 15, 22])
    for part in (days.day_of_week.to_numpy(), month_part):
        came = np.bincount(part, weights=observed, minlength=7)
        foreseen = np.bincount(part, weights=expected, minlength=7)
        expected = expected * (came / foreseen.clip(1e-9))[part]
    first = np.flatnonzero(expected > 0)
    start = int(first[0]) if len(first) else span
    # a history shorter than the watch: only from its first whole month on
    start = min(span, start + 28) if start > 0 else 0
    return observed[start:], expected[start:]


def _days_shifted(due: np.ndarray, late: Floats, paid: np.ndarray, anchor: Floats, day: int) -> float:
    """Median days around habit of items due in the three weeks to ``day``, less that of the items due before."""
    seen_paid = paid & (due + late <= day)
    seen_late = np.where(seen_paid, late, np.minimum(late, day - due))
    medians = []
    for rows in ((due > day - 21) & (due <= day), due <= day - 21):
        if rows.sum() < 20:
            return float("nan")
        curve = share_unpaid(np.zeros(int(rows.sum()), dtype=np.int64), 1, (seen_late - anchor)[rows], seen_paid[rows])
        below = np.flatnonzero(curve[0] <= 0.5)
        medians.append(float(DAYS_LATE[below[0]]) if len(below) else float(seen_late[rows].max()))
    return medians[0] - medians[1]
