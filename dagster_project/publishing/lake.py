"""Publishing into a lake as well: Parquet files that many processes on many machines read and write at once.

DuckLake keeps in PostgreSQL which files make up a table. A publication is one transaction there, so a reader sees a run
or the one before it, and never a mixture. What the tables hold is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dagster_project.config import Lake
from dagster_project.errors import SettlehouseError
from dagster_project.sources.raw import quoted, text

KEPT_DAYS = 10


@contextmanager
def open_lake(lake: Lake, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that has the lake attached as ``lake``, closed at the end of the block.

    Raises SettlehouseError when the catalogue can't be opened.
    """
    with duckdb.connect() as connection:
        connection.execute("load ducklake; load postgres_scanner")
        try:
            connection.execute(
                f"attach {text('ducklake:postgres:' + lake.catalogue)} as lake "
                f"(data_path {text(f'{lake.files}/')}{', read_only' if read_only else ''})"
            )
        except duckdb.Error as error:
            raise SettlehouseError(
                f"lake: the catalogue can't be opened: {str(error).splitlines()[0]}", may_pass=True
            ) from None
        yield connection


def publish_to_lake(published: Path, lake: Lake, run_id: str) -> int:
    """Put the tables of a published file in the place of those in the lake, all at once; return the number of rows.

    Readers keep what they have; snapshots older than ten days are given up, with their files.

    Raises SettlehouseError when another writer changed the same tables meanwhile: the lake stays as that one left it.
    """
    schema = f"lake.{quoted(lake.schema)}"
    rows = 0
    with open_lake(lake) as connection:
        connection.execute(f"attach {text(str(published))} as published (read_only)")
        tables = [
            table
            for (table,) in connection.execute(
                "select table_name from duckdb_tables() where database_name = 'published' order by table_name"
            ).fetchall()
        ]
        try:
            connection.execute("begin")
            connection.execute(f"create schema if not exists {schema}")
            for table in tables:
                inserted = connection.execute(
                    f"create or replace table {schema}.{quoted(table)} as from published.marts.{quoted(table)}"
                ).fetchone()
                rows += int(inserted[0]) if inserted else 0
            connection.execute(f"call lake.set_commit_message('settlehouse', {text(run_id)})")
            connection.execute("commit")
        except duckdb.Error as error:
            raise SettlehouseError(
                f"lake: run {run_id} was not put there: {str(error).splitlines()[0]}. What was there before still is; "
                "`settlehouse publish` tries again",
                may_pass=True,
            ) from None
        connection.execute(f"call ducklake_expire_snapshots('lake', older_than => now() - interval {KEPT_DAYS} days)")
        connection.execute(f"call ducklake_cleanup_old_files('lake', older_than => now() - interval {KEPT_DAYS} days)")
    return rows
