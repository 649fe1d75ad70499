"""Steward: which records are wrong, by what rule, who owns them, what money is at stake; every failing key."""

from __future__ import annotations

import streamlit as st

from dashboards.components.figures import amount, count
from dashboards.components.language import current_language, t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.issues import failing_records, issue_filters, issue_total, issues_by_rule

run = begin_page("issues.title", "issues.purpose")
currency = run.reporting_currency

choices = issue_filters()
filters: dict[str, object] = {}
columns = st.columns([1, 1.6, 1, 1, 0.9], vertical_alignment="bottom")
for column, name in zip(columns, ("object", "rule", "severity", "owner"), strict=False):
    with column:
        filters[name] = pick(
            name,
            t(f"column.{name}"),
            sorted(choices[name].dropna().unique()),
            lambda value, family=name: value if family == "owner" else t_value(family, value),
            everything=t("filter.all"),
        )
with columns[-1]:
    filters["only_overdue"] = st.toggle(t("filter.only_overdue"), key="overdue", bind="query-params")
filters["as_of"] = run.as_of

total = issue_total(**filters).iloc[0]
open_card, critical_card, overdue_card, money_card = st.columns(4)
open_card.metric(t("issues.open"), count(total["open_issues"]), border=True)
critical_card.metric(t("issues.critical"), count(total["critical_issues"]), border=True)
overdue_card.metric(t("issues.overdue"), count(total["overdue_issues"]), border=True)
money_card.metric(t("issues.at_stake", currency=currency), amount(total["amount_at_stake"]), border=True)


def in_words(frame):  # type: ignore[no-untyped-def]
    """Coded values of ``frame`` as the reader's words."""
    worded = {name: [t_value(name, value) for value in frame[name]] for name in WORDED if name in frame}
    return frame.assign(**worded)


WORDED = ("object", "rule", "severity", "status")

st.subheader(t("issues.by_rule"), anchor=False)
st.caption(t("issues.pick_a_row"))
rules = issues_by_rule(**filters)
picked = show_table(
    in_words(rules), "issues_by_rule", file_name="issues_by_rule.csv", currency=currency, pick_row=True
)

st.subheader(t("issues.failing_records"), anchor=False)
if picked is not None:
    filters |= {"object": rules["object"].iloc[picked], "rule": rules["rule"].iloc[picked]}
    st.caption(f"{t_value('object', filters['object'])} · {t_value('rule', filters['rule'])}")
show_table(
    in_words(failing_records(current_language(), **filters)),
    "failing_records",
    file_name="failing_records.csv",
    currency=currency,
    height=480,
)
