"""Memo records: added, changed, withdrawn, and never rewritten."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from dagster_project.cli import main
from dagster_project.config import load_settings
from dagster_project.gate import take_over_decisions
from dagster_project.sources.raw import prepare_warehouse
from dagster_project.stewardship import memo as memos
from dagster_project.stewardship.rules import DecisionError
from dagster_project.stewardship.store import DecisionStore
from dagster_project.transform import RunContext

WHO = ("--by", "Li Na", "--why", "agreed with the bank")
REPAYMENT = ("--company", "erp:A", "--flow", "debt", "--currency", "EUR", "--amount", "-250000", "--on", "2026-12-15")
KEPT = {
    "company_id": "erp:A", "flow": "debt", "currency": "EUR", "amount": "-250000", "first_date": date(2026, 12, 15),
    "known_from": date(2026, 10, 31),
}  # fmt: skip


def memo(company_file: Path, command: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["memo", command, *arguments, "--config", str(company_file)])


def kept_in(company_file: Path) -> list[memos.MemoVersion]:
    settings = load_settings(company_file)
    return memos.versions(DecisionStore(settings.decisions_url, settings.decision_heads).decisions())


def test_added_changed_withdrawn_and_all_of_it_told(company_file: Path):
    added = memo(company_file, "add", *REPAYMENT, *WHO)
    assert added.exit_code == 0, added.output
    assert "memo-1 added" in added.output
    assert memo(company_file, "change", "memo-1", "--amount", "-200000", "--on", "2026-12-20", *WHO).exit_code == 0
    listed = memo(company_file, "list").output
    assert "-200,000.00 EUR once from 2026-12-20 to 2026-12-20" in listed
    assert "1 memo records" in listed
    assert memo(company_file, "withdraw", "memo-1", *WHO).exit_code == 0
    assert "0 memo records" in memo(company_file, "list").output
    told = memo(company_file, "list", "--all").output
    assert [told.count(word) for word in ("replaced", "withdrawn", "-250,000.00", "-200,000.00")] == [2, 1, 1, 2]
    again = memo(company_file, "withdraw", "memo-1", *WHO)
    assert again.exit_code == 1
    assert "memo-1 was withdrawn: add a new one" in again.output
    whole = CliRunner().invoke(main, ["steward", "verify", "--config", str(company_file)])
    assert "whole: 3 entries" in whole.output


def test_an_undone_change_leaves_what_was_before(company_file: Path):
    memo(company_file, "add", *REPAYMENT, *WHO)
    memo(company_file, "change", "memo-1", "--amount", "-1", *WHO)
    assert CliRunner().invoke(main, ["steward", "undo", "2", "--config", str(company_file), *WHO]).exit_code == 0
    (only,) = kept_in(company_file)
    assert only.memo.amount == Decimal("-250000.00")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"flow": "dividend"}, "'dividend' is not a flow. There are: receipts"),
        ({"currency": "euro"}, "three capital letters"),
        ({"amount": "much"}, "is not an amount"),
        ({"amount": "0"}, "no amount to expect"),
        ({"amount": "NaN"}, "no amount to expect"),
        ({"amount": "1.005"}, "more than two decimals"),
        ({"recurrence": "hourly"}, "is not a recurrence"),
        ({"recurrence": "monthly"}, "needs an end date"),
        ({"end_date": date(2026, 12, 1)}, "lies before the first date"),
    ],
)
def test_what_is_no_memo_record_is_refused_with_a_reason(wrong: dict[str, object], said: str):
    with pytest.raises(DecisionError, match=said):
        memos.memo_of(**KEPT | wrong)  # type: ignore[arg-type]


def test_an_unknown_company_or_memo_is_refused(company_file: Path):
    unknown = memo(company_file, "add", *("erp:Z" if part == "erp:A" else part for part in REPAYMENT), *WHO)
    assert unknown.exit_code == 1
    assert "there is no company 'erp:Z'" in unknown.output
    assert "there is no memo record 'memo-7'" in memo(company_file, "withdraw", "memo-7", *WHO).output
    assert kept_in(company_file) == []


def test_text_and_record_are_one():
    kept = memos.memo_of(**KEPT)  # type: ignore[arg-type]
    assert memos.read(kept.text()) == kept
    for text in ("", "{}", "[]", '{"flow": "debt"}', "null"):
        with pytest.raises(DecisionError, match="is not a memo record"):
            memos.read(text)


def test_a_run_takes_every_version_over(company_file: Path):
    memo(company_file, "add", *REPAYMENT, *WHO)
    memo(company_file, "change", "memo-1", "--amount", "-200000", *WHO)
    settings = load_settings(company_file)
    with duckdb.connect() as warehouse:
        prepare_warehouse(warehouse)
        take_over_decisions(warehouse, settings, RunContext("r", date(2026, 11, 1), datetime(2026, 11, 1)))
        assert warehouse.execute(
            "select memo_id, amount, first_date, is_withdrawn, known_from, decided_by from quality.memo_version"
            " order by decision_id"
        ).fetchall() == [
            ("memo-1", Decimal("-250000.0000"), date(2026, 12, 15), False, date(2026, 10, 31), "Li Na"),
            ("memo-1", Decimal("-200000.0000"), date(2026, 12, 15), False, date(2026, 10, 31), "Li Na"),
        ]
