"""Controller: what suppliers are owed, what may be saved, and on which payment run each invoice should be paid."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from dashboards.components.about import explain
from dashboards.components.charts import lines_by_day, stacked_bars
from dashboards.components.figures import amount, count, day, is_missing, percent
from dashboards.components.language import t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import choose, pick
from dashboards.components.table import show_table
from dashboards.queries.payables import (
    DUE,
    LEVELS,
    due_by_company,
    payables_by,
    payment_filters,
    payment_proposals,
    payment_total,
    plan_by_week,
    plan_of_companies,
    purchase_lines,
)

# From overdue to far away: warm to cool, as ages elsewhere.
DUE_COLORS = ("#B23A48", "#E08A3C", "#F2C879", "#8FBF9F", "#3FA08F", "#0B6E6E")
CODED = ("payment_state", "match_status", "plan_status")
PLANS = ("usual", "at_once", "proposed")

run = begin_page("payables.title", "payables.purpose")
currency = run.reporting_currency
choices = payment_filters()


def in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with coded values as the reader's words."""
    return frame.assign(
        **{
            name: [t("value.empty") if is_missing(value) else t_value(name, value) for value in frame[name]]
            for name in CODED
            if name in frame
        }
    )


def why(codes: str, offer_a_year: float | None, cash_a_year: float | None) -> str:
    """The reasons of a proposal as a sentence, with what the discount earns beside what cash costs."""
    told = " · ".join(t_value("payment_reason", code) for code in codes.split(","))
    if is_missing(offer_a_year) or codes not in ("discount_taken", "discount_not_worth_it", "discount_left_for_floor"):
        return told
    rates = {"offer": percent(100 * float(str(offer_a_year))), "cash": percent(100 * float(str(cash_a_year)))}
    return f"{told}: {t('payables.worth', **rates)}"


companies = choices.dropna(subset=["company_id"]).drop_duplicates("company_id")
names = dict(zip(companies["company_id"], companies["company"], strict=True))
company_column, state_column, reason_column = st.columns(3)
with company_column:
    company_id = pick("company", t("filter.company"), list(names), names.get, everything=t("filter.all_companies"))
with state_column:
    state = pick(
        "state",
        t("column.payment_state"),
        sorted(choices["state"].dropna().unique()),
        partial(t_value, "payment_state"),
        everything=t("filter.all"),
    )
with reason_column:
    reason = pick(
        "reason",
        t("column.payment_reasons"),
        sorted(choices["reason"].dropna().unique()),
        partial(t_value, "payment_reason"),
        everything=t("filter.all"),
    )
filters = {"company_id": company_id, "state": state, "reason": reason}

total = payment_total(**filters).iloc[0]
open_card, week_card, overdue_card, held_card = st.columns(4)
open_card.metric(
    t("payables.open", currency=currency), amount(total["open"]), border=True, help=explain("payables_proposed_on")
)
week_card.metric(
    t("payables.due_week", currency=currency), amount(total["due_week"]), border=True, help=explain("payables_due")
)
overdue_card.metric(
    t("payables.overdue", currency=currency), amount(total["overdue"]), border=True, help=explain("payables_overdue")
)
held_card.metric(
    t("payables.held_back", currency=currency),
    amount(total["held_back"]),
    t("payables.items", count=count(total["held_back_items"])),
    delta_color="off",
    delta_arrow="off",
    border=True,
    help=explain("payables_held_back"),
)
offer_card, taken_card, saving_card, run_card = st.columns(4)
offer_card.metric(
    t("payables.offered", currency=currency),
    amount(total["offered"]),
    t("payables.first_ends", day=day(total["first_offer_date"])),
    delta_color="off",
    delta_arrow="off",
    border=True,
    help=explain("discount_offered"),
)
taken_card.metric(
    t("payables.taken", currency=currency), amount(total["discount"]), border=True, help=explain("discount_proposed")
)
saving_card.metric(
    t("payables.saving", currency=currency), amount(total["saving"]), border=True, help=explain("payment_saving")
)
run_card.metric(
    t("payables.next_run", currency=currency),
    amount(total["next_run"]),
    day(total["next_run_date"]),
    delta_color="off",
    delta_arrow="off",
    border=True,
    help=explain("next_run_payment"),
)

