"""When the pipeline runs by itself."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg

JOB = "settlement"
BACKTEST_JOB = "backtest"
AGING_JOB = "aging_of_a_month"


def due_each_morning(time_zone: str) -> dg.FreshnessPolicy:
    """Made again between the start of the nightly run and 06:00 in the group's time zone, or Dagster calls it late."""
    return dg.FreshnessPolicy.cron(
        deadline_cron="0 6 * * *", lower_bound_delta=timedelta(hours=4, minutes=5), timezone=time_zone
    )


def due_each_monday(time_zone: str) -> dg.FreshnessPolicy:
    """Made again between the start of the weekly backtest and Monday noon in the group's time zone."""
    return dg.FreshnessPolicy.cron(
        deadline_cron="0 12 * * 1", lower_bound_delta=timedelta(hours=8, minutes=5), timezone=time_zone
    )


def daily_schedule(job: dg.UnresolvedAssetJobDefinition, time_zone: str) -> dg.ScheduleDefinition:
    """Every night at 02:00 in the group's time zone: banks and ERPs have closed their day by then."""
    return dg.ScheduleDefinition(
        name="daily_settlement",
        job=job,
        cron_schedule="0 2 * * *",
        execution_timezone=time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


def weekly_schedule(job: dg.UnresolvedAssetJobDefinition, time_zone: str) -> dg.ScheduleDefinition:
    """Every Monday at 04:00: the week is over, and the night's run has brought its last day."""
    return dg.ScheduleDefinition(
        name="weekly_backtest",
        job=job,
        cron_schedule="0 4 * * 1",
        execution_timezone=time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


def retention_schedule(job: dg.JobDefinition, time_zone: str) -> dg.ScheduleDefinition:
    """Every Sunday at noon, when no run is on: logs and Dagster's records that are older than they are kept."""
    return dg.ScheduleDefinition(
        name="weekly_retention",
        job=job,
        cron_schedule="0 12 * * 0",
        execution_timezone=time_zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )
