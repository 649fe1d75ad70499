"""What docs/production.md promises: sound container files, a company.yml that is read, Dagster on PostgreSQL."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from dagster_project.config import load_settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "docs" / "deploy"
SCRIPTS = Path(sys.executable).parent


def linted(*command: str | Path) -> str:
    ended = subprocess.run([str(part) for part in command], capture_output=True, text=True, cwd=ROOT, check=False)
    return "" if ended.returncode == 0 else ended.stdout + ended.stderr


def test_container_file_is_linted():
    assert linted(SCRIPTS / "hadolint", DEPLOY / "Containerfile") == ""


def test_compose_file_keeps_the_specification():
    assert linted(SCRIPTS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yml") == ""


def test_script_of_databases_is_a_shell_script():
    assert linted("sh", "-n", DEPLOY / "databases.sh") == ""


def test_the_image_holds_every_package():
    """Read from pyproject.toml, so that a new folder is not forgotten."""
    import tomllib

    found = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"][
        "find"
    ]
    copied = re.findall(r"^COPY (\w+)/ ", (DEPLOY / "Containerfile").read_text(encoding="utf-8"), re.M)
    assert {name.rstrip("*") for name in found["include"]} | {"dbt"} == set(copied)
    let_in = (DEPLOY / "Containerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert {f"!{name}" for name in copied} <= set(let_in)


def test_compose_hands_on_every_secret_of_the_documented_company_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    text = (ROOT / "docs" / "production.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.S)
    names = set(re.findall(r"\$\{(\w+)\}", example))
    for name in names:
        monkeypatch.setenv(name, "https://hooks.example/abc" if name == "ALERT_WEBHOOK" else f"secret-{name}")
    (tmp_path / "company.yml").write_text(example, encoding="utf-8")
    settings = load_settings(tmp_path / "company.yml")
    assert settings.alerts.mail_server is not None
    assert settings.alerts.mail_server.password == "secret-SMTP_PASSWORD"
    assert settings.dagster_storage == "postgresql://dagster:secret-DAGSTER_PASSWORD@postgresql/dagster"
    assert "secret-" not in repr(settings)
    services = yaml.safe_load((DEPLOY / "compose.yml").read_text(encoding="utf-8"))["services"]
    assert names <= set(services["settlehouse"]["environment"])


@pytest.mark.server
def test_dagster_keeps_its_runs_in_postgresql_and_no_secret_in_a_file(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The real job of retention, run as `settlehouse run` runs its job; the server takes any password."""
    from dagster_project.cli import dagster_home
    from dagster_project.definitions import build_definitions
    from dagster_project.run_log import end_lost_runs, open_instance

    monkeypatch.setenv("DAGSTER_PASSWORD", "s3cret-word")
    monkeypatch.delenv("SETTLEHOUSE_DAGSTER_STORAGE", raising=False)
    (tmp_path / "erp.sqlite").touch()
    (tmp_path / "company.yml").write_text(
        "group: {name: Nordlicht, reporting_currency: EUR}\n"
        "sources: [{name: erp, system: tryton, url: 'sqlite:///erp.sqlite'}]\n"
        f"dagster: {{storage: '{postgresql_url.replace('postgres@', 'postgres:${DAGSTER_PASSWORD}@')}'}}\n",
        encoding="utf-8",
    )
    settings = load_settings(tmp_path / "company.yml")
    folder = dagster_home(settings)
    try:
        with open_instance(folder) as instance:
            assert end_lost_runs(instance, settings.home) == []
            job = build_definitions(settings.file).resolve_job_def("retention")
            assert job.execute_in_process(instance=instance).success
        import psycopg

        with psycopg.connect(postgresql_url) as database:
            (row,) = database.execute("select pipeline_name, status from runs").fetchall()
        assert row == ("retention", "SUCCESS")
    finally:
        os.environ.pop("SETTLEHOUSE_DAGSTER_STORAGE", None)
    left = [file for file in settings.home.rglob("*") if file.is_file() and b"s3cret-word" in file.read_bytes()]
    assert left == []
    assert not list((folder / "history").rglob("*.db"))
