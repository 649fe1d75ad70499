"""New statement files ask for one run once they are complete; a source without news is stale."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from dagster_project.arrivals import look_for_statements, silent_sources
from dagster_project.config import load_settings
from dagster_project.errors import SettlehouseError
from dagster_project.sources import raw

STATEMENT = """:20:STMT{number}
:25:DE89370400440532013000
:28C:{number}/1
:60F:C260930EUR1000,00
:61:2610011001D250,00NTRFNONREF
:86:rent
:62F:C261001EUR{closing}
-
"""


def statement(folder: Path, name: str, number: int = 1, closing: str = "750,00") -> Path:
    file = folder / name
    file.write_text(STATEMENT.format(number=number, closing=closing), encoding="utf-8")
    return file


def test_what_lies_there_at_first_is_only_noted(tmp_path: Path):
    statement(tmp_path, "old.sta")
    first = look_for_statements(tmp_path, None)
    second = look_for_statements(tmp_path, first.state)
    assert first.complete == second.complete == ()


def test_a_file_that_comes_is_told_once_and_not_before_it_stopped_growing(tmp_path: Path):
    look = look_for_statements(tmp_path, None)
    file = statement(tmp_path, "new.sta")
    whole = file.read_bytes()
    file.write_bytes(whole[:60])
    look = look_for_statements(tmp_path, look.state)
    assert look.complete == ()
    file.write_bytes(whole)  # it grew between two looks
    look = look_for_statements(tmp_path, look.state)
    assert look.complete == ()
    look = look_for_statements(tmp_path, look.state)
    assert (look.complete, look.rejected) == (("new.sta",), ())
    assert look_for_statements(tmp_path, look.state).complete == ()


def test_a_file_sent_again_with_other_content_is_new(tmp_path: Path):
    file = statement(tmp_path, "a.sta")
    look = look_for_statements(tmp_path, None)
    os.utime(file, ns=(1, 1))
    look = look_for_statements(tmp_path, look.state)
    before = look_for_statements(tmp_path, look.state)
    assert before.complete == ("a.sta",)
    os.utime(file, ns=(2, 2))
    look = look_for_statements(tmp_path, before.state)
    after = look_for_statements(tmp_path, look.state)
    assert after.complete == ("a.sta",)
    assert after.key != before.key


def test_a_file_that_stays_cut_off_is_told_once_with_the_reason_and_asks_for_no_run(tmp_path: Path):
    look = look_for_statements(tmp_path, None)
    statement(tmp_path, "bad.sta", closing="751,00")
    look = look_for_statements(tmp_path, look.state)
    look = look_for_statements(tmp_path, look.state)
    assert look.complete == ()
    ((name, reason),) = look.rejected
    assert name == "bad.sta"
    assert "clos" in reason
    assert look_for_statements(tmp_path, look.state).rejected == ()
    statement(tmp_path, "bad.sta")  # the bank sent it again
    look = look_for_statements(tmp_path, look.state)
    assert look_for_statements(tmp_path, look.state).complete == ("bad.sta",)


def test_no_folder_is_one_line(tmp_path: Path):
    with pytest.raises(SettlehouseError, match="no such folder"):
        look_for_statements(tmp_path / "away", None)


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    """Two sources read every day at 02:00 since the 1st; erp brought news on the 1st and 3rd, bank on the 1st."""
    (tmp_path / "company.yml").write_text(
        "group: {name: Nordlicht, reporting_currency: EUR}\n"
        "sources:\n"
        "- {name: erp, system: tryton, url: 'sqlite:///erp.sqlite', expected_every_hours: 48}\n"
        "- {name: bank, system: bank_statements, path: bank, expected_every_hours: 72}\n"
        "- {name: hr, system: hr_payroll, path: hr}\n",
        encoding="utf-8",
    )
    (tmp_path / "var").mkdir()
    with duckdb.connect(str(tmp_path / "var" / "warehouse.duckdb")) as warehouse:
        raw.prepare_warehouse(warehouse)
        for source, day, new in (("erp", 1, 9), ("erp", 2, 0), ("erp", 3, 1), ("bank", 1, 5), ("bank", 2, 0),
                                 ("bank", 3, 0), ("hr", 1, 1)):  # fmt: skip
            warehouse.execute(
                "insert into raw.extraction values ('r', ?, 's', 't', 9, 9, ?, 0, 0, null, 1, ?)",
                [source, new, datetime(2026, 11, day, 2)],
            )
    return tmp_path / "company.yml"


@pytest.mark.parametrize(
    ("day", "hour", "stale"),
    [(4, 2, []), (4, 3, ["bank"]), (5, 2, ["bank"]), (5, 3, ["erp", "bank"])],
)
def test_a_source_is_stale_when_nothing_new_came_for_longer_than_expected(watched: Path, day, hour, stale):
    moment = datetime(2026, 11, day, hour) - timedelta(minutes=1)
    assert [silence.source for silence in silent_sources(load_settings(watched), moment)] == stale


def test_the_sentence_says_since_when_and_what_to_do(watched: Path):
    (silence,) = silent_sources(load_settings(watched), datetime(2026, 11, 4, 9))
    assert silence.sentence.startswith("source 'bank' has brought nothing new since 2026-11-01 02:00 UTC")
    assert "expected_every_hours" in silence.sentence
