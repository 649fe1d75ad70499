"""A table as every page shows it: labelled in the reader's language, sortable, searchable, safe to download."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboards.access import ROWS_LISTED, logged_export
from dashboards.components.about import describe, help_text, show_about, words_of
from dashboards.components.figures import NONE, WHOLE_FROM, is_missing
from dashboards.components.language import t
from dashboards.components.safe_cells import safe_cells
from dashboards.components.workbook import workbook_bytes

WHOLE = "%,.0f"
THOUSANDS_FROM = 10_000_000
# A table is as tall as its rows, and scrolls from here on: 13 weeks and a begun one fit.
ROWS_SHOWN = 14
CELL_PIXELS = 70  # a sheet of 13 columns fits a laptop
ROW_PIXELS = 33  # at the theme's font size


def csv_bytes(frame: pd.DataFrame, headings: dict[str, str] | None = None) -> bytes:
    """``frame`` as CSV that a spreadsheet opens as it is; texts that would run as formulas get a leading apostrophe.

    Numbers and dates stay numbers and dates, so a negative amount is not touched.
    """
    safe = safe_cells(frame.rename(columns=headings or {}))
    return safe.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\r\n").encode("utf-8-sig")


def show_table(
    frame: pd.DataFrame,
    key: str,
    *,
    file_name: str,
    currency: str = "",
    labels: dict[str, str] | None = None,
    pick_row: bool = False,
    on_pick: Callable[[int], None] | None = None,
    hidden: tuple[str, ...] = (),
    rows_shown: int = ROWS_SHOWN,
    measures: dict[str, str] | None = None,
) -> int | None:
    """Show ``frame``, its downloads and what its figures mean; headings are the labels ``column.<name>`` (``labels``
    overrides). Meanings are found by column; ``measures`` names the measure of a column whose name does not tell it.

    ``currency`` is filled in where a heading names it. ``hidden`` columns serve the page, not the reader. The
    table scrolls from ``rows_shown`` on. Returns the position of the picked row, where ``pick_row`` asks for one;
    ``on_pick`` is told it before the page is made again, so that a page that leads elsewhere is not made twice.
    """
    mode = "single-row" if pick_row or on_pick else ""
    told = None if on_pick is None else partial(_tell_pick, key, on_pick)
    picked = _table(frame, key, file_name, currency, labels or {}, mode, hidden, rows_shown, measures, told)
    rows = picked.get("rows", [])
    return rows[0] if rows and rows[0] < len(frame) else None


def show_cells(
    frame: pd.DataFrame, key: str, *, file_name: str, currency: str = "", hidden: tuple[str, ...] = ()
) -> tuple[int, str] | None:
    """As :func:`show_table`, of which one cell can be picked: its row's position and its column."""
    picked = _table(frame, key, file_name, currency, {}, "single-cell", hidden, ROWS_SHOWN, None, None)
    cells = picked.get("cells", [])
    return (cells[0][0], cells[0][1]) if cells and cells[0][0] < len(frame) else None


def _table(
    frame: pd.DataFrame,
    key: str,
    file_name: str,
    currency: str,
    labels: dict[str, str],
    mode: str,
    hidden: tuple[str, ...],
    rows_shown: int,
    measures: dict[str, str] | None,
    on_pick: Callable[[], None] | None,
) -> dict[str, Any]:
    """Show it; returns what is picked, nothing where ``mode`` is empty."""
    if frame.empty:
        st.info(t("table.empty"), icon=":material/inbox:")
        return {}
    shown = [name for name in frame.columns if name not in hidden]
    headings = {name: labels.get(name) or t(f"column.{name}", currency=currency) for name in shown}
    money_format = _money_format(frame[shown])
    listed = without_negative_zero(frame[shown], 0 if money_format == WHOLE else 2)
    listed.attrs = {}  # what it was read from is not for the browser
    if in_thousands(frame, mode):
        listed = _thousands(listed)
        st.caption(t("table.thousands"))
    options: dict[str, Any] = {"on_select": on_pick or "rerun", "selection_mode": mode} if mode else {}
    if len(frame) == ROWS_LISTED:
        st.caption(t("table.cut", count=f"{ROWS_LISTED:,}"))
    about = describe(frame, headings, measures)
    choice = st.dataframe(
        listed,
        key=key,
        hide_index=True,
        height=ROW_PIXELS * (min(len(frame), rows_shown) + 1) + 2,
        placeholder=NONE,
        column_config={
            name: _column(frame[name], headings[name], money_format, help_text(about.definitions[name]))
            | ({"width": CELL_PIXELS} if mode == "single-cell" else {})
            for name in shown
        },
        **options,
    )
    handed_on = logged_export(file_name, len(frame))
    words = words_of(about, file_name.removesuffix(".csv"), is_cut=len(frame) == ROWS_LISTED)
    units = {name: definition.unit for name, definition in about.definitions.items()}
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        st.download_button(
            t("table.download"),
            data=lambda: handed_on(csv_bytes(frame[shown], headings)),
            file_name=file_name,
            mime="text/csv",
            key=f"{key}_download",
            icon=":material/download:",
            on_click="ignore",
            type="tertiary",
        )
        st.download_button(
            t("table.download_excel"),
            data=lambda: handed_on(workbook_bytes(frame[shown], headings, words, units)),
            file_name=f"{file_name.removesuffix('.csv')}.xlsx",
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            key=f"{key}_excel",
            icon=":material/table_view:",
            on_click="ignore",
            type="tertiary",
        )
        show_about(about, key)
    return dict(choice["selection"]) if mode else {}


