"""Analyst: margin cut in any order down to the invoice line, compared, explained and tried. The link holds the view."""

from __future__ import annotations

from decimal import Decimal
from urllib.parse import urlencode

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards.access import made_from
from dashboards.components.about import explain
from dashboards.components.charts import revenue_and_margin, waterfall
from dashboards.components.drill import add_to_path, read_path, show_breadcrumb
from dashboards.components.figures import amount, day, is_missing, percent
from dashboards.components.language import t
from dashboards.components.page import begin_page
from dashboards.components.pickers import choose, number_in_link
from dashboards.components.table import show_table
from dashboards.queries.margin import (
    LEVELS,
    Change,
    Period,
    Span,
    bridge,
    budget,
    by_currency,
    fiscal_periods,
    invoice_lines,
    margin_by,
    margin_total,
    member_names,
    result,
    what_if,
)

VIEWS = ("members", "bridge", "budget", "what_if", "lines")
YEAR_BEFORE, PERIODS_BEFORE, NOTHING = "year_before", "periods_before", "nothing"
run = begin_page("margin.title", "margin.purpose")
currency = run.reporting_currency


def pick_spans(periods: list[Period], columns: list[DeltaGenerator]) -> tuple[Span | None, Span | None]:
    """The periods shown, and those they are compared with; the fiscal year so far where the link says nothing."""
    if not periods:
        return None, None
    first_column, last_column, against_column = columns
    names = [period.name for period in periods]
    this_year = next(period.name for period in periods if period.fiscal_year == periods[-1].fiscal_year)
    with first_column:
        first = names.index(choose("from", t("filter.from"), names, str, default=this_year))
    with last_column:
        last = names.index(choose("to", t("filter.to"), names[first:], str, default=names[-1]))
    words = {name: t(f"margin.against.{name}") for name in (YEAR_BEFORE, PERIODS_BEFORE, NOTHING)}
    words |= {name: t("margin.against.from", period=name) for name in names}
    with against_column:
        against = choose(
            "against",
            t("filter.against"),
            list(words),
            lambda name: words.get(name, name),
            default=YEAR_BEFORE,
        )
    start: int | None
    if against == YEAR_BEFORE:
        earlier = [place for place in range(first) if periods[place].number == periods[first].number]
        start = earlier[-1] if earlier else None
    elif against == PERIODS_BEFORE:
        start = first - (last - first + 1)
    else:
        start = names.index(against) if against in names else None
    compared = None
    if start is not None and start >= 0:
        end = min(start + last - first, len(periods) - 1)
        compared = Span(periods[start].first, periods[end].last)
    return Span(periods[first].first, periods[last].last), compared


def show_link() -> None:
    """The address of this view, to be sent or kept: it holds all that was picked, defaults as well."""
    with st.popover(t("margin.link"), icon=":material/link:", width="stretch"):
        st.caption(t("margin.link_note"))
        address = (st.context.url or "").partition("?")[0]
        st.code(f"{address}?{urlencode(st.query_params.to_dict())}", language=None, wrap_lines=True)


def change_of(now: object, before: object) -> str | None:
    """By how many percent an amount changed; None where there is nothing to compare with."""
    if is_missing(now) or is_missing(before) or not before:
        return None
    return f"{100 * (Decimal(str(now)) / abs(Decimal(str(before))) - (1 if Decimal(str(before)) > 0 else -1)):+,.1f} %"


def show_cards(total: pd.Series) -> None:
    """Revenue, cost, margin and margin %, each with its change."""
    cards = st.columns(4)
    for card, name, measure in zip(
        cards, ("revenue", "cost", "margin"), ("revenue", "cost_of_sales", "margin"), strict=False
    ):
        now = total[f"{name}_reporting_currency"]
        card.metric(
            t(f"margin.{name}", currency=currency),
            amount(now),
            change_of(now, total.get(f"compared_{name}_reporting_currency")),
            delta_color="inverse" if name == "cost" else "normal",
            border=True,
            help=explain(measure),
        )
    points, before = total["margin_percent"], total.get("compared_margin_percent")
    cards[3].metric(
        t("margin.percent"),
        percent(points),
        None if is_missing(points) or is_missing(before) else t("margin.points", points=f"{points - before:+.1f}"),
        border=True,
        help=explain("margin_share"),
    )


