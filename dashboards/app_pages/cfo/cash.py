"""CFO: cash now, by company and bank account, in own and reporting currency."""

from __future__ import annotations

import streamlit as st

from dashboards.components.figures import amount, count
from dashboards.components.language import t
from dashboards.components.page import begin_page
from dashboards.components.table import show_table
from dashboards.queries.cash import cash_by_bank_account, cash_by_company, cash_total

run = begin_page("cash.title", "cash.purpose")
currency = run.reporting_currency
total = cash_total(run.as_of).iloc[0]

cash_card, floor_card, headroom_card, accounts_card = st.columns(4)
cash_card.metric(t("cash.now", currency=currency), amount(total["cash"]), border=True)
floor_card.metric(t("cash.floor", currency=currency), amount(run.cash_floor_reporting_currency), border=True)
headroom_card.metric(
    t("cash.headroom", currency=currency),
    amount(run.headroom(total["cash"])),
    border=True,
    help=t("cash.headroom_help"),
)
accounts_card.metric(t("cash.bank_accounts"), count(total["bank_accounts"]), border=True)
if total["accounts_without_statement"]:
    st.warning(t("cash.without_statement", count=count(total["accounts_without_statement"])), icon=":material/info:")

st.subheader(t("cash.by_company"), anchor=False)
show_table(cash_by_company(run.as_of), "cash_by_company", file_name="cash_by_company.csv", currency=currency)

st.subheader(t("cash.by_bank_account"), anchor=False)
show_table(cash_by_bank_account(run.as_of), "cash_by_account", file_name="cash_by_bank_account.csv", currency=currency)
