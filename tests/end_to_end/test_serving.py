"""`settlehouse serve`: both servers answer, and both stop with it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from dagster_project.config import load_settings
from dagster_project.serving import access_environment

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "erp.sqlite").touch()
    file = tmp_path / "company.yml"
    file.write_text(
        "group: {name: Nordlicht, reporting_currency: EUR}\n"
        "sources: [{name: erp, system: tryton, url: 'sqlite:///erp.sqlite'}]\n",
        encoding="utf-8",
    )
    return file


def test_dashboards_and_dagster_answer_until_stopped(config: Path):
    ports = free_port(), free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "dagster_project.cli", "serve", "--config", config, "--port", str(ports[0]),
         "--dagster-port", str(ports[1])],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(3)]
        assert f"http://127.0.0.1:{ports[0]}" in said[0]
        assert f"http://127.0.0.1:{ports[1]}" in said[1]
        for port in ports:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
                assert answer.status == 200
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
    until = time.monotonic() + 30
    while time.monotonic() < until and any(answers(port) for port in ports):
        time.sleep(0.2)
    assert [port for port in ports if answers(port)] == []


def test_port_in_use_is_one_line(config: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [sys.executable, "-m", "dagster_project.cli", "serve", "--config", config, "--port", str(port)],
            capture_output=True, text=True, cwd=ROOT, timeout=60, check=False,
        )  # fmt: skip
    assert ended.returncode == 1
    assert f"port {port} on 127.0.0.1 is in use" in ended.stderr


def answers(port: int) -> bool:
    with socket.socket() as attempt:
        attempt.settimeout(1)
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def serve(config: Path, home: Path, *options: str) -> str:
    """What `serve` says when it refuses to start; ``home`` is where Streamlit looks for secrets."""
    command = [sys.executable, "-m", "dagster_project.cli", "serve", "--config", config, "--port", str(free_port())]
    ended = subprocess.run(
        [*command, *options],
        capture_output=True, text=True, cwd=ROOT, timeout=60, check=False, env=os.environ | {"HOME": str(home)},
    )  # fmt: skip
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1, ended.stderr
    return ended.stderr


def test_personas_cannot_be_switched_on_beside_a_sign_in(config: Path, tmp_path: Path):
    config.write_text(config.read_text(encoding="utf-8") + "demo: true\n", encoding="utf-8")
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    secrets.write_text("[auth]\nclient_id = 'settlehouse'\n")
    said = serve(config, tmp_path)
    assert "demo: true" in said
    assert "has a sign-in ([auth])" in said


def test_secrets_that_cannot_be_read_stop_the_start(config: Path, tmp_path: Path):
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    secrets.write_text("[auth\n")
    assert "cannot be read as TOML" in serve(config, tmp_path)


def test_other_machines_need_a_sign_in(config: Path, tmp_path: Path):
    assert "no sign-in is configured" in serve(config, tmp_path, "--host", "0.0.0.0")


def test_a_broken_policy_beside_company_yml_stops_the_start(config: Path, tmp_path: Path):
    (config.parent / "access_policy.yaml").write_text("roles: {cfo: {pages: ['*'], rows: [moon]}}\n")
    assert "roles.cfo.rows names 'moon', which is not under row_scopes" in serve(config, tmp_path)


def test_the_pages_are_told_who_may_see_what(config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SETTLEHOUSE_ACCESS_POLICY", raising=False)
    plain = access_environment(load_settings(config), "127.0.0.1")
    assert plain["SETTLEHOUSE_PERSONAS"] == plain["SETTLEHOUSE_ACCESS_POLICY"] == ""
    assert plain["SETTLEHOUSE_ACCESS_LOG"] == str(tmp_path / "var" / "logs" / "access")
    config.write_text(config.read_text(encoding="utf-8") + "demo: true\n", encoding="utf-8")
    own = config.parent / "access_policy.yaml"
    own.write_text("roles: {cfo: {pages: ['*']}}\n")
    demo = access_environment(load_settings(config), "127.0.0.1")
    assert demo["SETTLEHOUSE_PERSONAS"] == "1"
    assert demo["SETTLEHOUSE_ACCESS_POLICY"] == str(own)
