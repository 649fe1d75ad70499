"""The one place that opens the warehouse file; one process writes it at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dagster_project.errors import SettlehouseError

MOST_MEMORY_GB = 5


def memory_limit() -> str:
    """What DuckDB may hold while it builds ("5000MB"); what is larger goes to files beside the warehouse.

    A share of the machine, and no more than leaves the Python around it under 8 GB. The environment variable
    SETTLEHOUSE_MEMORY_LIMIT says otherwise.
    """
    machine_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_000_000
    return os.environ.get("SETTLEHOUSE_MEMORY_LIMIT") or f"{min(MOST_MEMORY_GB * 1000, machine_mb * 6 // 10)}MB"


@contextmanager
def open_warehouse(path: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the warehouse, closed at the end of the block.

    Raises SettlehouseError when another run has the file, or when it is not there to be read, or when
    SETTLEHOUSE_MEMORY_LIMIT is no size.
    """
    if read_only and not path.is_file():
        raise SettlehouseError(f"{path}: there is no warehouse yet. Run `settlehouse run --config …` first")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(str(path), read_only=read_only)
    except duckdb.IOException as error:
        if "lock" in str(error).lower():
            raise SettlehouseError(
                f"{path}: another run is writing the warehouse. Wait until it ends, then start again", may_pass=True
            ) from None
        raise SettlehouseError(f"{path}: can't be opened: {str(error).splitlines()[0]}") from None
    try:
        try:
            connection.execute("set memory_limit = ?", [memory_limit()])
        except duckdb.Error:
            raise SettlehouseError(
                f"environment variable SETTLEHOUSE_MEMORY_LIMIT: '{memory_limit()}' is not a size such as 5GB"
            ) from None
        yield connection
    finally:
        connection.close()
