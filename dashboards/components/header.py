"""What stands over every page: its title, which run is read, and a warning when the latest attempt failed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from dashboards.access import Attempt, NotReadable
from dashboards.components.figures import day, is_missing, moment
from dashboards.components.language import t

STALE_AFTER_HOURS = 30
"""The schedule publishes every night; six hours on top are for a long run and a late look."""


def show_header(title: str, purpose: str, run: dict[str, Any], attempt: Attempt | None) -> None:
    """Title with one line of purpose, and the strip: run, data as of, published."""
    st.title(t(title), anchor=False)
    st.caption(t(purpose))
    strip = t("header.strip", run=run["run_id"], as_of=day(run["as_of"]), published=moment(run["finished_at"]))
    st.markdown(f":material/verified: :gray[{strip}]")
    hours = hours_since(run["finished_at"])
    if hours is not None and hours > STALE_AFTER_HOURS and not (attempt is not None and attempt.failed):
        st.markdown(f":orange-badge[:material/schedule: {t('header.stale', days=f'{hours / 24:.0f}')}]")
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


def hours_since(published: object) -> float | None:
    """Hours since a time stamp in UTC; None where there is none."""
    if is_missing(published) or not isinstance(published, datetime):
        return None
    return (datetime.now(UTC).replace(tzinfo=None) - published).total_seconds() / 3600


def show_nothing_readable(problem: NotReadable, attempt: Attempt | None) -> None:
    """In place of a page: what is missing and what to do."""
    st.title("Settlehouse", anchor=False)
    st.info(t(problem.reason, detail=problem.detail), icon=":material/hourglass_empty:")
    if attempt is not None and attempt.failed:
        st.warning(t("header.first_run_failed", run=attempt.run_id, message=attempt.message), icon=":material/history:")
