"""CFO: how good forecasts of receipts were: a year of weekly origins beside baselines, and every forecast ever made."""

from __future__ import annotations

import streamlit as st

from dashboards.components.about import explain
from dashboards.components.charts import fan_with_actual
from dashboards.components.figures import day, percent
from dashboards.components.language import t, t_value
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.table import show_table
from dashboards.queries.forecast import FLOWS
from dashboards.queries.track_record import (
    HORIZONS,
    LEVELS,
    backtest_path,
    backtest_span,
    headline,
    intervals,
    outcome_by_week,
    scored_companies,
    scores,
    versions,
)

run = begin_page("track_record.title", "track_record.purpose")

companies = scored_companies()
names = dict(zip(companies["company_id"], companies["company"], strict=True))
currencies = dict(zip(companies["company_id"], companies["currency"], strict=True))
company_id = pick("company", t("filter.company"), list(names), names.get, everything=t("track_record.group"))
currency = currencies.get(company_id, run.reporting_currency)

st.subheader(t("track_record.backtest"), anchor=False)
span = backtest_span()
if span.empty:
    st.info(t("track_record.no_backtest"), icon=":material/inbox:")
else:
    first = span.iloc[0]
    st.caption(
        t(
            "track_record.how",
            origins=int(first["origins"]),
            first=day(first["first_origin"]),
            last=day(first["last_origin"]),
        )
    )
    told = headline(company_id).iloc[0]
    for card, name in zip(st.columns(4), told.index, strict=True):
        card.metric(t(f"track_record.{name}"), percent(told[name]), border=True, help=explain(str(name)))
    level_column, horizon_column = st.columns(2, vertical_alignment="bottom")
    with level_column:
        level = st.segmented_control(
            t("track_record.level"),
            LEVELS,
            format_func=lambda name: t_value("score_level", name),
            default=LEVELS[0],
            required=True,
            key="level",
            bind="query-params",
        )
    with horizon_column:
        horizon = st.selectbox(
            t("track_record.horizon"), HORIZONS[level], format_func=lambda name: t_value("horizon", name), key="horizon"
        )
    table = scores(company_id, level, horizon)
    table["metric"] = [t_value("metric", value) for value in table["metric"]]
    show_table(
        table,
        "scores",
        file_name="forecast_scores.csv",
        labels={"better_percent": t("track_record.better")}
        | {
            name: t_value("model", name)
            for name in ("due_date", "customer_recent_average", "seasonal_naive", "auto_ets")
        },
    )
    with st.expander(t("track_record.formulas"), icon=":material/functions:"):
        st.markdown(t("track_record.formulas_text"))

    if level != "invoice":
        steps = {"week": list(range(1, 14)), "month": [1, 2, 3], "90_days": [0]}[level]
        step = steps[0]
        if len(steps) > 1:
            step = st.select_slider(t(f"track_record.step_{level}"), steps, key=f"step_{level}")
        with st.container(border=True):
            st.markdown(f"**{t('track_record.path')}** · {currency}")
            fan_with_actual(
                backtest_path(company_id, level, step),
                "backtest_path",
                bands=(("p025", "p975", t("track_record.band_95")), ("p10", "p90", t("track_record.band_80"))),
                forecast=t("track_record.median"),
                actual=t("track_record.actual"),
                axis=currency,
            )

    st.subheader(t("track_record.coverage"), anchor=False)
    st.caption(t("track_record.coverage_note"))
    covered = intervals(company_id)
    covered["level"] = [t_value("score_level", value) for value in covered["level"]]
    covered["horizon"] = [t_value("horizon", value) for value in covered["horizon"]]
    show_table(covered, "intervals", file_name="forecast_coverage.csv", rows_shown=12)

st.subheader(t("track_record.live"), anchor=False)
st.caption(t("track_record.live_note"))
kept = versions()
if kept.empty:
    st.info(t("track_record.no_versions"), icon=":material/inbox:")
else:
    labels = {
        str(version): f"{day(made)} · {run_id}"
        for version, made, run_id in zip(
            kept["forecast_version_id"], kept["forecast_as_of"], kept["run_id"], strict=True
        )
    }
    known = kept.loc[kept["company_weeks_known"] > 0, "forecast_version_id"].tolist()
    version_column, flow_column = st.columns([1, 2], vertical_alignment="bottom")
    with version_column:
        chosen = st.selectbox(
            t("track_record.version"),
            list(labels),
            # the newest of which something has come already says more than the newest
            index=list(labels).index(known[0]) if known else 0,
            format_func=lambda version: labels[version],
            key="version",
        )
    with flow_column:
        flow = st.segmented_control(
            t("forecast.flow"),
            FLOWS,
            format_func=lambda name: t_value("flow", name),
            default=FLOWS[0],
            required=True,
            key="flow",
            bind="query-params",
        )
    with st.container(border=True):
        st.markdown(f"**{t_value('flow', flow)}** · {run.reporting_currency}")
        fan_with_actual(
            outcome_by_week(str(chosen), company_id, flow),
            "live_path",
            bands=(("p05", "p95", t("forecast.band_90")), ("p25", "p75", t("forecast.band_50"))),
            forecast=t("forecast.mean"),
            actual=t("track_record.actual"),
            axis=run.reporting_currency,
        )
        st.caption(t("forecast.band_note"))
    kept["model"] = [t_value("model", value) for value in kept["model"]]
    show_table(kept, "versions", file_name="forecast_versions.csv", hidden=("forecast_version_id",))
