"""Scenarios side by side: the forecast as it is and what each switch makes of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd
import streamlit as st

from dashboards.access import made_from
from dashboards.components.about import explain
from dashboards.components.figures import amount
from dashboards.components.language import t
from dashboards.components.links import link_to
from dashboards.queries.scenarios import Scenario, scenario_cash_in, scenario_choices

BASE = "base"
DAYS_LATER, SALES_PERCENT, CURRENCY_PERCENT = 10, -10.0, -5.0
SWITCHES = ("later", "default", "sales", "currency_move", "together")


def side_by_side(as_of: date, parts: dict[str, Scenario]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The forecast and each of ``parts`` (a name of SWITCHES → scenario) over 90 days and by week.

    Columns scenario (in words), week_start (by week alone), mean, p10, p50, p90, difference from the forecast.
    """
    base = scenario_cash_in(as_of, Scenario())
    results = {BASE: base} | {name: scenario_cash_in(as_of, part) for name, part in parts.items()}
    frames = []
    for name, frame in results.items():
        frame = frame.copy()
        frame.insert(0, "scenario", t(f"scenarios.{name}"))
        frame["difference"] = frame["mean"] - base["mean"]
        frames.append(frame)
    every = made_from(pd.concat(frames, ignore_index=True), *results.values())
    in_all = every[every["week_start"].isna()].drop(columns="week_start")
    return in_all, every[every["week_start"].notna()]


def show_scenario_cards(in_all: pd.DataFrame, currency: str) -> None:
    """A card per row of 90 days: what comes in, and how much less or more than forecast."""
    for card, row in zip(st.columns(len(in_all)), in_all.itertuples(index=False), strict=True):
        difference = Decimal(str(row.difference))
        card.metric(
            f"{row.scenario}, {currency}",
            amount(Decimal(str(row.mean))),
            amount(difference) if difference else None,
            border=True,
            height="stretch",
            help=explain("scenario_mean"),
        )


@st.fragment
def show_switches(as_of: date, currency: str) -> None:
    """Switches with usual sizes; only this part of the page runs again when one is set. Leads to the page of all."""
    choices = scenario_choices(as_of)
    if not choices["currency"]:
        st.info(t("scenarios.none"), icon=":material/inbox:")
        return
    top = next(iter(choices["customer"]), None)
    foreign = next((code for code in choices["currency"] if code != currency), currency)
    usual = {
        "later": Scenario(days_later=DAYS_LATER),
        "default": Scenario(default_customer=top),
        "sales": Scenario(sales_percent=SALES_PERCENT),
        "currency_move": Scenario(currency=foreign, currency_percent=CURRENCY_PERCENT),
    }
    chosen = st.pills(
        t("scenarios.choose"),
        list(usual),
        format_func=lambda name: t(f"scenarios.{name}"),
        selection_mode="multi",
        default=["later", "default"],
        key="switches",
    )
    in_all, _ = side_by_side(as_of, {name: usual[name] for name in usual if name in chosen})
    show_scenario_cards(in_all, currency)
    st.caption(
        t(
            "overview.switches_note",
            days=DAYS_LATER,
            customer=choices["customer"].get(top or "", "–"),
            sales=f"{SALES_PERCENT:+.0f}",
            foreign=foreign,
            move=f"{CURRENCY_PERCENT:+.0f}",
        )
    )
    link_to("scenarios", t("overview.more_what_if"), scenarios=",".join(chosen))
