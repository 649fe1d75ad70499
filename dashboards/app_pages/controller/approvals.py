"""Controller: documents approved outside the approval matrix, and who approved them."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboards.components.about import explain
from dashboards.components.figures import amount, count
from dashboards.components.language import t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.approvals import (
    approval_companies,
    approval_total,
    approvals_by_approver,
    approvals_outside,
    verdicts,
)

run = begin_page("approvals.title", "approvals.purpose")
currency = run.reporting_currency
companies = approval_companies()
names = dict(zip(companies["company_id"], companies["company"], strict=True))

filters: dict[str, object] = {}
company_picker, verdict_picker = st.columns(2)
with company_picker:
    filters["company_id"] = pick(
        "company", t("filter.company"), list(names), names.get, everything=t("filter.all_companies")
    )
with verdict_picker:
    filters["verdict"] = pick(
        "verdict", t("column.verdict"), verdicts(), partial(t_value, "verdict"), everything=t("filter.all")
    )

total = approval_total(**filters).iloc[0]
documents_card, outside_card, money_card, split_card = st.columns(4)
documents_card.metric(
    t("approvals.documents"), count(total["documents"]), border=True, help=explain("documents_under_matrix")
)
outside_card.metric(
    t("approvals.outside"), count(total["outside"]), border=True, help=explain("documents_outside_matrix")
)
money_card.metric(
    t("approvals.amount_outside", currency=currency),
    amount(total["amount_outside"]),
    border=True,
    help=explain("amount_outside_matrix"),
)
split_card.metric(t("approvals.split"), count(total["split"]), border=True, help=explain("split_parts"))

st.subheader(t("approvals.listed"), anchor=False)
listed = approvals_outside(**filters)
listed = listed.assign(verdict=[t_value("verdict", value) for value in listed["verdict"]])
show_table(
    listed,
    "outside",
    file_name="approvals_outside_the_matrix.csv",
    currency=currency,
    labels={"document_number": t("column.order_number")},
)

st.subheader(t("approvals.by_approver"), anchor=False)
show_table(approvals_by_approver(**filters), "approvers", file_name="approvals_by_approver.csv", currency=currency)
