"""Migration checks: is what stands in the warehouse what stands at the source, to the last row and digit?

The source is read again, past everything that extraction remembers, and compared with schema latest per table and
period: number of rows, exact sum of every decimal column, and a hash over the declared columns of all rows that does
not depend on their order. Nothing is mended or stored here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from dagster_project.config import Source
from dagster_project.contracts.layouts import LayoutTable
from dagster_project.sources import raw
from dagster_project.sources.errors import SourceError

_KEYS_NAMED = 3


@dataclass(frozen=True)
class Comparison:
    """One measure of a table and period on both sides, as text; ``detail`` names the rows where they differ.

    ``period`` is a month (2026-03), ``no date``, or ``whole`` for a table that has neither a business date nor a time
    of change. ``measure`` is ``rows``, ``sum of <column>`` or ``hash``.
    """

    source: str
    table: str
    period: str
    measure: str
    at_source: str
    in_warehouse: str
    detail: str = ""

    @property
    def is_ok(self) -> bool:
        return self.at_source == self.in_warehouse


def verify_source(warehouse: duckdb.DuckDBPyConnection, source: Source) -> Iterator[tuple[str, list[Comparison]]]:
    """Compare every table of a source with the warehouse; yields table and its comparisons, one table at a time.

    Only reads: ``warehouse`` may be open read-only. Raises SourceError when the source can't be read or the warehouse
    has no such table yet.
    """
    with _at_source(warehouse, source) as selects:
        for table, select in selects:
            try:
                warehouse.execute(f"create or replace temporary table at_source as {_with_period(table, select)}")
                stored = f"select * from latest.{table.identifier} where _source = {raw.text(source.name)}"
                warehouse.execute(f"create or replace temporary table in_warehouse as {_with_period(table, stored)}")
            except duckdb.ConversionException as error:
                raise SourceError(
                    f"source '{source.name}', table {table.name}: {str(error).splitlines()[0]}. "
                    "`settlehouse run` names the row"
                ) from None
            except duckdb.CatalogException:
                raise SourceError(
                    f"source '{source.name}', table {table.name}: not in the warehouse. Run `settlehouse run` first"
                ) from None
            yield table.name, _compare(warehouse, source.name, table)


@contextmanager
def _at_source(warehouse: duckdb.DuckDBPyConnection, source: Source) -> Iterator[Iterator[tuple[LayoutTable, str]]]:
    """Tables of the source, each with a SELECT that reads its declared columns there."""
    if source.layout.kind == "sql":
        from dagster_project.sources import sql

        with sql.opened(warehouse, source) as database:
            sql.check_tables(database)
            yield (
                (table, database.select(table, list(table.columns), []))
                for table in source.layout.tables
                if table.name in database.columns()
            )
        return
    from dagster_project.sources.extract import declared_columns, read_tables

    def arrived() -> Iterator[tuple[LayoutTable, str]]:
        for table, rows in read_tables(source):
            warehouse.register("arrived", rows)
            yield table, f"select {declared_columns(table, rows.column_names)} from arrived"

    yield arrived()


def _with_period(table: LayoutTable, select: str) -> str:
    """Declared columns and the period of each row."""
    columns = ", ".join(raw.quoted(column.name) for column in table.columns)
    if table.business_date:
        day = raw.quoted(table.business_date.name)
    elif table.changed_at:
        day = f"coalesce({', '.join(raw.quoted(name) for name in table.changed_at)})"
    else:
        return f"select {columns}, 'whole' as _period from ({select})"
    return f"select {columns}, coalesce(strftime({day}, '%Y-%m'), 'no date') as _period from ({select})"


def _compare(warehouse: duckdb.DuckDBPyConnection, source: str, table: LayoutTable) -> list[Comparison]:
    # MD5, so that the figure can be worked out elsewhere; a sum does not depend on the order and counts repeats.
    measures = [("rows", "count(*)", "0")]
    measures += [
        (f"sum of {c.name}", f"coalesce(sum({raw.quoted(c.name)}), 0)", f"0::{c.type}") for c in table.decimals
    ]
    measures += [("hash", f"sum(md5_number_lower({_canonical_text(table)})::hugeint)", "0")]
    profile = "select _period as period, " + ", ".join(f"{sql} as m{n}" for n, (_, sql, _) in enumerate(measures))
    side_by_side = " union all ".join(
        f"select period, {n} as place, coalesce(s.m{n}, {none})::varchar, coalesce(w.m{n}, {none})::varchar "
        "from s full outer join w using (period)"
        for n, (_, _, none) in enumerate(measures)
    )
    rows = warehouse.execute(
        f"""with s as materialized ({profile} from at_source group by _period),
                 w as materialized ({profile} from in_warehouse group by _period)
            {side_by_side} order by period, place"""
    ).fetchall()
    details = _which_rows(warehouse, table) if any(row[2] != row[3] for row in rows) else {}
    return [
        Comparison(
            source, table.name, period, measures[place][0], left, right, details.get(period, "") * (left != right)
        )
        for period, place, left, right in rows
    ]


def _canonical_text(table: LayoutTable) -> str:
    """Text of a row that no other row has: each value with its length before it, a dash for an empty one."""
    cells = (f"{raw.quoted(column.name)}::varchar" for column in table.columns)
    return "concat(" + ", ".join(f"coalesce(length({cell}) || ':' || {cell}, '-')" for cell in cells) + ")"


def _which_rows(warehouse: duckdb.DuckDBPyConnection, table: LayoutTable) -> dict[str, str]:
    """Period → which rows and columns differ, the first few by their keys."""
    same_key = " and ".join(f"s.{raw.quoted(name)} is not distinct from w.{raw.quoted(name)}" for name in table.key)

    def key_of(side: str) -> str:
        return (
            "concat_ws(', ', "
            + ", ".join(f"{raw.text(name + ' ')} || {side}.{raw.quoted(name)}" for name in table.key)
            + ")"
        )

    one_sided = [
        f"select 1 as place, {here}._period as period, {raw.text('only ' + where)} as what, {key_of(here)} as row_ "
        f"from {mine} {here} where not exists (select 1 from {other} {there} where {same_key})"
        for here, mine, there, other, where in (
            ("s", "at_source", "w", "in_warehouse", "at the source"),
            ("w", "in_warehouse", "s", "at_source", "in the warehouse"),
        )
    ]
    # A row that moved to another period is named in both.
    changed = [
        "select 2 as place, unnest(list_distinct([s._period, w._period])) as period, "
        f"{raw.text(column.name + ' differs')} as what, {key_of('s')} || ' (' || coalesce(s.{name}::varchar, 'empty') "
        f"|| ' at the source, ' || coalesce(w.{name}::varchar, 'empty') || ' in the warehouse)' as row_ "
        f"from at_source s join in_warehouse w on {same_key} where s.{name} is distinct from w.{name}"
        for column, name in ((column, raw.quoted(column.name)) for column in table.columns)
    ]
    return dict(
        warehouse.execute(
            f"""with different as ({" union all ".join(one_sided + changed)}),
                     told as (select period, place, what, count(*) as n, min(row_, {_KEYS_NAMED}) as first_rows
                              from different group by all)
                select period,
                    string_agg(
                        what || ' in ' || n || ' rows: ' || array_to_string(first_rows, '; ')
                            || case when n > {_KEYS_NAMED} then '; …' else '' end,
                        ' | ' order by place, what
                    )
                from told group by period"""
        ).fetchall()
    )
