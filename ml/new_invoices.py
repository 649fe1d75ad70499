"""Invoices that are not there yet: orders taken and not invoiced, and orders still to come.

Orders to come are past orders resampled whole (customer, currency, amount, lead from order to invoice, term), so that
lumps stay lumps; how many come is forecast per company and month by the method that did best on earlier months.
Customers billed in a steady rhythm (rent, service contracts, sister companies) go on in theirs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ml.features import DAY, days_between

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Counts = NDArray[np.uint8]

POOL_DAYS = 365
"""Orders of so many days back are what orders to come look like."""
LEAST_ROWS, MOST_ROWS = 600, 60_000
"""Resampled orders over the whole horizon, at least of one company and at most of all: each path takes some of them."""
ROWS_PER_ORDER = 4
STEADY_GAPS, STEADY_SPREAD = 6, 0.35
"""A customer billed at least so many times, gaps varying by no more than this share of their mean, is steady."""
STEADY_VARIANTS = 20
CHOICE_MONTHS = 12
"""Months before the forecast on which the methods of counting are compared."""
HORIZON_MONTHS = 4
SALE_COLUMNS = [
    "sale_id", "company_id", "customer_id", "currency", "order_date", "promised_date", "invoice_date", "due_date",
    "amount",
]  # fmt: skip


@dataclass(frozen=True)
class NewInvoices:
    """Invoices that may come: rows, and how often each of them does on each path.

    rows: company_id, customer_id, currency, invoice_date and due_date (after as_of), amount.
    comes: rows × paths, mostly 0 and 1.
    """

    rows: pd.DataFrame
    comes: Counts


@dataclass(frozen=True)
class Intake:
    """How many orders come: expected per month and company, and how far off such forecasts have been.

    expected: months × companies; of the month that ``as_of`` cuts, what is left of it.
    dispersion: variance of a month's count over its mean, given the level; a Poisson count has 1.
    level_error: standard deviation of the logarithm of a company's level, and of the level of all together.
    method: the one that was chosen; errors: of every method that was tried, share of orders missed.
    """

    expected: pd.DataFrame
    dispersion: float
    level_error: float
    level_error_of_all: float
    method: str
    errors: dict[str, float]

    @property
    def months(self) -> pd.PeriodIndex:
        """Months of ``expected``."""
        return pd.PeriodIndex(self.expected.index)


def known_sales(sales: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """``sales`` as they were known at the end of ``as_of``: later orders left out, later invoices not yet seen.

    Adds ``invoiced`` (by then); of those not invoiced invoice_date is the promised date, or NaT where none is known.
    A sale without order_date counts from its invoice on.
    """
    ordered = sales["order_date"].fillna(sales["invoice_date"])
    ordered = ordered.where(~(ordered > sales["invoice_date"]), sales["invoice_date"])
    known = sales.assign(order_date=ordered)[ordered <= as_of].sort_values("sale_id", ignore_index=True)
    invoiced = known["invoice_date"] <= as_of
    term = days_between(known["due_date"], known["invoice_date"]).where(invoiced)
    invoice_date = known["invoice_date"].where(invoiced, known["promised_date"])
    return known.assign(invoiced=invoiced, invoice_date=invoice_date, term_days=_terms(known, term))


def _terms(known: pd.DataFrame, term: pd.Series) -> pd.Series:
    """Days from invoice to due date; of what is not invoiced the customer's middle one, else the company's, else 30."""
    term = term.clip(lower=0)
    usual = term.groupby(known["customer_id"]).transform("median")
    company = term.groupby(known["company_id"]).transform("median")
    return term.fillna(usual).fillna(company).fillna(30.0).round()


def draw_new_invoices(
    sales: pd.DataFrame,
    as_of: pd.Timestamp,
    last_day: pd.Timestamp,
    open_days: dict[str, Bools],
    paths: int,
    seed: int,
    countries: dict[str, str],
) -> NewInvoices:
    """Invoices issued from the day after ``as_of`` to ``last_day``, path by path.

    Args:
        sales: SALE_COLUMNS; dates NaT where not known, amount gross in ``currency``. Later rows are not seen.
        open_days: company_id → for each day from as_of + 1 on, whether its banks and offices work.
        countries: company_id → ISO 3166 country, for the working days of past months.
    """
    known = known_sales(sales, as_of)
    known = known[known["amount"] > 0].reset_index(drop=True)
    empty = NewInvoices(
        known.iloc[:0].assign(due_date=known.iloc[:0]["order_date"]), np.zeros((0, paths), dtype=np.uint8)
    )
    if known.empty:
        return empty
    parts = [_backlog(known, as_of, paths, seed)]
    steady = _steady_keys(known)
    is_steady = pd.MultiIndex.from_frame(known[_STREAM]).isin(steady)
    parts.append(_steady(known[is_steady], as_of, last_day, paths, seed))
    other = known[~is_steady].reset_index(drop=True)
    if len(other):
        intake = forecast_intake(other, as_of, last_day, countries)
        shared = np.random.default_rng([seed, 31]).standard_normal(paths)
        for number, company in enumerate(sorted(other["company_id"].unique())):
            own = other[other["company_id"] == company]
            random = np.random.default_rng([seed, 32, number])
            parts.append(_orders_to_come(own, intake, company, as_of, last_day, open_days[company], random, shared))
    rows = pd.concat([part.rows for part in parts], ignore_index=True)
    comes = np.concatenate([part.comes for part in parts])
    kept = ((rows["invoice_date"] > as_of) & (rows["invoice_date"] <= last_day)).to_numpy() & comes.any(axis=1)
    rows = rows[kept].reset_index(drop=True)
    rows["due_date"] = rows["invoice_date"] + rows["term_days"] * DAY
    return NewInvoices(rows.drop(columns="term_days"), comes[kept])


_ROW = ["company_id", "customer_id", "currency", "invoice_date", "term_days", "amount"]
_STREAM = ["company_id", "customer_id", "currency"]


def _backlog(known: pd.DataFrame, as_of: pd.Timestamp, paths: int, seed: int) -> NewInvoices:
    """What is ordered and not invoiced: invoiced on its promised day, moved as past promises were."""
    waiting = known[~known["invoiced"]].reset_index(drop=True)
    done = known[known["invoiced"] & known["promised_date"].notna()]
    slips = np.sort(days_between(done["invoice_date"], done["promised_date"]).tail(2000).to_numpy())
    leads = np.sort(days_between(known["invoice_date"], known["order_date"])[known["invoiced"]].tail(2000).to_numpy())
    random = np.random.default_rng([seed, 30])
    place = random.random(len(waiting))
    slip = slips[(place * len(slips)).astype(int)] if len(slips) else np.zeros(len(waiting))
    lead = leads[(place * len(leads)).astype(int)] if len(leads) else np.full(len(waiting), 14.0)
    promised = waiting["promised_date"] + slip * DAY
    day = promised.fillna(waiting["order_date"] + lead * DAY)
    # a promise that has passed is met within the next two weeks, any day alike
    late = as_of + np.ceil(1e-9 + 14.0 * random.random(len(waiting))) * DAY
    day = day.where(day > as_of, late)
    return NewInvoices(waiting.assign(invoice_date=day)[_ROW], np.ones((len(waiting), paths), dtype=np.uint8))


def _steady_keys(known: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Customers whose orders come in a steady rhythm."""
    days = known[[*_STREAM, "order_date"]].drop_duplicates().sort_values([*_STREAM, "order_date"])
    gap = days.groupby(_STREAM)["order_date"].diff().dt.days
    gaps = gap.groupby([days[key] for key in _STREAM]).agg(["count", "mean", "std"])
    chosen = gaps[(gaps["count"] >= STEADY_GAPS) & (gaps["std"] <= STEADY_SPREAD * gaps["mean"])]
    return [tuple(key) for key in chosen.index]


