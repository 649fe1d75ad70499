"""Dagster runs it: the schedule's tick starts the job that publishes, lineage reaches the source tables."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.definitions import build_definitions
from dagster_project.gate import MASTER_OBJECTS
from dagster_project.schedules import BACKTEST_JOB, JOB
from tests.end_to_end.conftest import published_rows, settlehouse, succeeded


@pytest.fixture(scope="module")
def group(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scheduled") / "group"
    succeeded(settlehouse("demo", "--folder", folder, "--scale", "0.01"))
    return folder


@pytest.fixture(scope="module")
def definitions(group: Path) -> dg.Definitions:
    return build_definitions(group / "company.yml")


def test_lineage_from_source_table_to_published_file(definitions: dg.Definitions):
    graph = definitions.resolve_asset_graph()
    published = dg.AssetKey(["published", "current"])
    upstream = graph.get_ancestor_asset_keys(published)
    for key in (
        ["erp_china", "t_kehu"], ["bank_statements", "entry"], ["staging", "stg_erp_china__customer"],
        ["intermediate", "int_customer"], ["quality", "data_issue"], ["marts", "fct_tie_out"],
        ["marts", "fct_cash_forecast"],
    ):  # fmt: skip
        assert dg.AssetKey(key) in upstream, key


def test_extraction_is_retried(definitions: dg.Definitions):
    for definition in definitions.assets or []:
        if isinstance(definition, dg.AssetsDefinition) and definition.op.name.startswith("extract_"):
            assert definition.op.retry_policy is not None
            assert definition.op.retry_policy.max_retries == 2


def test_each_suite_is_an_asset_check(definitions: dg.Definitions):
    from expectations.suites import SUITES

    checks = {key.name for key in definitions.resolve_asset_graph().asset_check_keys}
    assert {f"suite_{suite.object}" for suite in SUITES.values()} <= checks


def test_the_backtest_is_a_job_of_its_own_once_a_week(definitions: dg.Definitions):
    schedule = definitions.resolve_schedule_def("weekly_backtest")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 4 * * 1", "Asia/Shanghai")
    scored = dg.AssetKey(["marts", "fct_forecast_backtest"])
    assert definitions.resolve_job_def(BACKTEST_JOB).asset_layer.executable_asset_keys == {scored}
    assert scored not in definitions.resolve_job_def(JOB).asset_layer.executable_asset_keys


def test_tick_of_the_schedule_runs_the_job_and_publishes(group: Path, definitions: dg.Definitions):
    schedule = definitions.resolve_schedule_def("daily_settlement")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 2 * * *", "Asia/Shanghai")
    with dg.instance_for_test() as instance:
        context = dg.build_schedule_context(
            instance=instance, scheduled_execution_time=datetime(2026, 11, 1, 18, tzinfo=UTC)
        )
        tick = schedule.evaluate_tick(context)
        assert tick.run_requests is not None
        (request,) = tick.run_requests
        result = definitions.resolve_job_def(JOB).execute_in_process(
            instance=instance, run_config=request.run_config, tags=request.tags, raise_on_error=False
        )
        assert result.success
        published = result.asset_materializations_for_node("published__current")[0]
        assert published.metadata["comparisons"].value > 100
        suites = {e.check_name: e for e in result.get_asset_check_evaluations() if e.check_name.startswith("suite_")}
        assert len(suites) == len(MASTER_OBJECTS)
        assert suites["suite_customer"].metadata["rows_checked"].value > 0
        run_id = published_rows(group / "var", "select run_id from marts.dim_run")[0][0]
        assert run_id.endswith(result.run_id[:8])


def test_failed_run_is_reported_by_the_sensor(group: Path, definitions: dg.Definitions):
    file = sorted((group / "bank").rglob("*.xml"))[0]
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    try:
        with dg.instance_for_test() as instance:
            job = definitions.resolve_job_def(JOB)
            result = job.execute_in_process(instance=instance, raise_on_error=False)
            assert not result.success
            sensor = definitions.resolve_sensor_def("report_failed_run")
            context = dg.build_run_status_sensor_context(
                sensor_name="report_failed_run",
                dagster_instance=instance,
                dagster_run=result.dagster_run,
                dagster_event=next(event for event in result.all_events if event.is_run_failure),
            ).for_run_failure()
            sensor(context)
    finally:
        file.write_bytes(whole)
    last_run = json.loads((group / "var" / "published" / "last_run.json").read_text(encoding="utf-8"))
    assert last_run["status"] == "failed"
    assert file.name in last_run["message"]
    alerts = (group / "var" / "logs" / "alerts.jsonl").read_text(encoding="utf-8").splitlines()
    assert file.name in alerts[-1]
