"""The one list of all that runs. Set SETTLEHOUSE_CONFIG to the company.yml of the group."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

from dagster_project.assets.aging import aging_of_a_month
from dagster_project.assets.backtest import weekly_backtest
from dagster_project.assets.cash_application import cash_application
from dagster_project.assets.extraction import extraction_assets
from dagster_project.assets.forecasts import FORECAST_TABLES, RECORD_TABLES, forecasts
from dagster_project.assets.golden import golden_records
from dagster_project.assets.publication import publication_asset
from dagster_project.assets.quality import quality_gate
from dagster_project.assets.retention import retention_job
from dagster_project.assets.warehouse import warehouse_assets
from dagster_project.config import ConfigError, load_settings
from dagster_project.resources import Pipeline
from dagster_project.schedules import (
    AGING_JOB,
    BACKTEST_JOB,
    JOB,
    daily_schedule,
    due_each_monday,
    due_each_morning,
    retention_schedule,
    weekly_schedule,
)
from dagster_project.sensors import all_sensors
from dagster_project.transform import manifest_path


def build_definitions(config_file: str | Path) -> dg.Definitions:
    """Assets, job, schedule and sensor for the group that ``config_file`` describes."""
    settings = load_settings(config_file)
    time_zone = settings.group.time_zone
    models = warehouse_assets(manifest_path(settings))
    marts = [key for key in models[1].keys if key.path[0] == "marts"]
    published = publication_asset(
        [
            *marts,
            *(dg.AssetKey(["marts", table]) for table in (*FORECAST_TABLES, *RECORD_TABLES)),
            *cash_application.keys,
        ],
        due_each_morning(time_zone),
    )
    apart = [weekly_backtest, aging_of_a_month]
    job = dg.define_asset_job(JOB, selection=dg.AssetSelection.all() - dg.AssetSelection.assets(*apart))
    backtest_job = dg.define_asset_job(BACKTEST_JOB, selection=dg.AssetSelection.assets(weekly_backtest))
    aging_job = dg.define_asset_job(AGING_JOB, selection=dg.AssetSelection.assets(aging_of_a_month))
    retention = retention_job(settings)
    return dg.Definitions(
        assets=[
            *extraction_assets(settings, due_each_morning(time_zone)),
            *models,
            quality_gate,
            golden_records,
            cash_application,
            forecasts,
            weekly_backtest.map_asset_specs(
                lambda s: s.replace_attributes(freshness_policy=due_each_monday(time_zone))
            ),
            aging_of_a_month,
            published,
        ],
        jobs=[job, backtest_job, aging_job, retention],
        schedules=[
            daily_schedule(job, time_zone),
            weekly_schedule(backtest_job, time_zone),
            retention_schedule(retention, time_zone),
        ],
        sensors=all_sensors(settings, JOB),
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
