"""The backtest on weekly origins: a job of its own, once a week; the next run publishes its scores."""

import dagster as dg

from dagster_project.assets.outcome import one_line_failures
from dagster_project.resources import Pipeline

_READS = ("fct_receivable", "fct_receivable_settlement", "fct_cash_flow_weekly", "dim_exchange_rate")


@dg.asset(
    key=dg.AssetKey(["marts", "fct_forecast_backtest"]),
    deps=[dg.AssetKey(["marts", name]) for name in _READS],
    group_name="forecasts",
    kinds={"python"},
)
def weekly_backtest(pipeline: Pipeline) -> dg.MaterializeResult:
    """A year of Sundays, each forecast again from what was known then; those made before are kept."""
    from dagster_project.backtesting import ORIGINS, backtest_warehouse
    from dagster_project.pipeline import last_built_run

    settings = pipeline.settings()
    with one_line_failures():
        rows = backtest_warehouse(settings, last_built_run(settings).as_of, ORIGINS)
    return dg.MaterializeResult(
        metadata={"origins_made": rows["fct_forecast_backtest"], "scores": rows["fct_forecast_score"]}
    )
