"""The command line: what a steward types, and what is said when it is wrong."""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dagster_project.cli import main

WHO = ("--by", "Li Na", "--why", "same tax identifier")
OTHER = ("--by", "Zhang Wei", "--why", "called the supplier")


def steward(company_file: Path, command: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["steward", command, *arguments, "--config", str(company_file)])


def test_from_proposal_over_approval_to_undo(company_file: Path, tmp_path: Path):
    bank = ("set_attribute", "--object", "supplier", "--record", "erp:s1", "--attribute", "bank_account_number",
            "--value", "DE02120300000000202051")  # fmt: skip
    proposed = steward(company_file, "decide", *bank, *WHO)
    assert proposed.exit_code == 0, proposed.output
    assert "proposed" in proposed.output
    assert "settlehouse steward approve 1" in proposed.output
    assert "DE89370400440532013000 → DE02120300000000202051" in proposed.output
    same = steward(company_file, "approve", "1", *WHO)
    assert same.exit_code == 1
    assert "second, different person" in same.output
    assert steward(company_file, "approve", "1", *OTHER).exit_code == 0
    listed = steward(company_file, "list", "--state", "effective", "--object", "supplier").output
    assert "by Li Na: same tax identifier" in listed
    assert steward(company_file, "undo", "1", *WHO).exit_code == 0
    assert "of decision 1" in steward(company_file, "list", "--state", "proposed").output
    assert "whole: 3 entries" in steward(company_file, "verify").output
    out = tmp_path / "log.csv"
    assert steward(company_file, "export", "--out", str(out)).exit_code == 0
    with out.open(encoding="utf-8", newline="") as file:
        assert [(row["action"], row["state"]) for row in csv.DictReader(file)] == [
            ("set_attribute", "effective"), ("approve", "effective"), ("undo", "proposed"),
        ]  # fmt: skip
    lines = tmp_path / "log.jsonl"
    assert steward(company_file, "export", "--format", "jsonl", "--out", str(lines)).exit_code == 0
    assert [json.loads(line)["sequence"] for line in lines.read_text(encoding="utf-8").splitlines()] == [1, 2, 3]


def test_every_other_decision(company_file: Path):
    pair = ("--object", "customer", "--record", "erp:2", "--other", "erp:3")
    for arguments in (
        ("merge", *pair),
        ("keep_apart", *pair),
        ("accept_fault", "--issue", "0123456789", "--until", "2999-12-31"),
        ("assign_owner", "--issue", "0123456789", "--owner", "treasury"),
        ("comment", "--issue", "0123456789"),
        ("comment", "--object", "customer", "--record", "erp:1"),
    ):
        done = steward(company_file, "decide", *arguments, *WHO)
        assert done.exit_code == 0, done.output
    assert "6 decisions" in steward(company_file, "list").output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("merge", "--object", "customer", "--record", "erp:1"), "merge needs --other"),
        (("merge", "--object", "customer", "--record", "erp:1", "--other", "erp:77"), "no customer 'erp:77'"),
        (("accept_fault", "--issue", "0123456789", "--until", "2020-01-01"), "in the past"),
        (("set_attribute", "--object", "customer", "--record", "erp:1", "--attribute", "x", "--value", "y"), "no attr"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(company_file: Path, arguments: tuple[str, ...], message: str):
    ended = steward(company_file, "decide", *arguments, *WHO)
    assert ended.exit_code == 1
    assert message in ended.output
    assert len(ended.output.strip().splitlines()) == 1
    assert "0 decisions" in steward(company_file, "list").output


def test_nothing_published_yet(company_file: Path):
    (company_file.parent / "var" / "published" / "current.duckdb").unlink()
    ended = steward(company_file, "decide", "comment", "--object", "customer", "--record", "erp:1", *WHO)
    assert ended.exit_code == 1
    assert "nothing is published yet" in ended.output


def test_verify_fails_on_a_log_that_was_changed(company_file: Path):
    steward(company_file, "decide", "comment", "--object", "customer", "--record", "erp:1", *WHO)
    with sqlite3.connect(company_file.parent / "var" / "stewardship.db") as database:
        database.execute("drop trigger decision_entry_no_update")
        database.execute("update decision_entry set decided_by = 'Somebody Else'")
    ended = steward(company_file, "verify")
    assert ended.exit_code == 1
    assert "entry 1 was changed" in ended.output
    assert "not whole" in ended.output


def test_a_store_on_postgresql_takes_its_password_from_the_environment(
    company_file: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("STEWARDSHIP_DATABASE", postgresql_url.rpartition("/")[2])
    with company_file.open("a", encoding="utf-8") as file:
        file.write(f"stewardship: {{url: '{postgresql_url.rpartition('/')[0]}/${{STEWARDSHIP_DATABASE}}'}}\n")
    assert steward(company_file, "decide", "comment", "--object", "customer", "--record", "erp:1", *WHO).exit_code == 0
    assert "whole: 1 entries" in steward(company_file, "verify").output
    assert not (company_file.parent / "var" / "stewardship.db").exists()


def test_another_database_is_refused(company_file: Path):
    with company_file.open("a", encoding="utf-8") as file:
        file.write("stewardship: {url: 'mysql://root@localhost/x'}\n")
    ended = steward(company_file, "list")
    assert ended.exit_code == 1
    assert "'stewardship.url' must start with one of sqlite:///, postgresql://" in ended.output


def test_a_promise_is_added_listed_and_taken_back(company_file: Path):
    def promise(command: str, *arguments: str) -> Result:
        return CliRunner().invoke(main, ["promise", command, *arguments, "--config", str(company_file)])

    when = ("--date", "2026-11-15", "--given", "2026-11-01", "--by", "Li Na", "--why", "on the phone")
    added = promise("add", "--receivable", "INV-1", "--amount", "60.50", *when)
    assert added.exit_code == 0, added.output
    assert "100.0000 USD open → 60.50 USD by 2026-11-15, given 2026-11-01" in added.output
    assert promise("add", "--customer", "erp:1", "--company", "A", "--amount", "20", *when).exit_code == 0
    listed = promise("list").output
    assert "open    60.50 USD by 2026-11-15, given 2026-11-01 of r1, by Li Na: on the phone" in listed
    assert "of erp:1 at A" in listed
    assert "2 promises" in listed
    assert "0 promises" in promise("list", "--state", "broken").output
    undone = CliRunner().invoke(
        main, ["steward", "undo", "1", "--config", str(company_file), "--by", "Li Na", "--why", "typed wrong"]
    )
    assert undone.exit_code == 0
    assert "1 promises" in promise("list").output
    for arguments in (
        ("--receivable", "INV-1", "--customer", "erp:1", "--amount", "1"),
        ("--customer", "erp:1", "--amount", "1"),
        ("--receivable", "INV-1", "--amount", "much"),
    ):
        assert promise("add", *arguments, *when).exit_code == 1


def test_a_freeze_is_decided_and_ended(company_file: Path):
    whom = ("--record", "erp:1", "--company", "A")
    assert "freeze_credit" in steward(company_file, "decide", "freeze_credit", *whom, *WHO).output
    assert steward(company_file, "decide", "keep_credit", *whom, *OTHER).exit_code == 0
    missing = steward(company_file, "decide", "freeze_credit", "--record", "erp:1", *WHO)
    assert missing.exit_code == 1
    assert "needs --company" in missing.output
