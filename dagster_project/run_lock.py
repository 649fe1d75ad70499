"""One run at a time, over all processes: a second one says that it waits, and waits.

The locks are the operating system's, so that those of a process that was killed are gone with it.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

log = logging.getLogger("settlehouse")


@contextmanager
def only_run(home: Path, name: str) -> Iterator[None]:
    """Hold ``<home>/run.lock`` for the block; when another process has it, say so and wait until it lets go.

    ``name``: a run's id, or the command that writes the warehouse.
    """
    home.mkdir(parents=True, exist_ok=True)
    with (home / "run.lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.info("wait     %s", _holder(home / "run.lock"))
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        holder = {"name": name, "process": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
        file.write(json.dumps(holder))
        file.flush()
        yield


def _holder(file: Path) -> str:
    try:
        holder = json.loads(file.read_text(encoding="utf-8"))
        who = f"{holder['name']} (process {holder['process']}) is in progress since {holder['since']}"
    except (OSError, ValueError, KeyError):
        who = "another run is in progress"
    return f"{who}; this one goes on when it ends"


@contextmanager
def alive(home: Path, dagster_run_id: str) -> Iterator[None]:
    """For the block ``is_alive`` says so to any process; however this process ends, no longer."""
    file = _sign(home, dagster_run_id)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as sign:
        fcntl.flock(sign, fcntl.LOCK_EX)
        try:
            yield
        finally:
            file.unlink(missing_ok=True)


def is_alive(home: Path, dagster_run_id: str) -> bool | None:
    """Whether the process of a run lives; None where it never gave a sign."""
    try:
        with _sign(home, dagster_run_id).open("r") as sign:
            try:
                fcntl.flock(sign, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False
    except FileNotFoundError:
        return None


def forget(home: Path, dagster_run_id: str) -> None:
    """Take away the sign of a run that ended without doing so."""
    _sign(home, dagster_run_id).unlink(missing_ok=True)


def _sign(home: Path, dagster_run_id: str) -> Path:
    return home / "running" / f"{dagster_run_id}.lock"
