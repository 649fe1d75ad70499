"""English and 简体中文: which one this reader sees, and every label in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st
import yaml

from dashboards.components.figures import is_missing

LANGUAGES = {"en": "English", "zh": "简体中文"}
LOCALES = Path(__file__).parent.parent / "locales"
_CONTROL = "lang"
_GIVEN: ContextVar[str | None] = ContextVar("language", default=None)


@lru_cache
def labels(language: str) -> dict[str, str]:
    """All labels of a language, as dotted key → text."""
    flat: dict[str, str] = {}

    def walk(node: Mapping[str, Any], prefix: str) -> None:
        for name, value in node.items():
            if isinstance(value, Mapping):
                walk(value, f"{prefix}{name}.")
            else:
                flat[f"{prefix}{name}"] = str(value)

    walk(yaml.safe_load((LOCALES / f"{language}.yml").read_text(encoding="utf-8")), "")
    return flat


def browser_language() -> str:
    """zh for a Chinese browser, else en."""
    return "zh" if str(st.context.locale or "").lower().startswith("zh") else "en"


@contextmanager
def reading_in(language: str) -> Iterator[None]:
    """For what is made without a reader, such as files by command: labels are in ``language`` inside."""
    token = _GIVEN.set(language)
    try:
        yield
    finally:
        _GIVEN.reset(token)


def current_language() -> str:
    given = _GIVEN.get()
    if given is not None:
        return given
    chosen = st.session_state.get(_CONTROL)
    return chosen if chosen in LANGUAGES else browser_language()


def choose_language() -> None:
    """The switch; its choice stands in the link as ``lang``."""
    wanted = st.query_params.get(_CONTROL)
    if _CONTROL not in st.session_state:
        st.session_state[_CONTROL] = wanted if wanted in LANGUAGES else browser_language()
    with st.sidebar:
        st.segmented_control(
            "Language · 语言",
            list(LANGUAGES),
            format_func=lambda language: LANGUAGES[language],
            key=_CONTROL,
            required=True,
        )
    st.query_params[_CONTROL] = current_language()


def t(key: str, **values: object) -> str:
    """The label of ``key`` in the reader's language, with ``{name}`` filled in; the key itself where there is none."""
    return text_in(current_language(), key, **values)


def text_in(language: str, key: str, **values: object) -> str:
    """As :func:`t`, in a language that is given."""
    text = labels(language).get(key, key)
    return text.format(**values) if values else text


def t_value(family: str, value: object) -> str:
    """A coded value as words (``bucket`` ``91+`` → "over 90 days"); the value itself where it has no label."""
    return value_in(current_language(), family, value)


def value_in(language: str, family: str, value: object) -> str:
    """As :func:`t_value`, in a language that is given."""
    if is_missing(value):
        return text_in(language, "value.empty")
    return labels(language).get(f"{family}.{value}", str(value).replace("_", " "))
