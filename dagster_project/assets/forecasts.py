"""Forecasts of receipts and cash, and their scores, as marts. Methods: ml/."""

from collections.abc import Iterator

import dagster as dg

from dagster_project.assets.outcome import one_line_failures
from dagster_project.resources import Pipeline

FORECAST_TABLES = (
    "fct_receivable_forecast", "fct_cash_forecast", "fct_forecast_score", "fct_capital_project_result",
    "fct_forecast_alarm",
)  # fmt: skip
_READS = (
    "fct_receivable", "fct_receivable_settlement", "fct_payable", "fct_receivable_aging", "fct_cash_flow_weekly",
    "fct_capital_project_cash_flow",
)  # fmt: skip


@dg.multi_asset(
    name="forecasts",
    specs=[
        dg.AssetSpec(
            dg.AssetKey(["marts", table]),
            deps=[dg.AssetKey(["marts", name]) for name in _READS],
            group_name="forecasts",
            kinds={"python"},
        )
        for table in FORECAST_TABLES
    ],
)
def forecasts(context: dg.AssetExecutionContext, pipeline: Pipeline) -> Iterator[dg.MaterializeResult]:
    """Each is appended for its as_of: earlier forecasts stay, so that they can be held against what happened."""
    from dagster_project.forecasting import forecast

    with one_line_failures():
        rows = forecast(pipeline.settings(), pipeline.run_context(context))
    for table in FORECAST_TABLES:
        yield dg.MaterializeResult(asset_key=dg.AssetKey(["marts", table]), metadata={"rows": rows[table]})
