"""A job of its own, once a week: what is older than it is kept goes. How long: retention.py."""

import dagster as dg

from dagster_project.config import Settings


def retention_job(settings: Settings) -> dg.JobDefinition:
    """Removes old logs and Dagster's records of old runs."""

    @dg.op
    def remove_what_is_old(context: dg.OpExecutionContext) -> None:
        from dagster_project.retention import RUNS_KEPT_DAYS, remove_old_logs
        from dagster_project.run_log import forget_old_runs

        context.log.info(f"logs: {', '.join(remove_old_logs(settings)) or 'none'}")
        context.log.info(f"records of runs: {forget_old_runs(context.instance, settings.home, RUNS_KEPT_DAYS)}")

    @dg.job
    def retention() -> None:
        remove_what_is_old()

    return retention
