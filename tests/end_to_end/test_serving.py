"""`settlehouse serve`: both servers answer, and both stop with it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

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
