"""How many faults are found and named: every kind, several victims each, over clean groups of several seeds.

usage: python tests/benchmarks/faults.py [VICTIMS [SEED …]]    (default: 2 victims; seeds 7 1 2 3 4)

A line per fault is written to var/faults_benchmark.csv. Two are tried at a time: two seconds a fault on two cores.
"""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


def main() -> None:
    from tests.faults.kinds import FILE_KINDS, KINDS
    from tests.faults.laboratory import Laboratory, write_report

    victims = int(sys.argv[1]) if len(sys.argv) > 1 else 2
    seeds = [int(seed) for seed in sys.argv[2:]] or [7, 1, 2, 3, 4]
    trials, first, started = [], None, time.perf_counter()
    kept = tempfile.mkdtemp()  # the others take the models of the first
    for seed in seeds:
        with tempfile.TemporaryDirectory() if first else nullcontext(kept) as name:
            laboratory = Laboratory(Path(name), seed, first)
            first = first or laboratory
            print(f"seed {seed}: {len(laboratory.findings())} findings in the clean group", flush=True)
            chosen = [
                (kind, Random(f"{seed}/{kind.name}/{number}"))
                for kind in (*KINDS, *FILE_KINDS)
                for number in range(victims)
            ]
            for trial in laboratory.trials(chosen):
                trials.append(trial)
                if not trial.is_named:
                    made, by = trial.injection, sorted({finding.control for finding in trial.findings})
                    print(f"  {made.kind}, {made.company_id}, {made.names[0]}: found by {by or 'nothing'}", flush=True)
    write_report(trials, Path("var") / "faults_benchmark.csv")
    found, named = (sum(getattr(trial, is_so) for trial in trials) for is_so in ("is_found", "is_named"))
    print(
        f"{len(trials)} faults of {len(KINDS) + len(FILE_KINDS)} kinds over {len(seeds)} seeds: "
        f"{found / len(trials):.2%} found, {named / len(trials):.2%} named, {time.perf_counter() - started:.0f} s"
    )


if __name__ == "__main__":
    main()
