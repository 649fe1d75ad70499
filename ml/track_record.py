"""What a night can say of its own forecasts at no cost: payment timing and weekly flows, each beside a naive baseline.

The year of Sundays (ml/rolling_origins.py) says far more, once a week.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ml import scores
from ml.cash_flow import KEYS, LEVELS, NET, QUANTILE_COLUMNS, WEEK, complete_weeks, forecast_cash
from ml.features import DAY, days_between
from ml.hazard import PaymentHazard, Trial
from ml.receipts import QUANTILES

LEVEL_WEEKS = 13
HORIZONS = {"weeks 1-4": (0, 4), "weeks 5-13": (4, 13)}
COLUMNS = ["forecast_as_of", "model", "baseline", "level", "horizon", "metric", "value", "baseline_value"]
TIMING_HORIZON = "due in the last 6 weeks"


def score_night(trial: Trial | None, flows: pd.DataFrame, as_of: pd.Timestamp, flow_origins: int = 4) -> pd.DataFrame:
    """Past forecasts, each from what was known then, scored on what came: fct_forecast_score.

    Payment timing: the forecasts that the fit of the night was calibrated on, before calibration, of invoices due in
    the last six weeks, beside what naive methods said then. Weekly flows: origins 4 weeks apart, each flow from its own
    past; errors are divided by the flow's own mean week, so that currencies can be put together.

    Args:
        trial: of the fitted PaymentHazard; None where the history was too short for one.
        flows: as for ``forecast_cash``.
        as_of: last day whose events may be used.

    Returns:
        forecast_as_of (``as_of``), model, baseline, level (receivable, or flow receipts, …), horizon, metric, value of
        the model, baseline_value (NaN where a point baseline has none).
    """
    as_of = pd.Timestamp(as_of).normalize()
    rows = [] if trial is None else _timing_scores(trial)
    result = pd.DataFrame(rows + _flow_scores(flows, as_of, flow_origins), columns=COLUMNS[1:])
    result.insert(0, "forecast_as_of", as_of)
    return result


def _timing_scores(trial: Trial) -> list[tuple]:
    reached = days_between(trial.known_on, trial.invoices["due_date"]).to_numpy(dtype=float)
    metrics = {
        name: _timing_metrics(made.quantile(QUANTILES, reached), trial.paid, trial.late)
        for name, made in trial.forecasts.items()
    }
    model = metrics.pop(PaymentHazard.name)
    return [
        (PaymentHazard.name, baseline, "receivable", TIMING_HORIZON, metric, value, beside[metric])
        for baseline, beside in metrics.items()
        for metric, value in model.items()
    ]


def _timing_metrics(grid: np.ndarray, paid: np.ndarray, late: np.ndarray) -> dict[str, float]:
    """Of invoices paid by now; ``late`` of the others is so far: past p90 it is a miss, before it can't be told yet."""
    p10, p50, p90 = (grid[:, np.flatnonzero(np.isclose(QUANTILES, level))[0]] for level in (0.1, 0.5, 0.9))
    middle, came = pd.Series(np.rint(p50[paid])), pd.Series(late[paid])
    told = paid | (late > p90)
    final = np.where(paid, late, np.inf)[told]
    return {
        "mean_absolute_error_days": scores.mean_absolute_error(middle, came),
        "bias_days": scores.bias(middle, came),
        "share_within_3_days": scores.share_within(middle, came, 3.0),
        "crps_days": scores.continuous_ranked_probability_score(grid[paid], QUANTILES, came),
        "coverage_80": scores.coverage(pd.Series(p10[told]), pd.Series(p90[told]), pd.Series(final)),
        "invoices_scored": float(paid.sum()),
        "invoices_still_unpaid": float((~paid).sum()),
    }


def _flow_scores(flows: pd.DataFrame, as_of: pd.Timestamp, origins: int) -> list[tuple]:
    made = [forecast_cash(flows, as_of - 4 * back * WEEK) for back in range(origins, 0, -1)]
    return _cash_metrics("past_weeks", made, flows, as_of)


def _cash_metrics(model: str, forecasts: list[pd.DataFrame], flows: pd.DataFrame, as_of: pd.Timestamp) -> list[tuple]:
    """Scores of cash forecasts by flow and horizon, beside the mean of the last 13 weeks before each."""
    past = complete_weeks(flows, as_of)
    if past.empty:
        return []
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
