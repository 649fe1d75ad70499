"""Auditor: who looked at and exported what, newest first; no figures, for the log has none."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboards import access_log
from dashboards.components.about import explain
from dashboards.components.figures import count
from dashboards.components.language import t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table

begin_page("access.title", "access.purpose")
if access_log.log_folder() is None:
    st.info(t("access.no_log"), icon=":material/info:")
entries = access_log.newest()

who_picker, action_picker = st.columns(2)
with who_picker:
    people = sorted(set(entries["who"]))
    who = pick("who", t("column.who"), people, lambda name: name, everything=t("access.everybody"))
with action_picker:
    action = pick(
        "action",
        t("column.log_action"),
        list(access_log.ACTIONS),
        partial(t_value, "log_action"),
        everything=t("filter.all"),
    )
if who:
    entries = entries[entries["who"] == who]
if action:
    entries = entries[entries["log_action"] == action]

done = entries["log_action"].value_counts()
for card, name, number in zip(
    st.columns(4),
    ("views", "exports", "refused", "people"),
    (*(int(done.get(kind, 0)) for kind in (access_log.VIEW, access_log.EXPORT, access_log.REFUSED)),
     entries["who"].nunique()),
    strict=True,
):  # fmt: skip
    card.metric(t(f"access.{name}"), count(number), border=True, help=explain(f"access_{name}"))

st.subheader(t("access.log"), anchor=False)
show_table(
    entries.assign(
        role=[t_value("role", name) for name in entries["role"]],
        log_action=[t_value("log_action", name) for name in entries["log_action"]],
    ),
    "access_log",
    file_name="access_log.csv",
    rows_shown=20,
)
