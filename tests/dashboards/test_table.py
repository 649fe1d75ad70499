"""Downloads open in a spreadsheet as they are and run nothing."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest

from dashboards.components.figures import amount, count, moment, percent
from dashboards.components.table import csv_bytes


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_text_that_would_run_as_a_formula_is_defused(start: str) -> None:
    frame = pd.DataFrame({"customer": pd.array([f"{start}1+1", "plain", None], dtype=pd.ArrowDtype(pa.string()))})
    cells = [row[0] if row else "" for row in rows_of(csv_bytes(frame))[1:]]
    assert cells == [f"'{start}1+1", "plain", ""]


def test_numbers_and_dates_stay_what_they_are() -> None:
    table = pa.table(
        {
            "amount": pa.array([Decimal("-12.50")], pa.decimal128(18, 2)),
            "due_date": pa.array([date(2026, 10, 31)]),
            "days_overdue": pa.array([-3]),
        }
    )
    content = csv_bytes(table.to_pandas(types_mapper=pd.ArrowDtype), {"amount": "未清（CNY）"})
    assert content.startswith(b"\xef\xbb\xbf"), "without the mark a spreadsheet misreads Chinese"
    assert rows_of(content) == [["未清（CNY）", "due_date", "days_overdue"], ["-12.50", "2026-10-31", "-3"]]


def test_figures_are_written_for_reading() -> None:
    assert amount(Decimal("1234.5")) == "1,234.50"
    assert amount(Decimal("-1234567.89")) == "-1,234,568"
    assert amount(None) == amount(pd.NA) == "–"
    assert percent(Decimal("12.34")) == "12.3 %"
    assert count(1234567) == "1,234,567"
    assert moment("2026-11-01T06:04:00") == "2026-11-01 06:04"
    assert moment("yesterday") == "yesterday"
