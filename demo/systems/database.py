"""Where the operational databases are written: SQLite files, or databases of a PostgreSQL or MariaDB server."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import duckdb

from dagster_project.errors import SettlehouseError

PASSWORD_VARIABLE = "SETTLEHOUSE_DEMO_PASSWORD"
_MARK = "settlehouse_demo"  # a table that says: this database was made by the demo


class Target:
    """Opens one operational database after the other for writing; ``url`` tells company.yml where each one is."""

    def __init__(self, con: duckdb.DuckDBPyConnection, folder: Path, url: str | None) -> None:
        self.con, self.folder = con, folder
        self._server = urlsplit(url) if url else None
        scheme = self._server.scheme if self._server else "sqlite"
        self._kind = {"sqlite": "sqlite", "postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql"}.get(scheme)
        if self._kind is None:
            raise SettlehouseError(f"--target {scheme}://… is none of postgresql://, mysql://, mariadb://")
        extension = {"sqlite": "sqlite_scanner", "postgres": "postgres_scanner", "mysql": "mysql_scanner"}[self._kind]
        try:
            con.execute(f"load {extension}")
        except duckdb.Error:
            from duckdb_extensions import import_extension

            import_extension(extension)
            con.execute(f"load {extension}")

    @property
    def needs_password(self) -> bool:
        """Whether company.yml expects the password in the environment."""
        return bool(self._server and self._server.password)

    def url(self, database: str) -> str:
        """As company.yml names it; a password is left to the environment."""
        if self._server is None:
            return f"sqlite:///{database}.sqlite"
        login = self._server.username or ""
        if self._server.password:
            login += f":${{{PASSWORD_VARIABLE}}}"
        port = f":{self._server.port}" if self._server.port else ""
        scheme = "postgresql" if self._kind == "postgres" else "mysql"
        return f"{scheme}://{login}{'@' if login else ''}{self._server.hostname or ''}{port}/{database}"

    def write(self, database: str, tables: dict[str, str], progress: Callable[[str], None]) -> dict[str, int]:
        """Create a database anew, with one table per SELECT; returns their row counts."""
        self._create(database, tables)
        counts = {}
        self.con.execute("begin")
        for table, query in tables.items():
            store = "insert into operational.{}" if self._server is None else "create table operational.{} as"
            row = self.con.execute(f"{store.format(table)} {query}").fetchone()
            counts[f"{database}.{table}"] = int(row[0]) if row else 0
        self.con.execute("commit")
        self.con.execute("detach operational")
        progress(f"system   {database:<14} {sum(counts.values())} rows in {len(counts)} tables")
        return counts

    def _create(self, database: str, tables: dict[str, str]) -> None:
        if self._server is None:
            file = self.folder / f"{database}.sqlite"
            for path in (file, Path(f"{file}-journal"), Path(f"{file}-wal")):
                path.unlink(missing_ok=True)
            # The scanner would declare money and dates as text.
            with sqlite3.connect(file) as sqlite:
                for table, query in tables.items():
                    columns = self.con.execute(f"describe {query}").fetchall()
                    sqlite.execute(
                        f"create table {table} ({', '.join(f'{name} {type_}' for name, type_, *_ in columns)})"
                    )
            self.con.execute(f"attach '{_text(str(file))}' as operational (type sqlite)")
            return
        parts = {
            "host": self._server.hostname,
            "port": self._server.port,
            "user": unquote(self._server.username) if self._server.username else None,
            "password": unquote(self._server.password) if self._server.password else None,
        }
        given = {name: value for name, value in parts.items() if value is not None}
        create = _create_in_postgresql if self._kind == "postgres" else _create_in_mariadb
        create(database, given, self._server.path.lstrip("/"))
        listed = ", ".join(f"{name} '{_text(str(value))}'" for name, value in (given | {"database": database}).items())
        self.con.execute(f"create or replace temporary secret operational_login (type {self._kind}, {listed})")
        self.con.execute(f"attach '' as operational (type {self._kind}, secret operational_login)")


def _create_in_postgresql(database: str, login: dict[str, Any], connect_to: str) -> None:
    import psycopg

    try:
        with psycopg.connect(dbname=connect_to or "postgres", autocommit=True, connect_timeout=10, **login) as server:
            if server.execute("select 1 from pg_database where datname = %s", [database]).fetchone():
                with psycopg.connect(dbname=database, **login) as there:
                    found = there.execute("select to_regclass(%s)", [_MARK]).fetchone()
                    _refuse_unless_ours(database, bool(found and found[0]))
                server.execute(f'drop database "{database}"')
            server.execute(f"create database \"{database}\" encoding 'UTF8' template template0")
        with psycopg.connect(dbname=database, **login) as there:
            there.execute(f"create table {_MARK} (note text)")
    except psycopg.OperationalError as error:
        raise _unreachable(login, error) from None


def _create_in_mariadb(database: str, login: dict[str, Any], connect_to: str) -> None:
    import pymysql  # type: ignore[import-untyped]

    try:
        with pymysql.connect(**login, charset="utf8mb4", connect_timeout=10) as server, server.cursor() as cursor:
            if cursor.execute("select 1 from information_schema.schemata where schema_name = %s", (database,)):
                query = "select 1 from information_schema.tables where table_schema = %s and table_name = %s"
                _refuse_unless_ours(database, bool(cursor.execute(query, (database, _MARK))))
                cursor.execute(f"drop database `{database}`")
            cursor.execute(f"create database `{database}` character set utf8mb4")
            cursor.execute(f"create table `{database}`.{_MARK} (note text)")
    except pymysql.err.OperationalError as error:
        raise _unreachable(login, error) from None


def _refuse_unless_ours(database: str, is_ours: bool) -> None:
    """A database of that name may be somebody's real one: only what the demo made is replaced."""
    if not is_ours:
        raise SettlehouseError(
            f"the server has a database {database} that the demo group did not make; nothing was changed. "
            "Give another server, or rename that database"
        )


def _unreachable(login: dict[str, Any], error: Exception) -> SettlehouseError:
    cause = str(error).splitlines()[0]
    if password := login.get("password"):
        cause = cause.replace(str(password), "***")
    return SettlehouseError(
        f"--target: the server {login.get('host', '')} can't be used: {cause}. Check host and login"
    )


def _text(text: str) -> str:
    return text.replace("'", "''")
