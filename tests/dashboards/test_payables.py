"""The page of payables: what is due, the proposals with their reasons, the floor, and the lines behind an invoice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

PAGE = "app_pages/controller/payables.py"
OpenPage = Callable[..., AppTest]


@pytest.mark.usefixtures("published")
def test_what_is_due_what_may_be_saved_and_what_is_proposed(open_page: OpenPage) -> None:
    app = open_page(PAGE)
    assert {card.label: (card.value, card.delta) for card in app.metric} == {
        "Open payables, CNY": ("52,650.25", ""),
        "Due within 7 days, CNY": ("700.00", ""),
        "Overdue, CNY": ("2,000.00", ""),
        "Not proposed, CNY": ("2,000.00", "items: 1"),
        "Discounts on offer, CNY": ("1,000.01", "first ends 2026-11-07"),
        "Discounts taken, CNY": ("1,000.01", ""),
        "Saving as proposed, CNY": ("797.34", ""),
        "Next run, CNY": ("49,000.24", "2026-11-05"),
    }
    proposals = app.dataframe[1].value
    assert proposals["payment_reasons"].tolist() == [
        "Take the discount: 26.6 % a year against 5.0 % that cash costs",
        "Delayed because of the floor",
        "Supplier is held · Three-way match is open",
        "To be set off against the supplier's next payment",
    ]
    assert proposals["supplier"].tolist() == ["宁波北方钢材", "Lumen Parts", "宁波北方钢材", "Lumen Parts"]
    assert any("No plan keeps the floor of Beispiel GmbH" in box.value for box in app.info)
    assert open_page(PAGE, lang="zh").dataframe[1].value["payment_reasons"][2] == "供应商被挂起 · 三单匹配未通过"


@pytest.mark.usefixtures("published")
def test_filters_narrow_all_and_an_invoice_opens_its_lines(open_page: OpenPage) -> None:
    app = open_page(PAGE, company="erp:2", reason="three_way_match", invoice="pi2")
    assert [card.value for card in app.metric][:4] == ["2,000.00", "0.00", "2,000.00", "2,000.00"]
    lines, weeks, plans, match = (frame.value for frame in app.dataframe[2:6])
    assert lines["match_status"].tolist() == ["Price differs"]
    assert lines["price_difference_percent"].tolist() == [5]
    assert len(weeks) == 2
    assert plans["company"].tolist() == ["Beispiel GmbH"]
    assert match["match_status"].tolist() == ["Price differs"]


@pytest.mark.usefixtures("published")
def test_sums_by_each_level_are_one_total(open_page: OpenPage) -> None:
    for level in ("supplier", "company", "document_currency", "due_week", "payment_state"):
        sums = open_page(PAGE, by=level).dataframe[-1].value
        assert float(sums["payables_open"].sum()) == 52650.25, level
