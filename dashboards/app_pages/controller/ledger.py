"""Controller: the ledger derived from documents beside the ERP's own, each difference with document and cause."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboards.components.about import explain
from dashboards.components.figures import count, percent
from dashboards.components.language import t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.ledger import (
    difference_causes,
    differences_by_cause,
    differences_listed,
    ledger_companies,
    ledger_total,
)

begin_page("ledger.title", "ledger.purpose")
companies = ledger_companies()
names = dict(zip(companies["company_id"], companies["company"], strict=True))

filters: dict[str, object] = {}
company_picker, cause_picker = st.columns(2)
with company_picker:
    filters["company_id"] = pick(
        "company", t("filter.company"), list(names), names.get, everything=t("filter.all_companies")
    )
with cause_picker:
    filters["cause"] = pick(
        "cause", t("column.cause"), difference_causes(), partial(t_value, "ledger_cause"), everything=t("filter.all")
    )

total = ledger_total(filters["company_id"]).iloc[0]
compared_card, equal_card, share_card, rest_card = st.columns(4)
compared_card.metric(
    t("ledger.compared"), count(total["account_periods"]), border=True, help=explain("account_periods")
)
equal_card.metric(t("ledger.equal"), count(total["equal"]), border=True, help=explain("account_periods_equal"))
share_card.metric(
    t("ledger.share"), percent(total["equal_percent"]), border=True, help=explain("account_periods_equal_share")
)
rest_card.metric(
    t("ledger.unexplained"), count(total["unexplained"]), border=True, help=explain("account_periods_unexplained")
)

st.subheader(t("ledger.by_cause"), anchor=False)
by_cause = differences_by_cause(**filters)
show_table(
    by_cause.assign(cause=[t_value("ledger_cause", value) for value in by_cause["cause"]]),
    "causes",
    file_name="ledger_differences_by_cause.csv",
)

st.subheader(t("ledger.listed"), anchor=False)
listed = differences_listed(**filters)
show_table(
    listed.assign(
        cause=[t_value("ledger_cause", value) for value in listed["cause"]],
        document_type=[t_value("ledger_document", value) for value in listed["document_type"]],
    ),
    "differences",
    file_name="ledger_differences.csv",
    labels={"document_number": t("column.ledger_document_number")},
)
