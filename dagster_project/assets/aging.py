"""Aging as of every day of a month, a partition each: Dagster's backfill takes as many months as are picked."""

import dagster as dg

from dagster_project.assets.outcome import one_line_failures
from dagster_project.resources import Pipeline

FIRST_MONTH = "2020-01-01"


@dg.asset(
    key=dg.AssetKey(["quality", "requested_as_of"]),
    partitions_def=dg.MonthlyPartitionsDefinition(start_date=FIRST_MONTH, end_offset=1),
    group_name="publishing",
    kinds={"duckdb"},
)
def aging_of_a_month(context: dg.AssetExecutionContext, pipeline: Pipeline) -> dg.MaterializeResult:
    """The tables are built as every night, audited, and published as a run of their own; later runs keep the days."""
    from datetime import date

    from dagster_project.pipeline import add_aging_days, days_of_month

    settings = pipeline.settings()
    with one_line_failures():
        days = days_of_month(settings, date.fromisoformat(context.partition_key))
        add_aging_days(settings, days)
    return dg.MaterializeResult(metadata={"days": len(days)})
