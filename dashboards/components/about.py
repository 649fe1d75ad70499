"""A number explains itself: its definition, formula, tables, run, controls, faults that touch it, and its rows.

Nothing here defines a figure. The published file does (``dim_measure``, ``catalogue_column``), so that every page,
every export and the board pack say the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st
from streamlit.errors import StreamlitAPIException

from dashboards.access import ROWS_LISTED, read_from
from dashboards.components.figures import day
from dashboards.components.language import current_language, labels, t, t_value
from dashboards.components.workbook import Words
from dashboards.queries.measures import NOTHING, Definition, controls_on, definitions, faults_touching
from dashboards.queries.run import current_run

_NAMED = 6  # headings of one meaning that are all named
_PAGES = Path(__file__).parent.parent / "app_pages"


@dataclass(frozen=True)
class About:
    """What is known of the figures of one table, in the reader's language; columns in the order they are shown."""

    headings: dict[str, str]
    definitions: dict[str, Definition]
    tables: tuple[str, ...]
    filters: tuple[tuple[str, str], ...]
    run_id: str
    as_of: str

    @property
    def controls(self) -> tuple[str, ...]:
        """Controls that the measures name; none named means all of the tables' controls."""
        return tuple(sorted({name for one in self.definitions.values() for name in one.controls}))


def explain(measure: str) -> str | None:
    """Help text of a card: what the measure means and how it comes about; None where nobody says it."""
    return help_text(definitions(current_language()).of_measure(measure))


def help_text(definition: Definition) -> str | None:
    """A definition as help: meaning, formula, unit. Dollar signs and the like of formulas stay as they are."""
    parts = [definition.meaning]
    if definition.formula:
        parts.append(f"`{definition.formula}`")
    if definition.unit:
        parts.append(f":gray[{t_value('unit', definition.unit)}]")
    return "  \n".join(part for part in parts if part) or None


def describe(frame: pd.DataFrame, headings: Mapping[str, str], measures: Mapping[str, str] | None = None) -> About:
    """What the columns of ``frame`` mean. ``measures`` names the measure of columns whose name does not tell it."""
    tables, filters = read_from(frame)
    known = definitions(current_language())
    meant = known.of_columns(headings, tables)
    for column, measure in (measures or {}).items():
        meant[column] = known.of_measure(measure)
    run = current_run()
    return About(
        headings=dict(headings),
        definitions=meant,
        tables=tuple(tables),
        filters=tuple((_filter_label(name), value) for name, value in sorted(filters.items())),
        run_id=str(run["run_id"]),
        as_of=day(run["as_of"]),
    )


def _filter_label(name: str) -> str:
    known = labels(current_language())
    candidates = (f"filter.{name}", f"filter.{name.removesuffix('_id')}", f"column.{name}", f"level.{name[3:]}")
    return next((known[key] for key in candidates if key in known and "{" not in known[key]), name)


def words_of(about: About, title: str, *, is_cut: bool = False) -> Words:
    """The texts of a workbook about these figures; read now, as the file is made outside the reader's session."""
    watched = [_control_in_words(*one) for one in controls_on(about.tables, about.controls)]
    run = current_run()
    facts = [
        (t("export.table"), title),
        (t("export.group"), str(run.get("group_name") or "")),
        (t("export.run"), about.run_id),
        (t("column.as_of"), about.as_of),
        (t("export.reporting_currency"), str(run["reporting_currency"])),
        (t("export.filters"), "; ".join(f"{name}: {value}" for name, value in about.filters) or t("export.no_filters")),
        (t("about.tables"), ", ".join(about.tables)),
        (t("about.controls"), "; ".join(watched) or t("value.empty")),
    ]
    if is_cut:
        facts.append(("", t("table.cut", count=f"{ROWS_LISTED:,}")))
    meant = []
    for column, heading in about.headings.items():
        one = about.definitions.get(column, NOTHING)
        meant.append(
            (
                heading,
                column,
                one.meaning,
                one.formula,
                t_value("unit", one.unit) if one.unit else "",
                ", ".join([table for table in one.tables if table in about.tables] or one.tables or about.tables),
                ", ".join(t_value("control", name) for name in one.controls),
                one.comes_from,
            )
        )
    headings = ("heading", "column_name", "meaning", "formula", "unit", "tables", "controls", "comes_from")
    return Words(
        data_sheet=t("export.data_sheet"),
        definitions_sheet=t("export.definitions_sheet"),
        facts=facts,
        headings=[t(f"export.{name}") for name in headings],
        definitions=meant,
        kept_as_text=labels(current_language())["export.kept_as_text"],
    )


def show_about(about: About, key: str) -> None:
    """The button "About these figures"; what it shows is read when it is opened, and the page is not run again."""
    _popover(about, key)


@st.fragment
def _popover(about: About, key: str) -> None:
    popover = st.popover(
        t("about.title"), type="tertiary", icon=":material/info:", on_change="rerun", key=f"{key}_about"
    )
    if popover.open:
        with popover:
            _content(about)


def _content(about: About) -> None:
    st.caption(t("about.run", run=about.run_id, as_of=about.as_of))
    if about.filters:
        st.caption(t("about.filters", filters="; ".join(f"{name}: {value}" for name, value in about.filters)))
    headings: dict[Definition, list[str]] = {}
    for column, heading in about.headings.items():
        definition = about.definitions.get(column, NOTHING)
        if definition.is_measure:
            headings.setdefault(definition, []).append(heading)
    for definition, named in headings.items():
        # A statement has a column per month, all of one meaning.
        names = " · ".join(named) if len(named) <= _NAMED else f"{named[0]} … {named[-1]}"
        st.markdown(f"**{names}**  \n{help_text(definition)}")
    told = list(headings)
    tables = sorted(set(about.tables) | {table for one in told for table in one.tables if not about.tables})
    controls = controls_on(tables, about.controls)
    if controls:
        st.markdown(f"**{t('about.controls')}**")
        for control, comparisons, agreed in controls:
            _link("controls", _control_in_words(control, comparisons, agreed), {"control": control})
    faults = faults_touching(tables)
    st.markdown(f"**{t('about.faults')}**")
    for one in faults.to_dict("records"):
        words = t("about.fault", object=t_value("object", one["object"]), count=f"{one['issues']:,}")
        _link("issues", words, {"object": one["object"]})
    if faults.empty:
        st.caption(t("about.no_faults"))
    pages = _rows_pages(told)
    if pages:
        st.markdown(f"**{t('about.rows')}**")
        for page in pages:
            _link(page, t(f"{page}.title"), {})
    st.markdown(f"**{t('about.tables')}**")
    for table in tables:
        _link("catalogue", table, {"table": table})


def _control_in_words(control: str, comparisons: int, agreed: int) -> str:
    return t("about.control", control=t_value("control", control), passed=f"{agreed:,}", comparisons=f"{comparisons:,}")


def _rows_pages(definitions: Iterable[Definition]) -> list[str]:
    return list(dict.fromkeys(one.rows_page for one in definitions if one.rows_page))


def _link(page: str, label: str, query: dict[str, str]) -> None:
    """A link to a page, in the reader's language; plain text for a page that this reader has not."""
    file = next(_PAGES.glob(f"*/{page}.py"), None)
    if file is not None:
        try:
            st.page_link(
                f"app_pages/{file.parent.name}/{file.name}",
                label=label.replace("_", "\\_"),
                query_params=query | {"lang": current_language()},
            )
            return
        except StreamlitAPIException:
            pass
    st.caption(label.replace("_", "\\_"))
