"""Where the value of a published column comes from: read out of the models' SQL, column by column, down to the sources.

Only what makes the value counts: expressions that are selected. Which rows there are (joins, filters) is the models'
own lineage, which Dagster and the data dictionary show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope

Column = tuple[str, str, str]
"""Schema, table and column."""
Schema = Mapping[str, Mapping[str, Mapping[str, str]]]
"""Schema → table → column → type."""


def query_origins(sql: str, schema: Schema) -> dict[str, set[Column]]:
    """For each column that a DuckDB query returns: the columns of tables that its expression is made of.

    A column made of constants or of counted rows has none. Raises sqlglot.errors.SqlglotError on SQL it can't read.
    """
    query = qualify(
        sqlglot.parse_one(sql, dialect="duckdb"),
        dialect="duckdb",
        schema={name: {t: dict(c) for t, c in tables.items()} for name, tables in schema.items()},
        validate_qualify_columns=False,
        quote_identifiers=False,
    )
    made: dict[int, dict[str, set[Column]]] = {}
    origins: dict[str, set[Column]] = {}
    for scope in traverse_scope(query):
        origins = _of_union(scope, made) if isinstance(scope.expression, exp.SetOperation) else _of_select(scope, made)
        made[id(scope)] = origins
    return origins


def _of_union(scope: Scope, made: Mapping[int, Mapping[str, set[Column]]]) -> dict[str, set[Column]]:
    """Columns of a union meet by their place; the first part names them."""
    first, *others = (made.get(id(part), {}) for part in scope.set_operation_scopes)
    origins = {name: set(columns) for name, columns in first.items()}
    for other in others:
        for name, columns in zip(origins, other.values(), strict=False):
            origins[name] |= columns
    return origins


def _of_select(scope: Scope, made: Mapping[int, Mapping[str, set[Column]]]) -> dict[str, set[Column]]:
    inner = {id(part.expression): part for part in scope.subquery_scopes}
    query = scope.expression
    selected = query.selects if isinstance(query, exp.Query) else []
    return {select.alias_or_name: _of_expression(select, scope, inner, made) for select in selected}


def _of_expression(
    expression: exp.Expr, scope: Scope, inner: Mapping[int, Scope], made: Mapping[int, Mapping[str, set[Column]]]
) -> set[Column]:
    found: set[Column] = set()
    # Over which rows a window goes makes no value of its own.
    around = {id(node) for window in expression.find_all(exp.Window) for node in _frame(window)}
    for node in expression.walk(prune=lambda n: id(n) in inner or id(n) in around):
        if id(node) in around:
            continue
        if id(node) in inner:  # a query in place of a value
            found.update(*made.get(id(inner[id(node)]), {}).values())
        elif isinstance(node, exp.Column):
            source = scope.sources.get(node.table)
            if isinstance(source, exp.Table):
                found.add((source.db, source.name, node.name))
            elif isinstance(source, Scope):
                found |= made.get(id(source), {}).get(node.name, set())
    return found


def _frame(window: exp.Window) -> list[exp.Expr]:
    return [*(window.args.get("partition_by") or []), *filter(None, [window.args.get("order")])]


Steps = Mapping[tuple[str, str], Mapping[str, set[Column]]]
"""Model (schema, name) → its column → the columns that its expression is made of."""


def steps(models: Mapping[tuple[str, str], str], schema: Schema) -> Steps:
    """The steps of all models (schema, name → SQL)."""
    return {key: query_origins(sql, schema) for key, sql in models.items()}


def columns_on_the_way(steps: Steps) -> dict[Column, set[Column]]:
    """For each column of each model: all columns that its value comes through, those of sources included."""
    ways: dict[Column, set[Column]] = {}

    def way(column: Column, under_way: frozenset[Column]) -> set[Column]:
        if column not in ways:
            if column[:2] not in steps or column in under_way:
                return set()
            before: Iterable[Column] = steps[column[:2]].get(column[2], ())
            ways[column] = {*before}.union(*(way(step, under_way | {column}) for step in before))
        return ways[column]

    for (place, table), origins in steps.items():
        for name in origins:
            way((place, table, name), frozenset())
    return ways


def source_columns(steps: Steps) -> dict[Column, set[Column]]:
    """For each column of each model: the columns at the end of the way, which no model makes."""
    return {column: {end for end in way if end[:2] not in steps} for column, way in columns_on_the_way(steps).items()}
