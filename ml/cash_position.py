"""Cash from opening to closing, week by week, of each company, currency and the group, from the same paths.

A path's closing is the opening plus all its flows so far. Sums over companies are summed path by path, so that a
group's quantile is the quantile of the group and not a sum of quantiles; each company's money counts at one rate, the
one of the forecast's day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.calibration import Floats
from ml.cash_flow import LEVELS, NET, QUANTILE_COLUMNS, FlowPaths
from ml.features import DAY

POSITION_LEVELS = (0.025, *LEVELS, 0.975)
POSITION_QUANTILES = ("p025", *QUANTILE_COLUMNS, "p975")
COMPANY, CURRENCY, GROUP = "company", "currency", "group"
EXPLAINED_FROM = 0.005
"""Weeks in which fewer paths than this share fall under the floor are not explained: a handful tells no cause."""
NO_STATEMENT = "no_bank_statement"
POSITION_COLUMNS = (
    "forecast_as_of", "scope", "company_id", "currency", "week_start", "week_end", "opening", "closing_mean",
    *POSITION_QUANTILES, "cash_floor", "probability_below_floor", "probability_below_floor_so_far",
    "companies_without_statement", "empty_reason",
)  # fmt: skip
BREACH_COLUMNS = (
    "forecast_as_of", "scope", "company_id", "currency", "week_start", "flow", "probability_below_floor",
    "mean_all_paths", "mean_breaching_paths", "difference",
)  # fmt: skip
FLOW_COLUMNS = ("forecast_as_of", "scope", "currency", "flow", "week_start", "mean", *POSITION_QUANTILES)


@dataclass(frozen=True)
class Account:
    """A company's money: opening cash (None where no bank statement tells it) and floor (None for none), both in
    ``currency``, and what one unit is worth in reporting currency (None where no rate is known)."""

    company_id: str
    currency: str
    opening: float | None
    cash_floor: float | None
    rate: float | None


@dataclass(frozen=True)
class CashPositions:
    """Frames of fct_cash_position_forecast, fct_cash_breach_path and fct_cash_flow_forecast."""

    positions: pd.DataFrame
    breaches: pd.DataFrame
    flows: pd.DataFrame


@dataclass(frozen=True)
class _Scope:
    """What is looked at as one purse; ``parts`` are its companies and what one unit of theirs is worth in it."""

    scope: str
    company_id: str | None
    currency: str
    parts: tuple[tuple[Account, float], ...]
    cash_floor: float | None


def cash_positions(
    simulated: FlowPaths, accounts: list[Account], reporting_currency: str, group_floor: float | None
) -> CashPositions:
    """Opening, closing and the chance of falling under the floor, and what does it.

    Companies without an opening have rows that say so and no figures; sums leave them out and say how many. So do sums
    with companies whose currency has no rate.

    Args:
        simulated: paths of all flows.
        accounts: of all companies that may have flows; a company without flows keeps its opening.
        group_floor: least cash of the group, in reporting currency.
    """
    known = sorted(accounts, key=lambda account: (account.company_id, account.currency))
    positions, breaches, flows = [], [], []
    for scope in _scopes(known, reporting_currency, group_floor):
        by_flow = _flows_of(scope, simulated, with_opening=False)
        if scope.scope != COMPANY:
            flows.append(_flow_frame(scope, by_flow, simulated))
        told = [part for part in scope.parts if part[0].opening is not None]
        left_out = len(scope.parts) - len(told)
        if not told:
            positions.append(_empty(scope, simulated, left_out))
            continue
        by_flow = _flows_of(scope, simulated, with_opening=True)
        opening = sum(float(account.opening or 0.0) * rate for account, rate in told)
        net = sum(by_flow.values(), np.zeros((simulated.paths, len(simulated.weeks))))
        closing = opening + np.cumsum(net, axis=1)
        frame = _position_frame(scope, simulated, opening, closing, left_out)
        positions.append(frame)
        if scope.cash_floor is not None:
            breaches.append(_breach_frame(scope, simulated, closing, by_flow))
    return CashPositions(
        _joined(positions, POSITION_COLUMNS), _joined(breaches, BREACH_COLUMNS), _joined(flows, FLOW_COLUMNS)
    )


def _joined(frames: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return pd.DataFrame(columns=list(columns))
    return pd.concat([frame.astype({"company_id": object}) if "company_id" in frame else frame for frame in filled],
                     ignore_index=True)[list(columns)]  # fmt: skip


def _scopes(accounts: list[Account], reporting_currency: str, group_floor: float | None) -> list[_Scope]:
    result = [
        _Scope(COMPANY, account.company_id, account.currency, ((account, 1.0),), account.cash_floor)
        for account in accounts
    ]
    for currency in sorted({account.currency for account in accounts}):
        same = tuple((account, 1.0) for account in accounts if account.currency == currency)
        result.append(_Scope(CURRENCY, None, currency, same, None))
    rated = tuple(
        (account, account.rate) if account.rate is not None
        # without a rate its money can't be added: as if its cash were not known
        else (Account(account.company_id, account.currency, None, None, None), 0.0)
        for account in accounts
    )  # fmt: skip
    if rated:
        result.append(_Scope(GROUP, None, reporting_currency, rated, group_floor))
    return result


def _flows_of(scope: _Scope, simulated: FlowPaths, *, with_opening: bool) -> dict[str, Floats]:
    """Path by path the sum of each flow; ``with_opening`` of the companies whose opening is known alone."""
    rates = {
        (account.company_id, account.currency): rate
        for account, rate in scope.parts
        if account.opening is not None or not with_opening
    }
    result: dict[str, Floats] = {}
    for company, currency, flow in sorted(simulated.flows, key=lambda key: (key[2], key[0], key[1])):
        if (company, currency) in rates:
            more = simulated.flows[(company, currency, flow)] * rates[(company, currency)]
            result[flow] = result[flow] + more if flow in result else more
    return result


def _blank(scope: _Scope, simulated: FlowPaths) -> pd.DataFrame:
    frame = pd.DataFrame({"week_start": simulated.weeks})
    frame["week_end"] = frame["week_start"] + 6 * DAY
    frame["forecast_as_of"] = simulated.as_of
    frame["scope"], frame["company_id"], frame["currency"] = scope.scope, scope.company_id, scope.currency
    return frame


def _empty(scope: _Scope, simulated: FlowPaths, left_out: int) -> pd.DataFrame:
    frame = _blank(scope, simulated)
    for column in ("opening", "closing_mean", *POSITION_QUANTILES):
        frame[column] = np.nan
    frame["cash_floor"] = np.nan if scope.cash_floor is None else scope.cash_floor
    frame["probability_below_floor"] = frame["probability_below_floor_so_far"] = np.nan
    frame["companies_without_statement"], frame["empty_reason"] = left_out, NO_STATEMENT
    return frame


def _position_frame(
    scope: _Scope, simulated: FlowPaths, opening: float, closing: Floats, left_out: int
) -> pd.DataFrame:
    frame = _blank(scope, simulated)
    mean = closing.mean(axis=0)
    frame["opening"] = np.concatenate([[opening], mean[:-1]])
    frame["closing_mean"] = mean
    frame[list(POSITION_QUANTILES)] = np.quantile(closing, POSITION_LEVELS, axis=0).T
    if scope.cash_floor is None:
        frame["cash_floor"] = frame["probability_below_floor"] = frame["probability_below_floor_so_far"] = np.nan
    else:
        below = closing < scope.cash_floor
        frame["cash_floor"] = scope.cash_floor
        frame["probability_below_floor"] = below.mean(axis=0)
        frame["probability_below_floor_so_far"] = np.logical_or.accumulate(below, axis=1).mean(axis=0)
    frame["companies_without_statement"], frame["empty_reason"] = left_out, None
    return frame


def _breach_frame(scope: _Scope, simulated: FlowPaths, closing: Floats, by_flow: dict[str, Floats]) -> pd.DataFrame:
    """Flows from the forecast's day to the end of the week: of the paths under the floor, beside all paths.

    The differences of the flows add up to the difference of the closing, since all paths have one opening.
    """
    assert scope.cash_floor is not None
    below = closing < scope.cash_floor
    rows = []
    for week, start in enumerate(simulated.weeks):
        breaching = below[:, week]
        chance = float(breaching.mean())
        if chance < EXPLAINED_FROM:
            continue
        so_far = {flow: array[:, : week + 1].sum(axis=1) for flow, array in by_flow.items()}
        so_far[NET] = closing[:, week] - (closing[:, 0] - sum(a[:, 0] for a in by_flow.values()))
        for flow, amount in so_far.items():
            everywhere, there = float(amount.mean()), float(amount[breaching].mean())
            rows.append((start, flow, chance, everywhere, there, there - everywhere))
    frame = pd.DataFrame(rows, columns=list(BREACH_COLUMNS[4:]))
    frame["forecast_as_of"] = simulated.as_of
    frame["scope"], frame["company_id"], frame["currency"] = scope.scope, scope.company_id, scope.currency
    return frame


def _flow_frame(scope: _Scope, by_flow: dict[str, Floats], simulated: FlowPaths) -> pd.DataFrame:
    frames = []
    net = sum(by_flow.values(), np.zeros((simulated.paths, len(simulated.weeks))))
    for flow, array in {**by_flow, NET: net}.items():
        frame = pd.DataFrame({"week_start": simulated.weeks, "mean": array.mean(axis=0)})
        frame[list(POSITION_QUANTILES)] = np.quantile(array, POSITION_LEVELS, axis=0).T
        frames.append(frame.assign(flow=flow))
    result = pd.concat(frames, ignore_index=True)
    result["forecast_as_of"] = simulated.as_of
    result["scope"], result["currency"] = scope.scope, scope.currency
    return result
