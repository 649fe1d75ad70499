"""The stewards' pages: what they show, what they write to the store, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from dagster_project.stewardship.store import DecisionStore
from tests.dashboards.conftest import OpenPage, cards, press, say, table

QUALITY, ISSUES = "app_pages/steward/quality.py", "app_pages/steward/issues.py"
DUPLICATES, RECORD = "app_pages/steward/duplicates.py", "app_pages/steward/record.py"
DECISIONS = "app_pages/steward/decisions.py"

pytestmark = pytest.mark.usefixtures("published")


def entries(store: DecisionStore) -> list[tuple[object, ...]]:
    return [
        (d.entry.action, d.entry.record_id, d.entry.value_before, d.entry.value_after, d.entry.decided_by, d.state)
        for d in store.decisions()
    ]


def test_score_weighs_money_and_names_who_is_late(open_page: OpenPage) -> None:
    app = open_page(QUALITY)
    assert cards(app) == {
        "Score": "94.00 %",  # 30 of 500 fail on the newest day
        "Open issues": "3",
        "Overdue": "1",
        "Overdue money, CNY": "85,000.00",
    }
    dimensions = table(app, 0).set_index("quality_dimension")
    assert dimensions["score_percent"].to_dict() == {
        "Completeness": Decimal(75), "Validity": Decimal(85), "Timeliness": Decimal(100),
    }  # fmt: skip
    by_object = table(app, 1).set_index("object")
    assert by_object.loc["Customer", "validity_score_percent"] == Decimal(85)
    by_company = table(app, 2)
    assert by_company["source_system"].tolist() == ["crm", "erp", "erp"]
    assert by_company["company"].fillna("").tolist() == ["", "上海示例贸易有限公司", ""]
    assert by_company["validity_score_percent"].tolist()[0] == Decimal(100)
    assert by_company["timeliness_score_percent"].tolist()[1] == Decimal(100)
    assert table(app, 3)["owner"].tolist() == ["Data steward", "Data steward", "Treasury"]
    assert cards(open_page(QUALITY, object="customer", source="erp"))["Score"] == "70.00 %"


def test_a_fault_is_assigned_accepted_and_commented(open_page: OpenPage, store: DecisionStore) -> None:
    app = open_page(ISSUES, issue="q1")
    assert "Check digit of the tax identifier is wrong" in " ".join(text.value for text in app.markdown)
    press(app, "Assign owner")
    assert "Say who decides and why." in app.error[0].value
    app.selectbox(key="new_owner").select("treasury")
    say(app, "issue", "Li Na", "she knows the customer")
    press(app, "Assign owner")
    assert "Decision 1 is recorded" in app.success[0].value
    assert app.text_input(key="issue_by").value == "Li Na", "the name stays for the next decision"
    say(app, "issue", "Li Na", "number is on its way")
    press(app, "Accept until that day")
    say(app, "issue", "Li Na", "called them")
    press(app, "Comment only")
    until = store.entries()[1].value_after
    assert entries(store) == [
        ("assign_owner", "erp:c1", "data_steward", "treasury", "Li Na", "effective"),
        ("accept_fault", "erp:c1", "open", until, "Li Na", "effective"),
        ("comment", "erp:c1", None, None, "Li Na", "effective"),
    ]
    assert len(table(app, 2)) == 3, "what was decided stands beside the fault"


def test_a_pair_is_merged_or_kept_apart(open_page: OpenPage, store: DecisionStore) -> None:
    app = open_page(DUPLICATES, record="erp:c1", other="erp:c2")
    assert cards(app)["Pairs to decide"] == "2"
    assert table(app, 0)["record_id"].tolist() == ["erp:c1", "erp:c2"], "the least certain first"
    weights = table(app, 1)
    assert weights["field"].tolist() == ["Start", "Name", "Place", "Total"]
    assert weights["comparison"].tolist()[1:3] == ["same but for a typing error", "same city"]
    assert weights["weight"].iloc[:3].sum() == pytest.approx(weights["weight"].iloc[3]) == pytest.approx(0.6)
    sides = table(app, 2).set_index("attribute")
    assert sides.loc["Name", ["erp:c1", "erp:c2"]].tolist() == ["北京华信电子有限公司", "Müller & Söhne KG"]
    say(app, "pair", "Li Na", "two firms")
    press(app, "Keep apart: two different")
    assert entries(store) == [("keep_apart", "erp:c1", None, "keep_apart", "Li Na", "effective")]
    after = cards(app)
    assert (after["Pairs to decide"], after["Kept apart"], after["For the next run"]) == ("1", "1", "1")


def test_a_golden_record_says_whose_word_counts(open_page: OpenPage) -> None:
    sides = table(open_page(RECORD, object="customer", record="erp:c1"), 0).set_index("attribute")
    assert sides.loc["Name", ["agreed", "won_by", "decided_by"]].tolist() == [
        "北京华信电子有限公司", "erp c1", "source believed first",
    ]  # fmt: skip


def test_a_sensitive_attribute_waits_for_another_person(open_page: OpenPage, store: DecisionStore) -> None:
    app = open_page(RECORD, object="customer", record="erp:c1")
    assert cards(app) == {"Records of sources": "2", "Open issues": "2", "Possible copies": "1", "Decisions": "0"}
    sides = table(app, 0).set_index("attribute")
    assert sides.loc["Name", ["agreed", "erp c1", "crm 77"]].tolist() == [
        "北京华信电子有限公司", "北京华信电子有限公司", "华信电子",
    ]  # fmt: skip
    app.selectbox(key="attribute").select("tax_identifier")
    app.text_input(key="value").set_value("91310000MA1FL00000")
    say(app, "record", "Li Na", "from the licence")
    press(app, "Set attribute")
    assert "as a proposal" in app.success[0].value

    log = open_page(DECISIONS)
    assert cards(log) == {
        "Entries": "1", "Waiting for a second person": "1", "For the next run": "0", "Problems of the chain": "0",
    }  # fmt: skip
    say(log, "answer", "li na", "I am sure")
    press(log, "Approve")
    assert "a second, different person must approve it" in log.error[0].value
    say(log, "answer", "Zhang Wei", "seen the licence")
    press(log, "Approve")
    assert [entry[0::5] for entry in entries(store)] == [("set_attribute", "effective"), ("approve", "effective")]
    assert cards(log)["Waiting for a second person"] == "0"


def test_a_decision_is_undone_and_a_broken_log_is_named(open_page: OpenPage, store: DecisionStore) -> None:
    store._add("merge", "Li Na", "one firm", object="customer", record_id="erp:c1", other_record_id="erp:c2")
    app = open_page(DECISIONS)
    say(app, "undo", "Li Na", "mistaken")
    press(app, "Undo a decision")
    assert [entry[0::5] for entry in entries(store)] == [("merge", "undone"), ("undo", "effective")]
    with store._connection("begin immediate") as connection:
        connection.exec_driver_sql("drop trigger decision_entry_no_update")
        connection.exec_driver_sql("update decision_entry set reason = 'two firms' where sequence = 1")
    broken = open_page(DECISIONS, lang="zh")
    assert "日志不完整：条目 1" in broken.error[0].value


def test_without_a_store_nothing_is_decided(open_page: OpenPage) -> None:
    for page in (ISSUES, DUPLICATES, RECORD, DECISIONS):
        app = open_page(page, issue="q1")
        assert any("Decisions can be read here, not taken" in box.value for box in app.info)
        assert not [
            button.label for button in app.button if button.label in ("Assign owner", "Approve", "Set attribute")
        ]


def test_a_run_without_matching_has_no_pairs(
    open_page: OpenPage, publish_run: Callable, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = publish_run(tmp_path / "plain", "20261031T0800", "drop table marts.fct_match_candidate")
    monkeypatch.setenv("SETTLEHOUSE_PUBLISHED", str(link))
    assert cards(open_page(DUPLICATES))["Pairs to decide"] == "0"
    assert cards(open_page(RECORD, object="customer", record="erp:c1"))["Possible copies"] == "0"
