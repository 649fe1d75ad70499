"""CFO: where to begin. Cash now, the next 13 weeks down to documents, cash in, what changed, what if, and how good
forecasts were; each section leads to its own page."""

from __future__ import annotations

import streamlit as st

from dashboards.components.about import explain
from dashboards.components.bridge import show_bridge_summary
from dashboards.components.charts import TEAL, fan_chart, histogram, stacked_bars
from dashboards.components.figures import amount, count, day, is_missing, percent, short
from dashboards.components.language import t, t_value
from dashboards.components.links import link_to
from dashboards.components.page import begin_page
from dashboards.components.pickers import pick
from dashboards.components.record import show_record_cards
from dashboards.components.sheet import show_sheet
from dashboards.components.switches import show_switches
from dashboards.components.table import show_table
from dashboards.queries.cash import CASH_BY, cash_by, cash_by_month, cash_total
from dashboards.queries.cash_in import cash_in_by_path, cash_in_by_period, cash_in_totals
from dashboards.queries.forecast import cash_position_by_week, forecast_companies


def _distribution() -> None:
    """Cash in of 90 days, path by path."""
    st.markdown(f"**{t('overview.distribution')}** · {currency}")
    paths = cash_in_by_path(run.as_of)
    if paths.empty or cash_in.empty:
        st.info(t("cash_in.none"), icon=":material/inbox:")
        return
    histogram(
        paths["amount"],
        "cash_in_distribution",
        name=t("overview.paths"),
        marks={t(f"overview.{name}"): cash_in.iloc[0][name] for name in ("p10", "p50", "p90")},
        axis=t("overview.distribution_note", count=count(len(paths))),
    )
    link_to("cash_in", t("overview.more_cash_in"))


run = begin_page("overview.title", "overview.purpose")
currency = run.reporting_currency

total = cash_total().iloc[0]
history = cash_by_month(run.as_of)
group = cash_position_by_week(run.as_of, None)
cash_in = cash_in_totals(run.as_of, "group")
weeks_in = cash_in_by_period(run.as_of, "group", "group", "week")

cash_card, lowest_card, in_card, chance_card = st.columns(4)
before = history["cash"].iloc[-2] if len(history) > 1 else None
cash_card.metric(
    t("cash.now", currency=currency),
    amount(total["cash"]),
    None if before is None or is_missing(total["cash"]) else amount(total["cash"] - before),
    delta_description=None if before is None else t("overview.since", date=day(history["day"].iloc[-2])),
    chart_data=history["cash"].astype("float64").tolist() or None,
    border=True,
    height="stretch",
    help=explain("cash_now"),
)
is_known = not group.empty and is_missing(group["empty_reason"].iloc[0])
if is_known:
    lowest = group.iloc[int(group["mean"].astype("float64").argmin())]
    no_floor = is_missing(lowest["cash_floor"])
    lowest_card.metric(
        t("overview.lowest" if no_floor else "overview.lowest_headroom", currency=currency),
        amount(lowest["mean"] if no_floor else lowest["mean"] - lowest["cash_floor"]),
        t("forecast.lowest_week", week=day(lowest["week_start"])),
        delta_color="off",
        delta_arrow="off",
        chart_data=group["mean"].astype("float64").tolist(),
        border=True,
        height="stretch",
        help=explain("lowest_cash" if no_floor else "lowest_headroom"),
    )
    chance_card.metric(
        t("forecast.chance"),
        percent(group["below_floor_so_far_percent"].iloc[-1]),
        t("overview.within_weeks", count=len(group)),
        delta_color="off",
        delta_arrow="off",
        chart_data=None if no_floor else group["below_floor_percent"].astype("float64").tolist(),
        chart_type="bar",
        border=True,
        height="stretch",
        help=explain("chance_below_floor"),
    )
else:
    lowest_card.info(t("forecast.none" if group.empty else "forecast.no_statement"), icon=":material/inbox:")
if not cash_in.empty:
    row = cash_in.iloc[0]
    in_card.metric(
        t("cash_in.mean_90", currency=currency),
        amount(row["mean"]),
        t("overview.eight_in_ten", low=short(row["p10"]), high=short(row["p90"])),
        delta_color="off",
        delta_arrow="off",
        chart_data=weeks_in["mean"].astype("float64").tolist(),
        chart_type="bar",
        border=True,
        height="stretch",
        help=explain("cash_in_90_days"),
    )
for number, warning in (
    (total["accounts_without_statement"], "cash.without_statement"),
    (total["accounts_without_rate"], "cash.without_rate"),
):
    if number:
        st.warning(t(warning, count=count(number)), icon=":material/info:")

# ---- cash now
st.subheader(t("overview.cash"), anchor=False)
by = st.segmented_control(
    t("filter.by"),
    list(CASH_BY),
    format_func=lambda name: t(f"overview.by_{name}"),
    default="company",
    required=True,
    key="cash_by",
    bind="query-params",
)
balances = cash_by(by)
if not balances.empty:
    chart_column, table_column = st.columns([2, 3])
    with chart_column, st.container(border=True):
        stacked_bars(
            balances.head(12),
            "cash_chart",
            category="name",
            parts={
                "closing_balance_reporting_currency": t("column.closing_balance_reporting_currency", currency=currency)
            },
            colors=(TEAL,),
        )
    with table_column:
        show_table(
            balances, "cash_now", file_name=f"cash_by_{by}.csv", currency=currency,
            labels={"name": t(f"overview.by_{by}")},
        )  # fmt: skip
link_to("cash", t("overview.more_cash"))

# ---- 13 weeks
st.subheader(t("overview.weeks"), anchor=False)
companies = forecast_companies(run.as_of)
names = dict(zip(companies["company_id"], companies["company"], strict=True))
with st.columns(3)[0]:
    company_id = pick("company", t("filter.company"), list(names), names.get, everything=t("filter.all_companies"))
position = group if company_id is None else cash_position_by_week(run.as_of, company_id)
if position.empty:
    st.info(t("forecast.none"), icon=":material/inbox:")
else:
    of_purse = str(position["currency"].iloc[0])
    fan_column, distribution_column = st.columns([3, 2])
    with fan_column, st.container(border=True):
        st.markdown(f"**{t_value('flow', 'position')}** · {of_purse}")
        if is_missing(position["empty_reason"].iloc[0]):
            fan_chart(
                position,
                "fan_chart",
                labels={name: t(f"forecast.{name}") for name in ("mean", "band_50", "band_90")},
                axis=of_purse,
                floor=None if is_missing(position["cash_floor"].iloc[0]) else position["cash_floor"].iloc[0],
                floor_label=t("forecast.floor"),
            )
        else:
            st.info(t("forecast.no_statement"), icon=":material/account_balance:")
        link_to("forecast", t("overview.more_weeks"), company=company_id)
    with distribution_column, st.container(border=True):
        _distribution()
    show_sheet(run.as_of, company_id, of_purse)

# ---- what changed
st.subheader(t("overview.changed"), anchor=False)
show_bridge_summary(currency)

# ---- what if
st.subheader(t("overview.what_if"), anchor=False)
show_switches(run.as_of, currency)

# ---- how good
st.subheader(t("overview.record"), anchor=False)
show_record_cards()
link_to("track_record", t("overview.more_record"))
