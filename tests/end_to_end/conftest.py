"""Runs the product as its user does: the command line in a process of its own, files on disk."""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

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
