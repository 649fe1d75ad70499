"""Days of the demo group, counted from FIRST_DAY; working days and the days on which parties pay.

All days are integers inside the generator: adding and looking up stays one array operation.
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

FIRST_DAY = date(2023, 9, 1)
LEDGER_START = date(2023, 11, 1)
AS_OF = date(2026, 10, 31)
DAYS = 2400
NEVER = 99_999
CALENDARS = ("CN", "DE", "US", "SG", "GB")
# How a party chooses the days it pays on: any working day, one weekday, the 10th and 25th, the last of the month.
ANY_DAY, MONDAY, THURSDAY, FRIDAY, TWICE_A_MONTH, MONTH_END = 0, 1, 4, 5, 6, 7
RUN_KINDS = 8
_NEW_YEAR = ("2024-02-10", "2025-01-29", "2026-02-17", "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-03")


def day_number(day: date) -> int:
    return (day - FIRST_DAY).days


START, END = day_number(LEDGER_START), day_number(AS_OF)


def month_of(days: np.ndarray) -> np.ndarray:
    """Month as year × 12 + month − 1."""
    return (np.datetime64(FIRST_DAY) + np.asarray(days).astype("timedelta64[D]")).astype("datetime64[M]").astype(
        np.int64
    ) + 1970 * 12


def working_days() -> np.ndarray:
    """Boolean array calendar × day: is it a working day there. Banks in China rest around the New Year."""
    import holidays

    days = [FIRST_DAY + timedelta(days=n) for n in range(DAYS)]
    weekday = np.array([day.weekday() for day in days])
    open_ = np.tile(weekday < 5, (len(CALENDARS), 1))
    years = range(FIRST_DAY.year, days[-1].year + 1)
    for row, country in enumerate(CALENDARS):
        for day in holidays.country_holidays(country, years=years):
            if 0 <= (number := day_number(day)) < DAYS:
                open_[row, number] = False
    for text in _NEW_YEAR:
        new_year = day_number(date.fromisoformat(text))
        for row, (before, after) in ((0, (4, 10)), (3, (1, 3))):
            open_[row, max(0, new_year - before) : new_year + after] = False
    return open_


def next_run(open_: np.ndarray) -> np.ndarray:
    """For calendar × kind of run (row = calendar · RUN_KINDS + kind): the first day, from each day on, a party pays."""
    days = np.datetime64(FIRST_DAY) + np.arange(DAYS)
    weekday = (days.astype("datetime64[D]").view("int64") - 4) % 7  # 1970-01-01 was a Thursday: Monday is 0
    day_of_month = (days - days.astype("datetime64[M]")).astype(int) + 1
    rows = []
    for calendar in open_:
        following = _first_true_from(calendar)
        for kind in range(RUN_KINDS):
            if kind == ANY_DAY:
                wanted = calendar
            elif kind <= FRIDAY:
                wanted = calendar & (weekday == kind - 1)
            else:
                wanted = np.zeros(DAYS, bool)
                marks = np.isin(day_of_month, (10, 25)) if kind == TWICE_A_MONTH else day_of_month == 28
                wanted[following[np.flatnonzero(marks)].clip(max=DAYS - 1)] = True
            rows.append(_first_true_from(wanted))
    return np.array(rows, dtype=np.int64)


def _first_true_from(wanted: np.ndarray) -> np.ndarray:
    position = np.where(wanted, np.arange(len(wanted)), len(wanted) - 1)
    return np.minimum.accumulate(position[::-1])[::-1]
