"""What is told to people when a run fails: nothing is repaired here."""

import dagster as dg

from dagster_project.assets.outcome import first_failure
from dagster_project.config import Settings


def failure_sensor(settings: Settings) -> dg.SensorDefinition:
    """After a failed run, leaves word beside the published file (pages show it) and in ``logs/alerts.jsonl``."""

    @dg.run_failure_sensor(name="report_failed_run", default_status=dg.DefaultSensorStatus.RUNNING)
    def report_failed_run(context: dg.RunFailureSensorContext) -> None:
        from dagster_project.pipeline import report_failure

        record = context.instance.get_run_record_by_id(context.dagster_run.run_id)
        report_failure(
            settings,
            dagster_run_id=context.dagster_run.run_id,
            created_at=record.create_timestamp if record else None,
            message=first_failure(context.get_step_failure_events()),
        )

    return report_failed_run
