"""CFO: cash in of the next 90 days as a distribution, by company, currency, region and segment."""

from __future__ import annotations

import streamlit as st

from dashboards.components.about import explain
from dashboards.components.charts import fan_chart
from dashboards.components.figures import amount
from dashboards.components.language import t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.cash_in import LEVELS, PERIODS, cash_in_by_period, cash_in_totals

run = begin_page("cash_in.title", "cash_in.purpose")

how, when = st.columns(2, vertical_alignment="bottom")
with how:
    by = st.segmented_control(
        t("filter.by"),
        list(LEVELS),
        format_func=lambda name: t_value("cash_in_by", name),
        default="group",
        required=True,
        key="cash_in_by",
        bind="query-params",
    )
with when:
    period = st.segmented_control(
        t("cash_in.period"),
        list(PERIODS),
        format_func=lambda name: t_value("cash_in_period", name),
        default="week",
        required=True,
        key="cash_in_period",
        bind="query-params",
    )

totals = cash_in_totals(run.as_of, by)
if totals.empty:
    st.info(t("cash_in.none"), icon=":material/inbox:")
else:
    if by == "group":
        totals["name"] = t("filter.group")
    elif by == "segment":
        totals["name"] = [t_value("segment", value) for value in totals["name"]]
    elif by == "region":
        totals["name"] = [t_value("cash_in_region", value) for value in totals["name"]]
    names = dict(zip(totals["member"], totals["name"], strict=True))
    member = totals["member"].iloc[0]
    if by != "group":
        largest = t("cash_in.largest", name=names[member])
        member = pick(f"cash_in_{by}", t_value("cash_in_by", by), list(names), names.get, everything=largest) or member
    row = totals[totals["member"] == member].iloc[0]
    currency = str(row["currency"])
    mean_card, low_card, middle_card, high_card = st.columns(4)
    mean_card.metric(
        t("cash_in.mean_90", currency=currency), amount(row["mean"]), border=True, help=explain("cash_in_90_days")
    )
    low_card.metric(
        t("cash_in.p10_90", currency=currency), amount(row["p10"]), border=True, help=explain("cash_in_p10")
    )
    middle_card.metric(
        t("cash_in.p50_90", currency=currency), amount(row["p50"]), border=True, help=explain("cash_in_p50")
    )
    high_card.metric(
        t("cash_in.p90_90", currency=currency), amount(row["p90"]), border=True, help=explain("cash_in_p90")
    )

    periods = cash_in_by_period(run.as_of, by, member, period)
    with st.container(border=True):
        st.markdown(f"**{names[member]}** · {t_value('cash_in_period', period)} · {currency}")
        fan_chart(
            periods,
            "cash_in_fan",
            labels={name: t(f"forecast.{name}") for name in ("mean", "band_50", "band_90")},
            axis=currency,
            floor=None,
            floor_label="",
        )
        st.caption(t("cash_in.note"))
    show_table(
        periods, "cash_in_periods", file_name="cash_in.csv", currency=currency,
        labels={"week_start": t("cash_in.period_day")},
    )  # fmt: skip
    if by != "group":
        st.subheader(t("cash_in.members"), anchor=False)
        show_table(totals, "cash_in_members", file_name="cash_in_90_days.csv", hidden=("member",))
