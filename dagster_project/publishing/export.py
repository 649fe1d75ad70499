"""A published table as a file for people and other tools."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb

from dagster_project.contracts.layouts import PROJECT_ROOT
from dagster_project.errors import SettlehouseError
from dagster_project.publishing.publish import current_file
from dagster_project.sources.raw import quoted, text

# A cell that begins so is run as a formula by spreadsheet programs (OWASP, "CSV Injection").
_FORMULA_START = "^[=+\\-@\\t\\r]"
_EXCEL_ROWS = 1_048_575


def export_table(published: Path, table: str, format_: str, file: Path, language: str = "en") -> int:
    """Write a published table as csv, xlsx or parquet; return the number of rows.

    Text that a spreadsheet would run as a formula is written with a leading apostrophe in csv; in xlsx it is text. A
    workbook says what its columns mean, in ``language`` (``en`` or ``zh``).
    Raises SettlehouseError for an unknown table, or one too long for Excel.
    """
    with duckdb.connect(str(current_file(published)), read_only=True) as connection:
        tables = [row[0] for row in connection.execute("select table_name from duckdb_tables() order by 1").fetchall()]
        if table not in tables:
            raise SettlehouseError(f"there is no published table {table}. There are: {', '.join(tables)}")
        columns = connection.execute(
            "select column_name, data_type from duckdb_columns() where table_name = ? order by column_index", [table]
        ).fetchall()
        listed = ", ".join(
            f"case when regexp_matches({quoted(name)}, '{_FORMULA_START}') then '''' || {quoted(name)} "
            f"else {quoted(name)} end as {quoted(name)}"
            if type_ == "VARCHAR" and format_ != "parquet"
            else quoted(name)
            for name, type_ in columns
        )
        counted = connection.execute(f"select count(*) from marts.{quoted(table)}").fetchone()
        rows = int(counted[0]) if counted else 0
        if format_ == "xlsx":
            if rows > _EXCEL_ROWS:
                raise SettlehouseError(f"{table} has {rows} rows, more than an Excel sheet holds. Use --format csv")
            _made_by_the_pages("table_export", published, language, file, "--table", table)
            return rows
        options = {"csv": "format csv, header", "parquet": "format parquet"}[format_]
        file.parent.mkdir(parents=True, exist_ok=True)
        connection.execute(f"copy (select {listed} from marts.{quoted(table)}) to {text(str(file))} ({options})")
    return rows


def export_board_pack(published: Path, language: str, file: Path) -> None:
    """Write the board pack of the published file as PDF, in ``language`` (``en`` or ``zh``).

    Raises SettlehouseError with what the pages say where it cannot be made.
    """
    _made_by_the_pages("board_pack", published, language, file)


def _made_by_the_pages(module: str, published: Path, language: str, file: Path, *options: str) -> None:
    """Have the dashboards make a file, in a process of their own as when they are served: nothing here knows them."""
    made = subprocess.run(
        [sys.executable, "-m", f"dashboards.{module}", "--language", language, "--out", str(file.resolve()), *options],
        cwd=PROJECT_ROOT,
        env=os.environ | {"SETTLEHOUSE_PUBLISHED": str(current_file(published))},
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        told = made.stderr.strip().splitlines()
        raise SettlehouseError(f"{file} was not made: {told[-1] if told else f'exit code {made.returncode}'}")
