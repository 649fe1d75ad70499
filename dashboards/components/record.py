"""How good the forecasts of receipts were, in four cards, each beside its baseline."""

from __future__ import annotations

import streamlit as st

from dashboards.components.about import explain
from dashboards.components.figures import is_missing, percent
from dashboards.components.language import t, t_value
from dashboards.queries.track_record import headline_beside


def show_record_cards() -> None:
    """Weekly error, 90-day error, spread and coverage of the newest backtest; the nightly one where no weekly is."""
    scores = headline_beside()
    if scores.empty:
        st.info(t("track_record.no_backtest"), icon=":material/inbox:")
        return
    is_weekly = bool(scores["is_weekly"].iloc[0])
    st.caption(t("overview.record_weekly" if is_weekly else "overview.record_nightly"))
    for card, row in zip(st.columns(4), scores.to_dict("records"), strict=False):
        name = str(row["measure"])
        if is_missing(row["baseline"]):
            beside, name_of = percent(row["baseline_percent"]), t("overview.nominal")
        else:
            beside, name_of = percent(row["baseline_percent"]), t_value("model", row["baseline"])
        card.metric(
            t(f"track_record.{name}"),
            percent(row["score_percent"]),
            beside,
            delta_color="off",
            delta_arrow="off",
            delta_description=name_of,
            border=True,
            height="stretch",
            help=explain(name),
        )
