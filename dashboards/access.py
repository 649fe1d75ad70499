"""The one door to the published answers.

Every figure on every page comes through :func:`query`: it opens the published DuckDB file read-only, runs SQL whose
values are parameters, never text, and caches per published file. Which rows a reader may see is a question for this
module and no other.

A run publishes by swapping the symlink ``current.duckdb``. The link is resolved once per view (:func:`choose_file`), so
one view never mixes two runs, and the next view reads the new run.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import streamlit as st

PUBLISHED_VARIABLE = "SETTLEHOUSE_PUBLISHED"
_CHOSEN = "_published_file"
# Lists of documents end here, and the page says so: a browser is no place for millions of rows.
ROWS_LISTED = 5_000
# Where a frame says what it was read from; pandas carries it through assign, selection and copies.
READ_FROM = "settlehouse"
_TABLE = re.compile(r"\bmarts\.(\w+)")


class NotReadable(Exception):
    """There is nothing published, or it cannot be read. ``reason`` is a locale key, ``detail`` goes beside it."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True)
class PublishedFile:
    """One published file as it lies on disk; another file under the same name is another ``version``."""

    path: str
    version: tuple[int, int]


@dataclass(frozen=True)
class Attempt:
    """How the latest attempt to run ended, also when it published nothing."""

    run_id: str
    status: str
    started_at: str
    finished_at: str
    message: str

    @property
    def failed(self) -> bool:
        return self.status == "failed"


def published_link() -> Path:
    """The link to the current published file, from the environment; errors: NotReadable where it is not set."""
    place = os.environ.get(PUBLISHED_VARIABLE, "").strip()
    if not place:
        raise NotReadable("unreadable.not_configured", PUBLISHED_VARIABLE)
    return Path(place)


def choose_file() -> PublishedFile:
    """Resolve the current published file and hold on to it for the rest of this view."""
    link = published_link()
    try:
        path = link.resolve(strict=True)
        facts = path.stat()
    except OSError as error:
        st.session_state.pop(_CHOSEN, None)
        raise NotReadable("unreadable.nothing_published", str(link)) from error
    chosen = PublishedFile(str(path), (facts.st_ino, facts.st_mtime_ns))
    st.session_state[_CHOSEN] = chosen
    return chosen


def latest_attempt() -> Attempt | None:
    """The latest attempt to run, from ``last_run.json`` beside the published link; None where none is told."""
    try:
        told = json.loads((published_link().parent / "last_run.json").read_text(encoding="utf-8"))
        return Attempt(**{name: str(told.get(name) or "") for name in Attempt.__dataclass_fields__})
    except (OSError, ValueError, AttributeError, NotReadable):
        return None


def query(sql: str, **values: Any) -> pd.DataFrame:
    """Rows of ``sql`` with ``$name`` parameters from ``values``; Arrow-backed columns, so money stays DECIMAL.

    The frame knows what it was read from: see :func:`read_from`. Errors: NotReadable when the file is damaged or lacks
    what the page asks for.
    """
    chosen = st.session_state.get(_CHOSEN) or choose_file()
    frame = _rows(chosen, sql, tuple(sorted(values.items())))
    frame.attrs[READ_FROM] = {
        "tables": sorted(set(_TABLE.findall(sql))),
        "filters": {
            name: str(value) for name, value in values.items() if name != "most" and value not in (None, False)
        },
    }
    return frame


def read_from(*frames: pd.DataFrame) -> tuple[list[str], dict[str, str]]:
    """Published tables that ``frames`` were read from, and the values of the filters in force (name → value)."""
    told = [frame.attrs.get(READ_FROM, {}) for frame in frames]
    tables = {table for one in told for table in one.get("tables", ())}
    filters = {name: value for one in told for name, value in one.get("filters", {}).items()}
    return sorted(tables), filters


def made_from(frame: pd.DataFrame, *origins: pd.DataFrame) -> pd.DataFrame:
    """``frame``, which a page built from ``origins`` row by row, knowing what they were read from."""
    tables, filters = read_from(*origins)
    frame.attrs[READ_FROM] = {"tables": tables, "filters": filters}
    return frame


@st.cache_data(max_entries=400, show_spinner=False)
def _rows(file: PublishedFile, sql: str, values: tuple[tuple[str, Any], ...]) -> pd.DataFrame:
    try:
        # A cursor of its own: views run in threads, and one DuckDB connection serves one thread at a time.
        with _connection(file).cursor() as cursor:
            table = cursor.execute(sql, dict(values)).to_arrow_table()
    except duckdb.CatalogException as error:
        raise NotReadable("unreadable.incomplete", str(error).splitlines()[0]) from error
    except duckdb.BinderException as error:
        raise NotReadable("unreadable.incomplete", str(error).splitlines()[0]) from error
    except duckdb.Error as error:
        raise NotReadable("unreadable.damaged", str(error).splitlines()[0]) from error
    return table.to_pandas(types_mapper=pd.ArrowDtype)


@st.cache_resource(max_entries=3, show_spinner=False)
def _connection(file: PublishedFile) -> duckdb.DuckDBPyConnection:
    # Without external access a query can read this file and no other.
    return duckdb.connect(file.path, read_only=True, config={"enable_external_access": "false"})
