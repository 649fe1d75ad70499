"""A published file as one reader may see it.

Every table of the file that a reader may see stands in front of it as a view of the same name that holds his rows and
columns only. The SQL of a page says ``marts.fct_receivable`` and finds the view: it needs to know nothing of scopes,
and a page written tomorrow is scoped as well. The file itself is attached under a name that no one is told, and SQL
that could leave ``marts`` is refused before it runs.
"""

from __future__ import annotations

import json
import secrets
import tempfile
import threading
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import duckdb

from dashboards.policy import Policy, Role, RowScope

SCHEMA = "marts"
# For one published file; while a new one is published there are two of them beside the pages themselves.
MEMORY = "400MB"
# Table functions that read no table, and the one that pages ask for columns, which is told of the reader's alone.
_FUNCTIONS = {"range", "generate_series", "unnest", "duckdb_columns"}
# What may stand where a table stands: a table, a query, a join, rows of values, the nothing behind `select 1`.
_TABLE_NODES = {"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY", "PIVOT"}


class Refused(Exception):
    """SQL that is no single query of ``marts``. No page has such SQL, so it is a mistake or an attack."""


@dataclass(frozen=True)
class Scope:
    """What a reader may see, as a value that tells two readers with different rights apart in every cache.

    ``digest`` is of the policy, ``rows`` the values by row scope. The scope without a role sees everything.
    """

    digest: str = ""
    role: str = ""
    rows: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether no row is left out."""
        return not self.rows


@lru_cache(maxsize=2_000)
def tables_asked_for(sql: str) -> tuple[str, ...]:
    """Names of the tables of ``marts`` that a query reads, sorted; as DuckDB's own parser sees them.

    Raises Refused for anything but one query over ``marts``: other statements, other schemas or catalogs, functions
    that read files or the catalog.
    """
    with _parser().cursor() as parser:  # views run in threads of their own
        parsed = json.loads(parser.execute("select json_serialize_sql(?)", [sql]).fetchall()[0][0])
    if parsed.get("error"):
        if parsed.get("error_type") == "parser":
            raise Refused(str(parsed.get("error_message")))
        raise Refused("only one SELECT is let through")
    if len(parsed["statements"]) != 1:
        raise Refused("only one SELECT is let through")
    tables: set[str] = set()
    named: set[str] = set()
    bare: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, list):
            for part in node:
                walk(part)
        if not isinstance(node, dict):
            return
        for entry in (node.get("cte_map") or {}).get("map", ()):
            named.add(str(entry["key"]).lower())
        if "cte_name" in node:
            named.add(str(node["cte_name"]).lower())
        if "sample" in node and "from_table" not in node:  # every node that stands where a table stands, no select
            look_at(node, str(node.get("type")))
        for part in node.values():
            walk(part)

    def look_at(node: dict[str, Any], kind: str) -> None:
        if kind not in _TABLE_NODES:
            raise Refused(f"{kind} is not let through")
        if kind == "BASE_TABLE":
            if node["catalog_name"] or node["schema_name"].lower() not in ("", SCHEMA):
                raise Refused(f"{node['schema_name']}.{node['table_name']} is outside {SCHEMA}")
            (tables if node["schema_name"] else bare).add(node["table_name"].lower())
        if kind == "TABLE_FUNCTION":
            called = node["function"]
            if called.get("catalog") or called.get("schema") or called["function_name"].lower() not in _FUNCTIONS:
                raise Refused(f"{called['function_name']}() is not let through")

    walk(parsed["statements"])
    # A name without a schema is a part of the same query, and nothing that the server knows under that name.
    unknown = {name for name in bare if name not in named or name.startswith(("duckdb_", "pg_", "sqlite_", "pragma_"))}
    if unknown:
        raise Refused(f"{min(unknown)} is outside {SCHEMA}")
    return tuple(sorted(tables))


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    """One for all: to open a DuckDB takes longer than to parse."""
    return duckdb.connect(":memory:", config={"enable_external_access": "false"})


class ScopedFile:
    """A published file, opened read-only once, and each reader's view of it, made when he first asks.

    One DuckDB for all readers: they share its memory. Raises duckdb.Error where the file cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self._lock = threading.Lock()
        self._scopes: dict[Scope, tuple[str, frozenset[str]]] = {}
        self._file = f"file_{secrets.token_hex(16)}"
        # Without replacements a name in SQL is never a variable of this process. What a query needs beyond its share of
        # memory it keeps on disk for a while; left to itself DuckDB would take most of the machine.
        config: dict[str, str | bool | int | float | list[str]] = {
            "python_enable_replacements": "false",
            "memory_limit": MEMORY,
            "temp_directory": str(Path(tempfile.gettempdir()) / self._file),
        }
        self._connection = duckdb.connect(":memory:", config=config)
        self._connection.execute(f"attach '{path.replace(chr(39), chr(39) * 2)}' as {self._file} (read_only)")
        # From here on a query can read this file and no other; DuckDB lets nobody switch that back.
        self._connection.execute("set enable_external_access = false")

    def cursor(self, scope: Scope, policy: Policy | None) -> duckdb.DuckDBPyConnection:
        """A connection of its own that sees what ``scope`` may see; views run in threads, each needs one."""
        name, _ = self._opened(scope, policy)
        cursor = self._connection.cursor()
        cursor.execute(f"use {name}")
        return cursor

    def closed(self, tables: tuple[str, ...], scope: Scope, policy: Policy | None) -> list[str]:
        """Which of ``tables`` are in the file and not for this reader."""
        _, seen = self._opened(scope, policy)
        missing = [table for table in tables if table not in seen]
        return [table for table in missing if table in self._columns()] if missing else []

    def _opened(self, scope: Scope, policy: Policy | None) -> tuple[str, frozenset[str]]:
        with self._lock:
            if scope not in self._scopes:
                self._scopes[scope] = self._open(scope, policy)
            return self._scopes[scope]

    def _open(self, scope: Scope, policy: Policy | None) -> tuple[str, frozenset[str]]:
        name = f"scope_{secrets.token_hex(16)}"
        role = policy.roles[scope.role] if policy is not None and scope.role else None
        columns = self._columns()
        with self._connection.cursor() as cursor:
            cursor.execute(f"attach ':memory:' as {name}")
            cursor.execute(f"create schema {name}.{SCHEMA}")
            cursor.execute(f"create schema {name}.own")
            rows: list[_Narrowed] = []
            for row_scope, values in scope.rows:
                assert policy is not None, "rows are narrowed by a policy"
                rows.append(_Narrowed(row_scope, policy.row_scopes[row_scope], name))
                self._find_keys(cursor, rows[-1], values, columns)
            seen = set()
            for table, kinds in columns.items():
                conditions = _conditions(table, kinds, role, rows, policy.common_tables if policy else [])
                if conditions is None:
                    continue
                hidden = [column for column in kinds if role is not None and not role.sees_column(table, column)]
                emptied = ", ".join(f"cast(null as {kinds[column]}) as {_quoted(column)}" for column in hidden)
                cursor.execute(
                    f"create view {name}.{SCHEMA}.{_quoted(table)} as select *"
                    + (f" replace ({emptied})" if hidden else "")
                    + f" from {self._file}.{SCHEMA}.{_quoted(table)}"
                    + (f" where {' and '.join(conditions)}" if conditions else "")
                )
                seen.add(table)
            # Pages ask which columns there are: they are told those of the reader's own views.
            cursor.execute(
                f"create table {name}.own.columns as select * from duckdb_columns() "
                f"where database_name = '{name}' and schema_name = '{SCHEMA}'"
            )
            cursor.execute(f"create macro {name}.main.duckdb_columns() as table select * from {name}.own.columns")
        return name, frozenset(seen)

    def _find_keys(
        self,
        cursor: duckdb.DuckDBPyConnection,
        narrowed: _Narrowed,
        values: tuple[str, ...],
        columns: dict[str, dict[str, str]],
    ) -> None:
        """Small tables of the keys that belong to the reader: his own, and those that his rows reach."""
        scope = narrowed.scope
        given = "select unnest($values::varchar[]) as id"
        if scope.found_in is not None:
            place = scope.found_in
            if {place.column, scope.key} <= set(columns.get(place.table, ())):
                given = (
                    f"select distinct {_quoted(scope.key)} as id from {self._file}.{SCHEMA}.{_quoted(place.table)} "
                    f"where list_contains($values::varchar[], {_quoted(place.column)}::varchar)"
                )
            else:  # nothing tells whose they are, so they are nobody's
                given += " limit 0"
        cursor.execute(f"create table {narrowed.keys(scope.key)} as {given}", {"values": list(values)})
        for reached, tables in scope.reaches.items():
            parts = [
                f"select {_quoted(reached)} as id from {self._file}.{SCHEMA}.{_quoted(table)} "
                f"where {_quoted(scope.key)} in (select id from {narrowed.keys(scope.key)})"
                for table in tables
                if {reached, scope.key} <= set(columns.get(table, ()))
            ]
            found = " union ".join(parts) or "select cast(null as varchar) as id limit 0"
            cursor.execute(f"create table {narrowed.keys(reached)} as {found}")

    def _columns(self) -> dict[str, dict[str, str]]:
        """Tables of the file: their columns and the types of these."""
        if not hasattr(self, "_known"):
            found: dict[str, dict[str, str]] = {}
            with self._connection.cursor() as cursor:
                for table, column, kind in cursor.execute(
                    "select table_name, column_name, data_type from duckdb_columns() "
                    "where database_name = ? and schema_name = ? order by table_name, column_index",
                    [self._file, SCHEMA],
                ).fetchall():
                    found.setdefault(table, {})[column] = kind
            self._known = found
        return self._known


