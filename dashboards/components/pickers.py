"""Filters that stand in the link, so that a link keeps the view."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st


def pick(
    name: str, label: str, choices: list[str], words: Callable[[str], str | None], *, everything: str
) -> str | None:
    """A choice of one or all, kept as ``name`` in the link; None is all, as is a choice in the link that is unknown."""
    wanted = st.query_params.get(name)
    options = ["", *choices]
    key, written = f"pick_{name}", f"_in_link_{name}"
    # What stands in the link and was not written here came with a link that somebody followed.
    followed = wanted is not None and wanted != st.session_state.get(written)
    if key not in st.session_state or st.session_state[key] not in options or followed:
        st.session_state[key] = wanted if wanted in choices else ""
    chosen = st.selectbox(
        label, options, format_func=lambda choice: (words(choice) or choice) if choice else everything, key=key
    )
    if chosen:
        st.query_params[name] = chosen
    else:
        st.query_params.pop(name, None)
    st.session_state[written] = chosen or None
    return chosen or None
