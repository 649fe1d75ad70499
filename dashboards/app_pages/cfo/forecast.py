"""CFO: the next 13 weeks of cash with their uncertainty, what is behind each cell, and how good forecasts were."""

from __future__ import annotations

import streamlit as st

from dashboards.components.about import explain
from dashboards.components.charts import fan_chart, lines_by_day
from dashboards.components.figures import amount, day, is_missing, percent
from dashboards.components.language import t, t_value
from dashboards.components.memo import memo_form
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.sheet import show_sheet
from dashboards.components.table import show_table
from dashboards.queries.forecast import (
    FLOWS,
    NET,
    POSITION,
    breach_flows,
    breach_weeks,
    cash_position_by_week,
    chances_below_floor,
    currencies_without_rate,
    flow_by_week,
    forecast_companies,
    memo_records,
    planned_items,
    track_record,
    without_statement,
)

run = begin_page("forecast.title", "forecast.purpose")

companies = forecast_companies(run.as_of)
names = dict(zip(companies["company_id"], companies["company"], strict=True))
company_id = pick("company", t("filter.company"), list(names), names.get, everything=t("filter.all_companies"))
flow = st.segmented_control(
    t("forecast.flow"),
    [POSITION, *FLOWS, NET],
    format_func=lambda name: t_value("flow", name),
    default=POSITION,
    required=True,
    key="flow",
    bind="query-params",
)

position = cash_position_by_week(run.as_of, company_id)
currency = run.reporting_currency if position.empty else str(position["currency"].iloc[0])
if position.empty:
    st.info(t("forecast.none"), icon=":material/inbox:")
else:
    known = is_missing(position["empty_reason"].iloc[0])
    floor = None if is_missing(position["cash_floor"].iloc[0]) else position["cash_floor"].iloc[0]
    if known:
        lowest = position.iloc[int(position["mean"].astype("float64").argmin())]
        opening_card, closing_card, lowest_card, chance_card = st.columns(4)
        opening_card.metric(
            t("forecast.opening", currency=currency),
            amount(position["opening"].iloc[0]),
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
            t("forecast.lowest", currency=currency),
            amount(lowest["mean"]),
            delta=t("forecast.lowest_week", week=day(lowest["week_start"])),
            delta_color="off",
            delta_arrow="off",
            border=True,
            help=explain("lowest_cash"),
        )
        chance_card.metric(
            t("forecast.chance"),
            percent(position["below_floor_so_far_percent"].iloc[-1]),
            border=True,
            help=explain("chance_below_floor"),
        )
        if floor is None:
            st.caption(t("forecast.no_floor"))
    else:
        st.info(t("forecast.no_statement"), icon=":material/account_balance:")
    if company_id is None and (missing := without_statement(run.as_of)):
        st.info(t("forecast.left_out", companies=", ".join(missing)), icon=":material/info:")
    if unrated := currencies_without_rate(run.as_of):
        st.warning(t("forecast.without_rate", currencies=", ".join(unrated)), icon=":material/info:")

    shown = flow if known or flow != POSITION else NET
    with st.container(border=True):
        st.markdown(f"**{t_value('flow', shown)}** · {currency}")
        fan_chart(
            position if shown == POSITION else flow_by_week(run.as_of, company_id, shown),
            "fan_chart",
            labels={name: t(f"forecast.{name}") for name in ("mean", "band_50", "band_90")},
            axis=currency,
            floor=floor if shown == POSITION else None,
            floor_label=t("forecast.floor"),
        )
        st.caption(t("forecast.band_note"))

    st.subheader(t("forecast.sheet"), anchor=False)
    show_sheet(run.as_of, company_id, currency)

    st.subheader(t("forecast.items"), anchor=False)
    st.caption(t("forecast.items_note"))
    items = planned_items(run.as_of, company_id, flow if flow in FLOWS else None, None)
    for column, family in {
        "flow": "flow", "component": "component", "document_type": "document", "status": "item_status",
        "confirmed_by": "confirmed_by",
    }.items():  # fmt: skip
        items[column] = ["" if is_missing(value) else t_value(family, value) for value in items[column]]
    show_table(
        items,
        "planned_items",
        file_name="planned_cash_items.csv",
        labels={"document_number": t("forecast.document_number"), "document_type": t("forecast.document_type")},
        hidden=("planned_cash_item_id",),
    )

    st.subheader(t("forecast.under_floor"), anchor=False)
    chances = chances_below_floor(run.as_of)
    if chances.empty:
        st.info(t("forecast.no_floor"), icon=":material/info:")
    else:
        lines = chances.assign(line=chances["line"].fillna(t("forecast.group")))
        lines_by_day(
            lines, "chances", day="week_start", value="below_floor_percent", name=t("column.below_floor_percent")
        )
        st.caption(t("forecast.under_floor_note"))
    breaches = breach_weeks(run.as_of, company_id)
    if breaches.empty:
        if floor is not None and known:
            st.markdown(f":material/check: :gray[{t('forecast.no_breach')}]")
    else:
        chosen = st.selectbox(
            t("forecast.breach_week"),
            list(breaches["week_start"]),
            format_func=lambda start: (
                f"{day(start)} · "
                f"{percent(breaches.loc[breaches['week_start'] == start, 'below_floor_percent'].iloc[0])}"
            ),
            key="breach_week",
        )
        st.caption(t("forecast.breach_note"))
        causes = breach_flows(run.as_of, company_id, chosen)
        causes["flow"] = [t_value("flow", value) for value in causes["flow"]]
        show_table(causes, "breach_flows", file_name="breach_flows.csv", currency=currency)

st.subheader(t("forecast.memos"), anchor=False)
st.caption(t("forecast.memos_note"))
memos = memo_records(company_id)
active = list(memos.loc[memos["status"].isin(["active", "ended"]), "memo_id"])
for column, family in {"flow": "flow", "status": "memo_status", "recurrence": "recurrence"}.items():
    memos[column] = [t_value(family, value) for value in memos[column]]
show_table(memos, "memo_records", file_name="memo_records.csv")
memo_form(companies, active, run.as_of)

st.subheader(t("forecast.track_record"), anchor=False)
st.caption(t("forecast.track_record_note"))
scores = track_record()
for column, family in {"horizon": "horizon", "metric": "metric", "model": "model", "baseline": "model"}.items():
    scores[column] = [t_value(family, value) for value in scores[column]]
scores["level"] = [t_value("flow", str(level).removeprefix("flow ")) for level in scores["level"]]
show_table(scores, "track_record", file_name="forecast_track_record.csv")
