"""How long a group's statements take to read: 18 accounts, 36 months, 60,000 entries, half camt.053 and half MT940.

usage: python tests/benchmarks/bank_statements.py
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dagster_project.sources.bank_statements import read_statements
from tests.sources.test_bank_statements import IBAN, as_camt, as_mt940, entry, statement

FILES = 648
ENTRIES = 93


def write_group(folder: Path) -> None:
    for number in range(FILES):
        day = date(2023, 1, 1) + timedelta(days=number)
        lines = [
            entry(f"{100 + n}.25", day, counterparty_name="Quentin Quast GmbH", reference=f"Invoice {n} {number}",
                  end_to_end_id=f"E2E-{number}-{n}", counterparty_account=IBAN)
            for n in range(ENTRIES)
        ]  # fmt: skip
        written = statement(*lines, number=str(number + 1))
        written.statement_date = day
        ending, text = ("xml", as_camt(written)) if number % 2 else ("sta", as_mt940(written))
        (folder / f"{number:03d}.{ending}").write_text(text)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        write_group(Path(name))
        started = time.process_time()
        found = read_statements(Path(name))
        seconds = time.process_time() - started
        print(f"{len(found.statements)} statements, {len(found.entries)} entries: {seconds:.2f} s of CPU")


if __name__ == "__main__":
    main()