def in_thousands(frame: pd.DataFrame, mode: str) -> bool:
    """Whether a sheet of cells is written in thousands: its whole amounts would not fit beside each other. Downloads
    are always in full."""
    largest = [frame[name].abs().max() for name in frame.columns if _is_money(frame[name])]
    return mode == "single-cell" and any(not is_missing(one) and one >= THOUSANDS_FROM for one in largest)


def _thousands(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(**{name: (frame[name] / 1000).round(0) for name in frame.columns if _is_money(frame[name])})


def _tell_pick(key: str, on_pick: Callable[[int], None]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    if rows:
        on_pick(rows[0])


def _is_money(values: pd.Series) -> bool:
    name = str(values.name)
    return str(values.dtype).startswith("decimal") and not name.endswith("_percent") and name != "quantity"


def _money_format(frame: pd.DataFrame) -> str:
    """One way of writing money for the whole table: whole where amounts are large, else two decimals."""
    amounts = [frame[name].abs().max() for name in frame.columns if _is_money(frame[name])]
    large = any(not is_missing(amount) and amount >= WHOLE_FROM for amount in amounts)
    return WHOLE if large else "%,.2f"


def without_negative_zero(frame: pd.DataFrame, money_decimals: int) -> pd.DataFrame:
    """``frame`` with 0 for each amount that rounds to it, so that none is written -0 or -0.00.

    Money is written with ``money_decimals``, percentages with one, other fractions with two. Other columns stay.
    """
    shown = frame
    for name in shown.columns:
        values = shown[name]
        if not str(values.dtype).startswith(("decimal", "double")):
            continue
        decimals = money_decimals if _is_money(values) else 1 if name.endswith("_percent") else 2
        half = Decimal(5).scaleb(-decimals - 1)
        # A rough look first: comparing decimals exactly takes longer than all else of the table.
        rough = values.to_numpy("float64", na_value=0)
        if not ((rough < 0) & (rough > -1.001 * float(half))).any():
            continue
        # The browser rounds half away from zero, so a half is shown.
        found = ((values < 0) & (values > -half)).fillna(False)
        if found.any():
            shown = shown.assign(**{name: values.mask(found, 0)})
    return shown


def _column(values: pd.Series, heading: str, money_format: str, help_: str | None) -> Any:
    kind = str(values.dtype)
    if _is_money(values):
        return st.column_config.NumberColumn(heading, help=help_, format=money_format)
    if kind.startswith("decimal") or kind.startswith("double"):
        if str(values.name).endswith("_percent"):
            # A score is seldom below 99: one decimal would call what has faults 100.0 %.
            decimals = 2 if str(values.name).endswith("score_percent") else 1
            return st.column_config.NumberColumn(heading, help=help_, format=f"%.{decimals}f%%")
        return st.column_config.NumberColumn(heading, help=help_, format="%,.2f")
    if kind.startswith("int") or kind.startswith("uint"):
        return st.column_config.NumberColumn(heading, help=help_, format="%,d")
    if kind.startswith(("date32", "date64")):
        return st.column_config.DateColumn(heading, help=help_, format="YYYY-MM-DD")
    if kind.startswith(("timestamp", "datetime")):
        return st.column_config.DatetimeColumn(heading, help=help_, format="YYYY-MM-DD HH:mm")
    return st.column_config.TextColumn(heading, help=help_)


def _is_text(values: pd.Series) -> bool:
    kind = str(values.dtype)
    return kind.startswith(("string", "str", "object", "large_string", "dictionary", "category"))
