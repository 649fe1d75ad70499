"""Dagster runs it: the schedule's tick starts the job that publishes, lineage reaches the source tables."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from dagster_project.definitions import build_definitions
from dagster_project.gate import MASTER_OBJECTS
from dagster_project.run_lock import alive
from dagster_project.schedules import AGING_JOB, BACKTEST_JOB, JOB
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
        controls = {e.check_name: (e.passed, e.severity) for e in result.get_asset_check_evaluations()}
        assert controls["blocking_controls"] == (True, dg.AssetCheckSeverity.ERROR)
        assert controls["other_controls"][1] == dg.AssetCheckSeverity.WARN
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
    alert = json.loads(alerts[-1])
    assert (alert["kind"], alert["severity"], alert["run_id"]) == ("failed_run", "error", last_run["run_id"])
    assert file.name in alert["message"]


def ticked(definitions: dg.Definitions, instance: dg.DagsterInstance, name: str, cursor: str | None):
    """What a sensor says at a tick."""
    context = dg.build_sensor_context(instance=instance, cursor=cursor, definitions=definitions)
    return definitions.resolve_sensor_def(name).evaluate_tick(context)


def test_a_new_statement_file_asks_for_one_run_of_the_job(group: Path, definitions: dg.Definitions):
    sent_again = sorted((group / "bank").rglob("*.xml"))[0]
    copy = sent_again.with_name("sent_again.xml")
    with dg.instance_for_test() as instance:
        state = ticked(definitions, instance, "new_statements_bank", None).cursor
        copy.write_bytes(sent_again.read_bytes())
        try:
            growing = ticked(definitions, instance, "new_statements_bank", state)
            complete = ticked(definitions, instance, "new_statements_bank", growing.cursor)
            after = ticked(definitions, instance, "new_statements_bank", complete.cursor)
        finally:
            copy.unlink()
    assert growing.run_requests == after.run_requests == []
    assert complete.run_requests is not None
    (request,) = complete.run_requests
    assert "sent_again.xml" in request.tags["settlehouse/files"]
    assert request.run_key


def test_a_stale_source_is_told_once_and_so_is_its_return(group: Path):
    """The bank's last news lie in the past of a clock that went on."""
    config = group / "watched.yml"
    config.write_text(
        (group / "company.yml")
        .read_text(encoding="utf-8")
        .replace("  path: bank", "  path: bank\n  expected_every_hours: 30"),
        encoding="utf-8",
    )
    definitions = build_definitions(config)
    alerts = group / "var" / "logs" / "alerts.jsonl"
    with duckdb.connect(str(group / "var" / "warehouse.duckdb")) as warehouse:
        warehouse.execute("update raw.extraction set extracted_at = extracted_at - interval 31 hours")
    with dg.instance_for_test() as instance:
        first = ticked(definitions, instance, "watch_stale_sources", None)
        told = alerts.read_text(encoding="utf-8").splitlines()
        second = ticked(definitions, instance, "watch_stale_sources", first.cursor)
        assert alerts.read_text(encoding="utf-8").splitlines() == told
        with duckdb.connect(str(group / "var" / "warehouse.duckdb")) as warehouse:
            warehouse.execute("update raw.extraction set extracted_at = extracted_at + interval 31 hours")
        ticked(definitions, instance, "watch_stale_sources", second.cursor)
    kinds = [json.loads(line)["kind"] for line in alerts.read_text(encoding="utf-8").splitlines()]
    assert kinds[-2:] == ["stale_source", "source_is_back"]
    assert json.loads(told[-1])["about"] == "bank"


def test_a_run_whose_process_was_killed_does_not_keep_the_queue_closed(group: Path, definitions: dg.Definitions):
    with dg.instance_for_test() as instance:
        job = definitions.resolve_job_def("retention")
        run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
        sign = group / "var" / "running" / f"{run.run_id}.lock"
        sign.parent.mkdir(exist_ok=True)
        sign.touch()  # nobody holds it
        waiting = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
        with alive(group / "var", waiting.run_id):
            ticked(definitions, instance, "end_lost_runs", None)
            of_killed, of_waiting = (instance.get_run_by_id(r.run_id) for r in (run, waiting))
        assert (of_killed.status, of_waiting.status) == (dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.STARTED)


def test_what_is_published_is_due_each_morning(definitions: dg.Definitions):
    graph = definitions.resolve_asset_graph()
    for key in (["published", "current"], ["erp_china", "t_kehu"]):
        policy = graph.get(dg.AssetKey(key)).freshness_policy
        assert (policy.deadline_cron, policy.timezone) == ("0 6 * * *", "Asia/Shanghai")
    weekly = graph.get(dg.AssetKey(["marts", "fct_forecast_backtest"])).freshness_policy
    assert weekly.deadline_cron == "0 12 * * 1"


def test_backfill_of_a_month_publishes_the_aging_of_each_of_its_days(group: Path, definitions: dg.Definitions):
    job = definitions.resolve_job_def(AGING_JOB)
    with dg.instance_for_test() as instance:
        assert job.execute_in_process(instance=instance, partition_key="2026-09-01").success
    ((days,),) = published_rows(
        group / "var",
        "select count(distinct as_of) from marts.fct_receivable_aging where strftime(as_of, '%Y-%m') = '2026-09'",
    )
    assert days == 30


def test_old_logs_and_records_of_runs_go_and_alerts_stay(group: Path, definitions: dg.Definitions):
    logs = group / "var" / "logs"
    for name in ("log-2020-01.jsonl", "alerts.jsonl"):
        (logs / name).open("a").close()
    with dg.instance_for_test() as instance:
        assert definitions.resolve_job_def("retention").execute_in_process(instance=instance).success
    assert not (logs / "log-2020-01.jsonl").exists()
    assert (logs / "alerts.jsonl").exists()
    assert sorted(logs.glob("log-20*.jsonl"))
