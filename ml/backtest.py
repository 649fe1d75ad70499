"""Rolling-origin backtests: every past forecast is made again from nothing but what was known then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ml import scores
from ml.features import DAY, PaymentHistory, ReceiptHabits, days_between
from ml.hazard import PaymentHazard
from ml.receipts import QUANTILES, ReceiptForecaster, known_invoices, learning_days, quantile_name

REQUIRED_COLUMNS = ("customer", "due_date", "cleared_date", "amount")
OPTIONAL_COLUMNS = ("invoice_date", "currency", "terms")
REFIT_DAYS = 14
"""Between fits of the backtest; what is known of each customer is read anew for each invoice."""
INTERVALS = {"50": ("p25", "p75"), "80": ("p10", "p90"), "90": ("p05", "p95")}


class InvoicesError(ValueError):
    """An invoice history can't be used; the message says which column or row, and what to do."""


@dataclass(frozen=True)
class BacktestResult:
    """What a backtest gives.

    predictions: one row per invoice due from score_from on: customer, due_date, cleared_date (NaT if not cleared),
        amount, p10_days_late, p50_days_late, p90_days_late, mean_days_late.
    scores: the model's metrics beside each baseline's, coverage by interval, counts; plain numbers and text, for JSON.
    report_markdown: the same to read.
    """

    predictions: pd.DataFrame
    scores: dict[str, Any]
    report_markdown: str


def parse_invoices(frame: pd.DataFrame, columns: dict[str, str] | None = None) -> pd.DataFrame:
    """An invoice history as text or values → typed columns, or one clear error.

    Args:
        frame: one row per invoice, under any headings.
        columns: our name → heading in ``frame``, for those that differ (``{"customer": "customerID"}``).

    Returns:
        customer (text), invoice_date, due_date, cleared_date (NaT: not known / not cleared), amount (float), and
        currency, terms where given. Rows in the order and on the index 0, 1, ….

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
    for name in ("currency", "terms"):
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

    columns = [quantile_name(q) for q in QUANTILES]
    quantiles = pd.DataFrame(np.nan, index=data.index, columns=[*columns, "middle", "mean"])
    week = as_of - as_of.dt.day_of_week * DAY
    weeks = sorted(week[scored].unique())
    fitted_on: pd.Timestamp | None = None
    for number, monday in enumerate(weeks, start=1):
        evening_before = pd.Timestamp(monday) - DAY
        if fitted_on is None or evening_before - fitted_on >= REFIT_DAYS * DAY:
            known = known_invoices(data, evening_before, days_before_due)
            forecaster.fit_known(known, evening_before, history, habits)
            fitted_on = evening_before
        rows = data.index[scored & (week == monday)]
        distribution = forecaster.distribution_on(data.loc[rows], known_on[rows])
        # an item still open on its day can only be paid later; one already paid must not be told so
        still_open = ~(data["cleared_date"] <= as_of)[rows]
        reached = days_between(as_of, data["due_date"])[rows].where(still_open, -10_000.0).to_numpy()
        quantiles.loc[rows, columns] = distribution.quantile(QUANTILES, reached)
        quantiles.loc[rows, "middle"] = distribution.median_day(reached)
        quantiles.loc[rows, "mean"] = distribution.mean(reached)
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
    result = _score(forecaster.name, rows_scored, quantiles, features[scored], as_of[scored])
    result |= {
        "score_from": str(score_from.date()), "days_before_due": days_before_due,
        "invoices": len(data), "forecast_from_invoice_date": int((as_of > early)[scored].sum()),
    }  # fmt: skip
    rounded = predictions.assign(
        **{c: predictions[c].round(3) for c in predictions.columns if c.endswith("_days_late")}
    )
    return BacktestResult(rounded.reset_index(drop=True), result, _report(result))


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
    }

    def metrics(forecast: pd.Series, which: pd.Series) -> dict[str, float | None]:
        f, a = forecast[which], late[which]
        return {
            "mean_absolute_error_days": _number(scores.mean_absolute_error(f, a)),
            "share_within_3_days": _number(scores.share_within(f, a, 3.0)),
            "bias_days": _number(scores.bias(f, a)),
        }

    grid = quantiles[[quantile_name(q) for q in QUANTILES]].to_numpy()[cleared.to_numpy()]
    model = metrics(quantiles["middle"], cleared)
    model["crps_days"] = _number(scores.continuous_ranked_probability_score(grid, QUANTILES, late[cleared]))
    for level in ("p10", "p50", "p90"):
        loss = scores.pinball_loss(quantiles.loc[cleared, level], late[cleared], int(level[1:]) / 100)
        model[f"pinball_{level}_days"] = _number(loss)
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
    }


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
        "customer_median_last_30": "customer's median of last 30",
    }  # fmt: skip
    tables = [
        "\n".join([head, *(line(names[key], m) for key, m in result[part].items())])
        for part in ("metrics", "metrics_open_on_forecast_day")
    ]
    intervals = "\n".join(
        f"| {level} % | {'' if share is None else f'{share:.1%}'} |" for level, share in result["coverage"].items()
    )
    return f"""# Backtest of the payment-timing forecast

Every invoice due from {result["score_from"]} on, forecast as of {result["days_before_due"]} days before its
due date from what was known then; {result["forecast_from_invoice_date"]} invoiced later than that are forecast as of
their invoice date.
{result["scored"]} invoices scored, {result["unscored_not_cleared"]} forecast but not cleared, so not scored.

{tables[0]}

{result["already_paid_on_forecast_day"]} of them had been paid before their
forecast day; they are forecast from what was known the day before the payment. Without them:

{tables[1]}

| interval | share of invoices paid within it |
|---|---|
{intervals}

Days late: negative is early. Bias: positive is a forecast later than the payment.
"""
