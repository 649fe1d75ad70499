"""The rolling backtest of a run's own forecasts: payment timing and weekly flows, each beside its naive baseline."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ml import scores
from ml.cash_flow import KEYS, LEVELS, NET, QUANTILE_COLUMNS, WEEK, OpenItems, complete_weeks, forecast_cash
from ml.features import DAY, PaymentHistory, days_between
from ml.receipts import (
    HISTORY_MONTHS,
    QUANTILES,
    CustomerRecent,
    DueDate,
    QuantileBoosting,
    SimilarInvoices,
    known_invoices,
    learning_days,
    quantile_name,
    summarise,
)

ORIGIN_DAYS = 28
LEVEL_WEEKS = 13
HORIZONS = {"weeks 1-4": (0, 4), "weeks 5-13": (4, 13)}
COLUMNS = ["forecast_as_of", "model", "baseline", "level", "horizon", "metric", "value", "baseline_value"]


def score_rolling(
    history: pd.DataFrame,
    flows: pd.DataFrame,
    as_of: pd.Timestamp,
    receivable_origins: int = 2,
    flow_origins: int = 8,
) -> pd.DataFrame:
    """Make past forecasts again, each from what was known then, and score them on what came: fct_forecast_score.

    Payment timing: the receivables open at each origin and due within the 28 days after it, origins 28 days apart, the
    last one long enough ago for most to be paid. Weekly flows: origins 4 weeks apart; errors are divided by the flow's
    own mean week, so that currencies can be put together. Receipts are scored from their own past at every origin, and
    with the open receivables at the origins where payment timing is fitted anyway.

    Args:
        history: as for ``forecast_receivables``, with company_id and currency; amount in ``currency``.
        flows: as for ``forecast_cash``.
        as_of: last day whose events may be used.

    Returns:
        forecast_as_of (``as_of``), model, baseline, level (receivable, or flow receipts, …), horizon, metric, value of
        the model, baseline_value (NaN where a point baseline has none).
    """
    as_of = pd.Timestamp(as_of).normalize()
    rows = _receivable_scores(history, flows, as_of, receivable_origins) + _flow_scores(flows, as_of, flow_origins)
    result = pd.DataFrame(rows, columns=COLUMNS[1:])
    result.insert(0, "forecast_as_of", as_of)
    return result


def _receivable_scores(history: pd.DataFrame, flows: pd.DataFrame, as_of: pd.Timestamp, origins: int) -> list[tuple]:
    known = known_invoices(history, as_of)
    known = known[known["due_date"] > as_of - pd.DateOffset(months=HISTORY_MONTHS + 4)].reset_index(drop=True)
    if known.empty:
        return []
    # described once: a description reads nothing after its own day, so every origin may share it
    past = PaymentHistory(known)
    features = past.describe(known, learning_days(known))
    forecasts: dict[str, list[pd.DataFrame]] = {}
    cash: list[pd.DataFrame] = []
    for back in range(origins + 1, 1, -1):
        origin = as_of - back * ORIGIN_DAYS * DAY
        then = known_invoices(known, origin)
        then = then[then["due_date"] > origin - pd.DateOffset(months=HISTORY_MONTHS)]
        open_then = then[then["cleared_date"].isna() & (then["amount"] > 0)]
        items = open_then[(open_then["due_date"] > origin) & (open_then["due_date"] <= origin + ORIGIN_DAYS * DAY)]
        if items.empty:
            continue
        item_features = past.describe(items, pd.Series(origin, index=items.index))
        # boosting is slow and not what is published: one origin shows where it stands
        models = [DueDate(), CustomerRecent(), SimilarInvoices()] + ([QuantileBoosting()] if back == 2 else [])
        for model in models:
            model.history_ = past
            model.fit_described(features.loc[then.index], then, origin)
            made = summarise(model.predict_described(item_features), items, origin)
            made["late"] = days_between(known.loc[items.index, "cleared_date"], items["due_date"])
            made["late_so_far"] = days_between(pd.Series(as_of, index=items.index), items["due_date"])
            forecasts.setdefault(model.name, []).append(made.assign(origin=origin))
            if model.name == SimilarInvoices.name and {"company_id", "currency"} <= set(then.columns):
                opened = OpenItems("receipts", 1.0, then[then["cleared_date"].isna()], then, model)
                cash.append(forecast_cash(flows[flows["flow"] == "receipts"], origin, (opened,)))
    rows: list[tuple] = []
    for name, parts in forecasts.items():
        if name == DueDate.name:
            continue
        made = pd.concat(parts)
        beside = pd.concat([p for p in forecasts[DueDate.name] if p["origin"].iloc[0] in set(made["origin"])])
        for metric, value in _timing_metrics(made).items():
            rows.append(
                (name, DueDate.name, "receivable", "due within 28 days", metric, value, _timing_metrics(beside)[metric])
            )
    return rows + _cash_metrics("open_receivables_and_past", cash, flows, as_of, nets=False)


def _timing_metrics(made: pd.DataFrame) -> dict[str, float]:
    paid = made["late"].notna()
    late, middle = made.loc[paid, "late"], np.rint(made.loc[paid, "p50"])
    grid = made.loc[paid, [quantile_name(q) for q in QUANTILES]].to_numpy()
    # still unpaid and already past p90 is a miss; still unpaid before p90 can't be told yet
    told = paid | (made["late_so_far"] > made["p90"])
    return {
        "mean_absolute_error_days": scores.mean_absolute_error(middle, late),
        "bias_days": scores.bias(middle, late),
        "share_within_3_days": scores.share_within(middle, late, 3.0),
        "crps_days": scores.continuous_ranked_probability_score(grid, QUANTILES, late),
        "coverage_80": scores.coverage(made["p10"][told], made["p90"][told], made["late"][told].fillna(np.inf)),
        "invoices_scored": float(paid.sum()),
        "invoices_still_unpaid": float((~paid).sum()),
    }


def _flow_scores(flows: pd.DataFrame, as_of: pd.Timestamp, origins: int) -> list[tuple]:
    made = [forecast_cash(flows, as_of - 4 * back * WEEK) for back in range(origins, 0, -1)]
    return _cash_metrics("past_weeks", made, flows, as_of, nets=True)


def _cash_metrics(
    model: str, forecasts: list[pd.DataFrame], flows: pd.DataFrame, as_of: pd.Timestamp, nets: bool
) -> list[tuple]:
    """Scores of cash forecasts by flow and horizon, beside the mean of the last 13 weeks before each."""
    past = complete_weeks(flows, as_of)
    if past.empty or not forecasts:
        return []
    if nets:
        net = past.groupby([*KEYS[:2], "week_start"], as_index=False)["amount"].sum().assign(flow=NET)
        past = pd.concat([past, net])
    actual = past.set_index([*KEYS, "week_start"])["amount"].rename("actual")
    pairs: list[pd.DataFrame] = []
    for made in forecasts:
        if made.empty:
            continue
        origin = made["forecast_as_of"].iloc[0]
        pair = made.join(actual, on=[*KEYS, "week_start"], how="inner")
        # the week the origin lies in has partly happened: it is forecast, but not scored
        pair = pair[pair["week_start"] > origin]
        pair["week"] = np.ceil((pair["week_start"] - origin) / WEEK).astype(int) - 1
        before = past[past["week_start"] + 6 * DAY <= origin]
        recent = before[before["week_start"] > origin - (LEVEL_WEEKS + 1) * WEEK]
        pair = pair.join(recent.groupby(KEYS)["amount"].mean().rename("naive"), on=KEYS)
        year = before[before["week_start"] > origin - 53 * WEEK]
        pair = pair.join(year.groupby(KEYS)["amount"].agg(lambda a: a.abs().mean()).rename("scale"), on=KEYS)
        pairs.append(pair[pair["scale"] > 0])
    rows: list[tuple] = []
    both = pd.concat(pairs)
    for flow, of_flow in both.groupby("flow"):
        for horizon, (start, end) in HORIZONS.items():
            part = of_flow[(of_flow["week"] >= start) & (of_flow["week"] < end)]
            if len(part):
                values = _week_metrics(part)
                rows += [
                    (model, "mean_of_last_13_weeks", f"flow {flow}", horizon, metric, value, naive)
                    for metric, (value, naive) in values.items()
                ]
    return rows


def _week_metrics(part: pd.DataFrame) -> dict[str, tuple[float, float]]:
    scale = part["scale"]
    actual, middle, naive = part["actual"] / scale, part["p50"] / scale, part["naive"] / scale
    mean = part["mean"] / scale
    grid = part[list(QUANTILE_COLUMNS)].to_numpy() / scale.to_numpy()[:, None]
    nothing: Any = float("nan")
    return {
        "wape": (
            scores.weighted_absolute_percentage_error(middle, actual),
            scores.weighted_absolute_percentage_error(naive, actual),
        ),
        "bias_share_of_mean_week": (scores.bias(mean, actual), scores.bias(naive, actual)),
        # the CRPS of a point forecast is its absolute error
        "crps_share_of_mean_week": (
            scores.continuous_ranked_probability_score(grid, LEVELS, actual),
            scores.mean_absolute_error(naive, actual),
        ),
        "coverage_80": (scores.coverage(part["p10"], part["p90"], part["actual"]), nothing),
        "weeks_scored": (float(len(part)), nothing),
    }
