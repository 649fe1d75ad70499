"""What every form that decides has in common: who, why, and word of what was recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dashboards import stewardship
from dashboards.components.language import t
from dashboards.sign_in import current_reader

_RECORDED, _WHO = "_recorded", "_who_decides"


def can_decide() -> bool:
    """Whether decisions can be taken here; says so where they can't, and tells what was just recorded."""
    recorded = st.session_state.pop(_RECORDED, None)
    if recorded:
        st.success(recorded, icon=":material/check:")
    if stewardship.store() is None:
        may = current_reader().decides
        st.info(t("decide.no_store") if may else t("decide.not_your_role"), icon=":material/lock:")
        return False
    return True


def who_and_why(key: str) -> dict[str, str]:
    """Fields ``by`` and ``reason`` of a form; a signed-in reader decides under his own name."""
    who, why = st.columns([1, 2])
    signed_in = stewardship.signed_in()
    with who:
        if signed_in:
            st.text_input(t("decide.by"), value=signed_in, disabled=True, key=f"{key}_by")
            by = signed_in
        else:
            by = st.text_input(t("decide.by"), value=st.session_state.get(_WHO, ""), key=f"{key}_by")
    with why:
        reason = st.text_input(t("decide.why"), key=f"{key}_why")
    return {"by": by, "reason": reason}


def record(take: Callable[[stewardship.DecisionStore], Any], said: dict[str, str], *, not_by: str = "") -> None:
    """Take the decision and show the page anew; says what is missing instead. ``not_by`` may not be the same person."""
    kept = stewardship.store()
    if kept is None:
        return
    if not said["by"].strip() or not said["reason"].strip():
        st.error(t("decide.who_and_why"))
        return
    if not_by and stewardship.person(not_by) == stewardship.person(said["by"]):
        st.error(t("decide.second_person", name=not_by))
        return
    try:
        decision = take(kept)
    except stewardship.DecisionError as problem:
        st.error(t("decide.refused", message=str(problem)))
        return
    st.session_state[_WHO] = said["by"]
    word = "decide.proposed" if decision.state == "proposed" else "decide.recorded"
    st.session_state[_RECORDED] = t(word, number=decision.entry.sequence)
    st.rerun()
