"""What is older than it is kept goes, the rest stays."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import dagster as dg

from dagster_project import retention
from dagster_project.config import load_settings
from dagster_project.run_log import forget_old_runs, open_instance


@dg.job
def nothing() -> None:
    """A run that does nothing but be recorded."""


def test_records_of_runs_go_with_their_files(tmp_path: Path):
    (tmp_path / "dagster").mkdir()
    with open_instance(tmp_path / "dagster") as instance:
        run_id = nothing.execute_in_process(instance=instance).run_id
        record = tmp_path / "dagster" / "history" / "runs" / f"{run_id}.db"
        assert record.exists()
        assert forget_old_runs(instance, tmp_path, 1) == 0
        assert record.exists()
    with open_instance(tmp_path / "dagster") as instance:
        assert forget_old_runs(instance, tmp_path, 0) == 1
        assert instance.get_runs() == []
    assert not record.exists()


def test_logs_of_old_months_go_and_what_only_grows_keeps_its_end(company: Path, monkeypatch, tmp_path: Path):
    monkeypatch.setenv("ERP_PASSWORD", "x")
    monkeypatch.setattr(retention, "_DBT_LOG_BYTES", 1000)
    logs = tmp_path / "var" / "logs"
    logs.mkdir(parents=True)
    for name in ("log-2025-08.jsonl", "log-2025-09.jsonl", "alerts.jsonl"):
        (logs / name).write_text("{}\n", encoding="utf-8")
    (logs / "dbt.log").write_text("".join(f"line {n}\n" for n in range(500)), encoding="utf-8")
    touched = retention.remove_old_logs(load_settings(company), date(2026, 10, 31))
    assert touched == ["log-2025-08.jsonl", "dbt.log"]
    assert sorted(file.name for file in logs.iterdir()) == ["alerts.jsonl", "dbt.log", "log-2025-09.jsonl"]
    kept = (logs / "dbt.log").read_text(encoding="utf-8").splitlines()
    assert kept[-1] == "line 499"
    assert kept[0].startswith("line ")
    assert len(kept) < 60
