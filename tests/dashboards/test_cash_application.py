"""The page of cash application: the review list, its candidates, and what a person writes to the store."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from dagster_project.stewardship.store import DecisionStore
from tests.dashboards.test_collector import press, say

PAGE = "app_pages/collector/cash_application.py"
OpenPage = Callable[..., AppTest]


@pytest.mark.usefixtures("published")
def test_what_waits_for_a_person_and_what_each_line_may_pay(open_page: OpenPage) -> None:
    app = open_page(PAGE, line="bl1")
    assert not app.exception
    assert [card.value for card in app.metric[:2]] == ["33.3 %", "2"]
    review, candidates = app.dataframe[0].value, app.dataframe[1].value
    assert review["payer"].tolist() == ["北京华信电子", "J SMITH"]
    assert candidates["cash_reasons"].tolist()[0] == "name like the customer's · amount agrees to the cent"
    assert (
        open_page(PAGE, lang="zh", line="bl1").dataframe[1].value["cash_reasons"][0] == "名称与客户相近 · 金额完全一致"
    )


@pytest.mark.usefixtures("published")
def test_accept_pick_another_reject_and_undo(open_page: OpenPage, store: DecisionStore) -> None:
    app = open_page(PAGE, line="bl1")
    say(app, "cash", "Li Na", "customer wrote")
    press(app, "Keep the decision")
    assert "Decision 1 is recorded" in app.success[0].value
    app.selectbox(key="cash_choice").select("other")
    app.text_input(key="cash_other").set_value("CN-0990=70000")
    say(app, "cash", "Li Na", "another invoice")
    press(app, "Keep the decision")
    assert "is more than the 60000.0000 CNY of the bank line" in app.error[0].value
    app.text_input(key="cash_other").set_value("CN-0990=25000")
    say(app, "cash", "Li Na", "another invoice")
    press(app, "Keep the decision")
    app.selectbox(key="cash_choice").select("reject 1")
    say(app, "cash", "Li Na", "not that one")
    press(app, "Keep the decision")
    words = [(d.entry.action, d.state, json.loads(d.entry.value_after or "")["shares"]) for d in store.decisions()]
    assert words == [
        ("apply_cash", "superseded", {"r1": "60000.0000"}),
        ("apply_cash", "effective", {"r2": "25000"}),
        ("reject_cash", "effective", {"r1": "60000.0000"}),
    ]
    say(app, "cash_undo", "Li Na", "mistaken")
    press(app, "Undo a decision")
    assert [d.state for d in store.decisions()].count("undone") == 1
