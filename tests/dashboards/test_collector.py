"""The collectors' pages: the order of calls, what stands behind it, and what they write to the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dagster_project.stewardship.store import DecisionStore
from tests.dashboards.conftest import OpenPage, cards, press, say, table

WORKLIST, CREDIT = "app_pages/collector/worklist.py", "app_pages/collector/credit.py"

pytestmark = pytest.mark.usefixtures("published")


def test_the_list_is_in_order_of_what_a_call_moves_and_is_filtered(open_page: OpenPage) -> None:
    app = open_page(WORKLIST)
    assert cards(app) == {
        "Overdue, CNY": "74,000.00",
        "Calls may move, CNY": "7,000.00",
        "Customers on the list": "3",
        "Promises broken": "1",
    }
    listed = table(app, 0)
    assert listed["rank"].tolist() == [1, 2, 3]
    assert listed["collection_action"].tolist() == ["Broken promise", "Reminder 2", "Call"]
    assert listed["paid_in_30_days_percent"].tolist() == [Decimal(25), Decimal(75), Decimal(5)]
    assert table(app, 1)["state"].tolist() == ["Open", "Broken"]
    assert table(app, 2)["evidence"].tolist() == [
        "5,000 promised for 2026-10-20, 11 days ago",
        "paid within 30 days: 75 %, on 2026-10-24 still 97 %",
    ]
    german = open_page(WORKLIST, company="erp:2", action="call")
    assert table(german, 0)["customer"].tolist() == ['=HYPERLINK("http://example.invalid")']
    assert cards(german)["Overdue, CNY"] == "49,000.00", "the sum of the company, whatever else is filtered"


def test_a_link_opens_the_invoices_of_a_customer_with_their_forecast_and_reasons(open_page: OpenPage) -> None:
    app = open_page(WORKLIST, customer="erp:c2", of="erp:2")
    items = table(app, 1)
    assert items["invoice_number"].fillna("").tolist() == ["DE-2001", ""]
    assert items["collection_action"].tolist() == ["Call", ""]
    assert items["p50_date"].dropna().tolist() == [date(2026, 12, 20)]
    assert items["reasons"].dropna().tolist() == [
        "This customer has never paid us yet; it is taken to pay as others do",
        "",
    ]
    assert "Open items of Müller & Söhne KG at Beispiel GmbH" in [heading.value for heading in app.subheader]


def test_a_promise_is_noted_of_an_invoice_and_of_a_customer_and_shown_at_once(
    open_page: OpenPage, store: DecisionStore
) -> None:
    app = open_page(WORKLIST, customer="erp:c2", of="erp:2")
    say(app, "promise", "Li Na", "Mr Bauer on the phone")
    press(app, "Note a promise to pay")
    assert "Give the amount as a number" in app.error[0].value
    app.selectbox(key="promise_receivable").select("r3")
    app.text_input(key="promise_amount").set_value("5,001")
    say(app, "promise", "Li Na", "Mr Bauer on the phone")
    press(app, "Note a promise to pay")
    assert "more than the 5000.0000 EUR that are open" in app.error[0].value
    app.text_input(key="promise_amount").set_value("2,500.50")
    app.date_input(key="promise_given").set_value(date(2026, 11, 1))
    app.date_input(key="promise_date").set_value(date(2026, 11, 20))
    press(app, "Note a promise to pay")
    assert "Decision 1 is recorded" in app.success[0].value
    app.selectbox(key="promise_receivable").select("")
    app.text_input(key="promise_amount").set_value("100")
    say(app, "promise", "Li Na", "the rest")
    press(app, "Note a promise to pay")
    first, second = (decision.entry for decision in store.decisions())
    assert (first.object, first.record_id, first.value_before) == ("receivable", "r3", "5000.0000 EUR open")
    assert first.value_after == "2500.50 EUR by 2026-11-20, given 2026-11-01"
    assert (second.object, second.record_id, second.other_record_id) == ("customer", "erp:c2", "erp:2")
    assert second.value_before == "4875.0000 EUR open"
    assert any(frame.value["reason"].tolist() == ["the rest", "Mr Bauer on the phone"] for frame in app.dataframe
               if "reason" in frame.value and "decided_by" in frame.value)  # fmt: skip


def test_an_item_without_a_number_is_promised_by_its_id(
    open_page: OpenPage, store: DecisionStore, publish_run: Callable[..., Path], tmp_path: Path
) -> None:
    unnumbered = "update marts.fct_receivable_aging set invoice_number = null where receivable_id = 'r3'"
    publish_run(tmp_path / "published", "20261031T0700", unnumbered)
    app = open_page(WORKLIST, customer="erp:c2", of="erp:2")
    assert app.selectbox(key="promise_receivable").options == ["All that the customer owes", "r3 · 5,000.00 EUR"]


def test_credit_shows_both_losses_and_explains_a_grade(open_page: OpenPage) -> None:
    app = open_page(CREDIT)
    assert cards(app) == {
        "Exposure at default, CNY": "549,000",
        "Expected loss by model, CNY": "8,900.00",
        "Expected loss by matrix, CNY": "3,040.00",
        "Freezes proposed": "2",
    }
    grades = table(app, 0)
    assert grades["grade"].tolist() == list("ABCDE")
    assert grades["customers"].tolist() == [0, 1, 0, 1, 1]
    assert grades["expected_loss_difference_reporting_currency"].tolist() == [
        Decimal(0), Decimal(1100), Decimal(0), Decimal(1840), Decimal(2920),
    ]  # fmt: skip
    listed = table(app, 1)
    assert listed["freeze_reason"].tolist() == [
        "over the limit",
        "",
        "over the limit, more than 60 days overdue, grade E",
    ]
    explained = open_page(CREDIT, customer="erp:c2", of="erp:2")
    parts = table(explained, 2)
    assert parts["component_points"].sum() == 55
    assert "Müller & Söhne KG: grade D, 55.0 of 100 points" in [heading.value for heading in explained.subheader]
    assert table(open_page(CREDIT, grade="E"), 1)["in_default"].tolist() == ["Yes"]


def test_a_person_freezes_and_takes_it_back(open_page: OpenPage, store: DecisionStore) -> None:
    app = open_page(CREDIT, customer="erp:c2", of="erp:2")
    press(app, "Freeze deliveries")
    assert "Say who decides and why." in app.error[0].value
    say(app, "freeze", "Zhang Wei", "limit passed, no answer")
    press(app, "Freeze deliveries")
    assert table(app, 1)["decided"].tolist() == ["Freeze credit", "", ""]
    say(app, "freeze", "Zhang Wei", "new limit agreed")
    press(app, "Keep delivering")
    assert table(app, 1)["decided"].tolist() == ["Keep credit", "", ""]
    assert [(d.entry.action, d.entry.value_before, d.state) for d in store.decisions()] == [
        ("freeze_credit", None, "superseded"), ("keep_credit", "freeze_credit", "effective"),
    ]  # fmt: skip
