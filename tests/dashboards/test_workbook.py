"""The Excel files open as what they are: numbers, dates and texts, with their definitions beside them."""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.components.workbook import FORMATS, Words, is_exact_in_excel, kind_of, workbook_bytes

WORDS = Words(
    data_sheet="数据",
    definitions_sheet="定义",
    facts=[("运行", "20261031T0600"), ("截止日", "2026-10-31")],
    headings=["列名", "字段", "含义"],
    definitions=[["未清（CNY）", "amount", "=未清金额"]],
    kept_as_text="{count} 个数值按文本写入",
)


def table(**columns: pa.Array) -> pd.DataFrame:
    return pa.table(columns).to_pandas(types_mapper=pd.ArrowDtype)


def opened(frame: pd.DataFrame, units: dict[str, str] | None = None) -> openpyxl.Workbook:
    headings = {name: f"head {name}" for name in frame.columns}
    return openpyxl.load_workbook(io.BytesIO(workbook_bytes(frame, headings, WORDS, units)))


def test_numbers_dates_and_texts_keep_their_type() -> None:
    frame = table(
        amount=pa.array([Decimal("-1234567.8900"), None], pa.decimal128(38, 4)),
        margin_percent=pa.array([Decimal("37.7"), Decimal("0.0")], pa.decimal128(18, 1)),
        days_overdue=pa.array([-3, 12], pa.int32()),
        invoices=pa.array([1200, 1]),
        due_date=pa.array([date(2026, 10, 31), None]),
        decided_at=pa.array([datetime(2026, 10, 31, 6, 40), None], pa.timestamp("us")),
        customer=pa.array(["上海示例贸易有限公司", "0012"]),
    )
    sheet = opened(frame)["数据"]
    assert [cell.value for cell in sheet[1]] == [f"head {name}" for name in frame.columns]
    assert [cell.value for cell in sheet[2]] == [
        -1234567.89, 0.377, -3, 1200, datetime(2026, 10, 31), datetime(2026, 10, 31, 6, 40), "上海示例贸易有限公司",
    ]  # fmt: skip
    assert [cell.data_type for cell in sheet[2]] == ["n", "n", "n", "n", "d", "d", "s"]
    kinds = ("money", "percent", "days", "count", "date", "moment")
    assert [cell.number_format for cell in sheet[2]][:6] == [FORMATS[kind] for kind in kinds]
    assert [cell.value for cell in sheet[3]] == [None, 0, 12, 1, None, None, "0012"], "a missing value is an empty cell"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:G3"
    assert sheet.column_dimensions["G"].width > 20, "Chinese letters are two wide"


def test_the_unit_of_a_measure_decides_where_the_name_does_not() -> None:
    frame = table(
        collection_effectiveness_index=pa.array([Decimal("87.2000")], pa.decimal128(18, 4)),
        days_sales_outstanding=pa.array([Decimal("59.3000")], pa.decimal128(18, 4)),
        quantity=pa.array([Decimal("2.5000")], pa.decimal128(18, 4)),
    )
    units = {
        "collection_effectiveness_index": "percent", "days_sales_outstanding": "days", "quantity": "quantity",
    }  # fmt: skip
    sheet = opened(frame, units)["数据"]
    assert [cell.value for cell in sheet[2]] == [0.872, 59.3, 2.5]
    kinds = ("percent", "days", "fraction")
    assert [kind_of(frame[name], units[name]) for name in frame.columns] == list(kinds)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "{=1}", "http://example.com", "007"])
def test_no_text_becomes_a_formula_a_link_or_a_number(text: str) -> None:
    cell = opened(table(name=pa.array([text])))["数据"]["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_what_excel_would_round_is_text_and_said_so() -> None:
    exact, too_long = Decimal("12345678901.2345"), Decimal("123456789012.3456")
    book = opened(table(amount=pa.array([exact, too_long], pa.decimal128(38, 4))))
    cells = [book["数据"]["A2"], book["数据"]["A3"]]
    assert [(cell.value, cell.data_type) for cell in cells] == [(float(exact), "n"), (str(too_long), "s")]
    assert [row[1].value for row in book["定义"].iter_rows(max_row=3)][2] == "1 个数值按文本写入"
    whole = opened(table(amount=pa.array([exact], pa.decimal128(38, 4))))["定义"]
    assert not any("按文本写入" in str(cell.value) for row in whole.iter_rows() for cell in row)


def test_a_day_before_excel_begins_is_text() -> None:
    sheet = opened(table(due_date=pa.array([date(1, 1, 1), date(1900, 1, 1)])))["数据"]
    assert [(cell.data_type) for cell in sheet["A"][1:]] == ["s", "d"]
    assert sheet["A2"].value == "0001-01-01"


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**20), max_value=10**20))
def test_a_number_cell_holds_the_amount_to_the_last_decimal(amount: Decimal) -> None:
    if is_exact_in_excel(amount):
        # What the file says with 16 digits, and Excel keeps with 15, is the same amount.
        assert Decimal(f"{float(amount):.15g}") == amount == Decimal(f"{float(f'{float(amount):.16G}'):.15g}")


def test_definitions_stand_on_their_own_sheet() -> None:
    sheet = opened(table(amount=pa.array([Decimal(1)], pa.decimal128(18, 4))))["定义"]
    rows = [[cell.value for cell in row][:3] for row in sheet.iter_rows()]
    assert rows[:2] == [["运行", "20261031T0600", None], ["截止日", "2026-10-31", None]]
    assert rows[3:] == [["列名", "字段", "含义"], ["未清（CNY）", "amount", "=未清金额"]]
    assert sheet["C5"].data_type == "s"
