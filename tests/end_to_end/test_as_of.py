"""The demo group's ERPs as they stood on a past day: what its run made of it is what is answered today."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from demo import generate
from tests.benchmarks.as_of_replay import replay


def test_a_past_month_end_is_answered_as_its_run_did(tmp_path: Path):
    generate(tmp_path, scale=0.01)
    (day,) = replay(tmp_path, [date(2026, 7, 31)])
    assert day.differing == 0
    assert day.rows > 20