def _steady(known: pd.DataFrame, as_of: pd.Timestamp, last_day: pd.Timestamp, paths: int, seed: int) -> NewInvoices:
    """Each goes on from its last order with gaps, amounts and leads of its own; a path has one of a few such."""
    known = known.sort_values([*_STREAM, "order_date", "sale_id"], ignore_index=True)
    order_day = ((known["order_date"] - as_of) / DAY).to_numpy().astype(np.int64)
    lead = days_between(known["invoice_date"], known["order_date"]).fillna(0.0).to_numpy().astype(np.int64)
    horizon = int((last_day - as_of) / DAY)
    like: list[NDArray[np.int64]] = []
    invoice_day: list[NDArray[np.int64]] = []
    comes: list[Bools] = []
    for number, places in enumerate(known.groupby(_STREAM, sort=True).indices.values()):
        own = np.asarray(places, dtype=np.int64)[-24:]
        random = np.random.default_rng([seed, 33, number])
        variant = random.integers(0, STEADY_VARIANTS, paths)
        days = np.unique(order_day[own])
        gaps = np.diff(days)
        typical = float(gaps.mean()) if len(gaps) else 0.0
        # silent for three gaps: it has ended
        if typical < 1.0 or -days[-1] > 3.0 * typical:
            continue
        # around its beat, not a walk: a bill sent late does not make the next one late
        beats = days[-1] + typical * np.arange(1, int((horizon - days[-1]) / typical) + 1)
        count = (STEADY_VARIANTS, len(beats))
        off = np.rint((random.choice(gaps, count) - typical) / np.sqrt(2.0))
        ordered = np.maximum(np.floor(beats)[None, :] + off, 1).astype(np.int64)
        drawn = own[random.integers(0, len(own), count)]
        like.append(drawn.ravel())
        invoice_day.append((ordered + lead[drawn]).ravel())
        comes.append(np.repeat(variant[None, :] == np.arange(STEADY_VARIANTS)[:, None], len(beats), axis=0))
    if not like:
        return NewInvoices(known.iloc[:0][_ROW], np.zeros((0, paths), dtype=np.uint8))
    rows = known.iloc[np.concatenate(like)].reset_index(drop=True)
    rows["invoice_date"] = as_of + pd.to_timedelta(np.concatenate(invoice_day), unit="D")
    return NewInvoices(rows[_ROW], np.concatenate(comes).astype(np.uint8))


