"""CFO: the next 13 weeks of cash with their uncertainty, the sheet behind the chart, and how good forecasts were."""

from __future__ import annotations

import streamlit as st

from dashboards.components.about import explain
from dashboards.components.charts import fan_chart
from dashboards.components.figures import amount, day
from dashboards.components.language import t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.forecast import (
    FLOWS,
    POSITION,
    cash_position_by_week,
    currencies_without_rate,
    flow_by_week,
    forecast_companies,
    track_record,
    weekly_sheet,
)

run = begin_page("forecast.title", "forecast.purpose")
currency = run.reporting_currency

companies = forecast_companies()
names = dict(zip(companies["company_id"], companies["company"], strict=True))
who, what = st.columns([1, 2], vertical_alignment="bottom")
with who:
    company_id = pick("company", t("filter.company"), list(names), names.get, everything=t("filter.all_companies"))
with what:
    flow = st.segmented_control(
        t("forecast.flow"),
        [POSITION, *FLOWS],
        format_func=lambda name: t_value("flow", name),
        default=POSITION,
        required=True,
        key="flow",
        bind="query-params",
    )

position = cash_position_by_week(run.as_of, company_id)
if position.empty:
    st.info(t("forecast.none"), icon=":material/inbox:")
else:
    # The floor is the group's: beside one company's cash it would mislead.
    floor = run.cash_floor_reporting_currency if company_id is None else None
    lowest = position.iloc[int(position["mean"].astype("float64").argmin())]
    opening_card, closing_card, lowest_card, week_card = st.columns(4)
    opening_card.metric(
        t("forecast.opening", currency=currency),
        amount(position["opening"].iloc[0] if position["opening_known"].iloc[0] else None),
        border=True,
        help=explain("cash_now"),
    )
    closing_card.metric(
        t("forecast.closing", currency=currency, date=day(position["week_end"].iloc[-1])),
        amount(position["mean"].iloc[-1]),
        border=True,
        help=explain("closing_cash"),
    )
    lowest_card.metric(
        t("forecast.lowest", currency=currency), amount(lowest["mean"]), border=True, help=explain("lowest_cash")
    )
    week_card.metric(
        t("forecast.lowest_week"), day(lowest["week_start"]), border=True, help=explain("lowest_cash_week")
    )

    if not position["opening_known"].iloc[0]:
        st.warning(t("forecast.no_opening"), icon=":material/info:")
    if missing := currencies_without_rate(run.as_of):
        st.warning(t("forecast.without_rate", currencies=", ".join(missing)), icon=":material/info:")

    with st.container(border=True):
        st.markdown(f"**{t_value('flow', flow)}** · {currency}")
        fan_chart(
            position if flow == POSITION else flow_by_week(run.as_of, company_id, flow),
            "fan_chart",
            labels={name: t(f"forecast.{name}") for name in ("mean", "band_50", "band_90")},
            axis=currency,
            floor=floor if flow == POSITION else None,
            floor_label=t("forecast.floor"),
        )
        st.caption(t("forecast.band_note"))

    st.subheader(t("forecast.sheet"), anchor=False)
    show_table(
        weekly_sheet(run.as_of, company_id, floor), "weekly_sheet", file_name="cash_forecast.csv", currency=currency
    )

st.subheader(t("forecast.track_record"), anchor=False)
st.caption(t("forecast.track_record_note"))
scores = track_record()
for column, family in {"horizon": "horizon", "metric": "metric", "model": "model", "baseline": "model"}.items():
    scores[column] = [t_value(family, value) for value in scores[column]]
scores["level"] = [t_value("flow", str(level).removeprefix("flow ")) for level in scores["level"]]
show_table(scores, "track_record", file_name="forecast_track_record.csv")
