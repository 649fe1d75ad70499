"""Appraisal of capital projects: net present value, internal rate of return, payback, from cash flows by month.

Time is counted in years from the month of the first flow, a month being a twelfth; rates are per year. Money out is
negative. What has no single answer is said to have none: an internal rate is empty when the flows have none or several.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
UNIQUE, SEVERAL, NONE, NO_SIGN_CHANGE = "unique", "several", "none", "no_sign_change"
_LOWEST_RATE, _HIGHEST_RATE = -0.99, 100.0


def net_present_value(amounts: Floats, years: Floats, rate: float) -> float:
    """Sum of the flows, each discounted to year 0."""
    return float(np.sum(amounts * (1.0 + rate) ** -years))


def internal_rates(amounts: Floats, years: Floats) -> list[float]:
    """All rates between -99 % and 10,000 % a year at which the net present value is 0, lowest first."""
    from scipy.optimize import brentq

    def value(force: float) -> float:
        return float(np.sum(amounts * np.exp(-force * years)))

    def slope(force: float) -> float:
        return float(np.sum(-years * amounts * np.exp(-force * years)))

    # Between two extremes of the value there is at most one root; a root where the value only touches 0 is an extreme.
    grid = np.linspace(np.log1p(_LOWEST_RATE), np.log1p(_HIGHEST_RATE), 2001)
    slopes = np.exp(-np.outer(grid, years)) @ (-years * amounts)
    extremes = [
        float(brentq(slope, a, b, xtol=1e-15))
        for a, b, before, after in zip(grid, grid[1:], slopes, slopes[1:], strict=False)
        if before * after < 0
    ]
    marks = np.unique(np.concatenate([grid, extremes]))
    values = np.array([value(mark) for mark in marks])
    nearly_zero = 1e-12 * np.array([float(np.sum(np.abs(amounts) * np.exp(-mark * years))) for mark in marks])
    values[np.abs(values) <= nearly_zero] = 0.0
    forces = [float(mark) for mark in marks[values == 0.0]]
    forces += [
        float(brentq(value, a, b, xtol=1e-15))
        for a, b, before, after in zip(marks, marks[1:], values, values[1:], strict=False)
        if before * after < 0
    ]
    return sorted(float(np.expm1(force)) for force in forces)


def internal_rate_of_return(amounts: Floats, years: Floats) -> tuple[float, str]:
    """The one rate at which the net present value is 0, or NaN with the reason why there is not one."""
    signs = np.sign(amounts[amounts != 0.0])
    if not (signs > 0).any() or not (signs < 0).any():
        return float("nan"), NO_SIGN_CHANGE
    rates = internal_rates(amounts, years)
    if len(rates) == 1:
        return rates[0], UNIQUE
    return float("nan"), SEVERAL if rates else NONE


def payback_years(amounts: Floats, years: Floats, rate: float = 0.0) -> float:
    """Years until the (discounted) flows have paid back what went out, NaN if they never do.

    A period's flow is taken to come evenly over the period. Counts from when the total stays paid back: money that goes
    out later has to come back too.
    """
    total = np.cumsum(amounts * (1.0 + rate) ** -years)
    total[np.abs(total) <= 1e-12 * np.sum(np.abs(amounts))] = 0.0
    below = np.flatnonzero(total < 0.0)
    if not len(below) or below[-1] == len(total) - 1:
        return float("nan")
    last = int(below[-1])
    share = -total[last] / (total[last + 1] - total[last])
    return float(years[last] + share * (years[last + 1] - years[last]))


def appraise(flows: pd.DataFrame) -> pd.DataFrame:
    """One row per project and version of its flows.

    ``flows``: capital_project_id, version, flow_date, amount, discount_rate (the same on all rows of a project).
    Flows of one month are added up.
    """
    rows = []
    for (project, version), group in flows.groupby(["capital_project_id", "version"], sort=True):
        months = group["flow_date"].dt.year * 12 + group["flow_date"].dt.month
        by_month = group["amount"].astype(float).groupby(months).sum().sort_index()
        amounts = by_month.to_numpy(dtype=np.float64)
        years = (by_month.index.to_numpy(dtype=np.float64) - float(by_month.index[0])) / 12.0
        rate = float(group["discount_rate"].iloc[0])
        irr, status = internal_rate_of_return(amounts, years)
        known = not np.isnan(rate)
        rows.append(
            {
                "capital_project_id": project,
                "version": version,
                "discount_rate": rate,
                "net_present_value": net_present_value(amounts, years, rate) if known else float("nan"),
                "internal_rate_of_return": irr,
                "internal_rate_status": status,
                "payback_years": payback_years(amounts, years),
                "discounted_payback_years": payback_years(amounts, years, rate) if known else float("nan"),
            }
        )
    return pd.DataFrame(rows, columns=RESULT_COLUMNS)


RESULT_COLUMNS = [
    "capital_project_id", "version", "discount_rate", "net_present_value", "internal_rate_of_return",
    "internal_rate_status", "payback_years", "discounted_payback_years",
]  # fmt: skip
