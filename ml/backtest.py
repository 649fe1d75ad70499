"""Rolling-origin backtests: every past forecast is made again from nothing but what was known then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ml import scores
from ml.calibration import LatenessDistribution
from ml.features import DAY, PaymentHistory, ReceiptHabits, days_between
from ml.hazard import PaymentHazard
from ml.receipts import (
    QUANTILES,
    ReceiptForecaster,
    SimilarInvoices,
    in_one_order,
    known_invoices,
    learning_days,
    quantile_name,
)

REQUIRED_COLUMNS = ("customer", "due_date", "cleared_date", "amount")
OPTIONAL_COLUMNS = ("invoice_date", "currency", "terms", "invoice_number")
REFIT_DAYS = 14
"""Between fits of the backtest; what is known of each customer is read anew for each invoice."""
UNASKED_INVOICES = 12_000
"""Newest invoices that the forecast of those already paid on their forecast day is learnt from."""
INTERVALS = {"50": ("p25", "p75"), "80": ("p10", "p90"), "95": ("p02", "p98")}
LEVELS = np.unique(np.concatenate([QUANTILES, [0.025, 0.975]]))
PLAIN_FEATURES = (
    "due_weekday", "due_day", "days_to_month_end", "amount_log", "paid_count", "late_mean", "late_recent_mean",
    "late_last", "late_recent_p50", "late_recent_p10", "late_recent_p90", "days_since_receipt",
)  # fmt: skip
"""Inputs of the plain boosting that the model is held against."""
SIZES = (("new", 0, 0), ("1-9", 1, 9), ("10-99", 10, 99), ("100 and more", 100, None))
"""Customers by receipts known before the forecast day."""


class InvoicesError(ValueError):
    """An invoice history can't be used; the message says which column or row, and what to do."""


@dataclass(frozen=True)
class BacktestResult:
    """What a backtest gives.

    predictions: one row per invoice due from score_from on: customer, due_date, cleared_date (NaT if not cleared),
        amount, p10_days_late, p50_days_late, p90_days_late, mean_days_late.
    scores: the model's metrics beside each baseline's, coverage by interval, counts; plain numbers and text, for JSON.
    report_markdown: the same to read.
    calibration_svg: a picture: for each level, the share of invoices paid by that quantile.
    """

    predictions: pd.DataFrame
    scores: dict[str, Any]
    report_markdown: str
    calibration_svg: str


def parse_invoices(frame: pd.DataFrame, columns: dict[str, str] | None = None) -> pd.DataFrame:
    """An invoice history as text or values → typed columns, or one clear error.

    Args:
        frame: one row per invoice, under any headings.
        columns: our name → heading in ``frame``, for those that differ (``{"customer": "customerID"}``).

    Returns:
        customer (text), invoice_date, due_date, cleared_date (NaT: not known / not cleared), amount (float), and
        currency, terms, invoice_number where given. Rows in the order and on the index 0, 1, ….

    Raises:
        InvoicesError: a column is missing, the file has no rows, or a value can't be read (row number as in a file
        with one heading line).
    """
    headings = {name: name for name in (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS)}
    unknown = sorted(set(columns or {}) - set(headings))
    if unknown:
        raise InvoicesError(f"column mapping: '{unknown[0]}' is not one of {', '.join(headings)}")
    headings |= columns or {}
    wanted = (*REQUIRED_COLUMNS, *(columns or {}))
    missing = [headings[name] for name in dict.fromkeys(wanted) if headings[name] not in frame.columns]
    if missing:
        raise InvoicesError(
            f"column {', '.join(missing)} not found; the file has {', '.join(map(str, frame.columns))}; "
            "map other headings with --columns customer=…,due_date=…"
        )
    if frame.empty:
        raise InvoicesError("no invoices: the file has headings but no rows")
    source = frame.reset_index(drop=True)
    result = pd.DataFrame(index=source.index)
    result["customer"] = source[headings["customer"]].astype("string").str.strip()
    _refuse(result["customer"].isna() | (result["customer"] == ""), headings["customer"], "is empty", source)
    for name in ("invoice_date", "due_date", "cleared_date"):
        heading = headings[name]
        if heading not in source.columns:
            result[name] = pd.Series(pd.NaT, index=source.index, dtype="datetime64[ns]")
            continue
        result[name] = _dates(source[heading], heading, source, required=name == "due_date")
    amount = source[headings["amount"]]
    if not pd.api.types.is_numeric_dtype(amount):
        amount = amount.astype("string").str.replace(",", "", regex=False)
    result["amount"] = pd.to_numeric(amount, errors="coerce").astype(float)
    _refuse(result["amount"].isna(), headings["amount"], "is not a number", source)
    for name in ("currency", "terms", "invoice_number"):
        if headings[name] in source.columns:
            result[name] = source[headings[name]]
    result["customer"] = result["customer"].astype(object)
    return result


