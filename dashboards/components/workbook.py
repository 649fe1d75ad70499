"""A table as an Excel workbook: real numbers and dates on the first sheet, what they mean on the second.

Written row by row by XlsxWriter. A cell is a number only where Excel keeps it exactly: Excel holds 15 digits, so a
longer number is written as text and the sheet of definitions says how many are. No text becomes a formula or a link.
"""

from __future__ import annotations

import io
import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from dashboards.components.figures import is_missing

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

EXCEL_DIGITS = 15
EXCEL_FIRST_YEAR = 1900
ROWS_MEASURED = 500  # for the widths of columns
_NARROW, _WIDE = 9, 48
# Kind of column → how Excel writes its numbers.
FORMATS = {
    "money": "#,##0.00;[Red]-#,##0.00",
    "fraction": "#,##0.00##",
    "percent": "0.0%",
    "score": "0.00%",
    "days": "General",
    "count": "#,##0",
    "date": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm",
    "text": "",
}


@dataclass(frozen=True)
class Words:
    """Texts of a workbook in the reader's language."""

    data_sheet: str
    definitions_sheet: str
    facts: Sequence[tuple[str, str]]  # what stands over the definitions: run, as of, filters
    headings: Sequence[str]  # of the sheet of definitions
    definitions: Sequence[Sequence[str]]  # one row per column of the data
    kept_as_text: str  # with {count}: cells that are text because Excel would round them


def kind_of(values: pd.Series, unit: str = "") -> str:
    """Kind of a column, a key of FORMATS: by its type, the unit of its measure, else the end of its name."""
    name, kind = str(values.name), str(values.dtype)
    if kind.startswith(("date32", "date64")):
        return "date"
    if kind.startswith(("timestamp", "datetime")):
        return "moment"
    if kind.startswith(("int", "uint")):
        return "days" if unit == "days" or "days" in name.split("_") else "count"
    if not kind.startswith(("decimal", "double", "float")):
        return "text"
    if unit == "percent" or name.endswith("_percent"):
        return "score" if name.endswith("score_percent") else "percent"
    if unit == "days":
        return "days"
    return "money" if kind.startswith("decimal") and unit not in ("quantity", "ratio", "score") else "fraction"


def is_exact_in_excel(number: Decimal) -> bool:
    """Whether Excel's 15 digits hold ``number`` without rounding it."""
    if not number.is_finite():
        return False
    digits = "".join(map(str, number.as_tuple().digits)).strip("0")
    return len(digits) <= EXCEL_DIGITS


def workbook_bytes(
    frame: pd.DataFrame, headings: Mapping[str, str], words: Words, units: Mapping[str, str] | None = None
) -> bytes:
    """``frame`` (its columns headed by ``headings``) and its definitions as an .xlsx file.

    Percentages are Excel's: 37.7 % is the number 0.377. The heading is frozen and filters; columns are as wide as what
    stands in them.
    """
    import xlsxwriter

    content = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False, "nan_inf_to_errors": False}  # fmt: skip
    with xlsxwriter.Workbook(content, options) as book:
        font = {"font_name": "Arial", "font_size": 10}
        head = book.add_format(font | {"bold": True, "bg_color": "#0B6E6E", "font_color": "#FFFFFF", "text_wrap": True,
                                       "valign": "vcenter", "border": 0})  # fmt: skip
        cells = {kind: book.add_format(font | ({"num_format": code} if code else {})) for kind, code in FORMATS.items()}
        as_text = book.add_format(font | {"num_format": "@", "align": "right"})
        sheet = book.add_worksheet(words.data_sheet)
        kinds = [kind_of(frame[name], (units or {}).get(str(name), "")) for name in frame.columns]
        kept = _write_data(sheet, frame, headings, kinds, head, cells, as_text)
        wrapped = book.add_format(font | {"text_wrap": True, "valign": "top"})
        title = book.add_format(font | {"bold": True, "valign": "top"})
        facts = list(words.facts)
        if kept:
            facts.append(("", words.kept_as_text.format(count=f"{kept:,}")))
        _write_definitions(book.add_worksheet(words.definitions_sheet), facts, words, head, wrapped, title)
    return content.getvalue()


