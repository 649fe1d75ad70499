"""Runs published every few seconds under reading dashboards: python tests/benchmarks/swaps.py [options]

A server of pages, with the door, cache and scope of the dashboards, and sessions that ask for a page again as soon as
they have it. Asked: 20 readers, 5 minutes, no error, no view that mixes two runs, no leak of files or memory.

--published FILE  what is published again and again (the demo's file at scale 0.02, which is made)
--readers N       sessions (20)
--seconds N       how long (300)
--every N         seconds between the end of a swap and the next (3)
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.load.swaps import run  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--published", type=Path)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--every", type=float, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        published = asked.published
        if published is None:
            for command in (("demo", "--folder", name, "--scale", "0.02"),
                            ("run", "--config", f"{name}/company.yml", "--as-of", "2026-10-31")):  # fmt: skip
                subprocess.run(
                    [sys.executable, "-m", "dagster_project.cli", *command],
                    cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
                )  # fmt: skip
            published = folder / "var" / "published" / "current.duckdb"
        published = published.resolve()
        print(f"{published.stat().st_size / 2**20:.0f} MB; load of the machine {os.getloadavg()[0]:.1f}, "
              f"{os.cpu_count()} processors")  # fmt: skip
        (folder / "work").mkdir()
        result = run(published, folder / "work", readers=asked.readers, seconds=asked.seconds, every=asked.every)
    print("seconds  files open  deleted files open  memory MB")
    for seconds, opened, deleted, memory in result.held:
        print(f"{seconds:7.0f}  {opened:10d}  {deleted:18d}  {memory:9.0f}")
    print(f"{result.published} runs published (slowest {result.slowest_publish_seconds:.1f} s), "
          f"{len(result.runs_seen)} of them seen")  # fmt: skip
    print(f"{result.views} views by {asked.readers} readers, slowest {result.slowest_seconds:.1f} s")
    print(f"errors {len(result.errors)} (asked: 0) {result.errors[:3]}")
    print(f"views that mix runs {len(result.mixed)} (asked: 0) {result.mixed[:3]}")
    if result.errors or result.mixed:
        sys.exit(1)


if __name__ == "__main__":
    main()
