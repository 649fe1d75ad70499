"""Killed at seeded moments of its stages, out of room, without its source: readers keep the old file whole, and one run
without help ends with the tables of an undisturbed one. Fifty kills and more faults: benchmarks/crashes.py."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from random import Random

import pytest

from tests.crashes.interruptions import Group


@pytest.fixture(scope="module")
def group(demo_group: Path, tmp_path_factory: pytest.TempPathFactory) -> Group:
    """Published as of 2026-10-31 and changed since; each test goes on with what the one before left."""
    return Group(tmp_path_factory.mktemp("crashes"), like=demo_group, as_of="2026-11-01")


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_killed_in_a_quarter_of_its_time_readers_keep_the_old_file(group: Group, number: int):
    ended = group.run(kill_after=group.moment(Random(number), number, 4))
    assert ended.killed_in, "it ended before it was killed"
    assert group.is_old()


def test_out_of_room_it_says_so_in_one_line(group: Group):
    """No file may grow beyond half of the warehouse, as on a disk that is full."""
    ended = group.run(file_limit=(group.home / "warehouse.duckdb").stat().st_size // 2)
    assert ended.exit_code == 1
    assert "Traceback" not in ended.error
    assert "room" in ended.lines[-1].text, ended.error
    assert group.is_old()


def test_without_its_source_it_says_which_in_one_line(group: Group):
    there, away = group.folder / "erp_global.sqlite", group.folder / "away"
    there.rename(away)
    try:
        ended = group.run()
    finally:
        away.rename(there)
    assert ended.exit_code == 1
    assert "source 'erp_global'" in ended.lines[-1].text
    assert group.is_old()


def test_then_one_run_waits_for_a_lock_and_ends_with_the_tables_of_an_undisturbed_run(group: Group):
    """After all of the above, and with a program that keeps readers out of a source for a while."""
    writer = sqlite3.connect(group.folder / "erp_china.sqlite", isolation_level=None)
    writer.execute("begin exclusive")
    try:
        ended = group.run(at_line=(1, lambda: writer.execute("rollback")))
    finally:
        writer.close()
    assert ended.exit_code == 0, ended.error
    assert group.is_as_wanted() == []
    assert group.files() - group.left_behind == set()
    assert not group.is_old()
    last_run = json.loads((group.home / "published" / "last_run.json").read_text(encoding="utf-8"))
    assert last_run["status"] == "published"
