"""Steward: what was decided by whom and why, what waits for a second person, and whether the log is whole."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import stewardship
from dashboards.components.about import explain
from dashboards.components.decide import can_decide, record, who_and_why
from dashboards.components.figures import count
from dashboards.components.language import t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table

begin_page("decisions.title", "decisions.purpose")
deciding = can_decide()
log = stewardship.log()
broken = stewardship.problems()
pending = log[log["state"] == "proposed"]
undoable = log[log["state"].isin(["proposed", "effective"]) & ~log["action"].isin(["approve", "reject", "undo"])]


def in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with coded values as the reader's words."""
    return frame.assign(
        action=[t_value("action", value) for value in frame["action"]],
        state=[t_value("state", value) for value in frame["state"]],
        object=[t_value("object", value) for value in frame["object"]],
        attribute=["" if pd.isna(value) else t_value("column", value) for value in frame["attribute"]],
    )


def summary(number: int) -> str:
    """An entry in one line."""
    entry = log[log["decision_id"] == number].iloc[0]
    what = [t_value("action", entry["action"]), entry["record_id"], entry["other_record_id"], entry["value_after"]]
    return f"{number} · " + " · ".join(str(part) for part in what if not pd.isna(part)) + f" · {entry['decided_by']}"


entries_card, pending_card, applied_card, broken_card = st.columns(4)
entries_card.metric(t("decisions.entries"), count(len(log)), border=True, help=explain("decision_count"))
pending_card.metric(t("decisions.pending"), count(len(pending)), border=True, help=explain("decisions_pending"))
applied_card.metric(
    t("decisions.not_applied"),
    count(int((~log["is_applied"].astype(bool) & (log["state"] == "effective")).sum())),
    border=True,
    help=explain("decisions_not_applied"),
)
broken_card.metric(t("decisions.problems"), count(len(broken)), border=True, help=explain("chain_problems"))
if broken:
    st.error(t("decisions.broken", number=broken[0].sequence, sentence=broken[0].sentence), icon=":material/link_off:")
else:
    st.markdown(f":material/link: :gray[{t('decisions.whole', count=len(log))}]")

st.subheader(t("decisions.pending"), anchor=False)
show_table(
    in_words(pending),
    "pending",
    file_name="pending_decisions.csv",
    hidden=("state", "answered_by", "issue_id", "concerns_decision_id", "is_applied"),
)
if deciding and not pending.empty:
    with st.form("answer"):
        number = st.selectbox(
            t("decisions.which"), list(pending["decision_id"]), format_func=summary, key="answered_decision"
        )
        said = who_and_why("answer")
        yes_column, no_column = st.columns(2)
        approve = yes_column.form_submit_button(t("decisions.approve"), icon=":material/check:")
        reject = no_column.form_submit_button(t("decisions.reject"), icon=":material/close:")
    proposer = str(pending[pending["decision_id"] == number].iloc[0]["decided_by"])
    if approve:
        record(lambda kept: kept.approve(int(number), **said), said, not_by=proposer)
    if reject:
        record(lambda kept: kept.reject(int(number), **said), said)

st.subheader(t("decisions.log"), anchor=False)
state_column, action_column, _ = st.columns(3)
with state_column:
    state = pick(
        "state",
        t("column.state"),
        sorted(log["state"].unique()),
        lambda name: t_value("state", name),
        everything=t("filter.all"),
    )
with action_column:
    action = pick(
        "action",
        t("column.action"),
        sorted(log["action"].unique()),
        lambda name: t_value("action", name),
        everything=t("filter.all"),
    )
shown = log[(log["state"] == (state or log["state"])) & (log["action"] == (action or log["action"]))]
show_table(in_words(shown), "log", file_name="decisions.csv", hidden=("is_applied",))

if deciding and not undoable.empty:
    with st.expander(t("decisions.undo")), st.form("undo"):
        undone = st.selectbox(
            t("decisions.which"), list(undoable["decision_id"]), format_func=summary, key="undone_decision"
        )
        said = who_and_why("undo")
        if st.form_submit_button(t("decisions.undo"), icon=":material/undo:"):
            record(lambda kept: kept.undo(int(undone), **said), said)
