"""Runs the product as its user does: the command line in a process of its own, files on disk."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import duckdb

AS_OF = "2026-10-31"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    exit_code: int
    output: str
    error: str


def settlehouse(*arguments: str | Path, environment: dict[str, str] | None = None, folder: Path | None = None) -> Ended:
    """Run the command ``settlehouse`` with these arguments to its end."""
    process = subprocess.run(
        [sys.executable, "-m", "dagster_project.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=900,
        env=os.environ | (environment or {}),
        cwd=folder or Path(__file__).resolve().parents[2],
        check=False,
    )
    return Ended(process.returncode, process.stdout, process.stderr)


def succeeded(ended: Ended) -> Ended:
    """The same, after making sure that it succeeded."""
    assert ended.exit_code == 0, ended.output[-3000:] + ended.error[-3000:]
    return ended


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
