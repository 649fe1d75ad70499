"""Drilling: a path of picked members, kept in the link, shown as a breadcrumb to step back on."""

from __future__ import annotations

import streamlit as st

from dashboards.components.figures import is_missing
from dashboards.components.language import t

_PREFIX = "at_"


def read_path(levels: list[str]) -> dict[str, str]:
    """The path in the link: level → member, without gaps from the first level on; "" is the member without a name."""
    path: dict[str, str] = {}
    for level in levels:
        member = st.query_params.get(_PREFIX + level)
        if member is None:
            break
        path[level] = member
    return path


def step_into(level: str, member: object) -> None:
    """Add a member to the path and show that view."""
    st.query_params[_PREFIX + level] = "" if is_missing(member) else str(member)
    st.rerun()


def show_breadcrumb(path: dict[str, str]) -> None:
    """The path as buttons; each steps back to where it stands."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button(t("drill.everything"), key="crumb_all", icon=":material/home:", disabled=not path):
            _step_back(list(path))
        levels = list(path)
        for place, level in enumerate(levels):
            last = place == len(levels) - 1
            name, what = path[level] or t("value.empty"), t(f"level.{level}")
            if st.button(name, key=f"crumb_{level}", icon=":material/chevron_right:", disabled=last, help=what):
                _step_back(levels[place + 1 :])


def _step_back(levels: list[str]) -> None:
    for level in levels:
        st.query_params.pop(_PREFIX + level, None)
    st.rerun()
