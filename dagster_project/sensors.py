"""What Dagster watches between runs: what came, what is late, what failed. Nothing is repaired here but the queue."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg

from dagster_project.alerts import Alert, send
from dagster_project.assets.outcome import first_failure
from dagster_project.config import Settings
from dagster_project.errors import SettlehouseError
from dagster_project.log_lines import logged


def failure_sensor(settings: Settings) -> dg.SensorDefinition:
    """After a failed run, leaves word beside the published file (pages show it) and alerts people."""

    @dg.run_failure_sensor(name="report_failed_run", default_status=dg.DefaultSensorStatus.RUNNING)
    def report_failed_run(context: dg.RunFailureSensorContext) -> None:
        from dagster_project.pipeline import report_failure

        record = context.instance.get_run_record_by_id(context.dagster_run.run_id)
        with logged(settings.home):
            report_failure(
                settings,
                dagster_run_id=context.dagster_run.run_id,
                created_at=record.create_timestamp if record else None,
                message=first_failure(context.get_step_failure_events()),
            )

    return report_failed_run


def lost_run_sensor(settings: Settings) -> dg.SensorDefinition:
    """A run whose process was killed would keep the queue closed for ever: it is called failed, which alerts people."""

    @dg.sensor(name="end_lost_runs", minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
    def end_lost_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        from dagster_project.run_log import end_lost_runs as end

        with logged(settings.home):
            ended = end(context.instance, settings.home)
        return dg.SkipReason(f"{len(ended)} lost runs ended")

    return end_lost_runs


def stale_source_sensor(settings: Settings) -> dg.SensorDefinition:
    """Once when a source falls silent for longer than ``expected_every_hours``, once when it is back."""

    @dg.sensor(name="watch_stale_sources", minimum_interval_seconds=900, default_status=dg.DefaultSensorStatus.RUNNING)
    def watch_stale_sources(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        from dagster_project.arrivals import silent_sources

        try:
            silent = {silence.source: silence for silence in silent_sources(settings)}
        except SettlehouseError as error:
            return dg.SkipReason(str(error))
        told = set(json.loads(context.cursor or "[]"))
        with logged(settings.home):
            for name in sorted(set(silent) - told):
                send(settings, Alert("stale_source", "warning", name, silent[name].sentence))
            for name in sorted(told - set(silent)):
                send(settings, Alert("source_is_back", "info", name, f"source '{name}' brought something new again"))
        return dg.SensorResult(
            skip_reason=f"{len(silent)} sources are stale", cursor=json.dumps(sorted(silent), ensure_ascii=False)
        )

    return watch_stale_sources


def statement_sensor(settings: Settings, source: str, folder: Path, job: str) -> dg.SensorDefinition:
    """Asks for a run, once, when statement files of a bank are complete; alerts people of one that can't be read."""

    @dg.sensor(
        name=f"new_statements_{source}",
        job_name=job,
        minimum_interval_seconds=60,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def new_statements(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        from dagster_project.arrivals import look_for_statements

        try:
            found = look_for_statements(folder, context.cursor)
        except SettlehouseError as error:
            return dg.SkipReason(str(error))
        with logged(settings.home):
            for name, reason in found.rejected:
                send(settings, Alert("rejected_file", "error", name, reason))
        if not found.complete:
            return dg.SensorResult(skip_reason="no new file is complete", cursor=found.state)
        request = dg.RunRequest(run_key=found.key, tags={"settlehouse/files": ", ".join(found.complete)[:200]})
        return dg.SensorResult(run_requests=[request], cursor=found.state)

    return new_statements


def all_sensors(settings: Settings, job: str) -> list[dg.SensorDefinition]:
    """Every sensor of the group; one for each of its folders of bank statements."""
    statements = [
        statement_sensor(settings, source.name, source.path, job)
        for source in settings.sources
        if source.layout.kind == "bank_statements" and source.path is not None
    ]
    return [failure_sensor(settings), lost_run_sensor(settings), stale_source_sensor(settings), *statements]
