"""How long the demo takes: generation by scale with its peak memory, and the pipeline the first and the second time.

usage: python tests/benchmarks/demo_group.py [SCALE …]    (default: 1; 20 is 1.2 million sales lines, 170 ten million)
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def timed(*arguments: str) -> float:
    started = time.perf_counter()
    command = [sys.executable, "-m", "dagster_project.cli", *arguments]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    for scale in sys.argv[1:] or ["1"]:
        with tempfile.TemporaryDirectory() as name:
            config = str(Path(name) / "company.yml")
            seconds = timed("demo", "--folder", name, "--scale", scale)
            gigabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
            print(f"scale {scale}: generated in {seconds:.1f} s, peak memory {gigabytes:.1f} GB", flush=True)
            if float(scale) <= 1:
                for turn in ("first", "second"):
                    seconds = timed("run", "--config", config, "--as-of", "2026-10-31")
                    print(f"scale {scale}: {turn} run in {seconds:.1f} s", flush=True)


if __name__ == "__main__":
    main()
