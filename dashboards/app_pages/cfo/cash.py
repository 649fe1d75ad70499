"""CFO: cash now, by company and bank account, in own and reporting currency."""

from __future__ import annotations

import streamlit as st

from dashboards.components.about import explain
from dashboards.components.charts import TEAL, stacked_bars
from dashboards.components.figures import amount, count
from dashboards.components.language import t
from dashboards.components.page import begin_page
from dashboards.components.table import show_table
from dashboards.queries.cash import cash_by_bank_account, cash_by_company, cash_total

run = begin_page("cash.title", "cash.purpose")
currency = run.reporting_currency
total = cash_total().iloc[0]

cash_card, floor_card, headroom_card, accounts_card = st.columns(4)
cash_card.metric(t("cash.now", currency=currency), amount(total["cash"]), border=True, help=explain("cash_now"))
floor_card.metric(
    t("cash.floor", currency=currency),
    amount(run.cash_floor_reporting_currency),
    border=True,
    help=explain("cash_floor"),
)
headroom_card.metric(
    t("cash.headroom", currency=currency), amount(run.headroom(total["cash"])), border=True, help=explain("headroom")
)
accounts_card.metric(
    t("cash.bank_accounts"), count(total["bank_accounts"]), border=True, help=explain("bank_account_count")
)
if total["accounts_without_statement"]:
    st.warning(t("cash.without_statement", count=count(total["accounts_without_statement"])), icon=":material/info:")

if total["accounts_without_rate"]:
    st.warning(t("cash.without_rate", count=count(total["accounts_without_rate"])), icon=":material/info:")

st.subheader(t("cash.by_company"), anchor=False)
by_company = cash_by_company()
if not by_company.empty:
    with st.container(border=True):
        named = by_company.assign(name=by_company["company"] + " · " + by_company["currency"])
        stacked_bars(
            named,
            "cash_chart",
            category="name",
            parts={
                "closing_balance_reporting_currency": t("column.closing_balance_reporting_currency", currency=currency)
            },
            colors=(TEAL,),
        )

show_table(by_company, "cash_by_company", file_name="cash_by_company.csv", currency=currency)

st.subheader(t("cash.by_bank_account"), anchor=False)
show_table(cash_by_bank_account(), "cash_by_account", file_name="cash_by_bank_account.csv", currency=currency)
