"""The backtest on weekly origins: every Sunday of a year, receipts are forecast again from what was known then.

A forecast and its score are made apart: ``forecast_origin`` is handed nothing later than the origin, ``score_origin``
holds it against what came. Scores are kept as sums per origin, so that those of any set of origins are one division.

Frames, all as known at the end of the origin (see ``Known``): amounts are in the currency of the company's books.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ml.baselines import FORMS, LEVEL_WEEKS, AutoEts, EtsForm, recent_days_late, seasonal_naive
from ml.calibration import Floats
from ml.cash_flow import (
    RECEIPTS,
    WEEK,
    WEEKS,
    Where,
    complete_weeks,
    forecast_weeks,
    share_of_new,
    simulate_cash,
)
from ml.cash_in import CashInData, Links, OutsideReceipts, cash_in_blocks, first_receipts, measure_links
from ml.features import DAY, days_between
from ml.paths import PATHS
from ml.receipts import ReceiptForecaster, SimilarInvoices

ORIGINS = 52
FIT_WEEKS = 4
"""Origins of four weeks share the fit made on the first of them: it is older than a night's would be, never newer."""
FORM_WEEKS = 12
MODEL = "simulated_receipts"
DUE_DATE, RECENT_AVERAGE, SEASONAL_NAIVE, AUTO_ETS = BASELINES = (
    "due_date", "customer_recent_average", "seasonal_naive", "auto_ets",
)  # fmt: skip
LEVELS = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
QUANTILE_COLUMNS = ("p025", "p10", "p25", "p50", "p75", "p90", "p975")
INTERVALS = {"50": ("p25", "p75"), "80": ("p10", "p90"), "95": ("p025", "p975")}
PINBALL = {"10": "p10", "50": "p50", "90": "p90"}
INVOICE, WEEKLY, MONTHLY, NINETY_DAYS = "invoice", "week", "month", "90_days"
MONTH_WEEKS = 4
DUE_WITHIN_DAYS = 28
HORIZON_DAYS = WEEKS * 7
_SUNDAY = pd.Timestamp("2000-01-02")
KEYS = ["forecast_as_of", "model", "level", "company_id", "step"]
SUMS = [
    "forecasts", "mean", "actual", "absolute_actual", "absolute_error", "crps",
    *(f"pinball_{name}" for name in PINBALL), *(f"covered_{name}" for name in INTERVALS),
    *(f"width_{name}" for name in INTERVALS),
]  # fmt: skip


def weekly_origins(as_of: pd.Timestamp, count: int = ORIGINS) -> pd.DatetimeIndex:
    """The last ``count`` Sundays whose 13 weeks are over by ``as_of``, oldest first."""
    as_of = pd.Timestamp(as_of).normalize()
    # Sunday is day 6: the last week must have ended
    last = as_of - ((as_of.day_of_week + 1) % 7) * DAY - WEEKS * WEEK
    return pd.date_range(end=last, periods=count, freq="7D")


