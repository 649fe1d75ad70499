"""One run at a time over processes; a killed process holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from dagster_project.run_lock import alive, is_alive, only_run

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import logging, sys, pathlib
logging.basicConfig(stream=sys.stdout, format="%(message)s", level=logging.INFO)
from dagster_project.run_lock import alive, only_run
home = pathlib.Path(sys.argv[1])
with alive(home, sys.argv[2]), only_run(home, sys.argv[2]):
    print("has it", flush=True)
    sys.stdin.readline()
"""


def holder(home: Path, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, home, name], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_the_second_says_that_it_waits_and_for_whom_and_goes_on_when_the_first_ends(tmp_path: Path):
    first = holder(tmp_path, "run-one")
    assert line(first) == "has it"
    second = holder(tmp_path, "run-two")
    assert f"run-one (process {first.pid}) is in progress since" in line(second)
    first.communicate("\n")
    assert line(second) == "has it"
    second.communicate("\n")


def test_a_killed_process_holds_nothing_and_is_known_to_be_gone(tmp_path: Path):
    first = holder(tmp_path, "run-one")
    assert line(first) == "has it"
    assert is_alive(tmp_path, "run-one") is True
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert is_alive(tmp_path, "run-one") is False
    with only_run(tmp_path, "run-two"):
        pass


def test_a_run_that_ended_or_never_began_gives_no_sign(tmp_path: Path):
    assert is_alive(tmp_path, "run-one") is None
    with alive(tmp_path, "run-one"):
        assert is_alive(tmp_path, "run-one") is True
    assert is_alive(tmp_path, "run-one") is None
