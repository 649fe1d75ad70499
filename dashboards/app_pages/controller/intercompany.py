"""Controller: sales between the companies of the group, each break with its cause, owner and age."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboards.components.about import explain
from dashboards.components.figures import amount, count
from dashboards.components.language import t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.intercompany import (
    intercompany_breaks,
    intercompany_by_direction,
    intercompany_companies,
    intercompany_total,
    pair_statuses,
)

run = begin_page("intercompany.title", "intercompany.purpose")
currency = run.reporting_currency
companies = intercompany_companies()
names = dict(zip(companies["company_id"], companies["company"], strict=True))

filters: dict[str, object] = {}
company_picker, status_picker = st.columns(2)
with company_picker:
    filters["company_id"] = pick(
        "company", t("filter.company"), list(names), names.get, everything=t("filter.all_companies")
    )
with status_picker:
    filters["status"] = pick(
        "cause", t("column.pair_status"), pair_statuses(), partial(t_value, "pair_status"), everything=t("filter.all")
    )

total = intercompany_total(**filters).iloc[0]
pairs_card, breaks_card, money_card, age_card = st.columns(4)
pairs_card.metric(t("intercompany.pairs"), count(total["pairs"]), border=True, help=explain("intercompany_pairs"))
breaks_card.metric(
    t("intercompany.open_breaks"), count(total["open_breaks"]), border=True, help=explain("intercompany_breaks")
)
money_card.metric(
    t("intercompany.open_difference", currency=currency),
    amount(total["open_difference"]),
    border=True,
    help=explain("intercompany_open_difference"),
)
age_card.metric(t("intercompany.oldest"), count(total["oldest_days"]), border=True, help=explain("intercompany_oldest"))

st.subheader(t("intercompany.by_direction"), anchor=False)
show_table(
    intercompany_by_direction(**filters), "directions", file_name="intercompany_by_direction.csv", currency=currency
)

st.subheader(t("intercompany.breaks"), anchor=False)
breaks = intercompany_breaks(**filters)
breaks = breaks.assign(
    status=[t_value("pair_status", value) for value in breaks["status"]],
    is_open=[t_value("yes_no", bool(value)) for value in breaks["is_open"]],
    owner=[t_value("owner", value) for value in breaks["owner"]],
)
show_table(
    breaks,
    "breaks",
    file_name="intercompany_breaks.csv",
    currency=currency,
    labels={"status": t("column.pair_status")},
)
