"""Steward: how good the data is by dimension, whether it gets better, and who is late with what money."""

from __future__ import annotations

import streamlit as st

from dashboards.components.about import explain
from dashboards.components.charts import lines_by_day
from dashboards.components.figures import NONE, amount, count, is_missing
from dashboards.components.language import t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.quality import (
    owners,
    score_by_company,
    score_by_day,
    score_by_dimension,
    score_by_object,
    score_filters,
    total_score,
)

run = begin_page("quality.title", "quality.purpose")
currency = run.reporting_currency
choices = score_filters()
companies = dict(zip(choices["company_id"].dropna(), choices["company"].dropna(), strict=False))

filters: dict[str, object] = {}
object_column, source_column, company_column = st.columns(3)
with object_column:
    objects = sorted(choices["object"].dropna().unique())
    filters["object"] = pick(
        "object", t("column.object"), objects, lambda name: t_value("object", name), everything=t("filter.all")
    )
with source_column:
    sources = sorted(choices["source"].dropna().unique())
    filters["source"] = pick("source", t("column.source_system"), sources, str, everything=t("filter.all"))
with company_column:
    filters["company"] = pick(
        "company", t("filter.company"), list(companies), companies.get, everything=t("filter.all_companies")
    )

score = total_score(**filters)["score_percent"].iloc[0]
by_owner = owners()
score_card, open_card, overdue_card, money_card = st.columns(4)
score_card.metric(
    t("quality.score"), NONE if is_missing(score) else f"{score:,.2f} %", border=True, help=explain("quality_score")
)
open_card.metric(
    t("issues.open"), count(int(by_owner["open_issues"].sum())), border=True, help=explain("open_issue_count")
)
overdue_card.metric(
    t("issues.overdue"), count(int(by_owner["overdue_issues"].sum())), border=True, help=explain("overdue_issue_count")
)
money_card.metric(
    t("quality.overdue_money", currency=currency),
    amount(by_owner["overdue_amount_reporting_currency"].sum()),
    border=True,
    help=explain("overdue_issue_amount"),
)

st.subheader(t("quality.by_dimension"), anchor=False)
dimensions = score_by_dimension(**filters)
show_table(
    dimensions.assign(
        quality_dimension=[t_value("quality_dimension", name) for name in dimensions["quality_dimension"]]
    ),
    "by_dimension",
    file_name="quality_by_dimension.csv",
    currency=currency,
)

st.subheader(t("quality.trend"), anchor=False)
days = score_by_day(**filters)
if days["score_date"].nunique() > 1:
    lines_by_day(
        days.assign(line=[t_value("quality_dimension", name) for name in days["quality_dimension"]]),
        "score_by_day",
        day="score_date",
        value="score_percent",
        name=t("quality.score"),
    )
else:
    st.caption(t("quality.no_trend"))

SCORES = {
    f"{name}_score_percent": t_value("quality_dimension", name)
    for name in ("completeness", "validity", "uniqueness", "consistency", "timeliness", "accuracy")
}
st.subheader(t("quality.by_object"), anchor=False)
by_object = score_by_object(**filters)
show_table(
    by_object.assign(object=[t_value("object", name) for name in by_object["object"]]),
    "by_object",
    file_name="quality_by_object.csv",
    labels=SCORES,
)

st.subheader(t("quality.by_company"), anchor=False)
st.caption(t("quality.by_company_note"))
show_table(
    score_by_company(**filters),
    "by_company",
    file_name="quality_by_company.csv",
    labels=SCORES,
)

st.subheader(t("quality.owners"), anchor=False)
st.caption(t("quality.owners_note"))
show_table(
    by_owner.assign(
        owner=[t_value("owner", name) for name in by_owner["owner"]],
        severity=[t_value("severity", name) for name in by_owner["severity"]],
    ),
    "owners",
    file_name="quality_owners.csv",
    currency=currency,
)
