"""Drilling: a path of picked members, kept in the link in its order, shown as a breadcrumb to step back on."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import streamlit as st

from dashboards.components.figures import is_missing
from dashboards.components.language import t

_PREFIX = "at_"


def read_path(levels: Collection[str]) -> dict[str, str]:
    """The path in the link, in its order: level → member, of ``levels`` only; "" is the member without a name."""
    named = {name.removeprefix(_PREFIX): name for name in st.query_params if name.startswith(_PREFIX)}
    return {level: st.query_params[name] for level, name in named.items() if level in levels}


def add_to_path(level: str, member: object) -> None:
    """Add a member to the end of the path; to be called before the page is made."""
    st.query_params[_PREFIX + level] = "" if is_missing(member) else str(member)


def show_breadcrumb(path: Mapping[str, str], names: Mapping[str, str]) -> None:
    """The path as buttons, each member called by its name; each steps back to where it stands."""
    levels = list(path)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            t("drill.everything"),
            key="crumb_all",
            icon=":material/home:",
            disabled=not path,
            on_click=_step_back,
            args=(levels,),
        )
        for place, level in enumerate(levels):
            st.button(
                names[level] or t("value.empty"),
                key=f"crumb_{level}",
                icon=":material/chevron_right:",
                disabled=place == len(levels) - 1,
                help=t(f"level.{level}"),
                on_click=_step_back,
                args=(levels[place + 1 :],),
            )


def _step_back(levels: list[str]) -> None:
    for level in levels:
        st.query_params.pop(_PREFIX + level, None)
