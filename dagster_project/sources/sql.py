"""Extraction from relational operational systems: PostgreSQL, MySQL/MariaDB, SQLite.

DuckDB's scanners read the source inside one transaction, so all tables are seen at one moment; the source is opened
read-only. Rows whose time of change is not older than the watermark less an allowance are read again and compared;
keys and amounts of all rows are compared each time, so that deleted rows, rows that appeared late and amounts changed
behind the time of change are noticed.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

import duckdb

from dagster_project.config import Source
from dagster_project.contracts.layouts import LayoutColumn, LayoutTable
from dagster_project.sources import raw
from dagster_project.sources.errors import SourceError

# A transaction at the source may commit after we looked, with a time of change before; a day is far longer than any.
LATE_COMMIT_ALLOWANCE = timedelta(days=1)
LOCK_WAIT_SECONDS = 30

_EXTENSION = {"sqlite": "sqlite_scanner", "postgresql": "postgres_scanner", "mysql": "mysql_scanner"}
_BINARY_TYPES = ("blob", "bytea", "binary", "varbinary", "tinyblob", "mediumblob", "longblob")


class Database:
    """An attached source database: asks it for its tables and columns, and gives SELECTs that read it.

    ``flavour`` is sqlite, postgresql or mysql.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, source: Source) -> None:
        assert source.url is not None
        scheme, _, rest = source.url.partition("://")
        self.connection = connection
        self.source = source
        self.flavour = "mysql" if scheme == "mariadb" else scheme
        self._file = rest.removeprefix("/") if self.flavour == "sqlite" else None
        self._url = urlsplit(source.url)
        self._columns: dict[str, dict[str, str]] | None = None

    @property
    def address(self) -> str:
        """Where it is, without user name and password."""
        if self.flavour == "sqlite":
            return f"SQLite file {self._file}"
        port = f":{self._url.port}" if self._url.port else ""
        return f"{self.flavour} at {self._url.hostname}{port}{self._url.path}"

    def attach(self) -> None:
        """Open the source read-only as ``src``; raises SourceError that says where and what to do."""
        load_extension(self.connection, _EXTENSION[self.flavour])
        try:
            if self.flavour == "sqlite":
                # Money is stored as text in BLOBs there and would otherwise be read through floats.
                self.connection.execute("set global sqlite_all_varchar = true")
                self.connection.execute(f"attach {raw.text(self._check_sqlite())} as src (type sqlite, read_only)")
            else:
                self._attach_server()
            self.columns()
        except duckdb.Error as error:
            if _is_lock(error):
                raise self.locked() from None
            cause, may_pass = _cause(str(error))
            raise SourceError(f"source '{self.source.name}': {self.address}: {cause}", may_pass=may_pass) from None

    def _attach_server(self) -> None:
        kind = "postgres" if self.flavour == "postgresql" else "mysql"
        parameters = {
            "host": self._url.hostname,
            "port": str(self._url.port) if self._url.port else None,
            "user": unquote(self._url.username) if self._url.username else None,
            "password": unquote(self._url.password) if self._url.password else None,
            "database": unquote(self._url.path.lstrip("/")),
        }
        # A temporary secret, not a connection string: error messages quote connection strings whole.
        listed = ", ".join(f"{name} {raw.text(value)}" for name, value in parameters.items() if value)
        self.connection.execute(f"create or replace temporary secret src_login (type {kind}, {listed})")
        # A table that somebody locks would be waited for without end.
        options = f"connect_timeout=10 options=-clock_timeout={LOCK_WAIT_SECONDS}s" if kind == "postgres" else ""
        self.connection.execute(f"attach '{options}' as src (type {kind}, read_only, secret src_login)")

    def locked(self) -> SourceError:
        """What is said when somebody at the source keeps readers out."""
        return SourceError(
            f"source '{self.source.name}': {self.address} is locked by another program, for longer than "
            f"{LOCK_WAIT_SECONDS} seconds. See who holds the lock there, then run again",
            may_pass=True,
        )

    def detach(self) -> None:
        self.connection.execute("detach database if exists src")

    def columns(self) -> dict[str, dict[str, str]]:
        """Tables of the source → column → its type there."""
        if self._columns is None:
            found: dict[str, dict[str, str]] = {}
            for table, column, type_ in self._catalogue():
                found.setdefault(table, {})[column] = str(type_).lower()
            self._columns = found
        return self._columns

    def select(self, table: LayoutTable, columns: list[LayoutColumn], extra: list[str]) -> str:
        """SELECT of ``columns`` cast to their declared types and of ``extra`` columns as text."""
        found = {name.lower() for name in self.columns()[table.name]}
        here = [column for column in columns if column.name.lower() in found]
        inner = ", ".join(
            [self._as_text(column.name, column.type) for column in here] + [self._as_text(name, None) for name in extra]
        )
        outer = ", ".join(
            [
                f"{_cast(column)} as {raw.quoted(column.name)}" if column in here
                else f"cast(null as {column.type}) as {raw.quoted(column.name)}"
                for column in columns
            ]
            + [raw.quoted(name) for name in extra]
        )  # fmt: skip
        return f"select {outer} from {self._read(inner, table.name)}"

    def count(self, table: LayoutTable) -> int:
        """Number of rows, counted by the source itself where it can."""
        row = self.connection.execute(f"select n from {self._read('count(*) as n', table.name)}").fetchone()
        return int(row[0]) if row else 0

    def _check_sqlite(self) -> str:
        assert self._file is not None
        path = "/" + self._file.lstrip("/")
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=LOCK_WAIT_SECONDS)) as check:
                check.execute("select count(*) from sqlite_master").fetchone()
        except sqlite3.OperationalError as error:
            if _is_lock(error):
                raise self.locked() from None
            raise SourceError(
                f"source '{self.source.name}': SQLite file {path} can't be opened. Check url and permissions"
            ) from None
        except sqlite3.DatabaseError:
            raise SourceError(f"source '{self.source.name}': {path} is not an SQLite database. Check url") from None
        return path

    def check_text(self, table: LayoutTable) -> None:
        """Raise SourceError naming the first texts of a table that are no UTF-8, which SQLite alone lets in."""
        if self.flavour != "sqlite":
            return
        key = ", ".join(raw.quoted(name) for name in table.key)
        found: list[str] = []
        with closing(sqlite3.connect(f"file:{self._check_sqlite()}?mode=ro", uri=True)) as check:
            check.text_factory = bytes
            for column in self.columns()[table.name]:
                for value, *keys in check.execute(
                    f"select {raw.quoted(column)}, {key} from {raw.quoted(table.name)} "
                    f"where typeof({raw.quoted(column)}) = 'text' order by {key}"
                ):
                    if not _is_utf8(value):
                        named = " ".join(k.decode(errors="replace") if isinstance(k, bytes) else str(k) for k in keys)
                        found.append(f"{column} of {named}")
        if found:
            more = f" and {len(found) - 3} more" if len(found) > 3 else ""
            raise SourceError(
                f"source '{self.source.name}', table {table.name}: {', '.join(found[:3])}{more} is no UTF-8 text. "
                "Save it again in the source in UTF-8"
            )

    def _catalogue(self) -> Iterator[tuple[str, str, str]]:
        if self.flavour == "sqlite":
            assert self._file is not None
            with sqlite3.connect(f"file:/{self._file.lstrip('/')}?mode=ro", uri=True) as check:
                yield from check.execute(
                    "select t.name, c.name, c.type from sqlite_master t, pragma_table_info(t.name) c "
                    "where t.type in ('table', 'view') order by t.name, c.cid"
                )
            return
        schema = "current_schema()" if self.flavour == "postgresql" else "database()"
        query = (
            "select table_name as t, column_name as c, data_type as d from information_schema.columns "
            f"where table_schema = {schema} order by table_name, ordinal_position"
        )
        yield from self.connection.execute(f"select * from {self._remote(query)}").fetchall()

    def _read(self, columns: str, table: str) -> str:
        """FROM-clause item that reads ``columns`` (SQL of the source) of a table."""
        if self.flavour == "sqlite":
            return f"(select {columns} from src.main.{raw.quoted(table)})"
        return self._remote(f"select {columns} from {self._quoted(table)}")

    def _remote(self, query: str) -> str:
        function = "postgres_query" if self.flavour == "postgresql" else "mysql_query"
        return f"{function}('src', {raw.text(query)})"

    def _quoted(self, name: str) -> str:
        return f"`{name.replace('`', '``')}`" if self.flavour == "mysql" else raw.quoted(name)

    def _as_text(self, name: str, type_: str | None) -> str:
        """Money and unlisted columns leave the source as text: NUMERIC without precision would arrive as a float."""
        column = self._quoted(name)
        if self.flavour == "sqlite":
            return column
        if type_ is None or type_.lower().startswith(("decimal", "numeric", "varchar")):
            text_type = "text" if self.flavour == "postgresql" else "char"
            return f"cast({column} as {text_type}) as {column}"
        return column


