"""When the pipeline runs by itself."""

from __future__ import annotations

import dagster as dg

JOB = "settlement"
BACKTEST_JOB = "backtest"


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
