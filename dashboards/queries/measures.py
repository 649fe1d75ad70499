"""What figures mean, as the published file says it, and what bears on them: controls, faults of records."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar

import pandas as pd
import streamlit as st

from dashboards.access import NotReadable, query, version_read

_KEPT = "_definitions"
_T = TypeVar("_T")


@dataclass(frozen=True)
class Definition:
    """What one figure or column means, in one language; empty texts where nobody says it."""

    name: str
    meaning: str
    formula: str = ""
    unit: str = ""
    tables: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    rows_page: str = ""
    comes_from: str = ""
    is_measure: bool = False


NOTHING = Definition("", "")


class Definitions:
    """The published definitions in one language (``en``, ``zh``): by measure, and by column of a shown table."""

    def __init__(self, language: str) -> None:
        self._measures: dict[str, Definition] = {}
        self._shown_as: dict[str, list[Definition]] = {}
        told = _rows_or_nothing("select * from marts.dim_measure order by measure")
        for one in told.to_dict("records"):
            definition = Definition(
                name=one[f"name_{language}"],
                meaning=one[f"definition_{language}"],
                formula=one["formula"],
                unit=one["unit"],
                tables=_split(one["tables"]),
                controls=_split(one["controls"]),
                rows_page=one["rows_page"],
                is_measure=one["kind"] == "measure",
            )
            self._measures[one["measure"]] = definition
            for column in _split(one["shown_as"]):
                self._shown_as.setdefault(column, []).append(definition)

    def of_measure(self, measure: str) -> Definition:
        """The definition of a measure by its name."""
        return self._measures.get(measure, NOTHING)

    def of_columns(self, columns: Iterable[str], tables: list[str]) -> dict[str, Definition]:
        """Definitions of columns read from ``tables``: the measure nearest to them, else what the catalogue says."""
        told = catalogue_of(tables)
        catalogue = {
            one.column: Definition("", one.meaning, tables=(one.table,), comes_from=one.comes_from) for one in told
        }

        def defined(column: str) -> Definition:
            nearest = self._nearest(column, tables)
            if nearest is None:
                return catalogue.get(column, NOTHING)
            # A measure comes from where the columns it adds up come from; conditions only pick rows.
            named = set(re.findall(r"\w+", nearest.formula.partition(" where ")[0]))
            behind = [one.comes_from for one in told if one.column in named and one.table in nearest.tables]
            return replace(nearest, comes_from="; ".join(dict.fromkeys(filter(None, behind))))

        return {column: defined(column) for column in columns}

    def _nearest(self, column: str, tables: list[str]) -> Definition | None:
        known = self._shown_as.get(column, [])
        attribute = next((one for one in known if not one.is_measure), None)
        near = [
            ((one.tables[0] in tables, len(set(one.tables) & set(tables))), place, one)
            for place, one in enumerate(known)
            if one.is_measure and (set(one.tables) & set(tables) or not tables)
        ]
        if near and (tables or len(near) == 1):
            return max(near, key=lambda found: (found[0], -found[1]))[2]
        return attribute


class CatalogueColumn(NamedTuple):
    """What the catalogue says of one published column; empty texts where it says nothing."""

    table: str
    column: str
    meaning: str
    rules: str
    controls: str
    comes_from: str


def definitions(language: str) -> Definitions:
    """The definitions in ``language`` of the file that this view reads."""
    return _once(f"definitions {language}", lambda: Definitions(language))


def catalogue_of(tables: Iterable[str]) -> list[CatalogueColumn]:
    """What the catalogue says of every column of ``tables``, facts last."""
    known = _once("catalogue", _catalogue)
    return [column for table in sorted(tables) for column in known.get(table, ())]


def _catalogue() -> dict[str, list[CatalogueColumn]]:
    rows = _rows_or_nothing(
        """
        select table_name, column_name, coalesce(meaning, '') as meaning, coalesce(rules, '') as rules,
            coalesce(controls, '') as controls, coalesce(comes_from, '') as comes_from
        from marts.catalogue_column
        """
    )
    known: dict[str, list[CatalogueColumn]] = {}
    for row in rows.itertuples(index=False, name=None):
        known.setdefault(row[0], []).append(CatalogueColumn(*row))
    return known


def controls_on(tables: Iterable[str], named: Iterable[str]) -> list[tuple[str, int, int]]:
    """Control, comparisons, how many agree: of the controls ``named``, else of all that read facts of ``tables``."""
    facts = [table for table in tables if table.startswith("fct_")]
    wanted = set(named) or {name for column in catalogue_of(facts) for name in _split(column.controls)}
    return [one for one in _once("controls", _controls) if one[0] in wanted]


def _controls() -> list[tuple[str, int, int]]:
    rows = _rows_or_nothing(
        """
        select control, count(*) as comparisons, count(*) filter (where passed) as agreed
        from marts.fct_tie_out
        group by control
        order by control
        """
    )
    return list(rows.itertuples(index=False, name=None))


def faults_touching(tables: Iterable[str]) -> pd.DataFrame:
    """One row per kind of record with open faults that touch figures of ``tables``: object, issues, at stake.

    A fault touches them when its rule guards a column on the way to the tables, or when its record is of the kind that
    a table holds (fct_receivable_aging holds receivables).
    """
    rules = {rule for column in catalogue_of(tables) for rule in _split(column.rules)}
    subjects = [table.partition("_")[2] + "_" for table in tables]
    return _rows_or_nothing(
        """
        select
            object,
            count(*) as issues,
            coalesce(sum(amount_at_stake_reporting_currency), 0)::decimal(38, 2) as amount_at_stake
        from marts.fct_data_issue
        where resolved_at is null
            and (list_contains($rules, rule)
                or len(list_filter($subjects, lambda subject: starts_with(subject, object || '_'))) > 0)
        group by object
        order by issues desc, object
        """,
        rules=tuple(sorted(rules)),
        subjects=tuple(subjects),
    )


def _split(names: object) -> tuple[str, ...]:
    return tuple(name.strip() for name in str(names or "").split(",") if name.strip())


def _once(name: str, make: Callable[[], _T]) -> _T:
    """What ``make`` returns, made once for each reader and published file."""
    file = version_read()
    kept: tuple[str, dict[str, Any]] = st.session_state.get(_KEPT) or (file, {})
    if kept[0] != file:
        kept = (file, {})
    st.session_state[_KEPT] = kept
    if name not in kept[1]:
        kept[1][name] = make()
    made: _T = kept[1][name]
    return made


def _rows_or_nothing(sql: str, **values: object) -> pd.DataFrame:
    """Rows of ``sql``; none where an older file lacks the table or it is closed to the reader: the page is shown all
    the same, without its definitions or its controls."""
    try:
        return query(sql, **values)
    except NotReadable as problem:
        if problem.reason not in ("unreadable.incomplete", "unreadable.closed"):
            raise
        return pd.DataFrame()
