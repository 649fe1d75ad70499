"""Where the operational databases are written: SQLite files, or databases of a PostgreSQL or MariaDB server."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import duckdb

PASSWORD_VARIABLE = "SETTLEHOUSE_DEMO_PASSWORD"


class Target:
    """Opens one operational database after the other for writing; ``url`` tells company.yml where each one is."""

    def __init__(self, con: duckdb.DuckDBPyConnection, folder: Path, url: str | None) -> None:
        self.con, self.folder = con, folder
        self._server = urlsplit(url) if url else None
        scheme = self._server.scheme if self._server else "sqlite"
        self._kind = {"sqlite": "sqlite", "postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql"}.get(scheme)
        if self._kind is None:
            raise ValueError(f"target {scheme}://… is none of postgresql://, mysql://, mariadb://")
        extension = {"sqlite": "sqlite_scanner", "postgres": "postgres_scanner", "mysql": "mysql_scanner"}[self._kind]
        try:
            con.execute(f"load {extension}")
        except duckdb.Error:
            from duckdb_extensions import import_extension

            import_extension(extension)
            con.execute(f"load {extension}")

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
        given: dict[str, Any] = {name: value for name, value in parts.items() if value is not None}
        if self._kind == "postgres":
            import psycopg

            with psycopg.connect(
                dbname=(self._server.path.lstrip("/") or "postgres"), autocommit=True, **given
            ) as server:
                server.execute(f'drop database if exists "{database}"')
                server.execute(f"create database \"{database}\" encoding 'UTF8' template template0")
        else:
            import pymysql  # type: ignore[import-untyped]

            with pymysql.connect(**given, charset="utf8mb4") as server, server.cursor() as cursor:
                cursor.execute(f"drop database if exists `{database}`")
                cursor.execute(f"create database `{database}` character set utf8mb4")
        listed = ", ".join(f"{name} '{_text(str(value))}'" for name, value in (given | {"database": database}).items())
        self.con.execute(f"create or replace temporary secret operational_login (type {self._kind}, {listed})")
        self.con.execute(f"attach '' as operational (type {self._kind}, secret operational_login)")


def _text(text: str) -> str:
    return text.replace("'", "''")
