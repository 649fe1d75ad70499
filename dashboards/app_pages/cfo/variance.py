"""CFO: why receipts differ from what was forecast, by cause and down to the document; the trailing four weeks."""

from __future__ import annotations

import streamlit as st

from dashboards.components.about import explain
from dashboards.components.bridge import show_waterfall
from dashboards.components.figures import amount, day
from dashboards.components.language import t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.track_record import scored_companies, trailing_four_weeks
from dashboards.queries.variance import SPANS, bridge_by_week, bridge_total, by_cause, comparisons, documents

run = begin_page("variance.title", "variance.purpose")
currency = run.reporting_currency

companies = scored_companies()
names = dict(zip(companies["company_id"], companies["company"], strict=True))
pairs = comparisons()

company_column, second_column, first_column = st.columns(3, vertical_alignment="bottom")
with company_column:
    company_id = pick("company", t("filter.company"), list(names), names.get, everything=t("filter.all_companies"))

st.subheader(t("variance.trailing"), anchor=False)
trailing = trailing_four_weeks(run.as_of, company_id)
if trailing.empty:
    st.info(t("variance.no_trailing"), icon=":material/inbox:")
else:
    st.caption(
        t(
            "variance.trailing_note",
            week=day(trailing["week_start"].iloc[0]),
            made=day(trailing["forecast_as_of"].iloc[0]),
        )
    )
    trailing["flow"] = [t_value("flow", value) for value in trailing["flow"]]
    show_table(
        trailing,
        "trailing",
        file_name="trailing_four_weeks.csv",
        currency=currency,
        labels={"flow": t("variance.line")},
        hidden=("forecast_as_of", "week_start"),
    )

st.subheader(t("variance.bridge"), anchor=False)
if pairs.empty:
    st.info(t("variance.none"), icon=":material/inbox:")
else:
    with second_column:
        seconds = sorted(set(pairs["compared_as_of"]), reverse=True)
        second = st.selectbox(t("variance.second"), seconds, format_func=day, key="second")
    with first_column:
        firsts = pairs.loc[pairs["compared_as_of"] == second, "forecast_as_of"].tolist()
        # as lenders ask: four weeks back, or the oldest there is
        usual = next((place for place, one in enumerate(firsts) if (second - one).days >= 28), len(firsts) - 1)
        first = st.selectbox(t("variance.first"), firsts, index=usual, format_func=day, key="first")
    span = st.segmented_control(
        t("variance.span"),
        SPANS,
        format_func=lambda name: t(f"variance.span_{name}"),
        default="all",
        required=True,
        key="span",
        bind="query-params",
    )
    total = bridge_total(first, second, company_id, span).iloc[0]
    if not total["weeks"]:
        st.info(t("table.empty"), icon=":material/inbox:")
    else:
        forecast_card, received_card, expected_card, difference_card = st.columns(4)
        forecast_card.metric(t("variance.forecast", date=day(first), currency=currency), amount(total["forecast"]),
                             border=True, help=explain("bridge_forecast"))  # fmt: skip
        received_card.metric(
            t("variance.received", currency=currency),
            amount(total["received"]),
            border=True,
            help=explain("bridge_received"),
        )
        expected_card.metric(
            t("variance.expected", currency=currency),
            amount(total["still_expected"]),
            border=True,
            help=explain("bridge_expected"),
        )
        difference_card.metric(
            t("variance.difference", currency=currency),
            amount(total["difference"]),
            border=True,
            help=explain("bridge_difference"),
        )

        causes = by_cause(first, second, company_id, span)
        show_waterfall(causes, total["forecast"], total["received"] + total["still_expected"], currency)

        st.markdown(t("variance.pick_a_cause"))
        words = {"cause": t("variance.cause"), "reason": t("variance.reason")}
        shown = causes.copy()
        shown["cause"] = [t_value("variance_cause", value) for value in causes["cause"]]
        shown["reason"] = [t_value("variance_reason", value) for value in causes["reason"]]
        row = show_table(
            shown, "causes", file_name="variance_causes.csv", currency=currency, pick_row=True,
            labels={**words, "amount": t("variance.sum", currency=currency)},
        )  # fmt: skip
        cause, reason = (None, None) if row is None else (causes["cause"].iloc[row], causes["reason"].iloc[row])

        st.subheader(t("variance.documents"), anchor=False)
        listed = documents(first, second, company_id, span, cause, reason)
        listed["cause"] = [t_value("variance_cause", value) for value in listed["cause"]]
        listed["reason"] = [t_value("variance_reason", value) for value in listed["reason"]]
        show_table(listed, "documents", file_name="variance_documents.csv", currency=currency, labels=words)

        st.subheader(t("variance.by_week"), anchor=False)
        by_week = bridge_by_week(first, second, company_id, span)
        show_table(
            by_week,
            "weeks",
            file_name="variance_weeks.csv",
            currency=currency,
            labels={
                name: t_value("variance_cause", name)
                for name in ("timing", "permanent", "new", "changed_amount", "currency", "not_itemised")
            },
        )