def fit_day(origin: pd.Timestamp, weeks: int = FIT_WEEKS) -> pd.Timestamp:
    """The Sunday at or before ``origin`` on which its fit is made: every fourth, whichever origins are asked."""
    return origin - ((origin - _SUNDAY) // WEEK % weeks) * WEEK


@dataclass(frozen=True)
class Known:
    """What was known at the end of a day.

    history: invoices as for ``forecast_receivables``: receivable_id, company_id, customer_id, currency, invoice_date,
        due_date, cleared_date (NaT while open), amount as invoiced.
    open_items: receivables of every kind still open: the same columns and kind, with what was still open as amount.
    flows: company_id, currency, flow (receipts), week_start, amount; complete weeks.
    rates: currency → units of the reporting currency for one unit.
    cash_in: what receipts are simulated from, sister companies included, amounts in document currency.

    history and open_items are of customers outside the group.
    """

    history: pd.DataFrame
    open_items: pd.DataFrame
    flows: pd.DataFrame
    rates: dict[str, float]
    cash_in: CashInData


@dataclass(frozen=True)
class Fitted:
    """What origins of four weeks share: the payment-timing models, how far invoices move together, a smoothing per
    company and of the group, rates.

    timing: of invoices outside the group, scored one by one; cash_in_timing: of first receipts of all
        invoices, for the simulation.
    """

    fitted_on: pd.Timestamp
    timing: ReceiptForecaster
    cash_in_timing: ReceiptForecaster
    links: Links
    smoothing: dict[str | None, AutoEts]
    rates: dict[str, float]


@dataclass(frozen=True)
class OriginForecast:
    """Forecasts of one origin.

    weekly: (model, company, None for the group) → paths × 13 weeks, in the company's or the reporting currency.
    invoices: receivable_id, company_id, due_date of the invoices open and due within 28 days.
    paid_by: model → invoices × days 0 … 91: probability of payment within so many days after the origin.
    """

    origin: pd.Timestamp
    fitted: Fitted
    weekly: dict[tuple[str, str | None], Floats]
    invoices: pd.DataFrame
    paid_by: dict[str, Floats]


def fit_forms(known: Known, as_of: pd.Timestamp, candidates: tuple[EtsForm, ...] = FORMS) -> dict[str | None, AutoEts]:
    """AutoETS of every company's weekly receipts, and of the group's (None)."""
    series = _receipt_series(known.flows, as_of, known.rates)
    return {company: AutoEts.fit(past, candidates) for company, past in series.items()}


def fit_origin(known: Known, day: pd.Timestamp, forms: dict[str | None, AutoEts]) -> Fitted:
    """Fit the methods on what was known at the end of ``day``; ``forms`` chosen then or before."""
    timing = SimilarInvoices().fit(known.history, day)
    series = _receipt_series(known.flows, day, known.rates)
    smoothing = {}
    for company, past in series.items():
        form = forms[company].form if company in forms else None
        # a company that had begun by then, but not when forms were chosen, goes on at its mean
        smoothing[company] = AutoEts.fit(past, (form,) if form else ())
    invoices = first_receipts(known.cash_in, day)
    return Fitted(
        day, timing, SimilarInvoices().fit(invoices, day), measure_links(invoices, day), smoothing, known.rates
    )


def forecast_origin(fitted: Fitted, known: Known, origin: pd.Timestamp, seed: int = 0) -> OriginForecast:
    """Receipts of the 13 weeks after ``origin``, and payment of its open invoices, by the model and each baseline."""
    weeks = forecast_weeks(origin)
    books = pd.concat([known.flows[["company_id", "currency"]], known.open_items[["company_id", "currency"]]])
    currency: dict[str, str] = dict(zip(books["company_id"], books["currency"], strict=True))
    weekly: dict[tuple[str, str | None], Floats] = {}
    for (company, books_currency), drawn in simulate_receipts(known, fitted, origin, seed).items():
        weekly[MODEL, company] = drawn
        currency[company] = books_currency
    series = _receipt_series(known.flows, origin, fitted.rates)
    late = recent_days_late(known.history)
    open_items = known.open_items[known.open_items["due_date"].notna()]
    usual = open_items["customer_id"].astype(str).map(late).astype(float).fillna(0.0)
    due = open_items["due_date"]
    new_share = share_of_new(known.history, origin, len(weeks))
    for name, expected in ((DUE_DATE, due), (RECENT_AVERAGE, due + np.rint(usual) * DAY)):
        # what should have come already is taken to come in the first week
        step = np.maximum(np.floor((days_between(expected, pd.Series(origin, index=due.index)) - 1) / 7.0), 0.0)
        for company in sorted(currency):
            mine = (open_items["company_id"] == company) & (step < len(weeks))
            items = open_items[mine].assign(step=step[mine].astype(int)).sort_values(["step", "amount"])
            coming = np.bincount(items["step"], items["amount"].to_numpy(dtype=float), minlength=len(weeks))
            past = series.get(company)
            level = float(past.tail(LEVEL_WEEKS).mean()) if past is not None and len(past) else 0.0
            weekly[name, company] = (coming + new_share * level)[None, :]
    for number, company in enumerate(sorted(currency)):
        past = series.get(company, pd.Series(dtype=float))
        weekly[SEASONAL_NAIVE, company] = seasonal_naive(past, weeks)
        smoothing = fitted.smoothing.get(company)
        if smoothing is not None:
            weekly[AUTO_ETS, company] = smoothing.simulate(past, len(weeks), PATHS, seed + 1 + number)
    for name in (MODEL, DUE_DATE, RECENT_AVERAGE, SEASONAL_NAIVE):
        parts = [
            drawn * fitted.rates[currency[company]]
            for (model, company), drawn in sorted(weekly.items(), key=lambda one: str(one[0]))
            if model == name and company is not None and currency[company] in fitted.rates
        ]
        if parts:
            weekly[name, None] = np.sum(parts, axis=0)
    if None in fitted.smoothing and None in series:
        weekly[AUTO_ETS, None] = fitted.smoothing[None].simulate(series[None], len(weeks), PATHS, seed)
    invoices, paid_by = _forecast_invoices(fitted, known, origin, late)
    return OriginForecast(origin, fitted, weekly, invoices, paid_by)


def simulate_receipts(known: Known, fitted: Fitted, origin: pd.Timestamp, seed: int) -> dict[Where, Floats]:
    """The published method: (company, currency of its books) → paths × weeks of receipts from outside the group, on the
    same paths so that they may be added.

    The one place that knows how receipts are simulated: from invoices up, and of a company that receives without ever
    invoicing, from its past weeks.
    """
    companies = known.cash_in.companies
    books: dict[str, str] = dict(zip(companies["company_id"], companies["currency"], strict=True))
    outside = OutsideReceipts(known.rates, books)
    for block in cash_in_blocks(known.cash_in, origin, fitted.cash_in_timing, fitted.links, seed=seed):
        outside.add(block)
    simulated = simulate_cash(known.flows, origin, seed=seed, receipts=outside.weeks())
    return {(company, currency): drawn for (company, currency, flow), drawn in simulated.flows.items()
            if flow == RECEIPTS}  # fmt: skip


def _groups(flows: pd.DataFrame) -> Any:
    """((company, currency), its weeks) in one order."""
    return flows.sort_values(["company_id", "week_start"]).groupby(["company_id", "currency"])


def _forecast_invoices(
    fitted: Fitted, known: Known, origin: pd.Timestamp, late: pd.Series
) -> tuple[pd.DataFrame, dict[str, Floats]]:
    items = known.open_items
    wanted = (
        (items["kind"] == "invoice")
        & (items["amount"] > 0)
        & items["due_date"].between(origin + DAY, origin + DUE_WITHIN_DAYS * DAY)
    )
    items = items[wanted].sort_values("receivable_id").reset_index(drop=True)
    days = np.arange(HORIZON_DAYS + 1)
    if items.empty:
        return items, {name: np.zeros((0, len(days))) for name in (fitted.timing.name, DUE_DATE, RECENT_AVERAGE)}
    reached = days_between(pd.Series(origin, index=items.index), items["due_date"]).to_numpy()
    paid_by = fitted.timing.distribution(items, origin).probability_within(days.astype(float), reached)
    made = {fitted.timing.name: np.clip(np.maximum.accumulate(paid_by, axis=1), 0.0, 1.0)}
    usual = np.rint(items["customer_id"].astype(str).map(late).fillna(0.0).to_numpy(dtype=float))
    for name, on in ((DUE_DATE, -reached), (RECENT_AVERAGE, usual - reached)):
        made[name] = (days[None, :] >= np.clip(on, 1, HORIZON_DAYS)[:, None]).astype(float)
    return items, made


def score_origin(forecast: OriginForecast, paid_on: pd.Series, flows: pd.DataFrame) -> pd.DataFrame:
    """What came beside what was forecast: one row per model, level, company and step, its figures sums.

    Args:
        paid_on: receivable_id → day on which it was cleared, NaT while open; known at least 13 weeks after the origin.
        flows: weekly receipts as for ``Known``, with the 13 weeks after the origin.

    Returns:
        KEYS (company_id None: the group; step: week or month ahead, 1 the first, 0 where there is one), SUMS, and for
        money p025 … p975. The group is in reporting currency at the rates of the fit, forecast and actual alike, so
        that rates that moved do not count. Days of invoices count up to 91, forecast and actual alike, so that an
        invoice not paid by then is as well known as any.
    """
    rows = _score_weekly(forecast, flows) + _score_invoices(forecast, paid_on)
    made = pd.DataFrame(rows, columns=[*KEYS[1:], *SUMS, *QUANTILE_COLUMNS])
    made.insert(0, KEYS[0], forecast.origin)
    return made


def _score_weekly(forecast: OriginForecast, flows: pd.DataFrame) -> list[tuple]:
    weeks = forecast_weeks(forecast.origin)
    actual: dict[str | None, Floats] = {}
    receipts = flows[(flows["flow"] == "receipts") & flows["week_start"].isin(weeks)]
    group = np.zeros(len(weeks))
    known = {company for _, company in forecast.weekly if company is not None}
    for (company, currency), frame in _groups(receipts):
        came = frame.groupby("week_start")["amount"].sum().reindex(weeks).fillna(0.0).to_numpy(dtype=float)
        # a company that had not yet begun is nobody's miss
        if company in known:
            actual[company] = came
            group += came * forecast.fitted.rates.get(currency, 0.0)
    actual |= {company: np.zeros(len(weeks)) for company in known - set(actual)}
    actual[None] = group
    rows: list[tuple] = []
    for (model, company), paths in forecast.weekly.items():
        came = actual[company]
        for level, step, chosen in _spans():
            drawn, real = paths[:, chosen].sum(axis=1), float(came[chosen].sum())
            rows.append((model, level, company, step, *_money_sums(drawn, real)))
    return rows


def _spans() -> list[tuple[str, int, slice]]:
    """Weeks 1 … 13, months of four weeks 1 … 3, and all 13 weeks, which stand for 90 days."""
    return [
        *((WEEKLY, week + 1, slice(week, week + 1)) for week in range(WEEKS)),
        *((MONTHLY, m + 1, slice(m * MONTH_WEEKS, (m + 1) * MONTH_WEEKS)) for m in range(WEEKS // MONTH_WEEKS)),
        (NINETY_DAYS, 0, slice(0, WEEKS)),
    ]


def sample_crps(drawn: Floats, actual: float) -> float:
    """CRPS of equally likely draws: E|X - actual| - E|X - X'| / 2 (Gneiting and Raftery 2007); a point's error."""
    ordered = np.sort(drawn)
    count = len(ordered)
    spread = float(((2 * np.arange(1, count + 1) - count - 1) * ordered).sum()) / count**2
    return float(np.abs(ordered - actual).mean()) - spread


def _money_sums(drawn: Floats, actual: float) -> tuple:
    at = dict(zip(QUANTILE_COLUMNS, np.quantile(drawn, LEVELS), strict=True))
    mean, is_point = float(drawn.mean()), len(drawn) == 1
    nothing = float("nan")
    return (
        1.0, mean, actual, abs(actual), abs(at["p50"] - actual), sample_crps(drawn, actual),
        *(_pinball(at[name], actual, int(level) / 100) for level, name in PINBALL.items()),
        # a single figure has no interval to be in
        *(nothing if is_point else float(at[low] <= actual <= at[high]) for low, high in INTERVALS.values()),
        *(nothing if is_point else float(at[high] - at[low]) for low, high in INTERVALS.values()),
        *at.values(),
    )  # fmt: skip


def _pinball(quantile: Floats | float, actual: Floats | float, level: float) -> Floats | float:
    over = np.asarray(actual) - quantile
    return np.maximum(level * over, (level - 1.0) * over)


def _score_invoices(forecast: OriginForecast, paid_on: pd.Series) -> list[tuple]:
    items = forecast.invoices
    if items.empty:
        return []
    paid = pd.to_datetime(items["receivable_id"].map(paid_on))
    took = days_between(paid, pd.Series(forecast.origin, index=items.index))
    actual = np.clip(took.fillna(HORIZON_DAYS).to_numpy(dtype=float), 0.0, HORIZON_DAYS)
    days = np.arange(HORIZON_DAYS)
    columns = [*SUMS]
    rows: list[tuple] = []
    for model, paid_by in forecast.paid_by.items():
        # the days up to 91 are a whole number from 0 to 91: both integrals are sums over days
        before_end = paid_by[:, :-1]
        at = {
            name: np.where(paid_by >= level, np.arange(HORIZON_DAYS + 1), HORIZON_DAYS).min(axis=1).astype(float)
            for name, level in zip(QUANTILE_COLUMNS, LEVELS, strict=True)
        }
        is_point = bool(((paid_by == 0.0) | (paid_by == 1.0)).all())
        each = pd.DataFrame(
            {
                "forecasts": 1.0,
                "mean": (1.0 - before_end).sum(axis=1),
                "actual": actual,
                "absolute_actual": actual,
                "absolute_error": np.abs(at["p50"] - actual),
                "crps": ((before_end - (actual[:, None] <= days[None, :])) ** 2).sum(axis=1),
            }
        )
        for level, name in PINBALL.items():
            each[f"pinball_{level}"] = _pinball(at[name], actual, int(level) / 100)
        for name, (low, high) in INTERVALS.items():
            inside = ((at[low] <= actual) & (actual <= at[high])).astype(float)
            each[f"covered_{name}"] = np.nan if is_point else inside
            each[f"width_{name}"] = np.nan if is_point else at[high] - at[low]
        each["company_id"] = items["company_id"].to_numpy()
        by_company = each.groupby("company_id")[columns].sum(min_count=1)
        nothing = (float("nan"),) * len(QUANTILE_COLUMNS)
        rows += [(model, INVOICE, company, 0, *sums, *nothing) for company, *sums in by_company.itertuples()]
        rows.append((model, INVOICE, None, 0, *each[columns].sum(min_count=1), *nothing))
    return rows


def _receipt_series(flows: pd.DataFrame, as_of: pd.Timestamp, rates: dict[str, float]) -> dict[str | None, pd.Series]:
    """Complete weeks of receipts by company, and of the group (None) in reporting currency, gaps as 0."""
    past = complete_weeks(flows[flows["flow"] == "receipts"], as_of)
    if past.empty:
        return {}
    series: dict[str | None, pd.Series] = {}
    for company, frame in past.sort_values(["company_id", "week_start"]).groupby("company_id"):
        series[str(company)] = frame.set_index("week_start")["amount"].asfreq("7D")
    converted = past.assign(amount=past["amount"] * past["currency"].map(rates).fillna(0.0))
    by_week = converted.sort_values(["week_start", "company_id", "currency"]).groupby("week_start")["amount"].sum()
    series[None] = by_week.asfreq("7D")
    return series


HORIZONS: tuple[tuple[str, str, int, int], ...] = (
    (INVOICE, "due within 28 days", 0, 0),
    (WEEKLY, "weeks 1-4", 1, 4),
    (WEEKLY, "weeks 5-13", 5, 13),
    (WEEKLY, "weeks 1-13", 1, 13),
    *((MONTHLY, f"month {month}", month, month) for month in (1, 2, 3)),
    (MONTHLY, "months 1-3", 1, 3),
    (NINETY_DAYS, "90 days", 0, 0),
)
"""Level, name, first and last step of what is put together in one score."""
SCORE_COLUMNS = [
    "model", "baseline", "level", "horizon", "metric", "company_id", "origins", "first_origin", "last_origin",
    "value", "baseline_value",
]  # fmt: skip


def score_table(sums: pd.DataFrame) -> pd.DataFrame:
    """Scores of all origins together, the model's beside each baseline's, from the rows of ``score_origin``.

    WAPE = Σ|p50 - actual| / Σ|actual|; bias = Σ(mean - actual); CRPS, pinball and width are means. Money in shares of
    Σ|actual|, so that companies compare; days of invoices in days. Coverage: share of actuals in the interval.
    """
    rows: list[tuple] = []
    for level, horizon, first, last in HORIZONS:
        part = sums[(sums["level"] == level) & sums["step"].between(first, last)]
        for company in [None, *sorted(part["company_id"].dropna().unique())]:
            mine = part[part["company_id"].isna() if company is None else part["company_id"] == company]
            metrics = {model: _metrics(frame, level) for model, frame in mine.groupby("model")}
            models = [name for name in metrics if name not in BASELINES]
            for model in models:
                days = mine.loc[mine["model"] == model, "forecast_as_of"]
                told = (company, days.nunique(), days.min(), days.max())
                for baseline in (name for name in BASELINES if name in metrics):
                    rows += [
                        (model, baseline, level, horizon, metric, *told, value, metrics[baseline][metric])
                        for metric, value in metrics[model].items()
                    ]
    return pd.DataFrame(rows, columns=SCORE_COLUMNS)


def _metrics(rows: pd.DataFrame, level: str) -> dict[str, float]:
    total = rows.sort_values(["forecast_as_of", "step"])[SUMS].sum(min_count=1)
    size = float(total["absolute_actual"])
    by, unit = (float(total["forecasts"]), "days") if level == INVOICE else (size, "share")

    def over(figure: float, divisor: float) -> float:
        return float(figure) / divisor if divisor > 0 else float("nan")

    return {
        "wape": over(total["absolute_error"], size),
        f"bias_{unit}": over(total["mean"] - total["actual"], by),
        f"crps_{unit}": over(total["crps"], by),
        **{f"pinball_{name}_{unit}": over(total[f"pinball_{name}"], by) for name in PINBALL},
        **{f"coverage_{name}": over(total[f"covered_{name}"], float(total["forecasts"])) for name in INTERVALS},
        **{f"width_{name}_{unit}": over(total[f"width_{name}"], by) for name in INTERVALS},
        "forecasts": float(total["forecasts"]),
    }
