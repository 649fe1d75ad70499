"""What stands over every page: its title, which run is read, and a warning when the latest attempt failed."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboards.access import Attempt, NotReadable
from dashboards.components.figures import day, moment
from dashboards.components.language import t


def show_header(title: str, purpose: str, run: dict[str, Any], attempt: Attempt | None) -> None:
    """Title with one line of purpose, and the strip: run, data as of, published."""
    st.title(t(title), anchor=False)
    st.caption(t(purpose))
    strip = t("header.strip", run=run["run_id"], as_of=day(run["as_of"]), published=moment(run["finished_at"]))
    st.markdown(f":material/verified: :gray[{strip}]")
    if attempt is not None and attempt.failed:
        st.warning(
            t(
                "header.last_run_failed",
                run=attempt.run_id,
                finished=moment(attempt.finished_at),
                message=attempt.message or t("value.empty"),
                as_of=day(run["as_of"]),
            ),
            icon=":material/history:",
        )


def show_nothing_readable(problem: NotReadable, attempt: Attempt | None) -> None:
    """In place of a page: what is missing and what to do."""
    st.title("Settlehouse", anchor=False)
    st.info(t(problem.reason, detail=problem.detail), icon=":material/hourglass_empty:")
    if attempt is not None and attempt.failed:
        st.warning(t("header.first_run_failed", run=attempt.run_id, message=attempt.message), icon=":material/history:")
