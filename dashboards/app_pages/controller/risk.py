"""Controller: patterns that fraud or carelessness leaves behind, the documents behind each, and who looks into it."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from dashboards.components.about import explain
from dashboards.components.decide import can_decide
from dashboards.components.decide_issue import decide_on, show_decisions_on
from dashboards.components.figures import amount, count
from dashboards.components.language import current_language, t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.risk import risk_alerts, risk_evidence, risk_filters, risk_total

CODED = ("severity", "pattern", "owner", "status", "document_type")

run = begin_page("risk.title", "risk.purpose")
currency = run.reporting_currency
choices = risk_filters()
deciding = can_decide()


def in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with coded values as the reader's words."""
    return frame.assign(**{name: [t_value(name, value) for value in frame[name]] for name in CODED if name in frame})


companies = choices.dropna(subset=["company_id"]).drop_duplicates("company_id")
names = dict(zip(companies["company_id"], companies["company"], strict=True))
filters: dict[str, object] = {}
pattern_column, company_column, owner_column, status_column = st.columns(4)
with company_column:
    filters["company_id"] = pick(
        "company", t("filter.company"), list(names), names.get, everything=t("filter.all_companies")
    )
for column, name in ((pattern_column, "pattern"), (owner_column, "owner"), (status_column, "status")):
    with column:
        filters[name] = pick(
            name,
            t(f"column.{name}"),
            sorted(choices[name].dropna().unique()),
            partial(t_value, name),
            everything=t("filter.all"),
        )

total = risk_total(**filters).iloc[0]
open_card, critical_card, money_card, documents_card = st.columns(4)
open_card.metric(t("risk.open"), count(total["open_alerts"]), border=True, help=explain("open_alert_count"))
critical_card.metric(
    t("risk.critical"), count(total["critical_alerts"]), border=True, help=explain("critical_alert_count")
)
money_card.metric(
    t("risk.at_stake", currency=currency),
    amount(total["amount_at_stake"]),
    border=True,
    help=explain("alert_amount_at_stake"),
)
documents_card.metric(t("risk.documents"), count(total["documents"]), border=True, help=explain("alert_documents"))

st.subheader(t("risk.alerts"), anchor=False)
st.caption(t("risk.pick_an_alert"))
alerts = risk_alerts(current_language(), **filters)
picked = show_table(
    in_words(alerts), "alerts", file_name="risk_alerts.csv", currency=currency, pick_row=True, hidden=("alert_id",)
)
if picked is not None:
    st.query_params["alert"] = str(alerts["alert_id"].iloc[picked])

alert_id = st.query_params.get("alert")
evidence = risk_evidence(alert_id, current_language()) if alert_id else pd.DataFrame()
if alert_id and not evidence.empty:
    first = evidence.iloc[0]
    st.subheader(t_value("pattern", first["pattern"]), anchor=False)
    st.markdown(t(f"risk_pattern.{first['pattern']}"))
    show_table(
        in_words(evidence),
        "evidence",
        file_name="risk_evidence.csv",
        currency=currency,
        hidden=("document_id", "pattern"),
    )
    show_decisions_on(alert_id)
    if deciding:
        decide_on(alert_id, choices["owner"])
