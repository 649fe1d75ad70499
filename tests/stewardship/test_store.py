"""What may be decided, what then holds, on both databases and with several writers at once."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dagster_project.stewardship import rules
from dagster_project.stewardship.chain import Entry
from dagster_project.stewardship.directory import Directory
from dagster_project.stewardship.rules import DecisionError, Promise
from dagster_project.stewardship.store import DecisionStore

LI = {"by": "Li Na", "reason": "same tax identifier"}
ZHANG = {"by": "Zhang Wei", "reason": "checked with the bank"}
TODAY = date(2026, 11, 1)
ROOT = Path(__file__).resolve().parents[2]


def states(store: DecisionStore) -> list[tuple[int, str, str]]:
    return [(d.entry.sequence, d.entry.action, d.state) for d in store.decisions()]


def test_every_kind_of_decision_is_kept_with_who_when_before_after_and_why(any_store, directory):
    assert any_store.entries() == []
    any_store.merge(directory, "customer", "erp:2", "erp:3", **LI)
    any_store.keep_apart(directory, "supplier", "erp:s1", "erp:s2", **LI)
    any_store.set_attribute(directory, "customer", "erp:2", "name", "Birch Limited", **LI)
    any_store.accept_fault(directory, "0123456789", date(2026, 12, 31), today=TODAY, **LI)
    any_store.assign_owner(directory, "0123456789abcdef", "treasury", **LI)
    any_store.comment(directory, issue_id="0123456789abcdef", **LI)
    any_store.comment(directory, object_="customer", record_id="erp:1", **LI)
    seen = [(e.sequence, e.action, e.object, e.record_id, e.other_record_id, e.issue_id, e.attribute, e.value_before,
             e.value_after, e.decided_by, e.reason) for e in any_store.entries()]  # fmt: skip
    who = ("Li Na", "same tax identifier")
    fault = "0123456789abcdef"
    assert seen == [
        (1, "merge", "customer", "erp:2", "erp:3", None, None, None, "merge", *who),
        (2, "keep_apart", "supplier", "erp:s1", "erp:s2", None, None, None, "keep_apart", *who),
        (3, "set_attribute", "customer", "erp:2", None, None, "name", "Birch Ltd", "Birch Limited", *who),
        (4, "accept_fault", "customer", "erp:1", None, fault, None, "open", "2026-12-31", *who),
        (5, "assign_owner", "customer", "erp:1", None, fault, None, "data_steward", "treasury", *who),
        (6, "comment", "customer", "erp:1", None, fault, None, None, None, *who),
        (7, "comment", "customer", "erp:1", None, None, None, None, None, *who),
    ]
    assert all(entry.recorded_at.endswith("Z") for entry in any_store.entries())
    assert {state for _, _, state in states(any_store)} == {"effective"}
    assert any_store.verify().whole


@pytest.mark.parametrize(
    ("object_", "record", "attribute", "value"),
    [
        ("customer", "erp:1", "tax_identifier", "91310000MA1FL00000"),
        ("customer", "erp:2", "payment_term_days", "45"),
        ("supplier", "erp:s1", "bank_account_number", "DE02120300000000202051"),
    ],
)
def test_a_sensitive_attribute_needs_a_second_person(any_store, directory, object_, record, attribute, value):
    any_store.set_attribute(directory, object_, record, attribute, value, **LI)
    assert states(any_store) == [(1, "set_attribute", "proposed")]
    for same in ("Li Na", " li  na ", "ＬＩ ＮＡ"):
        with pytest.raises(DecisionError, match="second, different person"):
            any_store.approve(1, by=same, reason="yes")
    any_store.approve(1, **ZHANG)
    assert states(any_store) == [(1, "set_attribute", "effective"), (2, "approve", "effective")]
    with pytest.raises(DecisionError, match="does not wait"):
        any_store.approve(1, by="Wang Fang", reason="me too")
    # Taking it back is as sensitive.
    any_store.undo(1, **LI)
    assert states(any_store)[0] == (1, "set_attribute", "effective")
    with pytest.raises(DecisionError, match="second, different person"):
        any_store.approve(3, **LI)
    any_store.approve(3, **ZHANG)
    assert states(any_store)[0] == (1, "set_attribute", "undone")
    assert any_store.verify().whole


def test_a_proposal_may_be_refused_or_taken_back(store, directory):
    store.set_attribute(directory, "supplier", "erp:s1", "bank_account_number", "X1", **LI)
    store.set_attribute(directory, "supplier", "erp:s1", "bank_account_number", "X2", **LI)
    store.reject(1, **ZHANG)
    store.undo(2, **LI)
    assert states(store)[:2] == [(1, "set_attribute", "rejected"), (2, "set_attribute", "undone")]
    with pytest.raises(DecisionError, match="rejected"):
        store.approve(1, **ZHANG)


def test_the_last_decision_on_a_thing_holds_and_undoing_it_brings_the_one_before_back(store, directory):
    store.merge(directory, "customer", "erp:2", "erp:3", **LI)
    store.keep_apart(directory, "customer", "erp:3", "erp:2", **LI)  # the same pair, the other way round
    assert states(store) == [(1, "merge", "superseded"), (2, "keep_apart", "effective")]
    assert store.entries()[1].value_before == "merge"
    store.undo(2, **LI)
    assert states(store)[:2] == [(1, "merge", "effective"), (2, "keep_apart", "undone")]


def test_what_is_approved_last_holds_not_what_was_proposed_last(store, directory):
    store.set_attribute(directory, "customer", "erp:1", "tax_identifier", "A", **LI)
    store.set_attribute(directory, "customer", "erp:1", "tax_identifier", "B", **LI)
    store.approve(2, **ZHANG)
    store.approve(1, **ZHANG)
    assert states(store)[:2] == [(1, "set_attribute", "effective"), (2, "set_attribute", "superseded")]


@pytest.mark.parametrize(
    ("decide", "message"),
    [
        (lambda s, d: s.merge(d, "customer", "erp:1", "erp:9", **LI), "no customer 'erp:9'"),
        (lambda s, d: s.merge(d, "customer", "erp:1", "erp:1", **LI), "two different"),
        (lambda s, d: s.merge(d, "planet", "erp:1", "erp:2", **LI), "'planet' is not one of customer"),
        (lambda s, d: s.set_attribute(d, "customer", "erp:1", "colour", "red", **LI), "no attribute 'colour'.*name"),
        (lambda s, d: s.set_attribute(d, "customer", "erp:1", "salesperson_id", "x", **LI), "no attribute"),
        (lambda s, d: s.set_attribute(d, "customer", "erp:1", "payment_term_days", "soon", **LI), "whole number"),
        (lambda s, d: s.set_attribute(d, "customer", "erp:1", "credit_limit_company_currency", "NaN", **LI), "number"),
        (lambda s, d: s.accept_fault(d, "0123456789", date(2026, 10, 1), today=TODAY, **LI), "in the past"),
        (lambda s, d: s.accept_fault(d, "89abcdef", date(2026, 12, 1), today=TODAY, **LI), "mended already"),
        (lambda s, d: s.accept_fault(d, "01234567", date(2026, 12, 1), today=TODAY, **LI), "several faults"),
        (lambda s, d: s.assign_owner(d, "nothing", "treasury", **LI), "no fault 'nothing'"),
        (lambda s, d: s.assign_owner(d, "0123456789abcdef", " ", **LI), "owner needs a name"),
        (lambda s, d: s.merge(d, "customer", "erp:1", "erp:2", by=" ", reason="x"), "who decides"),
        (lambda s, d: s.merge(d, "customer", "erp:1", "erp:2", by="Li Na", reason=" "), "why"),
        (lambda s, d: s.merge(d, "customer", "erp:1", "erp:2", by="Li\x00Na", reason="x"), "control character"),
        (lambda s, d: s.merge(d, "customer", "erp:1", "erp:2", by="Li Na", reason="x" * 5000), "4000"),
        (lambda s, d: s.approve(7, **ZHANG), "no decision 7"),
        (lambda s, d: s.undo(7, **ZHANG), "no decision 7"),
    ],
)
def test_what_may_not_be_decided_is_refused_and_leaves_no_entry(store, directory, decide, message):
    with pytest.raises(DecisionError, match=message):
        decide(store, directory)
    assert store.entries() == []


def test_entries_can_not_be_changed_by_a_slip_of_the_hand(any_store, directory):
    from sqlalchemy import text

    any_store.merge(directory, "customer", "erp:1", "erp:2", **LI)
    for statement in ("update decision_entry set reason = 'none'", "delete from decision_entry"):
        with pytest.raises(DecisionError, match="added, never changed"), any_store._connection("begin") as connection:
            connection.execute(text(statement))
    assert any_store.verify().whole


def test_an_unreachable_store_says_so_without_its_password(tmp_path):
    store = DecisionStore("postgresql://steward:s3cret@127.0.0.1:1/none", tmp_path / "heads")
    with pytest.raises(DecisionError, match="can't be used") as caught:
        store.entries()
    assert "s3cret" not in str(caught.value)


WRITER = """
import sys
from pathlib import Path
from dagster_project.stewardship.rules import DecisionError
from dagster_project.stewardship.store import DecisionStore
store = DecisionStore(sys.argv[1], Path(sys.argv[2]))
who, times, approve = sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
if approve:
    try:
        store.approve(approve, by=who, reason="checked")
        print("approved")
    except DecisionError as error:
        print(error)
