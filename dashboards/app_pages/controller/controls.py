"""Controller: the certificate of the run, two totals and their difference per control."""

from __future__ import annotations

from functools import partial

import streamlit as st

from dashboards.components.about import explain
from dashboards.components.figures import count
from dashboards.components.language import t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.controls import certificate_total, comparisons, control_filters, controls

begin_page("controls.title", "controls.purpose")
choices = control_filters()
known = choices.dropna(subset=["company_id"]).drop_duplicates("company_id")
names = dict(zip(known["company_id"], known["company"], strict=True))

filters: dict[str, object] = {}
company_picker, control_picker, switch = st.columns([1.3, 1.3, 1], vertical_alignment="bottom")
with company_picker:
    filters["company_id"] = pick(
        "company", t("filter.company"), list(names), names.get, everything=t("filter.all_companies")
    )
with control_picker:
    filters["control"] = pick(
        "control",
        t("column.control"),
        sorted(choices["control"].unique()),
        partial(t_value, "control"),
        everything=t("filter.all"),
    )
with switch:
    filters["only_differences"] = st.toggle(t("filter.only_differences"), key="differences", bind="query-params")

total = certificate_total(**filters).iloc[0]
all_card, passed_card, blocking_card, other_card = st.columns(4)
all_card.metric(t("controls.comparisons"), count(total["comparisons"]), border=True, help=explain("comparison_count"))
passed_card.metric(t("controls.passed"), count(total["passed"]), border=True, help=explain("comparisons_passed"))
blocking_card.metric(
    t("controls.blocking"), count(total["blocking_differences"]), border=True, help=explain("blocking_differences")
)
other_card.metric(
    t("controls.other"), count(total["other_differences"]), border=True, help=explain("other_differences")
)

st.subheader(t("controls.by_control"), anchor=False)
st.caption(t("controls.pick_a_row"))
by_control = controls(**filters)
worded = by_control.assign(
    control=[t_value("control", name) for name in by_control["control"]],
    blocking=[t_value("yes_no", bool(value)) for value in by_control["blocking"]],
)
picked = show_table(worded, "controls", file_name="controls.csv", pick_row=True)

st.subheader(t("controls.lines"), anchor=False)
if picked is not None:
    filters["control"] = by_control["control"].iloc[picked]
    st.caption(t_value("control", filters["control"]))
lines = comparisons(**filters)
lines = lines.assign(
    passed=[t_value("passed", bool(value)) for value in lines["passed"]],
    control=[t_value("control", name) for name in lines["control"]],
)
show_table(lines, "comparisons", file_name="certificate.csv")
