"""Charts in one look. Figures become floats here, where they turn into pixels, and nowhere else."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

if TYPE_CHECKING:
    import plotly.graph_objects as go

TEAL, TEAL_ON_DARK = "#0B6E6E", "#3FB5AE"
RED, RED_ON_DARK = "#C0392B", "#F0776A"
# From "not yet due" to "long overdue": cool to warm, also apart in lightness.
AGE_COLORS = ("#0B6E6E", "#8FBF9F", "#F2C879", "#E08A3C", "#B23A48")
# Okabe-Ito, slightly deepened, as in the theme; lines also differ in their dashes, for eyes that see no colours.
LINE_COLORS = (TEAL, "#E39A2D", "#3D78B8", "#C05C8A", "#7C8A97", "#6AA84F")
LINE_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_QUIET: dict[str, Any] = {"displayModeBar": False}


def fan_chart(
    weeks: pd.DataFrame, key: str, *, labels: dict[str, str], axis: str, floor: Decimal | None, floor_label: str
) -> None:
    """Mean line in its 90 % and 50 % bands (columns week_start, mean, p05, p25, p75, p95), with an optional floor.

    ``labels`` names ``mean``, ``band_90`` and ``band_50``.
    """
    import plotly.graph_objects as go

    x = pd.to_datetime(weeks["week_start"].astype(str))
    y = {name: weeks[name].astype("float64") for name in ("mean", "p05", "p25", "p75", "p95")}
    dark = st.context.theme.type == "dark"
    line, floor_color, shade = (TEAL_ON_DARK, RED_ON_DARK, "63,181,174") if dark else (TEAL, RED, "11,110,110")
    figure = go.Figure()
    for low, high, opacity, name in (("p05", "p95", 0.14, labels["band_90"]), ("p25", "p75", 0.26, labels["band_50"])):
        edge: dict[str, Any] = {"x": x, "mode": "lines", "line": {"width": 0}}
        figure.add_scatter(y=y[high], showlegend=False, hoverinfo="skip", **edge)
        figure.add_scatter(
            y=y[low], fill="tonexty", fillcolor=f"rgba({shade},{opacity})", name=name, hoverinfo="skip", **edge
        )
    figure.add_scatter(
        x=x,
        y=y["mean"],
        mode="lines+markers",
        name=labels["mean"],
        line={"color": line, "width": 2.5},
        marker={"size": 6},
        customdata=pd.DataFrame({"p05": y["p05"], "p95": y["p95"]}),
        hovertemplate="<b>%{y:,.0f}</b><br>%{customdata[0]:,.0f} … %{customdata[1]:,.0f}<extra></extra>",
    )
    if floor is not None:
        figure.add_hline(
            y=float(floor),
            line={"color": floor_color, "dash": "dash", "width": 1.5},
            annotation={"text": floor_label, "font": {"color": floor_color}, "xanchor": "right", "yanchor": "bottom"},
        )
    figure.update_xaxes(tickformat="%m-%d", dtick=7 * 86_400_000, tick0=x.iloc[0] if len(x) else None)
    figure.update_layout(hovermode="x")
    _draw(figure, key, axis, height=400)


def fan_with_actual(
    weeks: pd.DataFrame, key: str, *, bands: tuple[tuple[str, str, str], ...], forecast: str, actual: str, axis: str
) -> None:
    """What was forecast (columns week_start, mean and those of ``bands``) and, as dots, what came (column actual).

    ``bands``: low column, high column, name; the widest first. ``forecast`` and ``actual`` name the line and the dots.
    """
    import plotly.graph_objects as go

    x = pd.to_datetime(weeks["week_start"].astype(str))
    dark = st.context.theme.type == "dark"
    line, dots, shade = (TEAL_ON_DARK, "#F2C879", "63,181,174") if dark else (TEAL, "#B23A48", "11,110,110")
    figure = go.Figure()
    for number, (low, high, name) in enumerate(bands):
        edge: dict[str, Any] = {"x": x, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
        figure.add_scatter(y=weeks[high].astype("float64"), showlegend=False, **edge)
        figure.add_scatter(
            y=weeks[low].astype("float64"),
            fill="tonexty",
            fillcolor=f"rgba({shade},{0.14 + 0.12 * number})",
            name=name,
            **edge,
        )
    written = "<b>%{y:,.0f}</b>"
    figure.add_scatter(
        x=x,
        y=weeks["mean"].astype("float64"),
        mode="lines",
        name=forecast,
        line={"color": line, "width": 2.5},
        hovertemplate=forecast + ": " + written + "<extra></extra>",
    )
    figure.add_scatter(
        x=x,
        y=weeks["actual"].astype("float64"),
        mode="markers",
        name=actual,
        marker={"color": dots, "size": 8, "line": {"width": 1, "color": "white"}},
        hovertemplate=actual + ": " + written + "<extra></extra>",
    )
    figure.update_xaxes(tickformat="%Y-%m-%d")
    figure.update_layout(hovermode="x unified")
    _draw(figure, key, axis, height=360)


def histogram(values: pd.Series, key: str, *, name: str, marks: dict[str, Any], axis: str) -> None:
    """How often values fall where, with a line at each of ``marks`` (label → value). ``name`` says what is counted."""
    import plotly.graph_objects as go

    dark = st.context.theme.type == "dark"
    figure = go.Figure()
    figure.add_histogram(
        x=values.astype("float64"),
        nbinsx=40,
        name=name,
        marker={"color": TEAL_ON_DARK if dark else TEAL, "line": {"width": 0}},
        opacity=0.85,
        hovertemplate="%{x}: <b>%{y}</b><extra></extra>",
    )
    ink = "#E6EDF1" if dark else "#17252F"
    for label, value in marks.items():
        figure.add_vline(
            x=float(value),
            line={"color": ink, "dash": "dot", "width": 1.5},
            annotation={"text": label, "font": {"size": 11, "color": ink}},
            annotation_position="top",
        )
    figure.update_layout(bargap=0.06)
    figure.update_xaxes(title=axis)
    _draw(figure, key, name, height=400, top=40)


def waterfall(steps: list[tuple[str, Decimal, bool]], key: str, *, axis: str) -> None:
    """From a first total by differences to a last one: (name, amount, whether it is a total)."""
    import plotly.graph_objects as go

    dark = st.context.theme.type == "dark"
    figure = go.Figure()
    figure.add_waterfall(
        x=[name for name, _, _ in steps],
        y=[float(amount) for _, amount, _ in steps],
        measure=["absolute" if is_total else "relative" for _, _, is_total in steps],
        text=[f"{amount:,.0f}" for _, amount, _ in steps],
        textposition="outside",
        cliponaxis=False,
        increasing={"marker": {"color": TEAL_ON_DARK if dark else TEAL}},
        decreasing={"marker": {"color": RED_ON_DARK if dark else RED}},
        totals={"marker": {"color": "#7C8A97"}},
        connector={"line": {"width": 1, "color": "rgba(124,138,151,0.6)"}},
        hovertemplate="%{x}: <b>%{text}</b><extra></extra>",
    )
    _draw(figure, key, axis, height=380)


def stacked_bars(
    frame: pd.DataFrame, key: str, *, category: str, parts: dict[str, str], colors: tuple[str, ...]
) -> None:
    """Horizontal bars per ``category`` in the order of ``frame``, stacked by the columns ``parts`` (column → name)."""
    import plotly.graph_objects as go

    figure = go.Figure()
    dark = st.context.theme.type == "dark"
    for (column, name), given in zip(parts.items(), colors, strict=True):
        color = TEAL_ON_DARK if dark and given == TEAL else given
        figure.add_bar(
            y=frame[category],
            x=frame[column].astype("float64").fillna(0),  # a gap would change the order of the stack
            name=name,
            orientation="h",
            marker={"color": color},
            hovertemplate="%{y}<br>" + name + ": <b>%{x:,.0f}</b><extra></extra>",
        )
    figure.update_layout(barmode="relative")
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    _draw(figure, key, "", height=70 + 40 * len(frame) + (30 if len(parts) > 1 else 0))


def revenue_and_margin(frame: pd.DataFrame, key: str, *, revenue_label: str, margin_label: str) -> None:
    """Revenue and, inside it, margin of the largest members (columns member, revenue…, margin_reporting_currency)."""
    import plotly.graph_objects as go

    top = frame.head(12)
    figure = go.Figure()
    for column, name, color, width in (
        ("revenue_reporting_currency", revenue_label, "rgba(124,138,151,0.35)", 0.72),
        ("margin_reporting_currency", margin_label, TEAL, 0.38),
    ):
        figure.add_bar(
            y=top["member"],
            x=top[column].astype("float64"),
            name=name,
            orientation="h",
            width=width,
            marker={"color": color},
            hovertemplate="%{y}<br>" + name + ": <b>%{x:,.0f}</b><extra></extra>",
        )
    figure.update_layout(barmode="overlay")
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    _draw(figure, key, "", height=110 + 34 * len(top))


def line_by_month(frame: pd.DataFrame, key: str, *, name: str) -> None:
    """One line over months (columns month, value); a month without a value is a gap."""
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.add_scatter(
        x=pd.to_datetime(frame["month"].astype(str)),
        y=frame["value"].astype("float64"),
        mode="lines+markers",
        name=name,
        line={"color": TEAL_ON_DARK if st.context.theme.type == "dark" else TEAL, "width": 2.5},
        marker={"size": 6},
        hovertemplate="%{x|%Y-%m}<br>" + name + ": <b>%{y:,.1f}</b><extra></extra>",
    )
    figure.update_xaxes(tickformat="%Y-%m")
    _draw(figure, key, name, height=300)


def lines_by_day(frame: pd.DataFrame, key: str, *, day: str, value: str, name: str, unit: str = " %") -> None:
    """One line per ``line`` of the frame over its ``day`` column, in ``unit``; hover names all."""
    import plotly.graph_objects as go

    figure = go.Figure()
    dark = st.context.theme.type == "dark"
    for number, (line, points) in enumerate(frame.groupby("line", sort=True)):
        figure.add_scatter(
            x=points[day],
            y=points[value].astype(float),
            name=str(line),
            # Many points are a line of their own.
            mode="lines+markers" if len(points) <= 100 else "lines",
            line=_line(number, dark),
            hovertemplate="%{x|%Y-%m-%d} " + str(line) + ": <b>%{y:,.2f}" + unit + "</b><extra></extra>",
        )
    days = sorted(set(frame[day]))
    # Few days: one mark each. Left to itself, the axis would name hours of a day.
    marks = {"tickmode": "array", "tickvals": days} if len(days) <= 10 else {}
    figure.update_xaxes(tickformat="%Y-%m-%d", type="date", **marks)
    _draw(figure, key, name, height=320)


def lines_by_week(frame: pd.DataFrame, key: str, *, band: str, axis: str) -> None:
    """Means of each ``scenario`` over ``week_start``, the first of them in its band from p10 to p90, named ``band``."""
    import plotly.graph_objects as go

    dark = st.context.theme.type == "dark"
    shade = "63,181,174" if dark else "11,110,110"
    figure = go.Figure()
    for number, (name, points) in enumerate(frame.groupby("scenario", sort=False)):
        x = pd.to_datetime(points["week_start"].astype(str))
        if number == 0:
            edge: dict[str, Any] = {"x": x, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
            figure.add_scatter(y=points["p90"].astype("float64"), showlegend=False, **edge)
            figure.add_scatter(
                y=points["p10"].astype("float64"), fill="tonexty", fillcolor=f"rgba({shade},0.18)", name=band, **edge
            )
        figure.add_scatter(
            x=x,
            y=points["mean"].astype("float64"),
            mode="lines+markers",
            name=str(name),
            line=_line(number, dark),
            marker={"size": 6},
            hovertemplate=str(name) + ": <b>%{y:,.0f}</b><extra></extra>",
        )
    figure.update_xaxes(tickformat="%m-%d", dtick=7 * 86_400_000, tick0=frame["week_start"].min())
    figure.update_layout(hovermode="x")
    _draw(figure, key, axis, height=400)


def _line(number: int, dark: bool) -> dict[str, Any]:
    """How the line of that number looks: told apart by colour and by dashes."""
    color = TEAL_ON_DARK if dark and number == 0 else LINE_COLORS[number % len(LINE_COLORS)]
    return {"color": color, "dash": LINE_DASHES[number % len(LINE_DASHES)], "width": 2.5}


def _draw(figure: go.Figure, key: str, axis: str, *, height: int, top: int = 8) -> None:
    legend = len(figure.data) > 1
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 36 if legend else top, "b": 8},
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "xanchor": "left", "x": 0},
        separators=".,",
    )
    figure.update_xaxes(exponentformat="B")
    figure.update_yaxes(title=axis or None, automargin=True, exponentformat="B")
    st.plotly_chart(figure, key=key, config=_QUIET)
