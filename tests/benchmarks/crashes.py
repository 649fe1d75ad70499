"""Runs that are killed, starved of disk and source, and locked out: python tests/benchmarks/crashes.py [options]

Each line of the table is one run over a small group that was published and then changed at its sources. Asked: after
each the published file is the old one, whole; the next run succeeds without help; its tables are those of an
undisturbed run (count and hash of every published table); nothing is left lying about.

--kills N    how many are killed with SIGKILL, spread over all stages, at random moments within them (50)
--chain N    so many kills between two runs that may end (1)
--seed N     of the moments (1)
--folder DIR where the groups are made (a temporary folder); its small file system for the full disk needs root
--like DIR   a group that was made by `demo --scale 0.01` and run as of 2026-10-30, which is not changed
--only NAME  kills, disk, source, lock, clock, two
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.crashes.interruptions import AS_OF, ROOT, Group, Run

PASSED, FAILED = "as wanted", "DIFFERS"
results: Counter[str] = Counter()


def report(what: str, moment: str, result: str, tables: str) -> None:
    results[tables.split(":")[0]] += 1
    print(f"{what:<28} {moment:<44} {result:<46} {tables}", flush=True)


def finish(group: Group) -> str:
    """One more run, without help: what became of it."""
    ended = group.run()
    if ended.exit_code:
        return f"FAILED: {ended.error[-300:]}"
    if wrong := group.is_as_wanted():
        return f"{FAILED}: {', '.join(wrong)}"
    if more := group.files() - group.left_behind:
        return f"LEFT BEHIND: {', '.join(sorted(more))}"
    return f"{PASSED}: {len(group.wanted)} tables"


def after(group: Group, ended: Run) -> str:
    """What readers have after an interrupted run; the new file is right where the swap had been made."""
    if group.is_old():
        readers = "readers have the old file"
    else:
        readers = "readers have the new file" if not group.is_as_wanted() else "READERS HAVE A BROKEN FILE"
        results[readers] += 1
    said = "killed" if ended.killed_in else f"exit {ended.exit_code}"
    return f"{said}; {readers}"


def kills(group: Group, count: int, chain: int, seed: int) -> None:
    chance = Random(seed)
    order = list(range(count))
    chance.shuffle(order)
    for done, number in enumerate(order, 1):
        if done % chain == 1 or chain == 1:
            group.restore()
        lines, seconds = group.moment(chance, number, count)
        ended = group.run(kill_after=(lines, seconds))
        moment = f"{ended.killed_in or 'ended before'} + {seconds:.2f} s"
        readers = after(group, ended)
        is_last = done % chain == 0 or done == count
        report(f"SIGKILL {done}/{count}", moment, readers, finish(group) if is_last else "(killed again)")


def full_disk(group: Group) -> None:
    """A file system of its own that has less and less room; then it is given room."""
    used = sum(file.stat().st_size for file in group.home.rglob("*") if file.is_file()) // 2**20
    for spare in (2, 8, 20, 32, 44):
        group.restore()
        kept = group.folder / "var_kept"
        group.home.rename(kept)
        group.home.mkdir()
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={used + spare}m", "tmpfs", str(group.home)], check=False
        )
        if mounted.returncode:
            print("disk: a file system can't be mounted here (needs root); the test with a limit of file size remains")
            return
        try:
            shutil.copytree(kept, group.home, symlinks=True, dirs_exist_ok=True)
            ended = group.run()
            readers = after(group, ended)
            said = ended.lines[-1].text[-90:] if ended.lines else ""
            stage = next((line.stage for line in reversed(ended.lines[:-1])), "")
            subprocess.run(["mount", "-o", "remount,size=4g", str(group.home)], check=True)
            report(f"disk full, {spare} MB spare", f"after {stage}: {said}"[:44], readers, finish(group))
            if ended.exit_code:
                print(f"    said: {ended.lines[-1].text[:220]}")
        finally:
            subprocess.run(["umount", "-l", str(group.home)], check=False)


def vanished_source(group: Group) -> None:
    for what, name in (("database", "erp_global.sqlite"), ("folder", "bank"), ("file while read", "crm.sqlite")):
        group.restore()
        there, away = group.folder / name, group.folder / f"{name}.away"
        if what == "file while read":
            ended = group.run(at_line=(2, lambda there=there, away=away: there.rename(away)))
        else:
            there.rename(away)
            ended = group.run()
        readers = after(group, ended)
        away.rename(there)
        report(f"source vanished: {what}", ended.lines[-1].text[:44], readers, finish(group))


def locked_source(group: Group) -> None:
    for seconds in (8, 120):
        group.restore()
        writer = sqlite3.connect(group.folder / "erp_china.sqlite", isolation_level=None, check_same_thread=False)
        writer.execute("begin exclusive")
        timer = threading.Timer(seconds, lambda writer=writer: writer.execute("rollback"))
        timer.start()
        ended = group.run()
        timer.cancel()
        writer.close()
        if ended.exit_code:
            report(f"source locked for {seconds} s", ended.lines[-1].text[:44], after(group, ended), finish(group))
        else:
            wrong = group.is_as_wanted()
            report(f"source locked for {seconds} s", "waited", "succeeded", f"{FAILED}: {wrong}" if wrong else PASSED)


def jumped_clock(group: Group) -> None:
    library = next(iter(Path("/usr/lib").rglob("faketime/libfaketime.so.1")), None)
    if library is None:
        print("clock: libfaketime is not here (Debian: apt-get install faketime)")
        return
    for jump in ("+400d", "-400d", "-1h"):
        group.restore()
        for days, which in ((jump, "jumped"), ("", "right again")):
            ended = subprocess.run(
                [sys.executable, "-m", "dagster_project.cli", *group.arguments()],
                cwd=ROOT, capture_output=True, text=True, check=False,
                env=os.environ | ({"LD_PRELOAD": str(library), "FAKETIME": days} if days else {}),
            )  # fmt: skip
            wrong = [] if ended.returncode else group.is_as_wanted()
            told = f"exit {ended.returncode} {ended.stderr.strip()[-160:]}"
            report(f"clock {jump}", which, told, f"{FAILED}: {wrong}" if wrong or ended.returncode else PASSED)


def two_at_once(group: Group) -> None:
    group.restore()
    first = subprocess.Popen(
        [sys.executable, "-m", "dagster_project.cli", *group.arguments()], cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert first.stdout is not None
    for line in first.stdout:
        if line.startswith("extract"):
            break
    second = group.run()
    first.communicate()
    waits = [line.text for line in second.lines if line.text.startswith("wait")]
    wrong = group.is_as_wanted()
    report(
        "two runs at once", waits[0][:44] if waits else "did not wait",
        f"exit {first.returncode} and {second.exit_code}", f"{FAILED}: {wrong}" if wrong else PASSED,
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--chain", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--like", type=Path)
    parser.add_argument("--only", choices=["kills", "disk", "source", "lock", "clock", "two"])
    asked = parser.parse_args()
    print(f"as of {AS_OF}; load of the machine {os.getloadavg()[0]:.1f}, {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        started = time.perf_counter()
        group = Group(Path(folder), like=asked.like)
        print(f"an undisturbed run: {group.stages[-1].seconds:.0f} s, {len(group.stages)} lines, "
              f"{len(group.wanted)} tables; made in {time.perf_counter() - started:.0f} s\n")  # fmt: skip
        for name, trial in (("two", two_at_once), ("source", vanished_source), ("lock", locked_source),
                            ("disk", full_disk), ("clock", jumped_clock)):  # fmt: skip
            if asked.only in (None, name):
                trial(group)
        if asked.only in (None, "kills"):
            kills(group, asked.kills, asked.chain, asked.seed)
    print()
    for result, count in sorted(results.items()):
        print(f"{count:4d}  {result}")


if __name__ == "__main__":
    main()
