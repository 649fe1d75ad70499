"""Incremental = full: after each run of a random history every mart is what a full refresh makes, row for row.

A history costs minutes, so the suite runs one that is written down; SETTLEHOUSE_HISTORIES=20 adds twenty random ones.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from tests.incremental.histories import DATABASES, Change, History, differences, first_group

RANDOM_HISTORIES = int(os.environ.get("SETTLEHOUSE_HISTORIES", "0"))
# What they keep of runs before is their purpose: a warehouse without a past has none of it.
HISTORIES_THEMSELVES = frozenset({"fct_data_issue", "fct_data_issue_event", "fct_quality_owner", "fct_quality_score"})

change = st.builds(
    Change,
    kind=st.sampled_from(["insert", "change", "delete", "bring_back", "reverse"]),
    database=st.sampled_from(sorted(DATABASES)),
    table=st.integers(0, 999),
    row=st.integers(0, 99_999),
    column=st.integers(0, 99),
    stamp=st.sampled_from(["now", "late", "unmoved"]),
)
# A day: what happened, and whether the night's run was skipped, ran, or ran twice.
day = st.tuples(st.lists(change, min_size=3, max_size=10), st.sampled_from(["run", "skip", "repeat"]))


def days_of(written: str) -> list[tuple[list[Change], str]]:
    """Days from lines `night: kind database table row column stamp, …`."""
    found = []
    for line in written.strip().splitlines():
        night, changes = line.split(":")
        made = []
        for each in changes.split(","):
            kind, database, table, row, column, stamp = each.split()
            made.append(Change(kind, database, int(table), int(row), int(column), stamp))
        found.append((made, night.strip()))
    return found


WRITTEN_DOWN = days_of(
    """
    skip: delete erp_global 20 7 0 now, change erp_china 13 90 1 unmoved, insert crm 0 4 0 now, \
delete crm 2 3 0 now, change erp_global 9 3 0 now, insert erp_china 17 5 0 late
    repeat: bring_back crm 0 0 0 now, reverse erp_global 24 31 0 late, change erp_global 16 55 2 late, \
reverse erp_china 19 12 0 now, delete erp_china 11 40 0 now, change crm 0 9 0 late, delete erp_global 15 80 0 now, \
change erp_china 25 77 3 unmoved
    """
)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return first_group(tmp_path_factory.mktemp("histories") / "start")


@settings(
    max_examples=max(RANDOM_HISTORIES, 1), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate] if RANDOM_HISTORIES else [Phase.explicit],
)  # fmt: skip
@given(days=st.lists(day, min_size=2, max_size=3))
@example(days=WRITTEN_DOWN)
def test_every_mart_is_what_a_full_refresh_makes(
    start: Path, tmp_path_factory: pytest.TempPathFactory, days: list[tuple[list[Change], str]]
):
    history = History(tmp_path_factory.mktemp("history") / "group", start)
    for changes, night in days:
        history.next_day()
        for each in changes:
            history.make(each)
        if night == "skip":
            continue
        history.run()
        if night == "repeat":
            history.run()
        fresh = history.refreshed()
        assert differences(history.settings.warehouse, fresh.warehouse, HISTORIES_THEMSELVES) == {}, history.done
    if days[-1][1] == "skip":
        history.run()
    # With its whole past: `run --full-refresh` changes nothing, in no table.
    in_place = history.refreshed_in_place()
    assert differences(history.settings.warehouse, in_place.warehouse) == {}, history.done
