"""CFO: what customers owe, by age and company, down to the invoice."""

from __future__ import annotations

import streamlit as st

from dashboards.components.about import explain
from dashboards.components.charts import AGE_COLORS, stacked_bars
from dashboards.components.figures import amount, is_missing, percent
from dashboards.components.language import t, t_value
from dashboards.components.links import link_to
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.receivables import (
    BUCKETS,
    aging_by_company,
    aging_dates,
    aging_total,
    first_day,
    open_invoices,
)

run = begin_page("receivables.title", "receivables.purpose")
currency = run.reporting_currency

as_of_picker, company_picker, bucket_picker = st.columns(3)
with as_of_picker:
    as_of = st.date_input(
        t("filter.as_of"),
        run.as_of,
        min_value=min(first_day() or run.as_of, run.as_of),
        max_value=run.as_of,
        format="YYYY-MM-DD",
        key="as_of",
        bind="query-params",
    )
as_of = as_of or run.as_of  # a cleared field
if as_of not in aging_dates():
    st.caption(t("receivables.any_day"))
total = aging_total(as_of).iloc[0]

open_card, overdue_card, share_card, old_card = st.columns(4)
open_card.metric(
    t("receivables.open", currency=currency), amount(total["open"]), border=True, help=explain("open_receivables")
)
overdue_card.metric(
    t("receivables.overdue", currency=currency),
    amount(total["overdue"]),
    border=True,
    help=explain("overdue_receivables"),
)
share_card.metric(
    t("receivables.overdue_share"), percent(total["overdue_percent"]), border=True, help=explain("overdue_share")
)
old_card.metric(
    t("receivables.over_90", currency=currency), amount(total["over_90"]), border=True, help=explain("over_90_days")
)

by_company = aging_by_company(as_of)
names = dict(zip(by_company["company_id"], by_company["company"], strict=True))
if not by_company.empty:
    with st.container(border=True):
        st.markdown(f"**{t('receivables.by_age')}** · {currency}")
        stacked_bars(
            by_company,
            "aging_chart",
            category="company",
            parts={column: t_value("bucket", name) for name, column in BUCKETS.items()},
            colors=AGE_COLORS,
        )

st.subheader(t("receivables.sheet"), anchor=False)
show_table(
    by_company,
    "aging_sheet",
    file_name=f"receivable_aging_{as_of}.csv",
    currency=currency,
    labels={column: t_value("bucket", name) for name, column in BUCKETS.items()},
    hidden=("company_id",),
)

with company_picker:
    company_id = pick("company", t("filter.company"), list(names), names.get, everything=t("filter.all_companies"))
with bucket_picker:
    bucket = pick(
        "bucket", t("filter.age"), list(BUCKETS), lambda name: t_value("bucket", name), everything=t("filter.all_ages")
    )

st.subheader(t("receivables.items"), anchor=False)
items = open_invoices(as_of, company_id, bucket)
items["bucket"] = [t_value("bucket", name) for name in items["bucket"]]
st.caption(t("receivables.pick_a_row"))
row = show_table(
    items,
    "open_items",
    file_name=f"open_receivables_{as_of}.csv",
    currency=currency,
    pick_row=True,
    hidden=("customer_id",),
)
if row is not None and not is_missing(items["customer_id"].iloc[row]):
    name = items["customer"].iloc[row]
    link_to("customer", t("customer.all_of", customer=name), customer=items["customer_id"].iloc[row])
