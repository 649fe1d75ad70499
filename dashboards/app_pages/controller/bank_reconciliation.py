"""Treasury and controller: where bank, ledger and open items differ, whose it is, and which statements are missing."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from dashboards.components.about import explain
from dashboards.components.charts import lines_by_day
from dashboards.components.figures import amount, count, day
from dashboards.components.language import t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries import bank_reconciliation as bank

CAUSES = ("not_booked", "not_at_bank", "amounts_differ", "not_applied", "young", "on_its_way")
CODED = ("break_cause", "owner", "file_state", "sequence_state")


def in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with coded values as the reader's words."""
    return frame.assign(**{name: [t_value(name, value) for value in frame[name]] for name in CODED if name in frame})


run = begin_page("bank_reconciliation.title", "bank_reconciliation.purpose")
currency = run.reporting_currency
known = bank.reconciliation_filters()
company_names = dict(zip(known["company_id"], known["company"], strict=True))
filters: dict[str, object] = {}
company_column, account_column, cause_column, month_column = st.columns(4)
with company_column:
    company_id = pick(
        "company", t("filter.company"), sorted(company_names), company_names.get, everything=t("filter.all_companies")
    )
offered = known if company_id is None else known[known["company_id"] == company_id]
account_names = dict(zip(offered["account_id"], offered["account"], strict=True))
with account_column:
    account_id = pick(
        "account", t("column.account"), sorted(account_names), account_names.get, everything=t("filter.all")
    )
with cause_column:
    filters["cause"] = pick(
        "cause", t("column.break_cause"), list(CAUSES), partial(t_value, "break_cause"), everything=t("filter.all")
    )
with month_column:
    filters["month"] = pick(
        "month", t("filter.month"), bank.reconciliation_months(), str, everything=t("filter.all_months")
    )
filters |= {"company_id": company_id, "account_id": account_id}

total, statements = bank.break_total(**filters).iloc[0], bank.statement_totals(company_id).iloc[0]
count_card, money_card, age_card, files_card, gaps_card = st.columns(5)
count_card.metric(
    t("bank_reconciliation.breaks"), count(total["breaks"]), border=True, help=explain("bank_break_count")
)
money_card.metric(
    t("bank_reconciliation.amount", currency=currency),
    amount(total["amount"]),
    border=True,
    help=explain("bank_break_amount"),
)
age_card.metric(
    t("bank_reconciliation.oldest"), count(total["oldest_days"]), border=True, help=explain("bank_break_oldest_days")
)
files_card.metric(
    t("bank_reconciliation.rejected"),
    count(statements["rejected"]),
    border=True,
    help=explain("statement_files_rejected"),
)
gaps_card.metric(t("bank_reconciliation.gaps"), count(statements["gaps"]), border=True, help=explain("statement_gaps"))

st.subheader(t("bank_reconciliation.by_cause"), anchor=False)
show_table(
    in_words(bank.breaks_by_cause(**filters)), "breaks_by_cause", file_name="breaks_by_cause.csv", currency=currency
)

st.subheader(t("bank_reconciliation.list"), anchor=False)
st.caption(t("bank_reconciliation.pick_a_break"))
found = bank.breaks(**filters)
picked = show_table(
    in_words(found),
    "breaks",
    file_name=f"bank_breaks_{run.as_of}.csv",
    currency=currency,
    pick_row=True,
    hidden=("account_id",),
)
if picked is not None:
    st.query_params["of"] = str(found["account_id"].iloc[picked])
    st.query_params["on"] = day(found["break_day"].iloc[picked])
of_account, on_day = st.query_params.get("of"), st.query_params.get("on", "")
if of_account and not pd.isna(pd.to_datetime(on_day, errors="coerce", format="%Y-%m-%d")):
    st.subheader(
        t("bank_reconciliation.lines_of", account=account_names.get(of_account, of_account), day=on_day), anchor=False
    )
    st.caption(t("bank_reconciliation.bank_lines"))
    show_table(bank.bank_lines_of(of_account, on_day), "bank_lines", file_name=f"bank_lines_{on_day}.csv")
    st.caption(t("bank_reconciliation.journal_lines"))
    show_table(bank.journal_lines_of(of_account, on_day), "journal_lines", file_name=f"journal_lines_{on_day}.csv")

# Without a choice, the account that the list begins with, or the one with most to clear.
drawn = account_id or (str(found["account_id"].iloc[0]) if len(found) else next(iter(account_names), None))
if drawn is not None:
    st.subheader(t("bank_reconciliation.balances", account=account_names.get(drawn, drawn)), anchor=False)
    st.caption(t("bank_reconciliation.balances_note"))
    balances = bank.running_balances(drawn)
    sides = {side: t(f"bank_reconciliation.{side}") for side in ("bank", "ledger")}
    lines_by_day(
        balances.assign(line=pd.Categorical(balances["line"].map(sides), list(sides.values()))),
        "balances",
        day="day",
        value="balance",
        name=t("bank_reconciliation.balance"),
        unit="",
    )

st.subheader(t("bank_reconciliation.sequence"), anchor=False)
st.caption(t("bank_reconciliation.sequence_note"))
show_table(in_words(bank.sequence_gaps(company_id)), "sequence_gaps", file_name="statement_gaps.csv")

st.subheader(t("bank_reconciliation.files"), anchor=False)
st.caption(t("bank_reconciliation.files_note"))
rejected = bank.rejected_files(company_id)
if not rejected.empty:
    show_table(rejected, "rejected_files", file_name="rejected_statement_files.csv")
show_table(in_words(bank.statement_files(company_id)), "statement_files", file_name="statement_files.csv")
