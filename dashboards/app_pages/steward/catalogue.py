"""Steward: the catalogue of published columns, searched by any word: meaning, owner, rules, source columns."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboards.components.about import explain
from dashboards.components.figures import count
from dashboards.components.language import t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.catalogue import catalogue_choices, catalogue_columns, catalogue_total

begin_page("catalogue.title", "catalogue.purpose")
choices = catalogue_choices()

filters: dict[str, object] = {}
text_box, table_picker, owner_picker = st.columns([2, 1.5, 1])
with text_box:
    filters["text"] = st.text_input(t("catalogue.search"), key="search", bind="query-params") or None
with table_picker:
    filters["table"] = pick(
        "table", t("column.table_name"), choices["table_name"].tolist(), str, everything=t("filter.all")
    )
with owner_picker:
    owners = sorted(owner for owner in choices["owner"].dropna().unique() if owner)
    filters["owner"] = pick("owner", t("column.owner"), owners, partial(t_value, "owner"), everything=t("filter.all"))

total = catalogue_total(**filters).iloc[0]
for card, name in zip(st.columns(4), ("tables", "columns", "with_rules", "with_source"), strict=True):
    card.metric(t(f"catalogue.{name}"), count(total[name]), border=True, help=explain(f"catalogue_{name}"))

found = catalogue_columns(**filters)
found = found.assign(owner=[t_value("owner", owner) if owner else "" for owner in found["owner"]])
show_table(found, "catalogue", file_name="catalogue.csv")
