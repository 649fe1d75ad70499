"""Collector: credit grade of customers and why, exposure and limit, expected loss twice, and proposals to freeze."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboards import stewardship
from dashboards.components.about import explain
from dashboards.components.decide import can_decide, record, who_and_why
from dashboards.components.figures import amount, count, is_missing
from dashboards.components.language import t, t_value
from dashboards.components.links import link_to
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.credit import assessments, by_grade, credit_total, exposure_of, grade_explained

run = begin_page("credit.title", "credit.purpose")
deciding = can_decide()
currency = run.reporting_currency

everyone = assessments(run.as_of, None)
names = dict(zip(everyone["company_id"], everyone["company"], strict=True))
company_column, grade_column, freeze_column = st.columns(3, vertical_alignment="bottom")
with company_column:
    company_id = pick("company", t("filter.company"), list(names), names.get, everything=t("filter.all_companies"))
with grade_column:
    grade = pick("grade", t("column.grade"), list("ABCDE"), str, everything=t("filter.all"))
with freeze_column:
    only_proposed = st.toggle(t("credit.only_proposed"), key="only_proposed")

total = credit_total(run.as_of, company_id).iloc[0]
exposure_card, model_card, matrix_card, freeze_card = st.columns(4)
exposure_card.metric(
    t("credit.exposure", currency=currency), amount(total["exposure"]), border=True, help=explain("exposure_at_default")
)
model_card.metric(
    t("credit.loss_model", currency=currency),
    amount(total["expected_loss_model"]),
    border=True,
    help=explain("credit_loss_model"),
)
matrix_card.metric(
    t("credit.loss_matrix", currency=currency),
    amount(total["expected_loss_matrix"]),
    border=True,
    help=explain("credit_loss_matrix"),
)
freeze_card.metric(t("credit.freezes"), count(total["freezes_proposed"]), border=True, help=explain("credit_freezes"))

st.subheader(t("credit.by_grade"), anchor=False)
st.caption(t("credit.method"))
show_table(by_grade(run.as_of, company_id), "by_grade", file_name=f"credit_grades_{run.as_of}.csv", currency=currency)

log = stewardship.log()
ruled = log[log["action"].isin(["freeze_credit", "keep_credit"]) & (log["state"] == "effective")]
ruling = {(entry["record_id"], entry["other_record_id"]): entry["action"] for _, entry in ruled.iterrows()}
credit = assessments(run.as_of, company_id)
if grade:
    credit = credit[credit["grade"] == grade]
if only_proposed:
    credit = credit[credit["freeze_proposed"]]
credit = credit.reset_index(drop=True)
keys = list(zip(credit["customer_id"], credit["company_id"], strict=True))


def reasons(codes: str) -> str:
    """Codes of a proposal as the reader's words."""
    return ", ".join(t_value("freeze_reason", code) for code in codes.split(",") if code)


st.subheader(t("credit.customers"), anchor=False)
st.caption(t("credit.pick_a_row"))
picked = show_table(
    credit.assign(
        freeze_reason=[reasons("" if is_missing(codes) else str(codes)) for codes in credit["freeze_reason"]],
        decided=pd.Series(
            [t_value("action", ruling[key]) if key in ruling else "" for key in keys], index=credit.index, dtype="str"
        ),
        in_default=[t_value("yes_no", str(bool(flag))) for flag in credit["in_default"]],
    ),
    "credit",
    file_name=f"credit_{run.as_of}.csv",
    currency=currency,
    pick_row=True,
    hidden=("company_id", "customer_id", "freeze_proposed"),
)
if picked is None and {"customer", "of"} <= set(st.query_params):
    wanted = (st.query_params["customer"], st.query_params["of"])
    picked = keys.index(wanted) if wanted in keys else None

if picked is not None:
    row = credit.iloc[picked]
    customer_id = None if is_missing(row["customer_id"]) else str(row["customer_id"])
    at_company = str(row["company_id"])
    if customer_id:
        st.query_params.update({"customer": customer_id, "of": at_company})
    st.subheader(
        t("credit.why", customer=row["customer"], grade=row["grade"], points=f"{row['points']:.1f}"), anchor=False
    )
    link_to("customer", t("customer.all_of", customer=row["customer"]), customer=customer_id)
    parts = grade_explained(run.as_of, at_company, customer_id)
    points_column, exposure_column = st.columns([3, 2])
    with points_column:
        show_table(
            parts.assign(component=[t_value("credit_component", name) for name in parts["component"]]),
            "grade_explained",
            file_name="credit_grade_explained.csv",
        )
    with exposure_column:
        figures = exposure_of(run.as_of, at_company, customer_id)
        for name in figures.columns:
            st.markdown(f"{t(f'column.{name}')}: **{amount(figures[name].iloc[0])}** {row['currency']}")
    if deciding and customer_id:
        whose = customer_id
        with st.form("freeze"):
            st.caption(t("credit.decide"))
            said = who_and_why("freeze")
            freeze_button, keep_button = st.columns(2)
            freeze = freeze_button.form_submit_button(t("credit.freeze"), icon=":material/ac_unit:")
            keep = keep_button.form_submit_button(t("credit.keep"), icon=":material/check:")
        records = stewardship.directory()
        if freeze or keep:
            record(lambda kept: kept.rule_on_credit(records, whose, at_company, freeze=bool(freeze), **said), said)