def _orders_to_come(
    own: pd.DataFrame,
    intake: Intake,
    company: str,
    as_of: pd.Timestamp,
    last_day: pd.Timestamp,
    open_days: Bools,
    random: np.random.Generator,
    shared: Floats,
) -> NewInvoices:
    paths = len(shared)
    pool = own[own["order_date"] > as_of - POOL_DAYS * DAY]
    pool = (pool if len(pool) >= 20 else own).reset_index(drop=True)
    lead = days_between(pool["invoice_date"], pool["order_date"]).clip(lower=0)
    pool = pool.assign(lead=lead.fillna(lead.median()).fillna(14.0)).sort_values(["amount", "sale_id"])
    expected = intake.expected[company].to_numpy()
    spread = pool["amount"].std(ddof=0) / max(pool["amount"].mean(), 1e-9)
    # how well the mean of what comes is known: the level's error, and that of the mean of a few lumpy amounts
    own_error = np.sqrt(intake.level_error**2 + (spread if np.isfinite(spread) else 1.0) ** 2 / max(len(pool), 1))
    level = own_error * random.standard_normal(paths) + intake.level_error_of_all * shared
    level = np.exp(level - 0.5 * (own_error**2 + intake.level_error_of_all**2))
    scale = min(ROWS_PER_ORDER, MOST_ROWS / max(float(intake.expected.to_numpy().sum()), 1.0))
    least = min(LEAST_ROWS, MOST_ROWS // len(intake.expected.columns))
    rows: list[pd.DataFrame] = []
    comes: list[Counts] = []
    for month, mean in zip(intake.months, expected, strict=True):
        count = int(max(np.ceil(scale * mean), np.ceil(least / len(expected))))
        # every size of order in its proportion: places evenly through the pool, which is in order of amount
        place = ((np.arange(count) + random.random()) * len(pool) / count).astype(int) % len(pool)
        drawn = pool.iloc[place]
        if month.start_time <= as_of:
            left = pd.date_range(as_of + DAY, month.end_time.normalize())
            left = left[open_days[: len(left)]] if open_days[: len(left)].any() else left
            order = left[random.integers(0, len(left), count)]
        else:
            day = drawn["order_date"].dt.day.to_numpy(copy=True)
            random.shuffle(day)
            order = month.start_time + pd.to_timedelta(np.minimum(day, month.days_in_month) - 1, unit="D")
        ahead = np.clip(np.asarray((order - as_of) / DAY).astype(int) - 1, -1, len(open_days) - 1)
        ahead = np.where(ahead >= 0, _next_open(open_days)[np.maximum(ahead, 0)], -1)
        after = ahead + drawn["lead"].to_numpy().astype(int)
        moved = _next_open(open_days)[np.clip(after, 0, len(open_days) - 1)]
        # what is invoiced past the horizon brings nothing before its end
        moved = np.where(after < len(open_days), moved, len(open_days))
        invoice = as_of + pd.to_timedelta(1 + moved, unit="D")
        wanted = mean * level + np.sqrt(intake.dispersion * mean) * random.standard_normal(paths)
        # rounded at random, so that a company with half an order a month has half an order a month
        wanted = np.floor(np.maximum(wanted, 0.0) + random.random(paths)).astype(int)
        rows.append(drawn.assign(invoice_date=np.asarray(invoice))[_ROW][ahead >= 0])
        comes.append(_chosen(count, wanted, random)[ahead >= 0])
    return NewInvoices(pd.concat(rows, ignore_index=True), np.concatenate(comes))


def _next_open(open_days: Bools) -> NDArray[np.int64]:
    place = np.where(open_days, np.arange(len(open_days)), len(open_days) - 1)
    return np.asarray(np.minimum.accumulate(place[::-1])[::-1])


def _chosen(count: int, wanted: NDArray[np.int64], random: np.random.Generator) -> Counts:
    """``wanted`` draws from ``count`` rows on each path, any row alike, put back each time: rows × paths."""
    path = np.repeat(np.arange(len(wanted)), wanted)
    drawn = random.integers(0, count, len(path))
    counts = np.bincount(drawn * len(wanted) + path, minlength=count * len(wanted))
    return np.minimum(counts, 255).astype(np.uint8).reshape(count, len(wanted))


# How many orders come


def forecast_intake(
    sales: pd.DataFrame, as_of: pd.Timestamp, last_day: pd.Timestamp, countries: dict[str, str]
) -> Intake:
    """Orders per company and month, from the month of ``as_of`` + 1 to that of ``last_day``.

    Methods: mean of the last 3, 6 or 12 months; the same month a year ago at today's level; a Poisson regression of
    all companies together (scikit-learn) on level, growth, working days, and months of the year per country, shrunk to
    none; exponential smoothing (statsmodels, damped trend). The one with the smallest error over the last
    CHOICE_MONTHS months, each forecast from the months before, is taken; without a year and a half of months the mean
    of what there is. What is left of the month that ``as_of`` cuts: see ``_left_of_month``.

    Args:
        sales: company_id, order_date; all at most ``as_of``.
    """
    companies = sorted(sales["company_id"].unique())
    ahead = pd.period_range(as_of + DAY, last_day, freq="M")
    month = sales["order_date"].dt.to_period("M")
    complete = (as_of + DAY).to_period("M") - 1
    first = month.min()
    counts = (
        sales.groupby([month, "company_id"]).size().unstack(fill_value=0)
        .reindex(index=pd.period_range(first, max(complete, first), freq="M"), columns=companies, fill_value=0)
        .astype(float)
    )  # fmt: skip
    # the first month is seldom whole
    whole = counts.iloc[1:] if complete > first else counts.iloc[:0]
    if len(whole) < 2:
        days = max((as_of - sales["order_date"].min()) / DAY + 1.0, 7.0)
        rate = sales.groupby("company_id").size().reindex(companies).to_numpy(dtype=float) / days
        to_come = ahead.days_in_month.to_numpy(copy=True)
        to_come[0] -= as_of.day if ahead[0] == as_of.to_period("M") else 0
        expected = pd.DataFrame(np.outer(to_come, rate), index=ahead, columns=companies)
        return Intake(expected, 1.0, 0.3, 0.1, "days_so_far", {})
    whole = whole.tail(48)
    working = _working_days(pd.period_range(whole.index[0], ahead[-1], freq="M"), companies, countries)
    methods: dict[str, Method] = {f"mean_{n}_months": _mean_of(n) for n in (3, 6, 12)}
    if len(whole) >= 18:
        methods |= {"year_ago": _year_ago, "poisson": _poisson, "smoothing": _smoothing}
    errors: dict[str, float] = {}
    made: dict[str, list[tuple[pd.DataFrame, pd.DataFrame]]] = {}
    origins = range(max(2, len(whole) - CHOICE_MONTHS), len(whole))
    for name, method in methods.items():
        pairs = []
        for origin in origins:
            if name == "year_ago" and origin < 13:
                continue
            actual = whole.iloc[origin : origin + HORIZON_MONTHS]
            pairs.append((method(whole.iloc[:origin], pd.PeriodIndex(actual.index), working), actual))
        made[name] = pairs
        if len(pairs) == len(origins):
            missed = sum(float(np.abs(f.to_numpy() - a.to_numpy()).sum()) for f, a in pairs)
            errors[name] = missed / max(sum(float(a.to_numpy().sum()) for _, a in pairs), 1.0)
    if errors and len(whole) >= 6:
        # a plain method is given up only for one that is better by more than chance could make it
        best = min(errors, key=lambda name: errors[name] * (1.0 if name.startswith("mean") else 1.02))
    else:
        best = "mean_3_months"
    expected = methods[best](whole, ahead, working)
    dispersion, own_error, error_of_all = _how_far_off(made[best])
    if complete + 1 == ahead[0] and (as_of + DAY).day > 1:
        seen = sales[month == ahead[0]].groupby("company_id").size().reindex(companies, fill_value=0)
        expected.iloc[0] = _left_of_month(expected.iloc[0], seen, as_of, countries, dispersion)
    return Intake(expected, dispersion, own_error, error_of_all, best, errors)


def _left_of_month(
    whole: pd.Series, seen: pd.Series, as_of: pd.Timestamp, countries: dict[str, str], dispersion: float
) -> pd.Series:
    """Orders of each company expected in the rest of the month of ``as_of``, where ``whole`` are in all of it.

    With p of its working days over and q = 1 - p to come, q whole + b (p whole - seen). Months whose counts are more
    even than chance (dispersion f < 1) make up for a slow start: a count of variance f whole, each order on any day
    alike, has covariance p q (f - 1) whole between its parts and variance p (1 - p (1 - f)) whole of the first, so the
    regression of the second on the first has b = q (1 - f) / (1 - p (1 - f)); 0 for a Poisson count, 1 for a fixed one.
    """
    month = as_of.to_period("M")
    days = pd.date_range(month.start_time, month.end_time.normalize())
    over = []
    for company in whole.index:
        is_open = working_days(countries.get(company, ""), days)
        over.append(is_open[days <= as_of].sum() / max(is_open.sum(), 1))
    p = np.array(over)
    evenness = 1.0 - min(dispersion, 1.0)
    b = np.where(p < 1.0, (1.0 - p) * evenness / np.maximum(1.0 - p * evenness, 1e-9), 0.0)
    return ((1.0 - p) * whole + b * (p * whole - seen)).clip(lower=0.0)


Method = Callable[[pd.DataFrame, pd.PeriodIndex, pd.DataFrame], pd.DataFrame]


def _how_far_off(pairs: list[tuple[pd.DataFrame, pd.DataFrame]]) -> tuple[float, float, float]:
    """Dispersion of counts, error of a company's level and of all levels, by moments, shrunk to 1, 0.05 and 0.02.

    The start values count as much as 4 months of counts, and as one horizon of levels.
    """
    within, within_n = 4.0, 4.0
    own, own_n, both, both_n = 0.05**2, 1.0, 0.02**2, 1.0
    for forecast, actual in pairs:
        if len(actual) < 2:
            continue
        f, a = np.maximum(forecast.to_numpy(), 0.5), actual.to_numpy()
        ratio = a.sum(axis=0) / f.sum(axis=0)
        around = (a - f * ratio) ** 2 / np.maximum(f * ratio, 0.5)
        within += float(around.sum())
        within_n += around.size * (1.0 - 1.0 / len(a))
    dispersion = within / within_n
    for forecast, actual in pairs:
        f, a = np.maximum(forecast.to_numpy(), 0.5).sum(axis=0), actual.to_numpy().sum(axis=0)
        if len(actual) < HORIZON_MONTHS - 1:
            continue
        share = f / f.sum()
        error = (a - f) / f
        noise = dispersion / f
        all_error = float((share * error).sum())
        # origins a month apart share most of their months: four of them count as one
        both += max(all_error**2 - float((share**2 * noise).sum()), 0.0) / HORIZON_MONTHS
        both_n += 1.0 / HORIZON_MONTHS
        own += float(np.maximum((error - all_error) ** 2 - noise, 0.0) @ share) / HORIZON_MONTHS
        own_n += 1.0 / HORIZON_MONTHS
    return float(np.clip(dispersion, 0.05, 20.0)), float(np.sqrt(own / own_n)), float(np.sqrt(both / both_n))


def _mean_of(months: int) -> Method:
    def method(counts: pd.DataFrame, ahead: pd.PeriodIndex, working: pd.DataFrame) -> pd.DataFrame:
        mean = counts.tail(months).mean().to_numpy()
        return pd.DataFrame(np.tile(mean, (len(ahead), 1)), index=ahead, columns=counts.columns)

    return method


def _year_ago(counts: pd.DataFrame, ahead: pd.PeriodIndex, working: pd.DataFrame) -> pd.DataFrame:
    now, then = counts.tail(6).sum(), counts.iloc[:-12].tail(6).sum()
    growth = ((now + 10.0) / (then + 10.0)).clip(0.5, 2.0).to_numpy()
    before = counts.reindex(ahead - 12).fillna(counts.tail(12).mean())
    return pd.DataFrame(before.to_numpy() * growth, index=ahead, columns=counts.columns)


def _smoothing(counts: pd.DataFrame, ahead: pd.PeriodIndex, working: pd.DataFrame) -> pd.DataFrame:
    """Damped trend on logarithms (Gardner and McKenzie 1985), company by company; parameters fixed, not fitted."""
    from statsmodels.tsa.holtwinters import ExponentialSmoothing

    result = {}
    for company in counts.columns:
        model = ExponentialSmoothing(
            np.log(counts[company].to_numpy() + 0.5), trend="add", damped_trend=True, initialization_method="estimated"
        )
        fitted = model.fit(smoothing_level=0.3, smoothing_trend=0.05, damping_trend=0.9, optimized=False)
        result[company] = np.maximum(np.exp(fitted.forecast(len(ahead))) - 0.5, 0.0)
    return pd.DataFrame(result, index=ahead)


_SHRUNK = 12.0
"""Orders' worth of belief that a month of the year is like any other; growth is believed to be small likewise."""


def _poisson(counts: pd.DataFrame, ahead: pd.PeriodIndex, working: pd.DataFrame) -> pd.DataFrame:
    from sklearn.linear_model import PoissonRegressor
    from threadpoolctl import threadpool_limits

    months = pd.PeriodIndex(counts.index.append(ahead))
    inputs, penalty = _month_inputs(months, len(counts), list(counts.columns), working)
    is_past = np.tile(np.arange(len(months)) < len(counts), len(counts.columns))
    target = counts.to_numpy().T.ravel()
    # one penalty for all, so each input is scaled by how much of it it should bear
    scaled = inputs / np.sqrt(penalty)
    # counts over their usual size, weighted by it: the same fit, begun where the answer is, whatever the size
    usual = np.maximum(counts.mean().to_numpy(), 1e-3)
    weight = np.repeat(usual, len(counts))
    model = PoissonRegressor(alpha=_SHRUNK / weight.sum(), fit_intercept=False, solver="newton-cholesky", max_iter=50)
    # a few hundred rows: threads would cost more than they do
    with threadpool_limits(1):
        model.fit(scaled[is_past], target / weight, sample_weight=weight)
    expected = model.predict(scaled).reshape(len(counts.columns), len(months)).T * usual
    # the level of the last half year counts, whatever the years before were like
    seen, fitted = counts.tail(6).to_numpy().sum(axis=0), expected[len(counts) - 6 : len(counts)].sum(axis=0)
    made = expected[len(counts) :] * (seen + 5.0) / (fitted + 5.0)
    return pd.DataFrame(made, index=ahead, columns=counts.columns)


def _month_inputs(
    months: pd.PeriodIndex, past: int, companies: list[str], working: pd.DataFrame
) -> tuple[Floats, Floats]:
    """Inputs of the regression, a row per company and month, and how strongly each is held to zero."""
    country = working.attrs["country"]
    countries = sorted(set(country.values()))
    of_year = (months.month.to_numpy()[:, None] == np.arange(1, 13)[None, :]).astype(float)
    growth = (np.arange(len(months)) - past) / 12.0
    blocks = []
    for number, company in enumerate(companies):
        own = np.zeros((len(months), len(companies)))
        own[:, number] = 1.0
        here = np.array([country[company] == other for other in countries], dtype=float)
        # the Chinese New Year moves between January and February, and takes its working days along
        worked = np.log(working.loc[months, company].to_numpy() / 21.0)
        months_here = (of_year[:, :, None] * here[None, None, :]).reshape(len(months), -1)
        blocks.append(np.column_stack(
            [own, own * growth[:, None], growth, of_year, months_here, worked[:, None] * here[None, :]]
        ))  # fmt: skip
    firms, lands = len(companies), len(countries)
    penalty = np.repeat([1e-4, 4.0, 4.0, 1.0, 1.0, 1.0], [firms, firms, 1, 12, 12 * lands, lands])
    return np.concatenate(blocks), penalty


def _working_days(months: pd.PeriodIndex, companies: list[str], countries: dict[str, str]) -> pd.DataFrame:
    """Working days per month and company; ``attrs`` has each company's country."""
    result = {}
    cache: dict[str, Floats] = {}
    for company in companies:
        country = countries.get(company, "")
        if country not in cache:
            days = pd.date_range(months[0].start_time, months[-1].end_time.normalize())
            is_open = pd.Series(working_days(country, days).astype(float), index=days.to_period("M"))
            cache[country] = is_open.groupby(level=0).sum().reindex(months).clip(lower=1.0).to_numpy()
        result[company] = cache[country]
    frame = pd.DataFrame(result, index=months)
    frame.attrs["country"] = {company: countries.get(company, "") for company in companies}
    return frame


def working_days(country: str, days: pd.DatetimeIndex) -> Bools:
    """Which of ``days`` are working days in ``country`` (ISO 3166); an unknown country rests at weekends only."""
    import holidays

    is_open = np.asarray(days.day_of_week < 5)
    if country in holidays.list_supported_countries():
        closed = holidays.country_holidays(country, years=range(days[0].year, days[-1].year + 1))
        is_open = is_open & ~np.array([day in closed for day in days.date], dtype=bool)
    return is_open