def show_members(path: dict[str, str], span: Span | None, compared: Span | None) -> None:
    """The members of one level, each to be stepped into; the reader says which level comes next."""
    left = [level for level in LEVELS if level not in path]
    if not left:
        show_lines(path, span)
        return
    level = choose("by", t("margin.cut_by"), left, lambda name: t(f"level.{name}"), default=left[0], as_buttons=True)
    members = margin_by(level, path, span, compared)
    named = members.assign(member=members["member"].fillna(t("value.empty")))
    if not named.empty:
        with st.container(border=True):
            revenue_and_margin(
                named,
                "margin_chart",
                revenue_label=t("margin.revenue", currency=currency),
                margin_label=t("margin.margin", currency=currency),
            )
    st.caption(t("margin.pick_a_row"))
    keys = members["member_key"].tolist()

    def step_into(row: int) -> None:
        add_to_path(level, keys[row])
        st.query_params.pop("by", None)

    show_table(
        named,
        f"margin_{level}_{len(path)}",
        file_name=f"margin_by_{level}.csv",
        currency=currency,
        labels={"member": t(f"level.{level}")},
        hidden=("member_key",),
        on_pick=step_into,
    )


def show_lines(path: dict[str, str], span: Span | None) -> None:
    st.subheader(t("margin.lines"), anchor=False)
    show_table(invoice_lines(path, span), "margin_lines", file_name="invoice_lines.csv", currency=currency)


def show_bridge(path: dict[str, str], span: Span | None, compared: Span | None) -> None:
    """From the margin of the one span to that of the other."""
    if span is None or compared is None:
        st.info(t("margin.nothing_to_compare"), icon=":material/compare_arrows:")
        return
    steps = bridge(path, span, compared)
    named = steps.assign(effect=[t(f"margin.effect.{name}") for name in steps["effect"]])
    spans = t(
        "margin.bridge_of",
        then=f"{day(compared.first)} – {day(compared.last)}",
        now=f"{day(span.first)} – {day(span.last)}",
    )
    st.caption(f"{spans} {t('margin.bridge_note')}")
    with st.container(border=True):
        rows = zip(named["effect"], steps["margin_effect"], steps["effect"].isin(("then", "now")), strict=True)
        waterfall([(name, value, is_total) for name, value, is_total in rows], "margin_bridge", axis=currency)
    show_table(named, "margin_bridge_table", file_name="margin_bridge.csv", currency=currency)


def show_budget(path: dict[str, str], span: Span | None) -> None:
    if span is None:
        return
    planned = budget(path.get("company"), span)
    if planned is None:
        st.info(t("margin.no_budget"), icon=":material/lock:")
        return
    beyond = [t(f"level.{level}") for level in path if level != "company"]
    st.caption(t("margin.budget_note"))
    if beyond:
        st.info(t("margin.budget_whole", levels=", ".join(beyond)), icon=":material/info:")
    named = planned.assign(line=[t(f"margin.budget_line.{line}") for line in planned["line"]])
    show_table(named, "margin_budget", file_name="margin_budget.csv", currency=currency)