@dataclass(frozen=True)
class _Narrowed:
    """A row scope of one reader and the database that holds his keys."""

    name: str
    scope: RowScope
    database: str

    def keys(self, column: str) -> str:
        return f"{self.database}.own.{_quoted(f'{self.name}.{column}')}"

    def condition(self, table: str, columns: dict[str, str]) -> str | None:
        """SQL that keeps the reader's rows of ``table``; None where nothing in it tells whose they are."""
        key = self.scope.key
        rule = self.scope.tables.get(table)
        if rule is not None:
            if not {rule.column, *rule.where} <= set(columns):
                return None
            parts = [f"{_quoted(rule.column)} in (select id from {self.keys(key)})"]
            parts += [f"{_quoted(column)} = {_text(value)}" for column, value in rule.where.items()]
            return f"({' and '.join(parts)})"
        if key in columns:
            return f"{_quoted(key)} in (select id from {self.keys(key)})"
        shared = [column for column in self.scope.shared_by if column in columns]
        if shared:
            return (
                "(" + " or ".join(f"{_quoted(column)} in (select id from {self.keys(key)})" for column in shared) + ")"
            )
        for reached in self.scope.reaches:
            if reached in columns:
                return f"{_quoted(reached)} in (select id from {self.keys(reached)})"
        return None


def _conditions(
    table: str, columns: dict[str, str], role: Role | None, rows: list[_Narrowed], common: list[str]
) -> list[str] | None:
    """What narrows ``table``, nothing where it is seen whole; None where it is closed."""
    if role is not None and not role.sees_table(table):
        return None
    if table in common:
        return []
    found = [narrowed.condition(table, columns) for narrowed in rows]
    return None if None in found else [condition for condition in found if condition]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
