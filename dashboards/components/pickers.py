"""Filters that stand in the link, so that a link keeps the view."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


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


def choose(
    name: str,
    label: str,
    options: list[str],
    words: Callable[[str], str],
    *,
    default: str,
    as_buttons: bool = False,
) -> str:
    """A choice of one, kept as ``name`` in the link even where it is the default: a link shows the same tomorrow."""
    key = f"choose_{name}"
    if st.session_state.get(key) not in options:
        wanted = st.query_params.get(name)
        st.session_state[key] = wanted if wanted in options else default
    if as_buttons:
        chosen = st.segmented_control(label, options, format_func=words, key=key, required=True)
    else:
        chosen = st.selectbox(label, options, format_func=words, key=key)
    st.query_params[name] = chosen or default
    return chosen or default


def number_in_link(
    place: DeltaGenerator, name: str, label: str, lowest: int, highest: int, default: Decimal = Decimal(0)
) -> Decimal:
    """A percentage, kept as ``name`` in the link where it is not ``default``."""
    key = f"number_{name}"
    if key not in st.session_state:
        st.session_state[key] = _number(st.query_params.get(name), lowest, highest, default)
    value = place.number_input(label, float(lowest), float(highest), step=1.0, format="%.1f", key=key)
    chosen = Decimal(str(value)).quantize(Decimal("0.1"))
    if chosen != default:
        st.query_params[name] = str(chosen)
    else:
        st.query_params.pop(name, None)
    return chosen


def _number(text: str | None, lowest: int, highest: int, default: Decimal) -> float:
    try:
        wanted = float(Decimal(text)) if text else float(default)
    except InvalidOperation:
        return float(default)
    return wanted if lowest <= wanted <= highest else float(default)
