"""Twenty readers while runs are published: no error, no view of two runs, no file kept open."""

from __future__ import annotations

from pathlib import Path

from tests.load.swaps import run


def test_twenty_readers_see_whole_runs_while_more_are_published(demo_group: Path, tmp_path: Path):
    published = (demo_group / "var" / "published" / "current.duckdb").resolve()
    result = run(published, tmp_path, readers=20, seconds=20, every=2)
    assert result.errors == []
    assert result.mixed == []
    assert result.published >= 3
    assert len(result.runs_seen) >= 2
    assert result.views >= 40
    # Beside the current file, those of views in progress; more would be files that nobody closes.
    assert max(deleted for _, _, deleted, _ in result.held) <= 4
