"""The one door to the published answers.

Every figure on every page comes through :func:`query`: it asks who reads, opens the published DuckDB file read-only as
that reader may see it (``scoped.py``), runs SQL whose values are parameters, never text, and caches per published file
and scope, so that a view of one reader never comes from another's cache. What was read is kept for the access log.

A run publishes by swapping the symlink ``current.duckdb``. The link is resolved once per view (:func:`choose_file`), so
one view never mixes two runs, and the next view reads the new run.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import streamlit as st

from dashboards import access_log
from dashboards.policy import Policy, policy
from dashboards.scoped import Refused, Scope, ScopedFile, tables_asked_for
from dashboards.sign_in import Reader, current_reader, shows_personas

PUBLISHED_VARIABLE = "SETTLEHOUSE_PUBLISHED"
_CHOSEN, _SEEN = "_published_file", "_seen_in_this_view"
# Lists of documents end here, and the page says so: a browser is no place for millions of rows.
ROWS_LISTED = 5_000
# Where a frame says what it was read from; pandas carries it through assign, selection and copies.
READ_FROM = "settlehouse"


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
    """The latest attempt to run, from ``last_run.json`` beside the published link; None where none is told.

    Its message may hold figures of any company, so it is told only to who sees every row.
    """
    try:
        told = json.loads((published_link().parent / "last_run.json").read_text(encoding="utf-8"))
        if not current_reader().scope.is_whole:
            told["message"] = ""
        return Attempt(**{name: str(told.get(name) or "") for name in Attempt.__dataclass_fields__})
    except (OSError, ValueError, AttributeError, TypeError, NotReadable):
        return None


def query(sql: str, **values: Any) -> pd.DataFrame:
    """Rows of ``sql`` with ``$name`` parameters from ``values``; Arrow-backed columns, so money stays DECIMAL.

    ``sql`` is one SELECT over tables of ``marts``; each holds what the reader may see of it. The frame knows what it
    was read from: see :func:`read_from`. Errors: NotReadable when the file is damaged or lacks what the page asks for,
    when a table is closed to the reader or ``sql`` is anything else; NoAccess when nobody may read here.
    """
    reader = current_reader()
    chosen = st.session_state.get(_CHOSEN) or choose_file()
    try:
        tables = tables_asked_for(sql)
    except Refused as refused:
        raise NotReadable("unreadable.refused", str(refused).splitlines()[0]) from refused
    frame = _rows(chosen, reader.scope, sql, tables, tuple(sorted(values.items())), reader.policy)
    _seen(reader).add(sys._getframe(1).f_code.co_name, len(frame), tables)
    frame.attrs[READ_FROM] = {
        "tables": list(tables),
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


def sees_every_row() -> bool:
    """Whether the reader sees the whole group; to others figures of the group would be a sum of some."""
    return current_reader().scope.is_whole


def version_read() -> str:
    """What tells the published file of this view, as this reader sees it, from any other."""
    return f"{st.session_state.get(_CHOSEN) or choose_file()} {current_reader().scope}"


def is_open(table: str) -> bool:
    """Whether the reader may read ``table`` of the published file of this view; what the file lacks is not closed."""
    reader = current_reader()
    chosen = st.session_state.get(_CHOSEN) or choose_file()
    try:
        return not _opened(chosen).closed((table,), reader.scope, reader.policy)
    except duckdb.Error as error:
        raise NotReadable("unreadable.damaged", str(error).splitlines()[0]) from error


@st.cache_data(max_entries=400, show_spinner=False)
def _rows(
    file: PublishedFile,
    scope: Scope,
    sql: str,
    tables: tuple[str, ...],
    values: tuple[tuple[str, Any], ...],
    _policy: Policy | None,  # told apart by the digest in ``scope``
) -> pd.DataFrame:
    try:
        opened = _opened(file)
        closed = opened.closed(tables, scope, _policy)
        if closed:
            raise NotReadable("unreadable.closed", ", ".join(closed))
        with opened.cursor(scope, _policy) as cursor:
            table = cursor.execute(sql, dict(values)).to_arrow_table()
    except duckdb.CatalogException as error:
        raise NotReadable("unreadable.incomplete", str(error).splitlines()[0]) from error
    except duckdb.BinderException as error:
        raise NotReadable("unreadable.incomplete", str(error).splitlines()[0]) from error
    except duckdb.Error as error:
        raise NotReadable("unreadable.damaged", str(error).splitlines()[0]) from error
    return table.to_pandas(types_mapper=pd.ArrowDtype)


@st.cache_resource(max_entries=2, show_spinner=False)
def _opened(file: PublishedFile) -> ScopedFile:
    return ScopedFile(file.path)


@dataclass
class _Seen:
    """What this view has read so far, for the log: rows by query, and the tables."""

    reader: Reader
    page: str = ""
    queries: dict[str, int] = field(default_factory=dict)
    tables: set[str] = field(default_factory=set)
    is_logged: bool = False

    def add(self, name: str, rows: int, tables: tuple[str, ...]) -> None:
        if self.is_logged:  # a part of the page that runs again by itself
            _log(access_log.VIEW, self.reader, self.page, {name: rows}, tables)
        self.queries[name] = self.queries.get(name, 0) + rows
        self.tables.update(tables)


def _seen(reader: Reader) -> _Seen:
    seen = st.session_state.get(_SEEN)
    if seen is None or seen.reader != reader:
        seen = st.session_state[_SEEN] = _Seen(reader)
    return seen


def begin_view(page: str) -> None:
    """A view of ``page`` (audience/name) begins. Errors: NotReadable where what is seen could not be logged."""
    reader = current_reader()
    try:
        access_log.open_log(reader.policy.log_kept_months if reader.policy else access_log.KEPT_MONTHS)
    except OSError as error:
        raise NotReadable("unreadable.no_log", str(access_log.log_folder())) from error
    st.session_state[_SEEN] = _Seen(reader, page)


def end_view(action: str = access_log.VIEW) -> None:
    """The view has ended: log what was read in it. Errors: NotReadable where that fails."""
    seen: _Seen | None = st.session_state.get(_SEEN)
    if seen is not None and not seen.is_logged:
        _log(action, seen.reader, seen.page, seen.queries, tuple(sorted(seen.tables)))
        seen.is_logged = True


def logged_export(file_name: str, rows: int) -> Callable[[bytes], bytes]:
    """A function that logs an export of so many rows by this reader on this page, and hands its content on.

    Ask for it while the page is made and call it when the reader takes the file: then nobody knows the page any more.
    """
    reader = current_reader()
    seen = _seen(reader)
    page, tables = seen.page, tuple(sorted(seen.tables))

    def hand_on(content: bytes) -> bytes:
        _log(access_log.EXPORT, reader, page, {file_name: rows}, tables, file_name)
        return content

    return hand_on


def _log(
    action: str, reader: Reader, page: str, queries: dict[str, int], tables: tuple[str, ...], file: str = ""
) -> None:
    who = reader.who or ("persona" if reader.is_persona else "this machine")
    role, rows_of = reader.scope.role, dict(reader.scope.rows)
    try:
        access_log.append(action, page, who=who, role=role, rows_of=rows_of, queries=queries, tables=tables, file=file)
    except OSError as error:
        raise NotReadable("unreadable.no_log", str(access_log.log_folder())) from error


def persona_choices(row_scope: str) -> dict[str, str]:
    """Values of a row scope and their names, most rows first, for the demo's picker alone; nothing outside a demo.

    Errors: NotReadable where nothing is published.
    """
    if not shows_personas() or not current_reader().is_persona:
        return {}
    file = policy()
    place = file.policy.row_scopes[row_scope].named_by
    whole = Scope(file.digest)
    columns = "select column_name from duckdb_columns() where table_name = $table and schema_name = 'marts'"
    if place is None:
        return {}
    chosen = choose_file()
    known = set(_rows(chosen, whole, columns, (), (("table", place.table),), None)["column_name"])
    if not {place.column, place.name} <= known:
        return {}
    sql = (
        f'select "{place.column}"::varchar as id, max("{place.name}")::varchar as name from marts."{place.table}" '
        f'where "{place.column}" is not null group by 1 order by count(*) desc, 1 limit 200'
    )
    found = _rows(chosen, whole, sql, (place.table,), (), None)
    return dict(zip(found["id"], found["name"].fillna(found["id"]), strict=True))
