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
from dashboards.components.table import csv_bytes, without_negative_zero


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
    assert amount(Decimal("-0.001")) == "0.00"
    assert percent(Decimal("-0.04")) == "0.0 %"
    assert amount(None) == amount(pd.NA) == "–"
    assert percent(Decimal("12.34")) == "12.3 %"
    assert count(1234567) == "1,234,567"
    assert moment("2026-11-01T06:04:00") == "2026-11-01 06:04"
    assert moment("yesterday") == "yesterday"


def test_what_rounds_to_nothing_is_not_written_as_negative() -> None:
    cents = pa.array([Decimal("-0.0049"), Decimal("-0.0050"), Decimal("-0.4000"), None], pa.decimal128(18, 4))
    frame = pa.table(
        {"amount": cents, "rate_percent": cents, "share": pa.array([-0.001, -0.01, -2.5, None]), "days": [-1, 0, 1, 2]}
    ).to_pandas(types_mapper=pd.ArrowDtype)
    found = without_negative_zero(frame, 2)
    assert [None if pd.isna(x) else str(x) for x in found["amount"]] == ["0.0000", "-0.0050", "-0.4000", None]
    assert [None if pd.isna(x) else str(x) for x in found["rate_percent"]] == ["0.0000", "0.0000", "-0.4000", None]
    assert [None if pd.isna(x) else float(x) for x in found["share"]] == [0.0, -0.01, -2.5, None]
    assert found["days"].tolist() == [-1, 0, 1, 2]
    whole = without_negative_zero(frame, 0)
    assert [None if pd.isna(x) else str(x) for x in whole["amount"]] == ["0.0000", "0.0000", "0.0000", None]
    assert str(frame["amount"][0]) == "-0.0049", "the download keeps the amount"
