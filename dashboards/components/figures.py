"""How figures are written: thousands separated, two decimals while small, whole when large, signs in front."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pandas as pd

WHOLE_FROM = 100_000
NONE = "–"


def is_missing(value: object) -> bool:
    """Whether there is no value: None, NA, NaN or NaT."""
    return value is None or bool(pd.isna(value))  # type: ignore[call-overload]


def amount(value: Decimal | int | float | None) -> str:
    """1,234.50 or, from 100,000 on, 123,457; the currency stands in the label beside it."""
    if is_missing(value):
        return NONE
    number = Decimal(str(value))
    return f"{number:z,.0f}" if abs(number) >= WHOLE_FROM else f"{number:z,.2f}"  # z: no -0.00


def short(value: Decimal | float | None) -> str:
    """123.4M, or 1.23亿 for a reader of Chinese: for places too narrow for an amount."""
    from dashboards.components.language import current_language

    if is_missing(value):
        return NONE
    number = float(str(value))
    units = ((1e8, "亿"), (1e4, "万")) if current_language() == "zh" else ((1e9, "B"), (1e6, "M"), (1e3, "k"))
    for size, unit in units:
        if abs(number) >= size:
            return f"{number / size:,.{1 if abs(number) >= 10 * size else 2}f}{unit}"
    return f"{number:,.0f}"


def percent(value: Decimal | float | None) -> str:
    """12.3 % for 12.3."""
    return NONE if is_missing(value) else f"{Decimal(str(value)):z,.1f} %"


def count(value: int | None) -> str:
    return NONE if is_missing(value) else f"{int(str(value)):,}"


def day(value: date | None) -> str:
    return NONE if is_missing(value) else f"{value:%Y-%m-%d}"


def moment(value: datetime | str | None) -> str:
    """2026-10-31 06:40, from a time stamp or its ISO text."""
    if is_missing(value) or value == "":
        return NONE
    try:
        return f"{datetime.fromisoformat(value) if isinstance(value, str) else value:%Y-%m-%d %H:%M}"
    except ValueError:
        return str(value)
