"""How figures are written, and when answers are called old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest

from dashboards.components.figures import amount, short
from dashboards.components.header import hours_since
from dashboards.components.language import reading_in
from dashboards.components.table import _thousands, in_thousands


@pytest.mark.parametrize(
    ("value", "english", "chinese"),
    [
        (Decimal("118403000"), "118.4M", "1.18亿"),
        (Decimal("-1234567"), "-1.23M", "-123.5万"),
        (Decimal("1500"), "1.50k", "1,500"),
        (Decimal("12"), "12", "12"),
        (None, "–", "–"),
    ],
)
def test_an_amount_is_short_in_the_units_of_the_language(value: Decimal | None, english: str, chinese: str) -> None:
    with reading_in("en"):
        assert short(value) == english
    with reading_in("zh"):
        assert short(value) == chinese


def test_amounts_have_cents_while_they_are_small() -> None:
    assert (amount(Decimal("99999.5")), amount(Decimal("100000.5"))) == ("99,999.50", "100,000")


def test_hours_since_a_run_was_published() -> None:
    published = datetime.now(UTC).replace(tzinfo=None) - timedelta(hours=31)
    assert hours_since(published) == pytest.approx(31, abs=0.1)
    assert hours_since(pd.Timestamp(published)) == pytest.approx(31, abs=0.1)
    assert hours_since(None) is None


def test_a_sheet_is_written_in_thousands_where_it_would_not_fit() -> None:
    sheet = pd.DataFrame(
        {"opening_cash": pd.array([Decimal("107516462.00")], dtype=pd.ArrowDtype(pa.decimal128(18, 2)))}
    )
    assert in_thousands(sheet, "single-cell")
    assert not in_thousands(sheet, "single-row"), "lists of documents are in full"
    assert _thousands(sheet)["opening_cash"].tolist() == [Decimal(107516)]
    assert not in_thousands(sheet / 100, "single-cell")