def _write_data(
    sheet: Worksheet,
    frame: pd.DataFrame,
    headings: Mapping[str, str],
    kinds: Sequence[str],
    head: Any,
    cells: Mapping[str, Any],
    as_text: Any,
) -> int:
    """Write heading and rows; returns how many numbers are kept as text."""
    columns = [str(name) for name in frame.columns]
    for place, (name, kind) in enumerate(zip(columns, kinds, strict=True)):
        sheet.set_column(place, place, _width(headings[name], frame[name].head(ROWS_MEASURED), kind), cells[kind])
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(frame), 1), max(len(columns) - 1, 0))
    sheet.set_row(0, 32)
    for place, name in enumerate(columns):
        sheet.write_string(0, place, headings[name], head)
    kept = 0
    fits = [_all_fit(frame[name]) for name in columns]
    for row, values in enumerate(frame.itertuples(index=False, name=None), start=1):
        for place, value in enumerate(values):
            kind = kinds[place]
            kept += _write_cell(sheet, row, place, value, kind, cells[kind], None if fits[place] else as_text)
    return kept


def _all_fit(values: pd.Series) -> bool:
    """Whether no number of the column can have too many digits for Excel: told by its largest, not number by number."""
    kind = values.dtype
    if not isinstance(kind, pd.ArrowDtype) or not hasattr(kind.pyarrow_dtype, "scale"):
        return False
    largest = values.abs().max()
    return is_missing(largest) or len(str(int(largest))) + kind.pyarrow_dtype.scale <= EXCEL_DIGITS


def _write_cell(sheet: Worksheet, row: int, place: int, value: object, kind: str, cell: Any, as_text: Any) -> bool:
    """Write one cell; returns whether it is a number that had to be kept as text. No ``as_text``: every number fits."""
    if is_missing(value):
        return False
    if isinstance(value, bool):
        sheet.write_boolean(row, place, value, cell)
    elif isinstance(value, (datetime, date)):
        if value.year < EXCEL_FIRST_YEAR:
            sheet.write_string(row, place, value.isoformat(), cell)
        else:
            sheet.write_datetime(row, place, value.replace(tzinfo=None) if isinstance(value, datetime) else value, cell)
    elif isinstance(value, float):
        if math.isfinite(value):
            sheet.write_number(row, place, value / 100 if kind in ("percent", "score") else value, cell)
    elif isinstance(value, (int, Decimal)):
        number = Decimal(value)
        if as_text is not None and not is_exact_in_excel(number):
            sheet.write_string(row, place, f"{value:f}" if isinstance(value, Decimal) else str(value), as_text)
            return True
        # scaleb moves the point and rounds nothing.
        sheet.write_number(row, place, float(number.scaleb(-2) if kind in ("percent", "score") else number), cell)
    else:
        sheet.write_string(row, place, str(value), cell)
    return False


def _write_definitions(
    sheet: Worksheet, facts: Iterable[tuple[str, str]], words: Words, head: Any, wrapped: Any, title: Any
) -> None:
    for place, width in enumerate((24, 26, 52, 44, 18, 30, 44, 40)):
        sheet.set_column(place, place, width)
    row = 0
    for name, value in facts:
        sheet.write_string(row, 0, name, title)
        sheet.write_string(row, 1, value)
        row += 1
    row += 1
    for place, heading in enumerate(words.headings):
        sheet.write_string(row, place, heading, head)
    sheet.freeze_panes(row + 1, 1)
    for line, definition in enumerate(words.definitions, start=row + 1):
        for place, text in enumerate(definition):
            sheet.write_string(line, place, text, wrapped)


def _width(heading: str, values: pd.Series, kind: str) -> float:
    """Columns wide enough for what stands in them; a long heading wraps into two lines."""
    if kind in ("date", "moment"):
        longest = 11 if kind == "date" else 17
    elif kind == "text":
        longest = max((_cells(str(value)) for value in values if not is_missing(value)), default=0)
    else:
        numbers = [abs(Decimal(str(value))) for value in values if not is_missing(value)]
        longest = len(f"{max(numbers, default=Decimal(0)):,.2f}") + 1
    return float(min(max(longest + 1, math.ceil(_cells(heading) / 2) + 3, _NARROW), _WIDE))


def _cells(text: str) -> int:
    """How many columns of Latin letters a text is wide: Chinese ones are two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
