"""What figures mean, as the published file says it, and what bears on them: controls, faults of records."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from dashboards.access import NotReadable, query

_KEPT = "_definitions"


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
        told = catalogue_of(tables).to_dict("records")
        catalogue = {
            one["column_name"]: Definition(
                "", one["meaning"], tables=(one["table_name"],), comes_from=one["comes_from"]
            )
            for one in told
        }

        def defined(column: str) -> Definition:
            nearest = self._nearest(column, tables)
            if nearest is None:
                return catalogue.get(column, NOTHING)
            # A measure comes from where the columns it adds up come from; conditions only pick rows.
            named = set(re.findall(r"\w+", nearest.formula.partition(" where ")[0]))
            behind = [
                one["comes_from"]
                for one in told
                if one["column_name"] in named and one["table_name"] in nearest.tables and one["comes_from"]
            ]
            return replace(nearest, comes_from="; ".join(dict.fromkeys(behind)))

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


def definitions(language: str) -> Definitions:
    """The definitions of the file that this view reads; read once per reader, file and language."""
    place = (str(st.session_state.get("_published_file")), language)
    kept = st.session_state.get(_KEPT)
    if kept is None or kept[0] != place:
        kept = st.session_state[_KEPT] = (place, Definitions(language))
    return kept[1]


def catalogue_of(tables: Iterable[str]) -> pd.DataFrame:
    """One row per column of ``tables`` (facts last): table_name, column_name, meaning, rules, controls, comes_from."""
    return _rows_or_nothing(
        """
        select table_name, column_name, meaning, coalesce(rules, '') as rules, coalesce(controls, '') as controls,
            coalesce(comes_from, '') as comes_from
        from marts.catalogue_column
        where list_contains($tables, table_name)
        order by table_name, column_name
        """,
        tables=tuple(tables),
    )


def controls_on(tables: Iterable[str], named: Iterable[str]) -> pd.DataFrame:
    """One row per control (control, comparisons, passed): those ``named``, else all that read facts of ``tables``."""
    facts = [table for table in tables if table.startswith("fct_")]
    controls = set(named) or {name for told in catalogue_of(facts)["controls"] for name in _split(told)}
    return _rows_or_nothing(
        """
        select control, count(*) as comparisons, count(*) filter (where passed) as passed
        from marts.fct_tie_out
        where list_contains($controls, control)
        group by control
        order by control
        """,
        controls=tuple(sorted(controls)),
    )


def faults_touching(tables: Iterable[str]) -> pd.DataFrame:
    """One row per kind of record with open faults that touch figures of ``tables``: object, issues, at stake.

    A fault touches them when its rule guards a column on the way to the tables, or when its record is of the kind that
    a table holds (fct_receivable_aging holds receivables).
    """
    rules = {rule for told in catalogue_of(tables)["rules"] for rule in _split(told)}
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


def _rows_or_nothing(sql: str, **values: object) -> pd.DataFrame:
    """Rows of ``sql``; none where an older file lacks the table: a page is shown without its definitions then."""
    try:
        return query(sql, **values)
    except NotReadable as problem:
        if problem.reason != "unreadable.incomplete":
            raise
        names = ("table_name", "column_name", "meaning", "rules", "controls", "comes_from", "control", "object")
        return pd.DataFrame({name: pd.Series(dtype="object") for name in names})
