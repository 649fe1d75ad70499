"""Publishing: the marts become a file of their own, then ``current.duckdb`` is swapped to it.

Readers are never blocked and never see a run in progress; going back is a swap too.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from dagster_project.catalogue import CATALOGUE
from dagster_project.errors import SettlehouseError
from dagster_project.sources.raw import quoted, text
from dagster_project.warehouse import open_warehouse

CURRENT = "current.duckdb"
LAST_RUN = "last_run.json"
KEPT_FILES = 10


def publish(warehouse: Path, published: Path, run_id: str) -> tuple[Path, int]:
    """Copy schema marts into ``<run_id>.duckdb`` and make it current; return the file and its number of rows.

    The file appears whole or not at all: it is written under another name and renamed.
    """
    published.mkdir(parents=True, exist_ok=True)
    target = published / f"{run_id}.duckdb"
    unfinished = published / f".{run_id}.unfinished"
    # Also of runs that were killed: only one run at a time writes such files.
    for left in published.glob(".[0-9]*.unfinished*"):
        left.unlink()
    rows = 0
    with duckdb.connect() as connection, open_warehouse(warehouse, read_only=True):
        connection.execute(f"attach {text(str(warehouse))} as warehouse (read_only)")
        connection.execute(f"attach {text(str(unfinished))} as target")
        connection.execute("create schema target.marts")
        for (table,) in connection.execute(
            "select table_name from duckdb_tables() where database_name = 'warehouse' and schema_name = 'marts' "
            "order by table_name"
        ).fetchall():
            inserted = connection.execute(
                f"create table target.marts.{quoted(table)} as select * from warehouse.marts.{quoted(table)}"
            ).fetchone()
            rows += int(inserted[0]) if inserted else 0
        # What each column means travels with the figures.
        connection.execute(
            f"""create table target.marts.catalogue_column as
                select * from read_csv({text(str(CATALOGUE))}, header = true, all_varchar = true)"""
        )
        connection.execute(f"update target.marts.dim_run set finished_at = timestamp '{_now():%Y-%m-%d %H:%M:%S}'")
        connection.execute("checkpoint target")
        connection.execute("detach target")
    os.replace(unfinished, target)
    _swap(published, target)
    _keep_recent(published)
    return target, rows


def rollback(published: Path) -> tuple[str, str]:
    """Make the file published before the current one current again; return (from, to) run ids.

    Raises SettlehouseError when nothing is published or nothing older is kept.
    """
    current = current_file(published)
    older = [file for file in published_files(published) if file.name < current.name]
    if not older:
        raise SettlehouseError(f"{published}: nothing older than run {current.stem} is kept, so there is no way back")
    _swap(published, older[-1])
    return current.stem, older[-1].stem


def current_file(published: Path) -> Path:
    """The file that readers see now."""
    link = published / CURRENT
    if not link.exists():
        raise SettlehouseError(f"{link}: nothing is published yet. Run `settlehouse run --config …` first")
    return link.resolve()


def published_files(published: Path) -> list[Path]:
    """Published files, oldest first (their names begin with the time of their run)."""
    return sorted(file for file in published.glob("*.duckdb") if file.name != CURRENT)


def report_run(
    published: Path, *, run_id: str, status: str, started_at: datetime, message: str, now: datetime | None = None
) -> None:
    """Leave word beside the published file how the latest run ended: ``status`` is published or failed."""
    published.mkdir(parents=True, exist_ok=True)
    content = {
        "run_id": run_id,
        "status": status,
        "started_at": started_at.isoformat(timespec="seconds"),
        "finished_at": (now or _now()).isoformat(timespec="seconds"),
        "message": message,
    }
    unfinished = published / f".{LAST_RUN}.unfinished"
    unfinished.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    os.replace(unfinished, published / LAST_RUN)


def is_readable(file: Path) -> bool:
    """Whether DuckDB can open the file: a last look before it becomes current."""
    try:
        duckdb.connect(str(file), read_only=True).close()
    except duckdb.Error:
        return False
    return True


def _swap(published: Path, target: Path) -> None:
    if not is_readable(target):
        raise SettlehouseError(f"{target}: not a readable DuckDB file, so it was not made current")
    link = published / f".{CURRENT}.unfinished"
    link.unlink(missing_ok=True)
    link.symlink_to(target.name)
    os.replace(link, published / CURRENT)


def _keep_recent(published: Path) -> None:
    current = current_file(published)
    for file in published_files(published)[:-KEPT_FILES]:
        if file.resolve() != current:
            file.unlink()


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
