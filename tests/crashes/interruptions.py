"""A small group that was published once and then changed at its sources, and runs over it that are interrupted.

After whatever happens to a run: readers still open the file they had, whole, and one more run, without help, ends with
the tables that an undisturbed run ends with.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import duckdb

from tests.end_to_end.conftest import ROOT, content

BEFORE, AS_OF = "2026-10-30", "2026-10-31"
LONGEST_SECONDS = 1200


@dataclass(frozen=True)
class Line:
    """A line that a run printed, and when, in seconds from its start."""

    seconds: float
    text: str

    @property
    def stage(self) -> str:
        return " ".join(self.text.split()[:2])


@dataclass
class Run:
    """How a run ended, and what it said; ``killed_in`` is the stage in which it was killed."""

    exit_code: int = 0
    lines: list[Line] = field(default_factory=list)
    error: str = ""
    killed_in: str | None = None
    seconds: float = 0.0


class Group:
    """The small group: ``base`` is never touched, ``folder`` is what runs work on."""

    def __init__(self, folder: Path, scale: float = 0.01, like: Path | None = None, as_of: str = AS_OF) -> None:
        """``like``: a published group of the same kind that is copied instead of made."""
        self.as_of = as_of
        self.base, self.folder = folder / "base", folder / "group"
        if like is not None:
            shutil.copytree(like, self.base, symlinks=True)
        else:
            command("demo", "--folder", self.base, "--scale", str(scale))
            command("run", "--config", self.base / "company.yml", "--as-of", BEFORE)
        change_sources(self.base)
        self.restore()
        undisturbed = self.run()
        assert undisturbed.exit_code == 0, undisturbed.error
        self.stages = undisturbed.lines
        self.wanted = content(self.home)
        self.left_behind = self.files()
        self.restore()
        self.old = self.published()

    @property
    def home(self) -> Path:
        return self.folder / "var"

    def restore(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.base, self.folder, symlinks=True)

    def published(self) -> tuple[str, str]:
        """Name and fingerprint of the file that readers see, after opening it as they do."""
        file = (self.home / "published" / "current.duckdb").resolve()
        with duckdb.connect(str(file), read_only=True) as reader:
            reader.execute("select run_id from marts.dim_run").fetchall()
        return file.name, hashlib.sha256(file.read_bytes()).hexdigest()

    def files(self) -> set[str]:
        """What lies in home, without names that differ from run to run."""
        named = {str(file.relative_to(self.home)) for file in self.home.rglob("*") if file.is_file()}
        return {
            name for name in named if not name.startswith(("published/2", "dagster/", "dbt/", "logs/", "data_docs/"))
        }

    def arguments(self) -> list[str]:
        return ["run", "--config", str(self.folder / "company.yml"), "--as-of", self.as_of]

    def run(
        self,
        *,
        kill_after: tuple[int, float] | None = None,
        file_limit: int | None = None,
        at_line: tuple[int, Callable[[], None]] | None = None,
        environment: dict[str, str] | None = None,
    ) -> Run:
        """Run in a process of its own, to its end or until it is killed.

        ``kill_after``: so many lines, and so many seconds after the last of them or with the next one, SIGKILL.
        ``file_limit``: bytes beyond which no file grows. ``at_line``: what is done once so many lines were printed.
        """
        output = self.folder / "output"
        output.write_bytes(b"")
        process = _FORK.Process(
            target=_run, args=(self.arguments(), str(output), file_limit, os.environ | (environment or {}))
        )
        ended, started = Run(), time.monotonic()
        process.start()
        assert process.pid is not None
        wait = None
        while process.exitcode is None:
            text = output.read_text(encoding="utf-8", errors="replace")
            now = time.monotonic() - started
            ended.lines += [Line(now, line) for line in _said(text[: text.rfind("\n") + 1])[len(ended.lines) :]]
            if at_line is not None and len(ended.lines) >= at_line[0]:
                at_line[1]()
                at_line = None
            if kill_after is not None and len(ended.lines) >= kill_after[0]:
                wait = wait or now + kill_after[1]
                # a stage that is over sooner than it was when it was measured is not waited for
                if now >= wait or len(ended.lines) > kill_after[0]:
                    os.kill(process.pid, signal.SIGKILL)
                    process.join()
                    ended.killed_in = "after " + (ended.lines[-1].stage if ended.lines else "nothing")
                    break
            assert now < LONGEST_SECONDS, f"the run did not end: {text[-500:]}"
            process.join(0.02)
        ended.seconds = time.monotonic() - started
        ended.exit_code = process.exitcode or 0
        text = output.read_text(encoding="utf-8", errors="replace")
        ended.lines += [Line(ended.seconds, line) for line in _said(text)[len(ended.lines) :]]
        if ended.exit_code:
            ended.error = "\n".join(line.text for line in ended.lines[-5:])
        return ended

    def moment(self, chance: Random, number: int, of: int) -> tuple[int, float]:
        """A moment to kill at: moments are spread over the stages, each at random within its own."""
        last = self.stages[-1].seconds
        at = last * (number + chance.random()) / of
        passed = [line for line in self.stages if line.seconds <= at]
        return len(passed), at - (passed[-1].seconds if passed else 0.0)

    def is_old(self) -> bool:
        return self.published() == self.old

    def is_as_wanted(self) -> list[str]:
        """Tables that are not those of an undisturbed run."""
        found = content(self.home)
        return sorted(name for name in {*found, *self.wanted} if found.get(name) != self.wanted.get(name))


def _said(text: str) -> list[str]:
    """Lines of a run, without one on a killed run before it, which would shift the stages."""
    return [line for line in text.splitlines() if not line.startswith("start    run")]


def command(*arguments: str | Path) -> str:
    """The command line to its end."""
    ended = subprocess.run(
        [sys.executable, "-m", "dagster_project.cli", *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout[-1500:] + ended.stderr[-1500:]
    return ended.stdout


def change_sources(group: Path) -> None:
    """What the next run finds new: names of customers, with the time of their change."""
    with sqlite3.connect(group / "erp_china.sqlite") as erp:
        erp.execute("update t_kehu set khmc = khmc || '（新）', xgsj = '2026-10-31 09:00:00' where rowid % 7 = 0")
    with sqlite3.connect(group / "crm.sqlite") as crm:
        crm.execute(
            "update accounts set account_name = account_name || ' 2', modified_at = '2026-10-31 09:00:00' "
            "where rowid % 5 = 0"
        )


def _run(arguments: list[str], output: str, file_limit: int | None, environment: dict[str, str]) -> None:
    descriptor = os.open(output, os.O_WRONLY | os.O_APPEND)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    sys.stdout = open(1, "w", encoding="utf-8", buffering=1)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", buffering=1)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    if file_limit is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))
    from dagster_project.cli import main

    main(arguments, prog_name="settlehouse")


_FORK = multiprocessing.get_context("forkserver")
_FORK.set_forkserver_preload(
    [
        "dagster_project.cli", "dagster_project.definitions", "dagster_project.run_log", "dbt.cli.main",
        "dbt.adapters.duckdb", "great_expectations", "ml.track_record",
    ]
)  # fmt: skip