for number in range(times):
    store._add("comment", who, f"remark {number}", object="customer", record_id="erp:1")
"""


def writers(store: DecisionStore, *, times: int, approve: int = 0) -> list[str]:
    """Four processes that write at once; what each printed."""
    running = [
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                WRITER,
                store.url,
                str(store.heads_file),
                f"writer {name}",
                str(times),
                str(approve),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in range(4)
    ]
    ended = [process.communicate(timeout=240) for process in running]
    assert [process.returncode for process in running] == [0] * 4, ended
    return [output.strip() for output, _ in ended]


def test_four_processes_that_write_at_once_leave_one_whole_chain(any_store):
    writers(any_store, times=15)
    entries = any_store.entries()
    assert [entry.sequence for entry in entries] == list(range(1, 61))
    assert len({(entry.decided_by, entry.reason) for entry in entries}) == 60
    assert any_store.verify().problems == []


def test_of_four_who_approve_at_once_one_does(any_store, directory: Directory):
    any_store.set_attribute(directory, "customer", "erp:1", "tax_identifier", "A", **LI)
    printed = writers(any_store, times=0, approve=1)
    assert sorted(line == "approved" for line in printed) == [False, False, False, True]
    assert [d.state for d in any_store.decisions()] == ["effective", "effective"]


def test_an_approval_by_the_proposer_slipped_into_the_store_gives_no_effect(store, directory):
    store.set_attribute(directory, "customer", "erp:1", "tax_identifier", "A", **LI)
    store._add(rules.APPROVE, "LI NA", "by hand", concerns=1)
    assert states(store) == [(1, "set_attribute", "proposed"), (2, "approve", "void")]


def test_promises_are_checked_kept_side_by_side_and_taken_back(any_store, directory):
    said = {"given": TODAY, "by": "Li Na", "reason": "on the phone"}
    any_store.promise_receivable(directory, "INV-1", Decimal("60.50"), date(2026, 11, 15), **said)
    any_store.promise_receivable(directory, "r1", Decimal(100), date(2026, 11, 30), **said)
    any_store.promise_customer(directory, "erp:1", "A", Decimal(150), date(2026, 11, 15), **said)
    seen = [(e.action, e.object, e.record_id, e.other_record_id, e.value_before, e.value_after)
            for e in any_store.entries()]  # fmt: skip
    assert seen == [
        ("promise", "receivable", "r1", None, "100.0000 USD open", "60.50 USD by 2026-11-15, given 2026-11-01"),
        ("promise", "receivable", "r1", None, "100.0000 USD open", "100 USD by 2026-11-30, given 2026-11-01"),
        ("promise", "customer", "erp:1", "A", "160.0000 EUR open", "150 EUR by 2026-11-15, given 2026-11-01"),
    ]
    assert Promise.of(any_store.entries()[0]) == Promise(Decimal("60.50"), "USD", date(2026, 11, 15), date(2026, 11, 1))
    any_store.undo(1, by="Li Na", reason="wrong invoice")
    assert [state for _, _, state in states(any_store)] == ["undone", "effective", "effective", "effective"]
    for amount, day, receivable in (
        ("0", date(2026, 11, 15), "r1"), ("NaN", date(2026, 11, 15), "r1"), ("100.01", date(2026, 11, 15), "r1"),
        ("1", date(2026, 10, 31), "r1"), ("1", date(2026, 11, 15), "paid"), ("1", date(2026, 11, 15), "TWICE"),
    ):  # fmt: skip
        with pytest.raises(DecisionError):
            any_store.promise_receivable(directory, receivable, Decimal(amount), day, **said)
    with pytest.raises(DecisionError, match="no company"):
        any_store.promise_customer(directory, "erp:1", "Z", Decimal(1), date(2026, 11, 15), **said)
    assert len(any_store.entries()) == 4


def test_of_rulings_on_a_customers_credit_the_last_holds_for_each_company(store, directory):
    store.rule_on_credit(directory, "erp:1", "A", freeze=True, **LI)
    store.rule_on_credit(directory, "erp:1", "B", freeze=True, **LI)
    last = store.rule_on_credit(directory, "erp:1", "A", freeze=False, **ZHANG)
    assert states(store) == [
        (1, "freeze_credit", "superseded"), (2, "freeze_credit", "effective"), (3, "keep_credit", "effective"),
    ]  # fmt: skip
    assert last.entry.value_before == "freeze_credit"
    with pytest.raises(DecisionError, match="no customer"):
        store.rule_on_credit(directory, "erp:99", "A", freeze=True, **LI)


def test_a_promise_written_past_the_product_is_none():
    entry = Entry(1, "", "", "promise", "receivable", "r1", None, None, None, None, "soon, surely", "", None, "")
    assert Promise.of(entry) is None
    assert Promise.of(replace(entry, value_after="1.2.3 EUR by 2026-13-45, given 2026-11-01")) is None
