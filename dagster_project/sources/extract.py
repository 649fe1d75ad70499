"""One door to all kinds of sources: look at one, or bring the warehouse up to date with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from dagster_project.config import Source
from dagster_project.contracts.layouts import LayoutTable
from dagster_project.sources import raw
from dagster_project.sources.errors import SourceError

if TYPE_CHECKING:
    import pyarrow as pa

Progress = Callable[[raw.TableReport], None]


def extract_source(
    warehouse: duckdb.DuckDBPyConnection, source: Source, *, run_id: str, progress: Progress = lambda _: None
) -> list[raw.TableReport]:
    """Append to raw what changed at a source since last time; all of it or, with a SourceError, nothing."""
    if source.layout.kind == "sql":
        from dagster_project.sources import sql

        return sql.extract(warehouse, source, run_id=run_id, progress=progress)
    return _extract_files(warehouse, source, run_id, progress)


@dataclass(frozen=True)
class Look:
    """What lies at a source: rows by table, and in one line each what a run would leave out."""

    tables: list[tuple[str, int]]
    left_out: tuple[str, ...] = ()


def look_at_source(source: Source) -> Look:
    """Tables of a source and how many rows each has, without storing anything; raises SourceError."""
    connection = duckdb.connect()
    if source.layout.kind == "sql":
        from dagster_project.sources import sql

        with sql.opened(connection, source) as database:
            sql.check_tables(database)
            return Look([(t.name, database.count(t)) for t in source.layout.tables if t.name in database.columns()])
    read = read_tables(source)
    return Look(
        [(table.name, rows.num_rows) for table, rows in read],
        tuple(remark for table, rows in read for remark in _rejected_files(source, table, rows)),
    )


def read_tables(source: Source) -> list[tuple[LayoutTable, pa.Table]]:
    """Tables of a source of files as they lie there now; raises SourceError."""
    assert source.path is not None
    if not Path(source.path).is_dir():
        raise SourceError(f"source '{source.name}': folder {source.path} does not exist. Check path in company.yml")
    try:
        if source.layout.kind == "bank_statements":
            from dagster_project.sources.bank_statements import read_statements

            found = read_statements(source.path)
            by_name = {"statement": found.statements, "entry": found.entries, "file": found.files}
            return [(table, by_name[table.name]) for table in source.layout.tables]
        from dagster_project.sources.files import read_files

        return [
            (
                table,
                read_files(
                    source.path,
                    str(table.pattern),
                    {c.name: c.type for c in table.columns if not c.name.startswith("_")},
                    {c.name for c in table.columns if c.optional},
                ),
            )
            for table in source.layout.tables
            if not table.optional or any(Path(source.path).glob(str(table.pattern)))
        ]
    except SourceError as error:
        raise SourceError(f"source '{source.name}': {error}") from None


def _rejected_files(source: Source, table: LayoutTable, rows: pa.Table) -> tuple[str, ...]:
    """One line per statement file that was rejected as a whole."""
    if source.layout.kind != "bank_statements" or table.name != "file":
        return ()
    return tuple(
        f"source '{source.name}': {row['file']}{', line ' + str(row['line']) if row['line'] else ''} is left out: "
        f"{row['reason']}"
        for row in rows.select(["file", "state", "line", "reason"]).to_pylist()
        if row["state"] == "rejected"
    )


def _check_read_before(warehouse: duckdb.DuckDBPyConnection, source: Source, rows: pa.Table) -> None:
    """A file that was received and now is rejected would take back what is published: that stops the run."""
    warehouse.register("files_now", rows)
    spoilt = warehouse.execute(
        """
        select file, line, reason from files_now
        where state = 'rejected' and file in (
            select file from raw.bank_statements__file where _source = $source and state <> 'rejected')
        order by file
        """,
        {"source": source.name},
    ).fetchone()
    warehouse.unregister("files_now")
    if spoilt:
        file, line, reason = spoilt
        raise SourceError(
            f"source '{source.name}': {file}{f', line {line}' if line else ''}: {reason}. It was read before, so "
            "leaving it out would take back what is published",
            do="Put back the file as it was, or move it out of the folder",
        )


def declared_columns(table: LayoutTable, found: Iterable[str]) -> str:
    """SELECT list of the declared columns in their types; NULL where the source lacks an optional one."""
    names = set(found)
    return ", ".join(
        f"cast({raw.quoted(column.name) if column.name in names else 'null'} as {column.type}) "
        f"as {raw.quoted(column.name)}"
        for column in table.columns
    )


def _extract_files(
    warehouse: duckdb.DuckDBPyConnection, source: Source, run_id: str, progress: Progress
) -> list[raw.TableReport]:
    now = datetime.now(UTC).replace(tzinfo=None)
    read = read_tables(source)
    for table, rows in read:
        if source.layout.kind == "bank_statements" and table.name == "file":
            _check_read_before(warehouse, source, rows)
    warehouse.execute("begin")
    try:
        reports = []
        for table, rows in read:
            report = _store_rows(warehouse, source, table, rows, run_id, now)
            reports.append(report)
            progress(report)
        warehouse.execute("commit")
    except BaseException:
        warehouse.execute("rollback")
        raise
    return reports


def _store_rows(
    warehouse: duckdb.DuckDBPyConnection,
    source: Source,
    table: LayoutTable,
    rows: pa.Table,
    run_id: str,
    now: datetime,
) -> raw.TableReport:
    started = time.perf_counter()
    found = {field.name: str(field.type) for field in rows.schema}
    declared = {column.name: column for column in table.columns}
    warnings = (
        *raw.note_columns(warehouse, run_id, source.name, table, found, now),
        *_rejected_files(source, table, rows),
    )
    extra = [name for name in found if name not in declared]
    raw.add_text_columns(warehouse, table, extra)
    listed = ", ".join(
        [declared_columns(table, found)]
        + [f"cast({raw.quoted(name)} as varchar) as {raw.quoted(name)}" for name in extra]
    )
    warehouse.register("arrived", rows)
    warehouse.execute(f"create or replace temporary table staged as select {listed} from arrived")
    warehouse.unregister("arrived")
    return raw.store(
        warehouse,
        run_id=run_id,
        source_name=source.name,
        system=source.layout.system,
        table=table,
        columns=[*declared, *extra],
        staged_is_whole=True,
        rows_at_source=rows.num_rows,
        keys_at_source=None,
        changed_up_to=None,
        now=now,
        started=started,
        warnings=warnings,
    )
