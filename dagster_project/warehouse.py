"""The one place that opens the warehouse file; one process writes it at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from dagster_project.errors import SettlehouseError


@contextmanager
def open_warehouse(path: Path, *, read_only: bool = False) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the warehouse, closed at the end of the block.

    Raises SettlehouseError when another run has the file, or when it is not there to be read.
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
        yield connection
    finally:
        connection.close()
