"""The 13-week sheet: opening, flows, closing and headroom; a picked cell shows the documents that it is made of."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from dashboards.components.figures import amount, count, day, is_missing
from dashboards.components.language import t, t_value
from dashboards.components.table import show_cells, show_table
from dashboards.queries.cells import documents_of_flow, parts_of_position, past_weeks_of_flow
from dashboards.queries.forecast import FLOWS, NET, breach_flows, weekly_sheet

_POSITIONS = ("opening_cash", "closing_cash", "headroom")


def show_sheet(as_of: date, company_id: str | None, currency: str) -> None:
    """The sheet of a company (None: the group) in ``currency`` and, under it, what the picked cell is made of."""
    st.caption(t("sheet.note"))
    sheet = weekly_sheet(as_of, company_id)
    # Flows that nothing moves in any week would push the closing off a laptop's screen.
    idle = tuple(flow for flow in FLOWS if not sheet[flow].fillna(0).astype("float64").any())
    cell = show_cells(sheet, "weekly_sheet", file_name="cash_forecast.csv", currency=currency, hidden=idle)
    row, line = cell or _in_link(sheet)
    if row is None or line == "week_start":
        st.markdown(f":material/touch_app: :gray[{t('sheet.pick_a_cell')}]")
        return
    week = sheet["week_start"].iloc[row]
    st.query_params.update({"cell_week": day(week), "cell_line": line})
    _cell(as_of, company_id, currency, week, line, sheet[line].iloc[row])


def _in_link(sheet: pd.DataFrame) -> tuple[int | None, str]:
    """The cell that the link names."""
    weeks = [day(week) for week in sheet["week_start"]] if len(sheet) else []
    week, line = st.query_params.get("cell_week"), st.query_params.get("cell_line", "")
    return (weeks.index(week), line) if week in weeks and line in sheet.columns else (None, "")


def _cell(as_of: date, company_id: str | None, currency: str, week: date, line: str, value: object) -> None:
    name = t_value("flow", line) if line in (*FLOWS, NET) else t(f"column.{line}", currency=currency)
    st.subheader(t("sheet.cell", line=name, week=day(week)), anchor=False)
    if is_missing(value):
        st.info(t("sheet.no_figure"), icon=":material/inbox:")
    elif line == "below_floor_percent":
        st.caption(t("forecast.breach_note"))
        causes = breach_flows(as_of, company_id, week)
        causes["flow"] = [t_value("flow", one) for one in causes["flow"]]
        show_table(causes, "cell_breach", file_name="breach_flows.csv", currency=currency)
    elif line in _POSITIONS:
        parts = parts_of_position(as_of, company_id, week, line)
        st.markdown(t("sheet.position_adds_up", total=amount(parts["expected_amount"].sum()), currency=currency))
        _in_words(parts)
        show_table(
            parts, "cell_parts", file_name=f"cash_{line}_{week}.csv", currency=currency,
            labels={"due_date": t("sheet.day"), "party": t("sheet.account"), **_labels()},
        )  # fmt: skip
    else:
        _flow_cell(as_of, company_id, currency, week, line)


def _flow_cell(as_of: date, company_id: str | None, currency: str, week: date, flow: str) -> None:
    found = documents_of_flow(as_of, company_id, flow, week)
    if found.empty:
        st.info(t("table.empty"), icon=":material/inbox:")
        return
    without = found[found["document_type"].isin(["not_issued", "not_booked"])]
    terms = [
        t("sheet.documents", count=count(found["documents"].iloc[0]), sum=amount(found["documents_total"].iloc[0]))
    ]
    terms += [
        f"{t_value('document', kind)} {amount(money)}"
        for kind, money in zip(without["document_type"], without["expected_amount"], strict=True)
    ]
    total = found["documents_total"].iloc[0] + without["expected_amount"].sum()
    st.markdown(f"**{amount(total)}** {currency} = " + " + ".join(terms))
    st.caption(t("sheet.expected_note"))
    idle = [name for name in ("component",) if found[name].isna().all()]
    hidden = ("documents_total", "documents", *(("flow",) if flow != NET else ()), *idle)
    _in_words(found)
    show_table(
        found, "cell_documents", file_name=f"cash_{flow}_{week}.csv", currency=currency, hidden=hidden, labels=_labels()
    )
    if "not_booked" in set(without["document_type"]):
        with st.expander(t("sheet.past"), icon=":material/history:"):
            st.caption(t("sheet.past_note"))
            show_table(
                past_weeks_of_flow(as_of, company_id, flow),
                "cell_past",
                file_name=f"past_{flow}.csv",
                currency=currency,
            )


def _labels() -> dict[str, str]:
    return {"document_number": t("forecast.document_number"), "document_type": t("forecast.document_type")}


def _in_words(found: pd.DataFrame) -> None:
    for column, family in {"flow": "flow", "component": "component", "document_type": "document"}.items():
        if column in found:
            found[column] = ["" if is_missing(value) else t_value(family, value) for value in found[column]]