def _cast(column: LayoutColumn) -> str:
    return f"cast({raw.quoted(column.name)} as {column.type})"


def _is_lock(error: Exception) -> bool:
    said = str(error).lower()
    return "is locked" in said or "lock timeout" in said or "lock wait timeout" in said


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _cause(message: str) -> tuple[str, bool]:
    """What went wrong with a connection and what to do, and whether it may pass; no part of the login in it."""
    lowered = message.lower()
    if "authentication failed" in lowered or "access denied" in lowered or "no password supplied" in lowered:
        return "user name or password refused. Check the credentials in the environment", False
    if "unknown database" in lowered or ("database" in lowered and "does not exist" in lowered):
        return "no such database there. Check the name at the end of url", False
    return "can't be reached. Check that the server runs and that host and port in url are right", True


def load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Load a DuckDB extension that came as a Python package; nothing is downloaded."""
    try:
        connection.execute(f"load {name}")
    except duckdb.Error:
        from duckdb_extensions import import_extension

        import_extension(name)
        connection.execute(f"load {name}")


@contextmanager
def opened(connection: duckdb.DuckDBPyConnection, source: Source) -> Iterator[Database]:
    """The source, attached for as long as the block lasts."""
    database = Database(connection, source)
    database.attach()
    try:
        yield database
    finally:
        database.detach()


def check_tables(database: Database) -> None:
    """Raise SourceError that names the first table or column that the contract needs and the source lacks."""
    source = database.source
    for table in source.layout.tables:
        found = database.columns().get(table.name)
        if found is None:
            if table.optional:
                continue
            raise SourceError(
                f"source '{source.name}': table {table.name} is missing in {database.address}. "
                f"Is this a {source.layout.system} database, and may this user read it?"
            )
        names = {name.lower() for name in found}
        for column in table.columns:
            if not column.optional and column.name.lower() not in names:
                raise SourceError(
                    f"source '{source.name}', table {table.name}: column {column.name} is missing, and the contract "
                    f"needs it. Restore it, or change dbt/models/staging/{source.layout.system}"
                )


def extract(
    warehouse: duckdb.DuckDBPyConnection,
    source: Source,
    *,
    run_id: str,
    progress: Callable[[raw.TableReport], None] = lambda _: None,
) -> list[raw.TableReport]:
    """Bring the warehouse up to date with a relational source, in one transaction.

    Returns one report per table. Raises SourceError (one line, no secrets) and then has stored nothing.
    """
    now = datetime.now(UTC).replace(tzinfo=None)
    with opened(warehouse, source) as database:
        check_tables(database)
        warehouse.execute("begin")
        try:
            reports = []
            for table in source.layout.tables:
                if table.name in database.columns():
                    reading = table
                    report = _extract_table(warehouse, database, table, run_id, now)
                    reports.append(report)
                    progress(report)
            if not any(report.rows_at_source for report in reports):
                raise SourceError(
                    f"source '{source.name}': every table in {database.address} is empty. Is this the right database?"
                )
            warehouse.execute("commit")
        except duckdb.ConversionException as error:
            warehouse.execute("rollback")
            raise SourceError(_which_column(warehouse, database, reading, error)) from None
        except duckdb.Error as error:
            warehouse.execute("rollback")
            if _is_lock(error):
                raise database.locked() from None
            if "unicode" in str(error).lower():
                database.check_text(reading)
            raise SourceError(f"source '{source.name}': {database.address}: {_redacted(str(error), source)}") from None
        except BaseException:
            warehouse.execute("rollback")
            raise
    return reports


def _extract_table(
    warehouse: duckdb.DuckDBPyConnection, database: Database, table: LayoutTable, run_id: str, now: datetime
) -> raw.TableReport:
    started = time.perf_counter()
    source = database.source
    found = database.columns()[table.name]
    warnings = raw.note_columns(warehouse, run_id, source.name, table, found, now)
    declared = {column.name.lower() for column in table.columns}
    extra = [name for name, type_ in found.items() if name.lower() not in declared and type_ not in _BINARY_TYPES]
    raw.add_text_columns(warehouse, table, extra)

    select = database.select(table, list(table.columns), extra)
    changed_at = f"coalesce({', '.join(raw.quoted(name) for name in table.changed_at)})" if table.changed_at else None
    since = raw.watermark(warehouse, source.name, table.name) if changed_at else None
    rows_at_source = database.count(table)
    keys = None
    if since is not None:
        # Decimals too: an amount that changed without its time of change is read again like a late row.
        compared = [column for column in table.columns if column.name in table.key or column in table.decimals]
        warehouse.execute(f"create or replace temporary table keys_at_source as {database.select(table, compared, [])}")
        keys = "keys_at_source"
        same_key = " and ".join(f"l.{raw.quoted(k)} is not distinct from s.{raw.quoted(k)}" for k in table.key)
        same_sums = "".join(
            f" and l.{raw.quoted(column.name)} is not distinct from s.{raw.quoted(column.name)}"
            for column in table.decimals
        )
        late = (
            f"exists (select 1 from keys_at_source s where {same_key.replace('l.', 't.')} and not exists ("
            f"select 1 from latest.{table.identifier} l where l._source = {raw.text(source.name)} "
            f"and {same_key}{same_sums}))"
        )
        floor = since - LATE_COMMIT_ALLOWANCE
        select = (
            f"select * from ({select}) t where {changed_at} is null "
            f"or {changed_at} >= timestamp '{floor:%Y-%m-%d %H:%M:%S.%f}' or {late}"
        )
    warehouse.execute(f"create or replace temporary table staged as {select}")
    if database.flavour == "sqlite":  # the others let no other text in
        texts = [column.name for column in table.columns if column.type.lower() == "varchar"] + extra
        spoilt = " or ".join(f"try(decode(encode({t}))) is null and {t} is not null" for t in map(raw.quoted, texts))
        if texts and warehouse.execute(f"select 1 from staged where {spoilt} limit 1").fetchone():
            database.check_text(table)
    changed_up_to = None
    if changed_at:
        row = warehouse.execute(f"select max({changed_at}) from staged").fetchone()
        # A time in the future would hide every later change: the watermark never runs ahead of the clock.
        times = [moment for moment in (row[0] if row else None, since) if moment is not None]
        changed_up_to = min(max(times), now) if times else None
    return raw.store(
        warehouse,
        run_id=run_id,
        source_name=source.name,
        system=source.layout.system,
        table=table,
        columns=[column.name for column in table.columns] + extra,
        staged_is_whole=since is None,
        rows_at_source=rows_at_source,
        keys_at_source=keys,
        changed_up_to=changed_up_to,
        now=now,
        started=started,
        warnings=warnings,
    )


def _which_column(
    warehouse: duckdb.DuckDBPyConnection, database: Database, table: LayoutTable, error: duckdb.Error
) -> str:
    """Name the column (and a value) that no longer has the type the contract needs."""
    where = f"source '{database.source.name}', table {table.name}"
    found = {name.lower() for name in database.columns()[table.name]}
    for column in table.columns:
        if column.name.lower() not in found:
            continue
        as_text = LayoutColumn(column.name, "varchar", False)
        row = warehouse.execute(
            f"select {raw.quoted(column.name)} from ({database.select(table, [as_text], [])}) "
            f"where {raw.quoted(column.name)} is not null and try_cast({raw.quoted(column.name)} as {column.type}) "
            "is null limit 1"
        ).fetchone()
        if row:
            return (
                f"{where}: column {column.name} holds {str(row[0])[:40]!r}, which is not a {column.type}. "
                f"Mend the row, or change dbt/models/staging/{database.source.layout.system}"
            )
    return f"{where}: {str(error).splitlines()[0]}"


def _redacted(message: str, source: Source) -> str:
    first = message.splitlines()[0] if message else "unknown error"
    for secret in source.secrets:
        if secret:
            first = first.replace(secret, "***")
    return first
