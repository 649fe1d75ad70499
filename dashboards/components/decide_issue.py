"""A fault or a risk alert: what was decided on it, and the form that assigns, accepts and comments on it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial

import streamlit as st

from dashboards import stewardship
from dashboards.components.decide import record, who_and_why
from dashboards.components.language import t, t_value
from dashboards.components.table import show_table


def show_decisions_on(issue_id: str) -> None:
    """The decisions on the fault or alert with this id; nothing where there are none."""
    log = stewardship.log()
    decided = log[log["issue_id"] == issue_id]
    if not decided.empty:
        show_table(
            decided.assign(
                action=[t_value("action", value) for value in decided["action"]],
                state=[t_value("state", value) for value in decided["state"]],
            ),
            "decided",
            file_name="fault_decisions.csv",
            hidden=("object", "record_id", "other_record_id", "attribute", "issue_id", "concerns_decision_id",
                    "is_applied"),
        )  # fmt: skip


def decide_on(issue_id: str, owners: Iterable[str | None]) -> None:
    """Buttons that give it an owner (``owners`` or another), accept it until a day, or comment on it."""
    with st.form("decide_issue"):
        owner_column, until_column = st.columns(2)
        owner = owner_column.selectbox(
            t("issues.new_owner"),
            sorted({name for name in owners if name}),
            format_func=partial(t_value, "owner"),
            accept_new_options=True,
            key="new_owner",
        )
        until = until_column.date_input(
            t("issues.until"), value=stewardship.today() + timedelta(days=30), min_value=stewardship.today(),
            key="until",
        )  # fmt: skip
        said = who_and_why("issue")
        buttons = st.columns(3)
        assign = buttons[0].form_submit_button(t("issues.assign"), icon=":material/person:")
        accept = buttons[1].form_submit_button(t("issues.accept"), icon=":material/event_available:")
        comment = buttons[2].form_submit_button(t("decide.comment"), icon=":material/comment:")
    faults = stewardship.directory()
    if assign:
        record(lambda kept: kept.assign_owner(faults, issue_id, str(owner or ""), **said), said)
    if accept:
        today = stewardship.today()
        record(lambda kept: kept.accept_fault(faults, issue_id, until, today=today, **said), said)
    if comment:
        record(lambda kept: kept.comment(faults, issue_id=issue_id, **said), said)
