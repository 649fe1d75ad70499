"""Collector: one customer. What is open and when it is expected, how it has paid, disputes, promises, contacts."""

from __future__ import annotations

import streamlit as st

from dashboards.components.about import explain
from dashboards.components.charts import line_by_month
from dashboards.components.figures import amount, count, is_missing
from dashboards.components.items import show_open_items
from dashboards.components.language import t, t_value
from dashboards.components.links import link_to
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.collections import open_invoices_of, promises
from dashboards.queries.credit import assessments, grade_explained
from dashboards.queries.customers import (
    behaviour_by_month,
    contacts,
    customer,
    customer_total,
    customers_with_items,
    disputes,
)

run = begin_page("customer.title", "customer.purpose")
currency = run.reporting_currency

everyone = customers_with_items(run.as_of)
names = dict(zip(everyone["customer_id"], everyone["customer"], strict=True))
linked = st.query_params.get("customer")
if linked and linked not in names and not (known := customer(linked)).empty:
    names[linked] = str(known["name"].iloc[0])  # one that owes nothing
largest = next(iter(names), None)
if largest is None:
    st.info(t("table.empty"), icon=":material/inbox:")
    st.stop()
assert largest is not None
customer_id = (
    pick(
        "customer",
        t("column.customer"),
        list(names),
        names.get,
        everything=t("customer.largest", name=names[largest]),
    )
    or largest
)

record = customer(customer_id)
total = customer_total(run.as_of, customer_id).iloc[0]
of_customer = assessments(run.as_of, None)
of_customer = of_customer[of_customer["customer_id"] == customer_id].reset_index(drop=True)

st.header(names[customer_id], anchor=False)
if not record.empty:
    golden = record.iloc[0]
    place = [golden.get(name) for name in ("city", "region", "country")]
    days = golden.get("payment_term_days")
    facts = [
        ("location_on", ", ".join(str(name) for name in place if not is_missing(name))),
        ("mail", golden.get("email")),
        ("badge", golden.get("tax_identifier")),
        ("support_agent", golden.get("salesperson_name")),
        ("event", "" if is_missing(days) else t("customer.term", days=days)),
    ]
    told = [f":material/{icon}: {value}" for icon, value in facts if not is_missing(value) and str(value)]
    st.markdown(" · ".join(told))
    if golden["status"] == "held":
        st.warning(t("customer.held"), icon=":material/pause_circle:")

open_card, overdue_card, expected_card, grade_card = st.columns(4)
behaviour = behaviour_by_month(run.as_of, customer_id)
open_card.metric(
    t("receivables.open", currency=currency), amount(total["open"]), border=True, help=explain("open_receivables")
)
overdue_card.metric(
    t("receivables.overdue", currency=currency),
    amount(total["overdue"]),
    border=True,
    help=explain("overdue_receivables"),
)
expected_card.metric(
    t("customer.expected_30", currency=currency),
    amount(total["expected_30_days"]),
    border=True,
    help=explain("expected_30_days"),
)
grade_card.metric(
    t("column.grade"),
    t("value.empty") if of_customer.empty else " · ".join(sorted(set(of_customer["grade"]))),
    border=True,
    help=explain("grade"),
)

st.subheader(t("customer.open_items"), anchor=False)
items = open_invoices_of(run.as_of, None, customer_id)
show_open_items(items, "open_items", currency)

st.subheader(t("customer.behaviour"), anchor=False)
if behaviour.empty:
    st.info(t("customer.no_behaviour"), icon=":material/inbox:")
else:
    chart_column, table_column = st.columns([3, 2])
    with chart_column, st.container(border=True):
        st.markdown(f"**{t('customer.days_late')}**")
        line_by_month(behaviour.rename(columns={"days_late": "value"}), "behaviour", name=t("customer.days_late"))
    with table_column:
        show_table(
            behaviour.iloc[::-1], "behaviour_months", file_name="payment_behaviour.csv", currency=currency, rows_shown=8
        )

st.subheader(t("customer.credit"), anchor=False)
if of_customer.empty:
    st.info(t("table.empty"), icon=":material/inbox:")
else:
    show_table(
        of_customer.assign(in_default=[t_value("yes_no", str(bool(flag))) for flag in of_customer["in_default"]]),
        "credit_of_customer",
        file_name="credit_of_customer.csv",
        currency=currency,
        hidden=("company_id", "customer_id", "customer", "freeze_proposed", "freeze_reason", "region"),
    )
    at_company = str(of_customer["company_id"].iloc[0])
    with st.expander(t("customer.grade_made_of", company=of_customer["company"].iloc[0]), icon=":material/functions:"):
        parts = grade_explained(run.as_of, at_company, customer_id)
        show_table(
            parts.assign(component=[t_value("credit_component", name) for name in parts["component"]]),
            "grade_explained",
            file_name="credit_grade_explained.csv",
        )
    link_to("credit", t("credit.title"), customer=customer_id, of=at_company)
    link_to("worklist", t("worklist.title"), customer=customer_id, of=at_company)

disputed = disputes(run.as_of, customer_id)
st.subheader(t("customer.disputes", count=count(len(disputed))), anchor=False)
show_table(disputed, "disputes", file_name="disputes.csv")

given = promises()
given = given[given["customer_id"] == customer_id].reset_index(drop=True)
st.subheader(t("customer.promises", count=count(len(given))), anchor=False)
show_table(
    given.assign(state=[t_value("promise_state", state) for state in given["state"]]),
    "promises",
    file_name="promises.csv",
    hidden=("company_id", "customer_id", "customer"),
)

st.subheader(t("customer.contacts"), anchor=False)
st.caption(t("customer.contacts_note"))
show_table(contacts(customer_id), "contacts", file_name="contacts.csv")
