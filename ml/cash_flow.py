"""Weekly cash flows of the next 13 weeks and 90 days, as distributions: by company, currency and flow, and net.

Every flow is simulated in the same number of draws, so that quantiles of sums come from sums of draws. What is drawn:

- the flow's own past: a past week of the same place in its month, scaled to the flow's present level;
- for receipts and supplier payments where open items are known: each item falls into a week by its own payment-timing
  distribution, and the past counts only for the share that, that far ahead, has come from items not yet invoiced.

``amount`` is money of the ``currency`` beside it; inflows are positive, outflows negative.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ml.calibration import Floats
from ml.features import DAY, days_between
from ml.receipts import ReceiptForecaster

WEEK = 7 * DAY
WEEKS = 13
HORIZON_DAYS = 90
SEASON_WEEKS = 52
LEVEL_WEEKS = 26
DRAWS = 400
LEVELS = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
QUANTILE_COLUMNS = tuple(f"p{round(level * 100):02d}" for level in LEVELS)
NET = "net"
KEYS = ["company_id", "currency", "flow"]
CUSTOMER_LINK, GROUP_LINK = 0.5, 0.05
"""Share of an item's luck that it has in common with the customer's other items, and with all items."""


@dataclass(frozen=True)
class OpenItems:
    """Items that will become one of the flows.

    flow: receipts or supplier_payments; sign: 1 for money in, -1 for money out.
    items: open at as_of: company_id, currency, customer_id (of payables: the supplier), due_date, invoice_date,
        amount (still open, in ``currency``, positive as owed; credits negative).
    history: past and open items with company_id, invoice_date, cleared_date, amount: how soon new ones turn into cash.
    forecaster: fitted on that history.
    """

    flow: str
    sign: float
    items: pd.DataFrame
    history: pd.DataFrame
    forecaster: ReceiptForecaster


def forecast_weeks(as_of: pd.Timestamp) -> pd.DatetimeIndex:
    """Mondays from the week of the day after ``as_of`` to the one that completes 13 weeks and 90 days."""
    first = _monday(as_of + DAY)
    last = max(first + (WEEKS - 1) * WEEK, _monday(as_of + HORIZON_DAYS * DAY))
    return pd.date_range(first, last, freq="7D")


def forecast_cash(
    flows: pd.DataFrame, as_of: pd.Timestamp, open_items: tuple[OpenItems, ...] = (), seed: int = 0
) -> pd.DataFrame:
    """Distribution of each week's flow: the frame of fct_cash_forecast.

    The first week counts only from the day after ``as_of``. The flow ``net`` is, draw by draw, the sum of a company's
    flows in one currency; flows are drawn independently of each other, so net is too narrow where they move together.

    Args:
        flows: company_id, currency, flow, week_start (Monday), amount; weeks after ``as_of`` are not read, a week that
            ``as_of`` cuts is not used for learning.
        as_of: last day whose events may be used.
        open_items: what is already invoiced, per flow; without it the flow's own past is all there is.
        seed: of the draws; the same seed and data give the same bits.

    Returns:
        forecast_as_of, company_id, currency, flow, week_start, mean, p05, p10, p25, p50, p75, p90, p95.
    """
    as_of = pd.Timestamp(as_of).normalize()
    weeks = forecast_weeks(as_of)
    past = complete_weeks(flows, as_of)
    known = {given.flow: _draw_open_items(given, as_of, weeks, seed) for given in open_items}
    new_share = {given.flow: _share_of_new(given.history, as_of, len(weeks)) for given in open_items}
    keys = {tuple(key) for key in past[KEYS].drop_duplicates().itertuples(index=False)}
    keys |= {(*where, flow) for flow, drawn in known.items() for where in drawn}

    draws: dict[tuple[str, str, str], Floats] = {}
    series = {tuple(key): frame.set_index("week_start")["amount"] for key, frame in past.groupby(KEYS)}
    left_of_first_week = ((weeks[0] + WEEK - as_of) / DAY - 1.0) / 7.0
    for number, (company, currency, flow) in enumerate(sorted(keys)):
        random = np.random.default_rng([seed, number])
        drawn = _draw_past(series.get((company, currency, flow)), weeks, random)
        drawn[:, 0] *= min(left_of_first_week, 1.0)
        if flow in known:
            drawn = drawn * new_share[flow][None, :] + known[flow].get((company, currency), 0.0)
        draws[(company, currency, flow)] = drawn
    for company, currency in sorted({key[:2] for key in draws}):
        parts = [drawn for key, drawn in draws.items() if key[:2] == (company, currency)]
        draws[(company, currency, NET)] = np.sum(parts, axis=0)
    return _frame(draws, weeks, as_of)


def _frame(draws: dict[tuple[str, str, str], Floats], weeks: pd.DatetimeIndex, as_of: pd.Timestamp) -> pd.DataFrame:
    columns = ["forecast_as_of", *KEYS, "week_start", "mean", *QUANTILE_COLUMNS]
    if not draws:
        return pd.DataFrame(columns=columns)
    keys = pd.DataFrame(list(draws), columns=KEYS).loc[np.repeat(np.arange(len(draws)), len(weeks))]
    result = keys.reset_index(drop=True)
    result.insert(0, "forecast_as_of", as_of)
    result["week_start"] = np.tile(weeks.to_numpy(), len(draws))
    drawn = np.concatenate(list(draws.values()), axis=1)
    result["mean"] = drawn.mean(axis=0)
    result[list(QUANTILE_COLUMNS)] = np.quantile(drawn, LEVELS, axis=0).T
    return result[columns]


def _monday(day: pd.Timestamp) -> pd.Timestamp:
    return day - day.day_of_week * DAY


def complete_weeks(flows: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Weeks that ended by ``as_of``, one row per key and week, weeks without a flow as 0."""
    start = pd.to_datetime(flows["week_start"]).astype("datetime64[ns]")
    done = flows.assign(week_start=start, amount=flows["amount"].astype(float))[start + 6 * DAY <= as_of]
    if done.empty:
        return done[[*KEYS, "week_start", "amount"]]
    wide = done.sort_values("amount").pivot_table(index="week_start", columns=KEYS, values="amount", aggfunc="sum")
    # up to the last week there can be, not the last with a flow: a flow that has stopped has stopped
    every_week = pd.date_range(wide.index.min(), _monday(as_of - 6 * DAY), freq="7D", name="week_start")
    wide = wide.reindex(every_week)
    # a flow counts from its first week on; the weeks before are no zeros of it
    wide = wide.fillna(0.0).where(wide.notna().cummax())
    return wide.melt(ignore_index=False, value_name="amount").dropna().reset_index()[[*KEYS, "week_start", "amount"]]


