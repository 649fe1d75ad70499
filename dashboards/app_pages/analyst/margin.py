"""Analyst: margin from region down to the invoice line. The link holds the whole view."""

from __future__ import annotations

import streamlit as st

from dashboards.components.about import explain
from dashboards.components.charts import revenue_and_margin
from dashboards.components.drill import read_path, show_breadcrumb, step_into
from dashboards.components.figures import amount, is_missing, percent
from dashboards.components.language import t
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.margin import LEVELS, fiscal_periods, fiscal_years, invoice_lines, margin_by, margin_total

run = begin_page("margin.title", "margin.purpose")
currency = run.reporting_currency

year_picker, period_picker, _ = st.columns([1, 1, 2])
with year_picker:
    year = pick("year", t("filter.fiscal_year"), fiscal_years(), str, everything=t("filter.all_years"))
with period_picker:
    periods = [str(period) for period in fiscal_periods(year)] if year else []
    period_text = pick("period", t("filter.fiscal_period"), periods, str, everything=t("filter.all_periods"))
period = int(period_text) if period_text else None

levels = list(LEVELS)
path = read_path(levels)
show_breadcrumb(path)
total = margin_total(path, year, period).iloc[0]

revenue_card, cost_card, margin_card, percent_card = st.columns(4)
revenue_card.metric(
    t("margin.revenue", currency=currency),
    amount(total["revenue_reporting_currency"]),
    border=True,
    help=explain("revenue"),
)
cost_card.metric(
    t("margin.cost", currency=currency),
    amount(total["cost_reporting_currency"]),
    border=True,
    help=explain("cost_of_sales"),
)
margin_card.metric(
    t("margin.margin", currency=currency),
    amount(total["margin_reporting_currency"]),
    border=True,
    help=explain("margin"),
)
percent_card.metric(t("margin.percent"), percent(total["margin_percent"]), border=True, help=explain("margin_share"))

if not is_missing(total["revenue_without_cost"]):
    st.info(
        t("margin.cost_unknown", amount=amount(total["revenue_without_cost"]), currency=currency),
        icon=":material/info:",
    )

if len(path) == len(levels):
    st.subheader(t("margin.lines"), anchor=False)
    lines = invoice_lines(path, year, period)
    show_table(lines, "margin_lines", file_name="invoice_lines.csv", currency=currency)
else:
    level = levels[len(path)]
    members = margin_by(level, path, year, period)
    named = members.assign(member=members["member"].fillna(t("value.empty")))
    st.subheader(t(f"margin.by.{level}"), anchor=False)
    if not named.empty:
        with st.container(border=True):
            revenue_and_margin(
                named,
                "margin_chart",
                revenue_label=t("margin.revenue", currency=currency),
                margin_label=t("margin.margin", currency=currency),
            )
    st.caption(t("margin.pick_a_row"))
    picked = show_table(
        named,
        f"margin_{level}_{len(path)}",
        file_name=f"margin_by_{level}.csv",
        currency=currency,
        labels={"member": t(f"level.{level}")},
        pick_row=True,
    )
    if picked is not None:
        step_into(level, members["member"].iloc[picked])