def show_what_if(path: dict[str, str], names: dict[str, str], span: Span | None) -> None:
    """Price, discount, cost and rates of this slice moved by hand, down to net profit."""
    if span is None:
        return
    read = by_currency(path, span)
    st.caption(t("margin.what_if_note", slice=" › ".join(names.values()) or t("drill.everything")))
    profit = result(path.get("company"), span)
    with st.container(border=True):
        price, discount, cost, tax = st.columns(4)
        change = Change(
            price=number_in_link(price, "price", t("margin.what_if.price"), -100, 1000),
            discount=number_in_link(discount, "discount", t("margin.what_if.discount"), 0, 100),
            cost=number_in_link(cost, "cost", t("margin.what_if.cost"), -100, 1000),
            rates=pick_rates([name for name in read["currency"] if name != currency]),
        )
        rate = number_in_link(tax, "tax", t("margin.what_if.tax"), 0, 100, profit.tax_percent if profit else Decimal(0))
    before, after = what_if(read, Change()), what_if(read, change)
    gained = after.margin - before.margin
    rows = [
        ("revenue", before.revenue, after.revenue),
        ("cost", before.cost, after.cost),
        ("margin", before.margin, after.margin),
    ]
    if profit is not None:
        net = profit.net.quantize(Decimal("0.01"))
        rows.append(("net_profit", net, net + (gained * (100 - rate) / 100).quantize(Decimal("0.01"))))
    margin_card, percent_card, profit_card = st.columns(3)
    margin_card.metric(
        t("margin.margin", currency=currency),
        amount(after.margin),
        f"{amount(gained)} {currency}" if gained else None,
        border=True,
        help=explain("what_if_margin"),
    )
    percent_card.metric(
        t("margin.percent"),
        percent(after.margin_percent),
        None
        if after.margin_percent is None or before.margin_percent is None or not gained
        else t("margin.points", points=f"{after.margin_percent - before.margin_percent:+.1f}"),
        border=True,
        help=explain("margin_share"),
    )
    if profit is not None:
        _, net, then = rows[-1]
        profit_card.metric(
            t("margin.net_profit", currency=currency),
            amount(then),
            f"{amount(then - net)} {currency}" if then != net else None,
            border=True,
            help=explain("what_if_net_profit"),
        )
    else:
        profit_card.caption(t("margin.no_statements"))
    columns = ["figure", "actual_reporting_currency", "what_if_reporting_currency", "change_reporting_currency"]
    tried = pd.DataFrame(
        [(t(f"margin.what_if_row.{name}"), now, then, then - now) for name, now, then in rows], columns=columns
    )
    money = read["revenue"].dtype
    tried = made_from(tried.astype({name: money for name in columns[1:]}), read)
    show_table(tried, "margin_what_if", file_name="margin_what_if.csv", currency=currency)


def pick_rates(foreign: list[str]) -> tuple[tuple[str, Decimal], ...]:
    """By how much each foreign currency moves, of those that the slice is sold or bought in."""
    rates = []
    for start in range(0, len(foreign), 4):
        for column, name in zip(st.columns(4), foreign[start : start + 4], strict=False):
            label = t("margin.what_if.rate", currency=name)
            rates.append((name, number_in_link(column, f"rate_{name}", label, -100, 1000)))
    return tuple(rates)


*period_columns, link_column = st.columns([1, 1, 1.4, 1], vertical_alignment="bottom")
span, compared = pick_spans(fiscal_periods(), period_columns)
path = read_path(list(LEVELS))
names = member_names(path)
show_breadcrumb(path, names)
total = margin_total(path, span, compared).iloc[0]
show_cards(total)
if not is_missing(total["revenue_without_cost"]) and total["revenue_without_cost"]:
    unknown = amount(total["revenue_without_cost"])
    st.info(t("margin.cost_unknown", amount=unknown, currency=currency), icon=":material/info:")
view = choose(
    "show", t("margin.show"), list(VIEWS), lambda name: t(f"margin.view.{name}"), default="members", as_buttons=True
)
if view == "members":
    show_members(path, span, compared)
elif view == "bridge":
    show_bridge(path, span, compared)
elif view == "budget":
    show_budget(path, span)
elif view == "what_if":
    show_what_if(path, names, span)
else:
    show_lines(path, span)
with link_column:  # last, when everything that was picked stands in the link
    show_link()
