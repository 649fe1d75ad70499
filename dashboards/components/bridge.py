"""What changed since the last forecast, by cause."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import streamlit as st

from dashboards.components.charts import waterfall
from dashboards.components.figures import amount, day
from dashboards.components.language import t, t_value
from dashboards.components.links import link_to
from dashboards.queries.variance import bridge_total, by_cause, comparisons


def show_waterfall(causes: pd.DataFrame, forecast: Decimal, outcome: Decimal, currency: str) -> None:
    """From what was forecast by each cause of ``causes`` (columns cause, amount) to what came and is still expected."""
    sums = causes.groupby("cause", sort=False)["amount"].sum()
    with st.container(border=True):
        st.markdown(f"**{t('variance.waterfall')}** · {currency}")
        waterfall(
            [
                (t("variance.first_bar"), forecast, True),
                *((t_value("variance_cause", cause), value, False) for cause, value in sums.items()),
                (t("variance.second_bar"), outcome, True),
            ],
            "variance_waterfall",
            axis=currency,
        )
        st.caption(t("variance.causes_note"))


def show_bridge_summary(currency: str) -> None:
    """The newest forecast beside the one before it, in a sentence and a picture, and the way to the variance page."""
    pairs = comparisons()
    if pairs.empty:
        st.info(t("variance.none"), icon=":material/inbox:")
        return
    second = max(pairs["compared_as_of"])
    first = max(pairs.loc[pairs["compared_as_of"] == second, "forecast_as_of"])
    total = bridge_total(first, second, None, "all").iloc[0]
    if not total["weeks"]:
        st.info(t("table.empty"), icon=":material/inbox:")
        return
    st.markdown(
        t(
            "overview.bridge",
            first=day(first),
            second=day(second),
            difference=f"{total['difference']:+,.0f}",
            forecast=amount(total["forecast"]),
            currency=currency,
        )
    )
    show_waterfall(
        by_cause(first, second, None, "all"), total["forecast"], total["received"] + total["still_expected"], currency
    )
    link_to("variance", t("overview.more_changed"))
