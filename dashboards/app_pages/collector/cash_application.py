"""Accounts receivable: which bank lines wait for a person, what each may pay and why; accept, pick another, undo."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
import streamlit as st

from dashboards import stewardship
from dashboards.components.about import explain
from dashboards.components.decide import can_decide, record, who_and_why
from dashboards.components.figures import amount, count, is_missing
from dashboards.components.language import t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.cash_application import applied, candidates, companies, review_list, totals


def in_words(codes: pd.Series) -> pd.Series:
    """Reason codes as words of the reader's language."""
    return pd.Series(
        ["" if is_missing(line) else " · ".join(t_value("cash_reason", code) for code in str(line).split(","))
         for line in codes], index=codes.index, dtype="str",
    )  # fmt: skip


def with_states(frame: pd.DataFrame) -> pd.DataFrame:
    """States of both sides as words."""
    return frame.assign(
        **{name: [t_value(name, state) for state in frame[name]] for name in ("cash_state", "erp_state")}
    )


run = begin_page("cash_application.title", "cash_application.purpose")
deciding = can_decide()
currency = run.reporting_currency
known = companies()
names = dict(zip(known["company_id"], known["name"], strict=True))
with st.columns(4)[0]:
    company_id = pick("company", t("filter.company"), list(names), names.get, everything=t("filter.all_companies"))

total = totals(company_id).iloc[0]
share_card, lines_card, money_card, age_card = st.columns(4)
share_card.metric(
    t("cash_application.applied"),
    "–" if is_missing(total["applied_percent"]) else f"{total['applied_percent']:.1f} %",
    border=True,
    help=explain("cash_applied_percent"),
)
lines_card.metric(
    t("cash_application.to_review"), count(total["to_review"]), border=True, help=explain("cash_to_review")
)
money_card.metric(
    t("cash_application.to_review_amount", currency=currency),
    amount(total["to_review_amount"]),
    border=True,
    help=explain("cash_to_review_amount"),
)
age_card.metric(
    t("cash_application.oldest"), count(total["oldest_days"]), border=True, help=explain("cash_oldest_days")
)

st.subheader(t("cash_application.list"), anchor=False)
st.caption(t("cash_application.method"))
work = review_list(company_id)
picked = show_table(
    with_states(work),
    "cash_review",
    file_name=f"bank_lines_to_review_{run.as_of}.csv",
    pick_row=True,
    hidden=("bank_movement_id",),
)
if picked is None and "line" in st.query_params:
    linked = work["bank_movement_id"] == st.query_params["line"]
    picked = int(linked.to_numpy().argmax()) if linked.any() else None
if picked is not None:
    line = work.iloc[picked]
    line_id = str(line["bank_movement_id"])
    st.query_params["line"] = line_id
    payer = "" if is_missing(line["payer"]) else str(line["payer"])
    st.subheader(
        t("cash_application.candidates", payer=payer, amount=amount(line["line_amount"]), currency=line["currency"]),
        anchor=False,
    )
    offered = candidates(line_id)
    show_table(
        offered.assign(cash_reasons=in_words(offered["cash_reasons"])),
        "cash_candidates",
        file_name="candidates_of_bank_line.csv",
        hidden=("receivable_id",),
    )
    if deciding:
        sets: dict[str, dict[str, Decimal]] = {}
        for _, item in offered[offered["candidate"].notna()].iterrows():
            sets.setdefault(f"{item['candidate']:.0f}", {})[str(item["receivable_id"])] = item["match_amount"]
        with st.form("cash_word"):
            choices = [*(f"accept {rank}" for rank in sets), *(f"reject {rank}" for rank in sets), "other", "none"]
            chosen = st.selectbox(
                t("cash_application.word"),
                choices,
                format_func=lambda choice: t(f"cash_application.{choice.split()[0]}", number=[*choice.split(), ""][1]),
                key="cash_choice",
            )
            other = st.text_input(t("cash_application.other_items"), key="cash_other")
            said = who_and_why("cash")
            noted = st.form_submit_button(t("cash_application.decide"), icon=":material/gavel:")
        if noted:
            records = stewardship.directory()
            what, _, number = chosen.partition(" ")
            try:
                shares = stewardship.shares_of(other.split()) if what == "other" else sets.get(number, {})
            except stewardship.DecisionError as problem:
                st.error(str(problem))
            else:
                if what == "reject":
                    record(lambda kept: kept.reject_cash(records, line_id, shares, **said), said)
                elif what == "other" and not shares:
                    st.error(t("cash_application.no_items"))
                else:
                    record(lambda kept: kept.apply_cash(records, line_id, shares, **said), said)

st.subheader(t("cash_application.decisions"), anchor=False)
log = stewardship.log()
of_cash = log[log["action"].isin(["apply_cash", "reject_cash"]) & (log["state"] == "effective")]
show_table(
    of_cash[["decision_id", "decided_at", "decided_by", "action", "record_id", "value_after", "reason"]],
    "cash_decisions",
    file_name="decisions_on_bank_lines.csv",
)
if deciding and not of_cash.empty:
    with st.expander(t("cash_application.undo")), st.form("cash_undo"):
        which = st.selectbox(
            t("cash_application.undo_which"), [int(one) for one in of_cash["decision_id"]], key="cash_undo_which"
        )
        why = who_and_why("cash_undo")
        if st.form_submit_button(t("cash_application.undo"), icon=":material/undo:"):
            record(lambda kept: kept.undo(which, **why), why)

st.subheader(t("cash_application.all"), anchor=False)
everything = applied(company_id)
show_table(
    with_states(everything).assign(cash_reasons=in_words(everything["cash_reasons"])),
    "cash_applied",
    file_name=f"cash_application_{run.as_of}.csv",
)