def _dates(values: pd.Series, heading: str, source: pd.DataFrame, required: bool) -> pd.Series:
    """Dates written in one way all through: ISO, or month/day/year, or day.month.year; never guessed row by row."""
    if pd.api.types.is_datetime64_any_dtype(values):
        dates = values.astype("datetime64[ns]").dt.normalize()
    else:
        text = values.astype("string").str.strip()
        text = text.mask(text == "")
        tries = [
            pd.to_datetime(text, format=form, errors="coerce")
            for form in ("ISO8601", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d")
        ]
        dates = max(tries, key=lambda tried: int(tried.notna().sum())).astype("datetime64[ns]").dt.normalize()
        _refuse(text.notna() & dates.isna(), heading, "is not a date (write 2026-10-31)", source)
    if required:
        _refuse(dates.isna(), heading, "is empty", source)
    return dates


def _refuse(wrong: pd.Series, heading: str, what: str, source: pd.DataFrame) -> None:
    if not wrong.any():
        return
    rows = np.flatnonzero(wrong.to_numpy(dtype=bool))
    value = source[heading].iloc[rows[0]]
    shown = "" if pd.isna(value) or str(value).strip() == "" else f" '{value}'"
    more = f" (and {len(rows) - 1} more rows)" if len(rows) > 1 else ""
    raise InvoicesError(f"row {rows[0] + 2}, column {heading}:{shown} {what}{more}; correct the file and try again")


def backtest_receipts(
    invoices: pd.DataFrame,
    score_from: pd.Timestamp,
    days_before_due: int = 15,
    progress: Callable[[str], None] | None = None,
    model: ReceiptForecaster | None = None,
) -> BacktestResult:
    """Forecast every invoice due from ``score_from`` on as of ``days_before_due`` days before it was due.

    An invoice invoiced later than that is forecast as of its invoice date. The model is fitted every second week, on
    what was known the evening before, and reads each customer's receipts up to each invoice's own day. An invoice
    already paid by that day is forecast all the same, from what was known the day before it was paid: its own receipt
    would be the answer. It is counted apart.

    Args:
        invoices: from ``parse_invoices``.
        progress: called with a line of text per week.
        model: an unfitted forecaster; PaymentHazard when none is given.

    Raises:
        InvoicesError: nothing is due from ``score_from`` on.
    """
    score_from = pd.Timestamp(score_from).normalize()
    forecaster = model or PaymentHazard(lead_days=days_before_due)
    data = invoices.rename(columns={"customer": "customer_id"}).reset_index(drop=True)
    scored = data["due_date"] >= score_from
    if not scored.any():
        raise InvoicesError(
            f"no invoice is due on or after {score_from.date()}: due dates run to {data['due_date'].max().date()}; "
            "choose an earlier --score-from"
        )
    early = data["due_date"] - days_before_due * DAY
    as_of = early.where(~(data["invoice_date"] > early), data["invoice_date"])
    # whatever comes without an invoice date is taken as known from its own forecast day on
    data["invoice_date"] = data["invoice_date"].fillna(early)
    history, habits = PaymentHistory(data), ReceiptHabits(data)
    known_on = learning_days(data, days_before_due)
    features = history.describe(data, known_on)

    columns = [quantile_name(q) for q in LEVELS]
    quantiles = pd.DataFrame(np.nan, index=data.index, columns=[*columns, "middle", "mean", "plain"])
    week = as_of - as_of.dt.day_of_week * DAY
    weeks = sorted(week[scored].unique())
    fitted_on: pd.Timestamp | None = None
    plain: Any = None
    # a hazard asks when an open invoice is paid; of one already paid only the whole distribution is a forecast
    unasked = SimilarInvoices(days_before_due, trees=50) if isinstance(forecaster, PaymentHazard) else None
    for number, monday in enumerate(weeks, start=1):
        evening_before = pd.Timestamp(monday) - DAY
        if fitted_on is None or evening_before - fitted_on >= REFIT_DAYS * DAY:
            known = known_invoices(data, evening_before, days_before_due)
            forecaster.fit_known(known, evening_before, history, habits)
            if unasked is not None:
                newest = in_one_order(known).tail(UNASKED_INVOICES)
                unasked.fit_described(features.loc[newest.index], newest, evening_before)
            plain = _plain_boosting(features, data, evening_before)
            fitted_on = evening_before
        rows = data.index[scored & (week == monday)]
        # an item still open on its day can only be paid later; one already paid must not be told so
        still_open = ~(data["cleared_date"] <= as_of)[rows]
        reached = days_between(as_of, data["due_date"])[rows].where(still_open, -10_000.0).to_numpy()
        distribution = forecaster.distribution_on(data.loc[rows], known_on[rows])
        if unasked is not None and not still_open.all():
            whole = unasked.predict_described(features.loc[rows])
            distribution = LatenessDistribution(
                np.where(still_open.to_numpy()[:, None], distribution.paid_by, whole.paid_by), distribution.tail_days
            )
        quantiles.loc[rows, columns] = distribution.quantile(LEVELS, reached)
        quantiles.loc[rows, "middle"] = distribution.median_day(reached)
        quantiles.loc[rows, "mean"] = distribution.mean(reached)
        if plain is not None:
            quantiles.loc[rows, "plain"] = plain.predict(features.loc[rows, list(PLAIN_FEATURES)])
        if progress is not None:
            progress(f"week {number} of {len(weeks)}: {pd.Timestamp(monday).date()}, {len(rows)} invoices forecast")
    quantiles = quantiles[scored]
    rows_scored = data[scored]
    middle = quantiles["middle"]
    predictions = rows_scored[["customer_id", "due_date", "cleared_date", "amount"]].rename(
        columns={"customer_id": "customer"}
    )
    predictions["p10_days_late"] = np.minimum(quantiles["p10"], middle)
    predictions["p50_days_late"] = middle
    predictions["p90_days_late"] = np.maximum(quantiles["p90"], middle)
    predictions["mean_days_late"] = quantiles["mean"]
    quantiles["plain"] = quantiles["plain"].fillna(features["late_recent_p50"]).fillna(0.0)
    result = _score(forecaster.name, rows_scored, quantiles, features[scored], as_of[scored])
    result |= {
        "score_from": str(score_from.date()), "days_before_due": days_before_due,
        "invoices": len(data), "forecast_from_invoice_date": int((as_of > early)[scored].sum()),
    }  # fmt: skip
    rounded = predictions.assign(
        **{c: predictions[c].round(3) for c in predictions.columns if c.endswith("_days_late")}
    )
    result["remarks"] = _remarks(data, scored, features)
    return BacktestResult(rounded.reset_index(drop=True), result, _report(result), _calibration_svg(result))


def _plain_boosting(features: pd.DataFrame, data: pd.DataFrame, as_of: pd.Timestamp) -> Any:
    """The baseline that anyone would make in an afternoon: boosting of the absolute error on PLAIN_FEATURES."""
    from sklearn.ensemble import HistGradientBoostingRegressor
    from threadpoolctl import threadpool_limits

    paid = data["cleared_date"] <= as_of
    if paid.sum() < 50:
        return None
    late = days_between(data["cleared_date"], data["due_date"])[paid]
    with threadpool_limits(1):
        boosting = HistGradientBoostingRegressor(loss="absolute_error", early_stopping=False, random_state=0)
        return boosting.fit(features.loc[paid, list(PLAIN_FEATURES)], late)


def _remarks(data: pd.DataFrame, scored: pd.Series, features: pd.DataFrame) -> list[str]:
    """What is odd about the history, a sentence each, with what was done about it."""
    remarks = []
    if (data["amount"] <= 0).any():
        remarks.append(
            f"{(data['amount'] <= 0).sum()} rows have an amount of zero or less: credit notes or corrections; they are "
            "forecast like the customer's invoices, but nothing is learnt from them."
        )
    if "invoice_number" in data.columns:
        named = data["invoice_number"].notna() & (data["invoice_number"].astype("string").str.strip() != "")
        twice = data.loc[named, ["customer_id", "invoice_number"]].duplicated(keep=False)
        if twice.any():
            remarks.append(
                f"{twice.sum()} rows share their invoice number with another row of the same customer: each is kept as "
                "an instalment of its own."
            )
    elif (same := data.duplicated(["customer_id", "due_date", "cleared_date", "amount"], keep=False)).any():
        remarks.append(f"{same.sum()} rows are the same as another in customer, dates and amount; all are kept.")
    if "currency" in data.columns:
        counts = data["currency"].value_counts()
        few = counts[counts < 10]
        if len(few):
            remarks.append(
                f"{', '.join(f'{name} ({n})' for name, n in few.items())}: too few invoices for figures of their own; "
                "timing is learnt over all currencies together."
            )
    new = int((features.loc[scored, "paid_count"].isna()).sum())
    if new:
        remarks.append(
            f"{new} invoices are of customers without a receipt by then: forecast as all customers together."
        )
    span = (data["due_date"].max() - data["due_date"].min()).days
    if span < 90:
        remarks.append(
            f"Due dates span {span} days only: habits by month can't be known yet, and intervals are wide for that."
        )
    late = days_between(data["cleared_date"], data["due_date"])
    if not late.notna().any():
        remarks.append(
            "No invoice is cleared: nothing can be learnt or scored; forecasts are a wide guess around the due date."
        )
    if late.notna().any() and (late.dropna() < 0).all():
        remarks.append("Every cleared invoice was paid before it was due.")
    return remarks


def _score(
    name: str, rows: pd.DataFrame, quantiles: pd.DataFrame, features: pd.DataFrame, as_of: pd.Series
) -> dict[str, Any]:
    cleared = rows["cleared_date"].notna()
    open_then = cleared & ~(rows["cleared_date"] <= as_of)
    late = days_between(rows["cleared_date"], rows["due_date"])
    baselines = {
        "due_date": pd.Series(0.0, index=rows.index),
        "customer_mean": features["late_mean"].fillna(0.0),
        "customer_median_last_30": features["late_recent_p50"].fillna(0.0),
        "plain_boosting": quantiles["plain"],
    }

    def metrics(forecast: pd.Series, which: pd.Series) -> dict[str, float | None]:
        f, a = forecast[which], late[which]
        return {
            "mean_absolute_error_days": _number(scores.mean_absolute_error(f, a)),
            "share_within_3_days": _number(scores.share_within(f, a, 3.0)),
            "bias_days": _number(scores.bias(f, a)),
        }

    grid = quantiles[[quantile_name(q) for q in LEVELS]].to_numpy()[cleared.to_numpy()]
    model = metrics(quantiles["middle"], cleared)
    model["crps_days"] = _number(scores.continuous_ranked_probability_score(grid, LEVELS, late[cleared]))
    for level in ("p10", "p50", "p90"):
        loss = scores.pinball_loss(quantiles.loc[cleared, level], late[cleared], int(level[1:]) / 100)
        model[f"pinball_{level}_days"] = _number(loss)
    known = features["paid_count"].fillna(0.0)
    by_size: dict[str, dict[str, Any]] = {}
    for size, least, most in SIZES:
        which = cleared & (known >= least) & (known <= (np.inf if most is None else most))
        by_size[size] = {
            "invoices": int(which.sum()),
            "customers": int(rows.loc[which, "customer_id"].nunique()),
            "model": metrics(quantiles["middle"], which)["mean_absolute_error_days"],
            **{key: metrics(value, which)["mean_absolute_error_days"] for key, value in baselines.items()},
            "coverage_80": _number(
                scores.coverage(quantiles.loc[which, "p10"], quantiles.loc[which, "p90"], late[which])
            ),
        }
    return {
        "model": name,
        "scored": int(cleared.sum()),
        "unscored_not_cleared": int((~cleared).sum()),
        "already_paid_on_forecast_day": int((cleared & ~open_then).sum()),
        "metrics": {"model": model} | {key: metrics(value, cleared) for key, value in baselines.items()},
        "metrics_open_on_forecast_day": {"model": metrics(quantiles["middle"], open_then)}
        | {key: metrics(value, open_then) for key, value in baselines.items()},
        "coverage": {
            interval: _number(scores.coverage(quantiles.loc[cleared, low], quantiles.loc[cleared, high], late[cleared]))
            for interval, (low, high) in INTERVALS.items()
        },
        "coverage_open_on_forecast_day": {
            interval: _number(
                scores.coverage(quantiles.loc[open_then, low], quantiles.loc[open_then, high], late[open_then])
            )
            for interval, (low, high) in INTERVALS.items()
        },
        "calibration": [
            {
                "level": float(level),
                # half of those on the very day of the quantile: days are whole, quantiles are not
                "share_paid": _number(_share_by(quantiles.loc[open_then, quantile_name(level)], late[open_then])),
            }
            for level in LEVELS
        ],
        "by_customer_receipts": by_size,
    }


def _share_by(quantile: pd.Series, late: pd.Series) -> float:
    return float((late <= quantile).mean()) if len(late) else float("nan")


def _calibration_svg(result: dict[str, Any]) -> str:
    """Share of invoices paid by each quantile, over the quantile's level; the diagonal is perfect."""
    side, edge = 320, 48
    points = [(p["level"], p["share_paid"]) for p in result["calibration"] if p["share_paid"] is not None]
    place = [(edge + x * side, edge / 2 + (1.0 - y) * side) for x, y in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in place)
    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"><title>{level:.1%}: {share:.1%}</title></circle>'
        for (x, y), (level, share) in zip(place, points, strict=True)
    )
    ticks = "".join(
        f'<text x="{edge + t * side:.0f}" y="{edge / 2 + side + 16:.0f}" text-anchor="middle">{t:.0%}</text>'
        f'<text x="{edge - 6}" y="{edge / 2 + (1 - t) * side + 4:.0f}" text-anchor="end">{t:.0%}</text>'
        for t in (0.0, 0.25, 0.5, 0.75, 1.0)
    )
    low, high = edge / 2 + side, edge / 2
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side + edge + 24} {side + edge + 32}" role="img"
 font-family="sans-serif" font-size="11" fill="#333">
