"""Steward: one record, as agreed and as each source has it, its faults, likely copies and decisions."""

from __future__ import annotations

import streamlit as st

from dashboards import stewardship
from dashboards.components.about import explain
from dashboards.components.decide import can_decide, record, who_and_why
from dashboards.components.figures import count
from dashboards.components.language import current_language, t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.rules import rule_in_words
from dashboards.components.table import show_table
from dashboards.queries.records import (
    candidates,
    fault_history,
    found_records,
    golden_id,
    has_candidates,
    record_faults,
    record_side_by_side,
)

_NOT_SOURCES = ("attribute", "agreed", "won_by", "decided_by")

begin_page("record.title", "record.purpose")
deciding = can_decide()
object_column, text_column, record_column = st.columns([1, 1.5, 2])
with object_column:
    others = list(stewardship.MASTER_OBJECTS[1:])
    first = stewardship.MASTER_OBJECTS[0]
    object_ = (
        pick(
            "object",
            t("column.object"),
            others,
            lambda name: t_value("object", name),
            everything=t_value("object", first),
        )
        or first
    )
with text_column:
    searched = st.text_input(t("record.search"), key="search", bind="query-params")
names = {row["record_id"]: row["name"] for _, row in found_records(object_, searched).iterrows()}
in_link = st.query_params.get("record")
if in_link and in_link not in names:
    names = {in_link: None} | names
with record_column:
    options = list(names)
    record_id = st.selectbox(
        t("record.record"),
        options,
        index=options.index(in_link) if in_link in options else 0 if options else None,
        format_func=lambda key: f"{names[key]} · {key}" if names[key] else key,
    )
if record_id:
    st.query_params["record"] = record_id

sides = record_side_by_side(object_, record_id) if record_id else record_side_by_side(object_, "")
faults = record_faults(object_, record_id or "", current_language())
pairs = candidates(object_, record_id or "") if has_candidates() else None
log = stewardship.log()
members = {record_id, golden_id(object_, record_id or "")}
own = log[(log["object"] == object_) & (log["record_id"].isin(members) | log["other_record_id"].isin(members))]

sources_card, open_card, pairs_card, decisions_card = st.columns(4)
sources_card.metric(
    t("record.sources"),
    count(len(set(sides.columns) - set(_NOT_SOURCES))),
    border=True,
    help=explain("source_record_count"),
)
open_card.metric(
    t("issues.open"), count(int((faults["status"] == "open").sum())), border=True, help=explain("open_issue_count")
)
pairs_card.metric(
    t("record.pairs"), count(0 if pairs is None else len(pairs)), border=True, help=explain("candidate_pairs")
)
decisions_card.metric(t("record.decisions"), count(len(own)), border=True, help=explain("decision_count"))

st.subheader(t("record.side_by_side"), anchor=False)
shown = sides.assign(attribute=[t_value("column", name) for name in sides["attribute"]])
if "decided_by" in sides:
    # What a source says of itself alone, such as its key, nothing had to decide.
    shown["decided_by"] = [
        t_value("survivorship", rule) if isinstance(rule, str) else None for rule in sides["decided_by"]
    ]
show_table(
    shown,
    "sides",
    file_name="record.csv",
    labels={name: name for name in sides.columns if name not in _NOT_SOURCES}
    | ({"agreed": t("record.agreed")} if "agreed" in sides else {})
    | ({"won_by": t("record.won_by"), "decided_by": t("record.rule")} if "won_by" in sides else {}),
    rows_shown=30,
    measures={name: "source_value" for name in sides.columns if name not in _NOT_SOURCES},
)

st.subheader(t("record.faults"), anchor=False)
show_table(
    faults.assign(
        status=[t_value("status", value) for value in faults["status"]],
        severity=[t_value("severity", value) for value in faults["severity"]],
        owner=[t_value("owner", value) for value in faults["owner"]],
        rule=[rule_in_words(rule) for rule in faults["rule"]],
    ),
    "faults",
    file_name="record_faults.csv",
)
if not faults.empty:
    history = fault_history(tuple(faults["issue_id"]))
    with st.expander(t("record.history")):
        show_table(
            history.assign(
                event=[t_value("event", value) for value in history["event"]],
                status=[t_value("status", value) for value in history["status"]],
                owner=[t_value("owner", value) for value in history["owner"]],
                rule=[rule_in_words(rule) for rule in history["rule"]],
            ),
            "history",
            file_name="fault_history.csv",
        )

if pairs is not None:
    st.subheader(t("record.links"), anchor=False)
    show_table(
        pairs.assign(zone=[t_value("zone", value) for value in pairs["zone"]]),
        "links",
        file_name="record_links.csv",
        hidden=("object",),
    )

st.subheader(t("record.own_decisions"), anchor=False)
show_table(
    own.assign(
        action=[t_value("action", value) for value in own["action"]],
        state=[t_value("state", value) for value in own["state"]],
    ),
    "own_decisions",
    file_name="record_decisions.csv",
    hidden=("object", "issue_id", "concerns_decision_id", "is_applied"),
)

if deciding and record_id:
    st.subheader(t("record.decide"), anchor=False)
    st.caption(t("record.sensitive_note"))
    with st.form("set_attribute"):
        attribute_column, value_column = st.columns([1, 2])
        attribute = attribute_column.selectbox(
            t("column.attribute"),
            stewardship.attributes_of(object_),
            format_func=lambda name: t_value("column", name),
            key="attribute",
        )
        value = value_column.text_input(t("record.value"), key="value")
        said = who_and_why("record")
        set_column, comment_column = st.columns(2)
        do_set = set_column.form_submit_button(t("record.set"), icon=":material/edit:")
        do_comment = comment_column.form_submit_button(t("decide.comment"), icon=":material/comment:")
    records = stewardship.directory()
    if do_set:
        record(lambda kept: kept.set_attribute(records, object_, str(record_id), str(attribute), value, **said), said)
    if do_comment:
        record(lambda kept: kept.comment(records, object_=object_, record_id=record_id, **said), said)
