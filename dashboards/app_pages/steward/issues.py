"""Steward: which records are wrong, by what rule, who owns them, what money is at stake; decides on each."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from dashboards import stewardship
from dashboards.components.about import explain
from dashboards.components.decide import can_decide
from dashboards.components.decide_issue import decide_on, show_decisions_on
from dashboards.components.figures import amount, count
from dashboards.components.language import current_language, t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.rules import rule_in_words as worded_rule
from dashboards.components.table import show_table
from dashboards.queries.issues import failing_records, issue_filters, issue_total, issues_by_rule, one_issue

run = begin_page("issues.title", "issues.purpose")
currency = run.reporting_currency
choices = issue_filters()
OBJECTS = tuple(choices["object"].dropna().unique())


def rule_in_words(rule: str) -> str:
    return worded_rule(rule, OBJECTS)


def in_words(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with coded values as the reader's words."""
    worded = {name: [t_value(name, value) for value in frame[name]] for name in CODED if name in frame}
    return frame.assign(rule=[rule_in_words(rule) for rule in frame["rule"]], **worded)


CODED = ("object", "severity", "owner", "status")
deciding = can_decide()

filters: dict[str, object] = {}
columns = st.columns([1, 1.5, 1, 1, 1, 0.9], vertical_alignment="bottom")
for column, name in zip(columns, ("object", "rule", "severity", "owner", "status"), strict=False):
    with column:
        filters[name] = pick(
            name,
            t(f"column.{name}"),
            sorted(choices[name].dropna().unique()),
            rule_in_words if name == "rule" else partial(t_value, name),
            everything=t("filter.all"),
        )
with columns[-1]:
    filters["only_overdue"] = st.toggle(t("filter.only_overdue"), key="overdue", bind="query-params")

total = issue_total(**filters).iloc[0]
open_card, critical_card, overdue_card, money_card = st.columns(4)
open_card.metric(t("issues.open"), count(total["open_issues"]), border=True, help=explain("open_issue_count"))
critical_card.metric(
    t("issues.critical"), count(total["critical_issues"]), border=True, help=explain("critical_issue_count")
)
overdue_card.metric(
    t("issues.overdue"), count(total["overdue_issues"]), border=True, help=explain("overdue_issue_count")
)
money_card.metric(
    t("issues.at_stake", currency=currency),
    amount(total["amount_at_stake"]),
    border=True,
    help=explain("money_at_stake"),
)

st.subheader(t("issues.by_rule"), anchor=False)
st.caption(t("issues.pick_a_row"))
rules = issues_by_rule(**filters)
picked = show_table(in_words(rules), "issues_by_rule", file_name="issues_by_rule.csv", currency=currency, pick_row=True)

st.subheader(t("issues.failing_records"), anchor=False)
if picked is not None:
    filters |= {name: str(rules[name].iloc[picked]) for name in ("object", "rule", "severity", "owner")}
    st.caption(f"{t_value('object', filters['object'])} · {rule_in_words(str(filters['rule']))}")
st.caption(t("issues.pick_to_decide"))
records = failing_records(current_language(), **filters)
picked = show_table(
    in_words(records), "failing_records", file_name="failing_records.csv", currency=currency, pick_row=True
)
if picked is not None:
    st.query_params["issue"] = str(records["issue_id"].iloc[picked])

issue_id = st.query_params.get("issue")
issue = one_issue(issue_id, current_language()) if issue_id else records.head(0)
if not issue.empty and issue_id:
    fault = issue.iloc[0]
    st.subheader(t("issues.one", object=t_value("object", fault["object"]), record=fault["source_key"]), anchor=False)
    st.markdown(f"{rule_in_words(fault['rule'])}: {fault['detail']}")
    if fault["object"] in stewardship.MASTER_OBJECTS:
        st.page_link(
            "app_pages/steward/record.py",
            label=t("issues.to_record"),
            icon=":material/badge:",
            query_params={"object": fault["object"], "record": fault["record_id"]},
        )
    show_decisions_on(issue_id)
    if deciding:
        decide_on(issue_id, choices["owner"])
