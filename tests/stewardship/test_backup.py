"""Backed up, lost, restored: the chain verifies, on both databases and from one to the other."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from dagster_project.cli import main
from dagster_project.stewardship.rules import DecisionError
from dagster_project.stewardship.store import DecisionStore

LI = {"by": "Li Na", "reason": "same tax identifier"}


@pytest.fixture
def filled(any_store: DecisionStore, directory) -> DecisionStore:
    """Three entries: a merge, a remark, the merge undone."""
    any_store.merge(directory, "customer", "erp:2", "erp:3", **LI)
    any_store.comment(directory, issue_id="0123456789abcdef", by="Li Na", reason="客户已确认")
    any_store.undo(1, by="Zhang Wei", reason="two houses")
    return any_store


def lose(store: DecisionStore) -> None:
    """The database is gone; the heads beside it outlive it."""
    if store.url.startswith("sqlite"):
        Path(store.url.removeprefix("sqlite:///")).unlink()
        return
    import psycopg

    with psycopg.connect(store.url, autocommit=True) as database:
        database.execute("drop table decision_entry")


def test_lost_and_restored_it_is_the_same_and_goes_on(filled: DecisionStore, tmp_path: Path, directory):
    before = filled.entries()
    assert filled.back_up(tmp_path / "kept" / "decisions.json") == 3
    lose(filled)
    assert not filled.verify().whole
    assert filled.restore(tmp_path / "kept" / "decisions.json") == 3
    assert filled.entries() == before
    assert filled.verify().whole
    filled.comment(directory, issue_id="0123456789abcdef", **LI)
    assert filled.verify().whole
    with pytest.raises(Exception, match="added, never changed"), filled._connection("begin") as connection:
        connection.exec_driver_sql("update decision_entry set reason = ''")


def test_a_machine_lost_with_its_heads_is_restored_elsewhere(filled: DecisionStore, tmp_path: Path):
    filled.back_up(tmp_path / "decisions.json")
    elsewhere = DecisionStore(
        f"sqlite:///{tmp_path / 'new' / 'stewardship.db'}", tmp_path / "new" / "stewardship.heads"
    )
    elsewhere.restore(tmp_path / "decisions.json")
    assert elsewhere.entries() == filled.entries()
    assert elsewhere.verify(filled.heads()).whole


def test_a_backup_older_than_the_store_says_what_would_be_lost(filled: DecisionStore, tmp_path: Path, directory):
    filled.back_up(tmp_path / "decisions.json")
    filled.comment(directory, issue_id="0123456789abcdef", **LI)
    lose(filled)
    with pytest.raises(DecisionError, match="entry 4 is missing"):
        filled.restore(tmp_path / "decisions.json")
    assert filled.entries() == []
    assert filled.restore(tmp_path / "decisions.json", accept_loss=True) == 3
    assert filled.verify().whole


def test_a_changed_backup_is_refused(filled: DecisionStore, tmp_path: Path):
    file = tmp_path / "decisions.json"
    filled.back_up(file)
    lose(filled)
    content = json.loads(file.read_text(encoding="utf-8"))
    content["entries"][1]["reason"] = "paid"
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DecisionError, match="entry 2 was changed"):
        filled.restore(file)
    file.write_text(file.read_text(encoding="utf-8")[:-40], encoding="utf-8")
    with pytest.raises(DecisionError, match="not a backup"):
        filled.restore(file)
    assert filled.entries() == []


def test_a_store_with_decisions_is_never_written_over(filled: DecisionStore, tmp_path: Path):
    filled.back_up(tmp_path / "decisions.json")
    with pytest.raises(DecisionError, match="holds 3 entries"):
        filled.restore(tmp_path / "decisions.json", accept_loss=True)


def test_the_commands_say_how_many(company_file: Path, tmp_path: Path):
    def steward(*arguments: str) -> str:
        ended = CliRunner().invoke(main, ["steward", *arguments, "--config", str(company_file)])
        assert ended.exit_code == 0, ended.output
        return ended.output

    steward("decide", "merge", "--object", "customer", "--record", "erp:2", "--other", "erp:3",
            "--by", "Li Na", "--why", "one house")  # fmt: skip
    assert "backup   1 entries" in steward("backup", str(tmp_path / "decisions.json"))
    (tmp_path / "var" / "stewardship.db").unlink()
    assert "restore  1 entries" in steward("restore", str(tmp_path / "decisions.json"))
    assert "whole: 1 entries" in steward("verify")
