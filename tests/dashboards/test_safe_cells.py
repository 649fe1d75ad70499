"""What leaves as a cell is data, whatever a supplier wrote into his name."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pandas as pd
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from dashboards.components.safe_cells import FORMULA_STARTS, safe_cells, safe_text


@given(st.text())
def test_no_text_begins_as_a_formula_and_none_is_lost(text: str) -> None:
    safe = safe_text(text)
    assert not safe.startswith(FORMULA_STARTS)
    assert safe == text or safe == "'" + text


def test_texts_of_every_kind_of_column_are_defused_and_the_rest_stays() -> None:
    arrow = pd.ArrowDtype(pa.string())
    frame = pd.DataFrame(
        {
            "name": pd.array(["=1+1", None, "plain"], dtype=arrow),
            "mixed": [Decimal("-5"), "-5", date(2026, 1, 1)],
            "bucket": pd.Categorical(["+a", "b", None]),
            "amount": pd.array([Decimal("-1.50"), Decimal("2.00"), None], dtype=pd.ArrowDtype(pa.decimal128(9, 2))),
            "=heading": [-1, -2, -3],
        },
        index=[7, 7, 9],
    )
    safe = safe_cells(frame)
    assert list(safe.columns) == ["name", "mixed", "bucket", "amount", "'=heading"]
    assert [None if pd.isna(x) else x for x in safe["name"]] == ["'=1+1", None, "plain"]
    assert safe["mixed"].tolist() == [Decimal("-5"), "'-5", date(2026, 1, 1)]
    assert [None if pd.isna(x) else x for x in safe["bucket"]] == ["'+a", "b", None]
    assert safe["amount"].dtype == frame["amount"].dtype
    assert safe["amount"].iloc[0] == Decimal("-1.50")
    assert safe["'=heading"].tolist() == [-1, -2, -3]
    assert list(safe.index) == [7, 7, 9]
    assert frame["name"].iloc[0] == "=1+1", "the page keeps what it shows"


def test_two_columns_of_one_name_and_no_rows() -> None:
    twice = pd.DataFrame([["=a", "@b"]], columns=["name", "name"])
    assert safe_cells(twice).to_numpy().tolist() == [["'=a", "'@b"]]
    assert safe_cells(twice.iloc[:0]).empty