due = due_by_company(**filters)
if not due.empty:
    with st.container(border=True):
        st.markdown(f"**{t('payables.by_due')}** · {currency}")
        stacked_bars(
            due,
            "due_chart",
            category="company",
            parts={column: t_value("due", name) for name, column in DUE.items()},
            colors=DUE_COLORS,
        )
show_table(
    due, "due", file_name=f"payables_due_{run.as_of}.csv", currency=currency, hidden=("company_id",), rows_shown=8
)

st.subheader(t("payables.proposals"), anchor=False)
st.caption(t("payables.pick_an_invoice"))
proposals = payment_proposals(**filters)
told = [
    why(*row)
    for row in proposals[["payment_reasons", "discount_annual_rate", "cost_of_cash_annual_rate"]].itertuples(
        index=False, name=None
    )
]
picked = show_table(
    in_words(proposals).assign(payment_reasons=told),
    "proposals",
    file_name=f"payment_proposals_{run.as_of}.csv",
    currency=currency,
    pick_row=True,
    hidden=("invoice_id", "payable_id", "discount_annual_rate", "cost_of_cash_annual_rate"),
)
if picked is not None and not is_missing(proposals["invoice_id"].iloc[picked]):
    st.query_params["invoice"] = str(proposals["invoice_id"].iloc[picked])
invoice_id = st.query_params.get("invoice")
if invoice_id:
    of_invoice = proposals[proposals["invoice_id"] == invoice_id]
    number = of_invoice["invoice_number"].iloc[0] if len(of_invoice) else invoice_id
    st.markdown(f"**{t('payables.lines', invoice=number)}**")
    show_table(in_words(purchase_lines(invoice_id)), "purchase_lines", file_name="supplier_invoice_lines.csv")

st.subheader(t("payables.floor"), anchor=False)
whose = names.get(company_id, company_id) if company_id else t("filter.group")
weeks = plan_by_week(company_id)
told_chances = weeks[[f"breach_{plan}_percent" for plan in PLANS]].astype("float64")
if not told_chances.to_numpy().any() and told_chances.notna().to_numpy().all():
    st.caption(t("payables.no_breach", whose=whose))
elif told_chances.notna().to_numpy().any():
    with st.container(border=True):
        st.markdown(f"**{t('payables.breach', whose=whose)}**")
        chances = pd.concat(
            [
                pd.DataFrame(
                    {
                        "line": t_value("payment_plan", plan),
                        "week_start": weeks["week_start"],
                        "chance": told_chances[f"breach_{plan}_percent"],
                    }
                )
                for plan in PLANS
            ]
        )
        lines_by_day(chances, "breach_chart", day="week_start", value="chance", name="%")
show_table(
    weeks,
    "plan_weeks",
    file_name=f"payment_plan_{run.as_of}.csv",
    hidden=("currency",),
    labels={
        f"payments_{plan}": t(
            "payables.payments",
            plan=t_value("payment_plan", plan),
            currency=weeks["currency"].iloc[0] if len(weeks) else currency,
        )
        for plan in PLANS
    },
)
st.markdown(f"**{t('payables.plans')}**")
st.caption(t("payables.baselines"))
plans = plan_of_companies(company_id)
for status in ("floor_not_kept", "no_solution", "cash_unknown", "no_payment_run"):
    hit = plans.loc[plans["plan_status"] == status, "company"].tolist()
    if hit:
        st.info(t(f"payables.{status}", companies=", ".join(hit)), icon=":material/info:")
show_table(in_words(plans), "plans", file_name=f"payment_plans_{run.as_of}.csv")

st.subheader(t("payables.match"), anchor=False)
show_table(
    in_words(payables_by("match_status", **filters)),
    "match",
    file_name=f"payables_by_match_{run.as_of}.csv",
    currency=currency,
)

st.subheader(t("payables.sums"), anchor=False)
level = choose(
    "by",
    t("filter.by"),
    [one for one in LEVELS if one != "match_status"],
    lambda name: t(f"column.{name}"),
    default="supplier",
    as_buttons=True,
)
show_table(in_words(payables_by(level, **filters)), "sums", file_name=f"payables_by_{level}.csv", currency=currency)
