"""The one list of all that runs. Set SETTLEHOUSE_CONFIG to the company.yml of the group."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

from dagster_project.assets.backtest import weekly_backtest
from dagster_project.assets.cash_application import cash_application
from dagster_project.assets.extraction import extraction_assets
from dagster_project.assets.forecasts import FORECAST_TABLES, RECORD_TABLES, forecasts
from dagster_project.assets.golden import golden_records
from dagster_project.assets.publication import publication_asset
from dagster_project.assets.quality import quality_gate
from dagster_project.assets.warehouse import warehouse_assets
from dagster_project.config import ConfigError, load_settings
from dagster_project.resources import Pipeline
from dagster_project.schedules import BACKTEST_JOB, JOB, daily_schedule, weekly_schedule
from dagster_project.sensors import failure_sensor
from dagster_project.transform import manifest_path


def build_definitions(config_file: str | Path) -> dg.Definitions:
    """Assets, job, schedule and sensor for the group that ``config_file`` describes."""
    settings = load_settings(config_file)
    models = warehouse_assets(manifest_path(settings))
    marts = [key for key in models[1].keys if key.path[0] == "marts"]
    published = publication_asset(
        [
            *marts,
            *(dg.AssetKey(["marts", table]) for table in (*FORECAST_TABLES, *RECORD_TABLES)),
            *cash_application.keys,
        ]
    )
    of_backtest = dg.AssetSelection.assets(weekly_backtest)
    job = dg.define_asset_job(JOB, selection=dg.AssetSelection.all() - of_backtest)
    backtest_job = dg.define_asset_job(BACKTEST_JOB, selection=of_backtest)
    return dg.Definitions(
        assets=[
            *extraction_assets(settings),
            *models,
            quality_gate,
            golden_records,
            cash_application,
            forecasts,
            weekly_backtest,
            published,
        ],
        jobs=[job, backtest_job],
        schedules=[
            daily_schedule(job, settings.group.time_zone),
            weekly_schedule(backtest_job, settings.group.time_zone),
        ],
        sensors=[failure_sensor(settings)],
        resources={"pipeline": Pipeline(config_file=str(config_file))},
        # One process writes the warehouse at a time.
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What ``dagster dev -m dagster_project.definitions`` loads."""
    config_file = os.environ.get("SETTLEHOUSE_CONFIG")
    if not config_file:
        raise ConfigError("SETTLEHOUSE_CONFIG is not set: export it as the path of the group's company.yml")
    return build_definitions(config_file)
