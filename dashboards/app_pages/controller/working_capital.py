"""Controller: days of sales, payables and stock by month and member, roll rates and expected credit loss."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import streamlit as st

from dashboards.components.about import explain
from dashboards.components.charts import line_by_month
from dashboards.components.figures import amount, percent
from dashboards.components.language import t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.working_capital import (
    LEVELS,
    RATIOS,
    expected_losses,
    group_ratios,
    ratios_by,
    roll_rates,
    working_capital_months,
)

run = begin_page("working_capital.title", "working_capital.purpose")
months = working_capital_months()
newest = months[0] if months else ""
measure_picker, level_picker, month_picker = st.columns(3)
with measure_picker:
    measure = pick(
        "measure",
        t("filter.measure"),
        list(RATIOS[1:]),
        partial(t_value, "ratio"),
        everything=t_value("ratio", RATIOS[0]),
    )
with level_picker:
    level = pick("by", t("filter.by"), list(LEVELS[1:]), partial(t_value, "level"), everything=t("level.company"))
with month_picker:
    month = pick("month", t("filter.month"), months[1:], lambda value: value, everything=newest or t("value.empty"))
measure, level, month = measure or RATIOS[0], level or LEVELS[0], month or newest

ratios = group_ratios()
of_month = ratios[ratios["month"] == month]
values: dict[str, Decimal | None] = dict(zip(of_month["ratio"].tolist(), of_month["value"].tolist(), strict=True))
dso_card, cei_card, dpo_card, ccc_card = st.columns(4)
dso_card.metric(
    t("working_capital.dso"),
    amount(values.get("days_sales_outstanding")),
    border=True,
    help=explain("days_sales_outstanding"),
)
cei_card.metric(
    t("working_capital.cei"),
    percent(values.get("collection_effectiveness_index")),
    border=True,
    help=explain("collection_effectiveness_index"),
)
dpo_card.metric(
    t("working_capital.dpo"),
    amount(values.get("days_payables_outstanding")),
    border=True,
    help=explain("days_payables_outstanding"),
)
ccc_card.metric(
    t("working_capital.ccc"),
    amount(values.get("cash_conversion_cycle")),
    border=True,
    help=explain("cash_conversion_cycle"),
)
st.caption(t("working_capital.note"))

of_measure = ratios[ratios["ratio"] == measure]
if not of_measure.empty:
    st.subheader(t("working_capital.by_month", measure=t_value("ratio", measure)), anchor=False)
    line_by_month(of_measure, "by_month", name=t_value("ratio", measure))

st.subheader(t("working_capital.by_member", level=t_value("level", level), month=month), anchor=False)
show_table(
    ratios_by(level, month),
    "members",
    file_name=f"working_capital_{month}.csv",
    labels={"member": t_value("level", level)} | {name: t_value("ratio", name) for name in RATIOS},
)

st.subheader(t("working_capital.roll_rates"), anchor=False)
rolls = roll_rates(month)
rolls = rolls.assign(bucket=[t_value("bucket", value) for value in rolls["bucket"]])
show_table(rolls, "rolls", file_name=f"roll_rates_{month}.csv")

st.subheader(t("working_capital.expected_losses"), anchor=False)
losses = expected_losses(month)
losses = losses.assign(bucket=[t_value("bucket", value) for value in losses["bucket"]])
show_table(losses, "losses", file_name=f"expected_credit_loss_{month}.csv", currency=run.reporting_currency)
