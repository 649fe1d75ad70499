"""CFO: cash in if customers pay later, one of them fails, sales or a currency change, beside what is forecast."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboards.components.charts import lines_by_week
from dashboards.components.language import t
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.switches import (
    CURRENCY_PERCENT,
    DAYS_LATER,
    SALES_PERCENT,
    SWITCHES,
    show_scenario_cards,
    side_by_side,
)
from dashboards.components.table import show_table
from dashboards.queries.scenarios import Scenario, scenario_choices

run = begin_page("scenarios.title", "scenarios.purpose")
currency = run.reporting_currency
choices = scenario_choices(run.as_of)

if not choices["currency"]:
    st.info(t("scenarios.none"), icon=":material/inbox:")
else:
    names = {name: t(f"scenarios.{name}") for name in SWITCHES}
    # as the overview's link has them, else all single switches
    wanted = [name for name in st.query_params.get("scenarios", "").split(",") if name in names]
    chosen = st.pills(
        t("scenarios.choose"),
        list(names),
        format_func=lambda name: names[name],
        selection_mode="multi",
        default=wanted or list(SWITCHES[:-1]),
        key="scenarios",
    )
    later, who, where = st.columns(3, vertical_alignment="bottom")
    with later:
        days = st.number_input(t("scenarios.days_later"), 0, 60, DAYS_LATER, key="days_later")
    with who:
        late_customer = pick(
            "late_customer", t("scenarios.late_customer"), list(choices["customer"]), choices["customer"].get,
            everything=t("scenarios.all_customers"),
        )  # fmt: skip
    with where:
        late_region = pick(
            "late_region", t("scenarios.late_region"), list(choices["region"]), choices["region"].get,
            everything=t("scenarios.all_regions"),
        )  # fmt: skip
    fails, sales, which, move = st.columns(4, vertical_alignment="bottom")
    with fails:
        top = next(iter(choices["customer"]), None)
        largest = t("scenarios.largest", name=choices["customer"].get(top or "", "–"))
        failing = pick(
            "failing", t("scenarios.failing"), list(choices["customer"]), choices["customer"].get, everything=largest
        )
    with sales:
        sales_percent = st.number_input(
            t("scenarios.sales_percent"), -100.0, 200.0, SALES_PERCENT, 5.0, key="sales_percent"
        )
    with which:
        foreign = [code for code in choices["currency"] if code != currency] or list(choices["currency"])
        moved = st.selectbox(t("filter.currency"), foreign, key="moved_currency")
    with move:
        percent = st.number_input(
            t("scenarios.currency_percent"), -50.0, 50.0, CURRENCY_PERCENT, 1.0, key="currency_percent"
        )

    parts = {
        "later": Scenario(days_later=int(days), late_region=late_region, late_customer=late_customer),
        "default": Scenario(default_customer=failing or top),
        "sales": Scenario(sales_percent=sales_percent),
        "currency_move": Scenario(currency=moved, currency_percent=percent),
    }
    parts["together"] = replace(
        parts["later"], default_customer=failing or top, sales_percent=sales_percent, currency=moved,
        currency_percent=percent,
    )  # fmt: skip
    in_all, weeks = side_by_side(run.as_of, {name: parts[name] for name in names if name in chosen})
    show_scenario_cards(in_all, currency)
    st.subheader(t("scenarios.in_90_days"), anchor=False)
    show_table(in_all, "scenarios_90_days", file_name="scenarios_90_days.csv", currency=currency)
    with st.container(border=True):
        st.markdown(f"**{t('scenarios.by_week')}** · {currency}")
        lines_by_week(weeks, "scenarios_chart", band=t("scenarios.band", name=t("scenarios.base")), axis=currency)
        st.caption(t("scenarios.note"))
    show_table(weeks, "scenarios_weeks", file_name="scenarios_weeks.csv", currency=currency)
