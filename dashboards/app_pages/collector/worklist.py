"""Collector: whom to call first and what a call may bring, the invoices behind it, promises and warnings."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pandas as pd
import streamlit as st

from dashboards import stewardship
from dashboards.components.about import explain
from dashboards.components.decide import can_decide, record, who_and_why
from dashboards.components.figures import amount, count, day, is_missing
from dashboards.components.items import show_open_items
from dashboards.components.language import t, t_value
from dashboards.components.links import link_to
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.collections import alerts, open_invoices_of, promises, worklist, worklist_total

ALERTS = ("expected_late", "probability_fell", "broken_promise", "slower_than_habit")
run = begin_page("worklist.title", "worklist.purpose")
deciding = can_decide()
currency = run.reporting_currency

everyone = worklist(run.as_of, None)
names = dict(zip(everyone["company_id"], everyone["company"], strict=True))
company_column, action_column, grade_column, region_column = st.columns(4)
with company_column:
    company_id = pick("company", t("filter.company"), list(names), names.get, everything=t("filter.all_companies"))
work = worklist(run.as_of, company_id)
with action_column:
    action = pick(
        "action",
        t("column.collection_action"),
        sorted(work["action"].unique()),
        lambda name: t_value("collection_action", name),
        everything=t("filter.all"),
    )
with grade_column:
    grade = pick("grade", t("column.grade"), sorted(work["grade"].dropna().unique()), str, everything=t("filter.all"))
with region_column:
    region = pick(
        "region", t("column.region"), sorted(work["region"].dropna().unique()), str, everything=t("filter.all")
    )
for column, wanted in (("action", action), ("grade", grade), ("region", region)):
    if wanted:
        work = work[work[column] == wanted]
work = work.reset_index(drop=True)

total = worklist_total(run.as_of, company_id).iloc[0]
overdue_card, moved_card, customers_card, broken_card = st.columns(4)
overdue_card.metric(
    t("worklist.overdue", currency=currency), amount(total["overdue"]), border=True, help=explain("worklist_overdue")
)
moved_card.metric(
    t("worklist.moved", currency=currency), amount(total["expected_moved"]), border=True, help=explain("worklist_moved")
)
customers_card.metric(
    t("worklist.customers"), count(total["customers"]), border=True, help=explain("worklist_customers")
)
broken_card.metric(t("worklist.broken"), count(total["broken_promises"]), border=True, help=explain("worklist_broken"))

st.subheader(t("worklist.list"), anchor=False)
st.caption(t("worklist.method"))
picked = show_table(
    work.rename(columns={"action": "collection_action"}).assign(
        collection_action=[t_value("collection_action", name) for name in work["action"]]
    ),
    "worklist",
    file_name=f"collection_worklist_{run.as_of}.csv",
    currency=currency,
    pick_row=True,
    hidden=("company_id", "customer_id"),
)
if picked is None and {"customer", "of"} <= set(st.query_params):
    linked = (work["customer_id"] == st.query_params["customer"]) & (work["company_id"] == st.query_params["of"])
    picked = int(linked.to_numpy().argmax()) if linked.any() else None

if picked is not None:
    row = work.iloc[picked]
    customer_id = None if is_missing(row["customer_id"]) else str(row["customer_id"])
    at_company = str(row["company_id"])
    if customer_id:
        st.query_params.update({"customer": customer_id, "of": at_company})
    st.subheader(t("worklist.invoices", customer=row["customer"], company=row["company"]), anchor=False)
    items = open_invoices_of(run.as_of, at_company, customer_id)
    show_open_items(items, "customer_items", currency)
    link_to("customer", t("customer.all_of", customer=row["customer"]), customer=customer_id)
    if deciding and customer_id:
        whose = customer_id
        owed = items[items["open_amount_document_currency"] > 0].reset_index(drop=True)
        with st.expander(t("worklist.note_promise"), expanded=True), st.form("promise"):
            what_column, amount_column, given_column, date_column = st.columns([2, 1, 1, 1])
            places = ["", *owed["receivable_id"]]
            labels = {
                item[
                    "receivable_id"
                ]: f"{item['receivable_id'] if is_missing(item['invoice_number']) else item['invoice_number']} · "
                f"{amount(item['open_amount_document_currency'])} {item['document_currency']}"
                for _, item in owed.iterrows()
            }
            with what_column:
                receivable = st.selectbox(
                    t("worklist.promise_of"),
                    places,
                    format_func=lambda place: labels.get(place, t("worklist.whole_customer")),
                    key="promise_receivable",
                )
            with amount_column:
                promised = st.text_input(t("worklist.promise_amount"), key="promise_amount")
            # A run knows the money up to its day: what is promised after it can still come.
            first = min(max(stewardship.today(), run.as_of), run.as_of + timedelta(days=1))
            with given_column:
                given = st.date_input(t("worklist.promise_given"), value=first, key="promise_given")
            with date_column:
                by_day = st.date_input(t("worklist.promise_date"), value=first + timedelta(days=7), key="promise_date")
            said = who_and_why("promise")
            noted = st.form_submit_button(t("worklist.note_promise"), icon=":material/handshake:")
        if noted:
            records = stewardship.directory()
            try:
                sum_promised = Decimal(promised.replace(",", "").strip())
            except ArithmeticError:
                st.error(t("worklist.no_amount"))
            else:
                if receivable:
                    record(
                        lambda kept: kept.promise_receivable(
                            records, receivable, sum_promised, by_day, given=given, **said
                        ),
                        said,
                    )
                else:
                    record(
                        lambda kept: kept.promise_customer(
                            records, whose, at_company, sum_promised, by_day, given=given, **said
                        ),
                        said,
                    )

st.subheader(t("worklist.promises"), anchor=False)
known = promises()
log = stewardship.log()
fresh = log[
    (log["action"] == "promise") & (log["state"] == "effective") & ~log["decision_id"].isin(known["promise_id"])
]
if not fresh.empty:
    st.caption(t("worklist.promises_fresh", count=len(fresh)))
    show_table(
        fresh[["decision_id", "decided_at", "decided_by", "record_id", "value_after", "reason"]],
        "fresh_promises",
        file_name="promises_not_yet_in_a_run.csv",
    )
show_table(
    known.assign(state=[t_value("promise_state", state) for state in known["state"]]),
    "promises",
    file_name="promises.csv",
    hidden=("company_id", "customer_id"),
)

st.subheader(t("worklist.alerts"), anchor=False)
with st.columns(4)[0]:
    alert = pick(
        "alert", t("column.alert"), list(ALERTS), lambda name: t_value("alert", name), everything=t("filter.all")
    )
warned = alerts(run.as_of, company_id, alert)
evidence = [
    t(
        f"alert_evidence.{name}",
        value=f"{value * 100 if name == 'probability_fell' else value:.0f}",
        reference=f"{reference * 100 if name == 'probability_fell' else reference:,.0f}",
        date=day(of),
    )
    for name, value, reference, of in zip(
        warned["alert"], warned["alert_value"], warned["alert_reference"], warned["alert_reference_date"], strict=True
    )
]
show_table(
    warned.assign(
        alert=[t_value("alert", name) for name in warned["alert"]], evidence=pd.Series(evidence, dtype="str")
    )[["rank", "alert", "customer", "evidence", "amount_reporting_currency", "invoice_number", "due_date", "company"]],
    "alerts",
    file_name=f"late_payment_alerts_{run.as_of}.csv",
    currency=currency,
)
