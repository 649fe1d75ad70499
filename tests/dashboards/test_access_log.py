"""The log of who looked: appended to, kept as long as said, and no view without it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards import access_log


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SETTLEHOUSE_ACCESS_LOG", str(tmp_path / "logs" / "access"))
    return tmp_path / "logs" / "access"


def write(rows: int, who: str = "li.na@example.com") -> None:
    access_log.append(
        access_log.VIEW, "cfo/cash", who=who, role="cfo", rows_of={}, queries={"cash_now": rows}, tables=("dim_run",)
    )


def test_lines_of_many_readers_at_once_stay_whole(folder: Path) -> None:
    access_log.open_log()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(200)))
    found = list(access_log.entries())
    assert sorted(entry["rows"] for entry in found) == list(range(200))
    assert {entry["who"] for entry in found} == {"li.na@example.com"}
    assert set(found[0]) == {"at", "who", "role", "rows_of", "page", "action", "queries", "tables", "rows"}


def test_a_name_with_line_breaks_is_one_line(folder: Path) -> None:
    access_log.open_log()
    write(1, who='evil"\n{"action": "export"}')
    assert [entry["action"] for entry in access_log.entries()] == ["view"]


def test_old_months_go_when_a_month_begins_and_others_stay(folder: Path) -> None:
    now = datetime.now(UTC)
    folder.mkdir(parents=True)
    months = {age: divmod(now.year * 12 + now.month - 1 - age, 12) for age in (1, 3, 4)}
    files = {age: folder / f"access-{year:04d}-{month + 1:02d}.jsonl" for age, (year, month) in months.items()}
    for file in [*files.values(), folder / "access-some-thing.jsonl", folder / "notes.txt"]:
        file.write_text("{}\n")
    access_log.open_log(kept_months=3)
    assert not files[4].exists()
    assert files[3].exists()
    assert files[1].exists()
    assert (folder / "notes.txt").exists()
    assert len(list(folder.iterdir())) == 5


def test_a_broken_line_is_told(folder: Path) -> None:
    access_log.open_log()
    write(1)
    with next(folder.glob("*.jsonl")).open("a") as file:
        file.write('{"half')
    assert [entry["action"] for entry in access_log.entries()] == ["broken", "view"]


def test_without_a_folder_nothing_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SETTLEHOUSE_ACCESS_LOG", raising=False)
    access_log.open_log()
    write(1)
    assert list(access_log.entries()) == []


@pytest.mark.usefixtures("published")
def test_nothing_is_shown_that_cannot_be_logged(app: AppTest, folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where the folder should be")
    app.query_params["lang"] = "en"
    app.run()
    assert "cannot be logged" in app.info[0].value
    assert not app.metric


@pytest.mark.usefixtures("published")
def test_a_view_is_logged_with_its_queries_and_no_figure(app: AppTest, folder: Path) -> None:
    app.run()
    line = next(iter(access_log.entries()))
    assert (line["who"], line["page"], line["action"]) == ("this machine", "cfo/overview", "view")
    assert line["rows"] == sum(line["queries"].values()) > 0
    assert "fct_bank_statement" in line["tables"]
    assert "250000" not in json.dumps(line)


@pytest.mark.usefixtures("published")
def test_the_auditor_reads_who_looked(app: AppTest, folder: Path) -> None:
    app.query_params["lang"] = "en"
    app.run()
    app.switch_page("app_pages/controller/tax.py").run()
    app.switch_page("app_pages/auditor/access.py").run()
    assert not app.exception
    cards = {card.label: card.value for card in app.metric}
    assert cards == {"Views": "2", "Exports": "0", "Refused": "0", "People": "1"}
    assert app.dataframe[0].value["page"].tolist() == ["controller/tax", "cfo/overview"]
    assert app.dataframe[0].value["log_action"].tolist() == ["looked at", "looked at"]
    app.query_params["action"] = "export"
    app.session_state["pick_action"] = "export"
    app.run()
    assert [card.value for card in app.metric] == ["0", "0", "0", "0"]