def _place_in_month(weeks: pd.DatetimeIndex) -> np.ndarray:
    """Which of its month's weeks a week is, by its Thursday: 0 the first, 4 the fifth."""
    return np.minimum(((weeks + 3 * DAY).day.to_numpy() - 1) // 7, 4)


def _draw_past(past: pd.Series | None, weeks: pd.DatetimeIndex, random: np.random.Generator) -> Floats:
    """Weeks of the past year that had the same place in their month, scaled to the level of the last half year."""
    if past is None or past.empty:
        return np.zeros((DRAWS, len(weeks)))
    past = past.sort_index().tail(SEASON_WEEKS)
    level = past.abs().rolling(LEVEL_WEEKS, min_periods=1, center=True).mean().to_numpy()
    now = past.abs().tail(LEVEL_WEEKS).mean()
    growth = np.clip(np.divide(now, level, out=np.ones(len(level)), where=level > 0), 0.5, 2.0)
    scaled = past.to_numpy() * growth
    place = _place_in_month(pd.DatetimeIndex(past.index))
    drawn = np.empty((DRAWS, len(weeks)))
    for column, wanted in enumerate(_place_in_month(weeks)):
        same = scaled[place == wanted]
        same = same if len(same) >= 3 else scaled
        # smoothed by the rule of thumb of Silverman 1986: a dozen weeks show too little of what a week can be
        width = 0.9 * same.std() * len(same) ** -0.2
        drawn[:, column] = random.choice(same, DRAWS) + width * random.standard_normal(DRAWS)
    # a flow that has only ever gone one way goes on that way
    return np.clip(drawn, -np.inf if scaled.min() < 0 else 0.0, np.inf if scaled.max() > 0 else 0.0)


def _draw_open_items(
    given: OpenItems, as_of: pd.Timestamp, weeks: pd.DatetimeIndex, seed: int
) -> dict[tuple[str, str], Floats]:
    """Draws × weeks of the cash from items open now, per company and currency.

    Items share luck (Gaussian copula with one factor per customer and one for all), because customers pay several
    invoices in one run and slow down together: independent items would make the sum look far too certain.
    """
    from scipy.special import ndtr

    items = given.items[given.items["due_date"].notna()]
    if items.empty:
        return {}
    columns = ["company_id", "customer_id", "currency", "due_date", "amount"]
    items = items.sort_values(columns, ignore_index=True, key=lambda c: c.astype(str) if c.dtype == object else c)
    distribution = given.forecaster.distribution(items, as_of)
    reached = days_between(pd.Series(as_of, index=items.index), items["due_date"]).to_numpy()
    ends = (weeks + 6 * DAY - as_of) / DAY
    by_week = distribution.probability_within(np.asarray(ends), reached)
    random = np.random.default_rng([seed, 2**20, 0 if given.sign > 0 else 1])
    customer = pd.factorize(items["customer_id"].astype(str).fillna(""), sort=True)[0]
    where: Any = items.groupby(["company_id", "currency"]).indices
    amount = given.sign * items["amount"].to_numpy(dtype=float)
    shared = random.standard_normal(DRAWS)
    by_customer = random.standard_normal((DRAWS, customer.max() + 1))
    own_share = np.sqrt(1.0 - CUSTOMER_LINK - GROUP_LINK)
    result = {}
    for (company, currency), rows in where.items():
        total = np.zeros((DRAWS, len(weeks)))
        # blocks of items keep the memory bounded
        for block in np.array_split(rows, max(1, len(rows) // 2000)):
            luck = own_share * random.standard_normal((DRAWS, len(block)))
            luck += np.sqrt(CUSTOMER_LINK) * by_customer[:, customer[block]] + np.sqrt(GROUP_LINK) * shared[:, None]
            chance = ndtr(luck)
            paid_by = np.column_stack(
                [(chance <= by_week[block, week][None, :]) @ amount[block] for week in range(len(weeks))]
            )
            total += np.diff(paid_by, axis=1, prepend=0.0)
        result[(company, currency)] = total
    return result


def _share_of_new(history: pd.DataFrame, as_of: pd.Timestamp, weeks: int, origins: int = 12) -> Floats:
    """Per week ahead, the share of cash that came from items invoiced after the forecast day, at past forecast days."""
    paid = history[history["cleared_date"] <= as_of]
    invoiced = paid["invoice_date"].fillna(paid["due_date"] - 30 * DAY)
    new, total = np.zeros(weeks), np.zeros(weeks)
    for back in range(1, origins + 1):
        origin = as_of - (weeks + back * 2) * WEEK
        week = np.floor((days_between(paid["cleared_date"], pd.Series(origin, index=paid.index)) - 1.0) / 7.0)
        inside = ((week >= 0) & (week < weeks)).to_numpy()
        index = week[inside].astype(int).to_numpy()
        amount = paid["amount"].abs()[inside].to_numpy(dtype=float)
        is_new = (invoiced > origin)[inside].to_numpy()
        total += np.bincount(index, amount, minlength=weeks)
        new += np.bincount(index[is_new], amount[is_new], minlength=weeks)
    # nothing seen: new invoices take over evenly along the horizon
    share = np.divide(new, total, out=np.linspace(0.0, 1.0, weeks), where=total > 0)
    return np.maximum.accumulate(share)
