"""Every stage of a run by size of the group: seconds, rows and peak memory; the next day on top; plain SQL beside dbt.

usage: python tests/benchmarks/whole_run.py [SCALE …] [--plain-sql]
    (default: 1; 17 is a million sales lines, 170 ten million: some 30 GB of disk and half an hour)

Of each scale: the demo group is generated, run as of 30 October 2026, and run again as of the day after, which is
what a night has to do when nothing has changed but the day. ``--plain-sql`` then builds the same tables from the same
raw ones by running the compiled SQL of all models, in order, in one DuckDB connection with nothing else around it: no
dbt, no tests, no incremental machinery. How far dbt is above that is the price of dbt; what the SQL itself costs is in
both. The slowest models are named. Stops by itself.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[2]
DAYS = ("2026-10-30", "2026-10-31")
_STAGE = re.compile(r"^(extract|build|gate|match|forecast|audit|publish|done) .*?([\d.]+) s$")
_ROWS = re.compile(r"(\d+) (?:rows|models|records|comparisons|bank lines|receivables)")


def measured(*arguments: str) -> tuple[list[str], float, float]:
    """Lines that ``settlehouse`` printed, seconds, and peak memory of it and its children in GB."""
    command = [sys.executable, "-m", "dagster_project.cli", *arguments]
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    peak = [0.0]

    def watch() -> None:
        while process.poll() is None:
            peak[0] = max(peak[0], _memory(process.pid))
            time.sleep(0.25)

    watcher = threading.Thread(target=watch)
    watcher.start()
    lines = [line.rstrip() for line in process.stdout or ()]
    watcher.join()
    if process.wait() != 0:
        raise SystemExit("\n".join([*lines[-15:], f"{' '.join(arguments)} ended with {process.returncode}"]))
    return lines, time.perf_counter() - started, peak[0]


def _memory(pid: int) -> float:
    total = 0.0
    for status in (Path("/proc") / str(pid), *(_children(pid))):
        try:
            text = (status / "status").read_text(encoding="utf-8")
        except OSError:
            continue
        resident = re.search(r"VmRSS:\s+(\d+) kB", text)
        total += int(resident[1]) / 2**20 if resident else 0.0
    return total


def _children(pid: int) -> list[Path]:
    try:
        children = (Path("/proc") / str(pid) / "task" / str(pid) / "children").read_text(encoding="utf-8").split()
    except OSError:
        return []
    return [Path("/proc") / child for child in children]


def stages(lines: list[str]) -> dict[str, tuple[float, int]]:
    """Stage → seconds and rows, added up over its lines; what a line does not tell counts as nothing."""
    result: dict[str, tuple[float, int]] = {}
    for line in lines:
        found = _STAGE.match(line)
        if not found or found[1] == "done":
            continue
        name = f"{found[1]} {line.split()[1]}" if found[1] == "build" else found[1]
        # lines of parts of the forecasts come before the one of all of them
        if name == "forecast" and "receipts, cash" not in line:
            continue
        rows = _ROWS.search(line)
        seconds, before = result.get(name, (0.0, 0))
        result[name] = (seconds + float(found[2]), before + (int(rows[1]) if rows else 0))
    return result


def plain_sql(home: Path) -> tuple[float, list[tuple[float, str]]]:
    """Seconds that the compiled SQL of all models takes on a copy of the warehouse, and the slowest models."""
    manifest = json.loads((home / "dbt" / "manifest.json").read_text(encoding="utf-8"))
    models = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    done: set[str] = set()
    order: list[dict] = []
    while len(order) < len(models):
        ready = [
            key for key, node in models.items()
            if key not in done and all(before not in models or before in done for before in node["depends_on"]["nodes"])
        ]  # fmt: skip
        order += [models[key] for key in ready]
        done.update(ready)
    took: list[tuple[float, str]] = []
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute("create schema if not exists plain")
        for node in order:
            compiled = home / "dbt" / "compiled" / node["package_name"] / "models" / node["path"]
            # staging of systems that this group does not have is not compiled
            if node["config"]["materialized"] == "ephemeral" or not compiled.exists():
                continue
            sql = compiled.read_text(encoding="utf-8").strip().rstrip(";")
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            started = time.perf_counter()
            connection.execute(f"create or replace {kind} plain.{node['alias']} as {sql}")
            took.append((time.perf_counter() - started, node["name"]))
    return sum(seconds for seconds, _ in took), sorted(took, reverse=True)[:10]


def main() -> None:
    scales = [argument for argument in sys.argv[1:] if not argument.startswith("--")] or ["1"]
    for scale in scales:
        with tempfile.TemporaryDirectory() as name:
            _, seconds, memory = measured("demo", "--folder", name, "--scale", scale)
            print(f"\nscale {scale}\n{'generate':32}{seconds:9.1f} s{memory:8.1f} GB", flush=True)
            for day in DAYS:
                lines, seconds, memory = measured("run", "--config", f"{name}/company.yml", "--as-of", day)
                for stage, (took, rows) in stages(lines).items():
                    print(f"{day} {stage:21}{took:9.1f} s{rows:>14,} rows")
                print(f"{day} {'all':21}{seconds:9.1f} s{memory:8.1f} GB", flush=True)
            file = (Path(name) / "var" / "published" / "current.duckdb").resolve()
            print(f"{'published file':32}{file.stat().st_size / 2**20:9.0f} MB")
            if "--plain-sql" in sys.argv:
                seconds, slowest = plain_sql(Path(name) / "var")
                print(f"{'the same SQL without dbt':32}{seconds:9.1f} s")
                for took, model in slowest:
                    print(f"    {model:28}{took:9.2f} s")


if __name__ == "__main__":
    main()
