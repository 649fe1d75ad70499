"""Runs the product as its user does: the command line in a process of its own, files on disk."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

from dagster_project.config import load_settings
from dagster_project.serving import access_environment

AS_OF = "2026-10-31"
ROOT = Path(__file__).resolve().parents[2]

_FORK = multiprocessing.get_context("forkserver")
_FORK.set_forkserver_preload(
    [
        "dagster_project.cli", "dagster_project.definitions", "dagster_project.run_log", "dbt.cli.main",
        "dbt.adapters.duckdb", "great_expectations", "ml.track_record",
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    exit_code: int
    output: str
    error: str


def settlehouse(*arguments: str | Path, environment: dict[str, str] | None = None, folder: Path | None = None) -> Ended:
    """Run the command ``settlehouse`` with these arguments to its end, in a process of its own.

    The process is forked from one that has imported the libraries and done nothing else: importing them takes longer
    than most commands do.
    """
    with tempfile.TemporaryDirectory() as kept:
        output, error = Path(kept, "output"), Path(kept, "error")
        process = _FORK.Process(
            target=_command,
            args=([str(a) for a in arguments], output, error, os.environ | (environment or {}), folder or ROOT),
        )
        process.start()
        process.join(timeout=900)
        if process.exitcode is None:
            process.kill()
            process.join()
        return Ended(process.exitcode or 0, output.read_text(encoding="utf-8"), error.read_text(encoding="utf-8"))


def _command(arguments: list[str], output: Path, error: Path, environment: dict[str, str], folder: Path) -> None:
    """What the forked process does: as a shell would start the command."""
    for descriptor, file in ((1, output), (2, error)):
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.stdout, sys.stderr = open(1, "w", encoding="utf-8"), open(2, "w", encoding="utf-8")  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    from dagster_project.cli import main

    main(arguments, prog_name="settlehouse")


def succeeded(ended: Ended) -> Ended:
    """The same, after making sure that it succeeded."""
    assert ended.exit_code == 0, ended.output[-3000:] + ended.error[-3000:]
    return ended


@pytest.fixture(scope="session")
def demo_group(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The demo group at a small scale, run and published once for all tests; those that change it take a copy."""
    of_session = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
    folder = of_session / "demo_group"
    with FileLock(of_session / "demo_group.lock"):
        if not folder.exists():
            made = of_session / "demo_group_unfinished"
            succeeded(settlehouse("demo", "--folder", made, "--scale", "0.02"))
            succeeded(settlehouse("run", "--config", made / "company.yml", "--as-of", AS_OF))
            made.rename(folder)
    return folder


def published_rows(home: Path, query: str) -> list[tuple]:
    """Rows of a query over the published file, which is opened read-only as a reader would."""
    with duckdb.connect(str(home / "published" / "current.duckdb"), read_only=True) as reader:
        return reader.execute(query).fetchall()


def content(home: Path) -> dict[str, tuple]:
    """A fingerprint per published table that does not depend on the order of rows or on the run."""
    per_run = {"dim_run"}
    stamps = ("run_id", "detected_at", "due_at", "first_run_id", "last_run_id", "resolved_at", "happened_at")
    with duckdb.connect(str(home / "published" / "current.duckdb"), read_only=True) as reader:
        tables = [row[0] for row in reader.execute("select table_name from duckdb_tables() order by 1").fetchall()]
        prints = {}
        for table in tables:
            if table in per_run:
                continue
            columns = [
                row[0]
                for row in reader.execute(
                    "select column_name from duckdb_columns() where table_name = ? order by 1", [table]
                ).fetchall()
                if row[0] not in stamps and (table, row[0]) != ("fct_tie_out", "detail")
            ]
            listed = ", ".join(f'"{column}"' for column in columns)
            prints[table] = reader.execute(
                f"select count(*), sum(hash(t)) from (select {listed} from marts.{table}) as t"
            ).fetchall()[0]
    return prints


@dataclass(frozen=True)
class Served:
    """Pages of a group that answer: their address, and the published file behind them."""

    address: str
    home: Path


@pytest.fixture(scope="session")
def served_group(demo_group: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The pages of a copy of the demo group with its personas, as `serve` starts them, without Dagster."""
    folder = tmp_path_factory.mktemp("served") / "group"
    shutil.copytree(demo_group, folder, symlinks=True)
    settings = load_settings(folder / "company.yml")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "dashboards/app.py", "--server.port", str(port)],
        cwd=ROOT,
        env=os.environ
        | access_environment(settings, "127.0.0.1")
        | {
            "SETTLEHOUSE_CONFIG": str(folder / "company.yml"),
            "SETTLEHOUSE_PUBLISHED": str(settings.published / "current.duckdb"),
            "SETTLEHOUSE_DECISIONS": settings.decisions_url,
            "SETTLEHOUSE_DECISION_HEADS": str(settings.decision_heads),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 90
        while True:
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=2)
                break
            except OSError:
                assert server.poll() is None, "the pages did not start"
                assert time.monotonic() < until, "the pages did not answer in time"
                time.sleep(0.3)
        yield Served(address, settings.home)
    finally:
        server.terminate()
        server.wait(20)