<title>Calibration: share of invoices paid by each quantile</title>
<rect width="100%" height="100%" fill="#fff"/>
<rect x="{edge}" y="{high:.0f}" width="{side}" height="{side}" fill="none" stroke="#bbb"/>
<line x1="{edge}" y1="{low:.0f}" x2="{edge + side}" y2="{high:.0f}" stroke="#999" stroke-dasharray="4 4"/>
<polyline points="{line}" fill="none" stroke="#1f5a8a" stroke-width="2"/>
<g fill="#1f5a8a">{marks}</g>
{ticks}
<text x="{edge + side / 2:.0f}" y="{side + edge + 16:.0f}" text-anchor="middle">level of the quantile</text>
<text x="14" y="{edge / 2 + side / 2:.0f}" text-anchor="middle"
 transform="rotate(-90 14 {edge / 2 + side / 2:.0f})">paid by then</text>
</svg>
"""


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 4)


def _report(result: dict[str, Any]) -> str:
    def line(name: str, m: dict[str, float | None]) -> str:
        mae, within, off = m["mean_absolute_error_days"], m["share_within_3_days"], m["bias_days"]
        if mae is None or within is None or off is None:
            return f"| {name} | | | |"
        return f"| {name} | {mae:.2f} | {within:.1%} | {off:+.2f} |"

    head = "| forecaster | mean absolute error, days | within 3 days | bias, days |\n|---|---|---|---|"
    names = {
        "model": f"**{result['model']}**", "due_date": "pays on due date", "customer_mean": "customer's mean so far",
        "customer_median_last_30": "customer's median of last 30", "plain_boosting": "plain boosting, 12 inputs",
    }  # fmt: skip
    tables = [
        "\n".join([head, *(line(names[key], m) for key, m in result[part].items())])
        for part in ("metrics", "metrics_open_on_forecast_day")
    ]
    open_then = result["coverage_open_on_forecast_day"]
    intervals = "\n".join(
        f"| {level} % | {'' if share is None else f'{share:.1%}'} "
        f"| {'' if open_then[level] is None else f'{open_then[level]:.1%}'} |"
        for level, share in result["coverage"].items()
    )

    def days(value: float | None) -> str:
        return "" if value is None else f"{value:.2f}"

    sizes = "\n".join(
        f"| {size} | {by['customers']} | {by['invoices']} | **{days(by['model'])}** | {days(by['due_date'])} "
        f"| {days(by['customer_median_last_30'])} | {days(by['plain_boosting'])} "
        f"| {'' if by['coverage_80'] is None else format(by['coverage_80'], '.1%')} |"
        for size, by in result["by_customer_receipts"].items()
    )
    remarks = "\n".join(f"- {remark}" for remark in result["remarks"])
    return f"""# Backtest of the payment-timing forecast

Every invoice due from {result["score_from"]} on, forecast as of {result["days_before_due"]} days before its
due date from what was known then; {result["forecast_from_invoice_date"]} invoiced later than that are forecast as of
their invoice date.
{result["scored"]} invoices scored, {result["unscored_not_cleared"]} forecast but not cleared, so not scored.

{tables[0]}

{result["already_paid_on_forecast_day"]} of them had been paid before their
forecast day; they are forecast from what was known the day before the payment. Without them:

{tables[1]}

| interval | share of invoices paid within it | of those open on their forecast day |
|---|---|---|
{intervals}

![Calibration: share of invoices paid by each quantile](calibration.svg)

By receipts of the customer known before; mean absolute error in days:

| receipts before | customers | invoices | model | due date | median of last 30 | plain boosting | within 80 % |
|---|---|---|---|---|---|---|---|
{sizes}

{remarks}

Days late: negative is early. Bias: positive is a forecast later than the payment.
"""
