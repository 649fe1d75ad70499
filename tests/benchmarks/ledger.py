"""How much of the ledger is derived from documents, and what explains the rest.

usage: python tests/benchmarks/ledger.py [SCALE]    (default: 0.02)

The demo group at the scale, with its planted faults and without, and the ERP kept beside the project where it is there,
are run once each. Printed, and written to var/ledger_benchmark.csv: accounts and periods, how many of them are equal,
and of what differs the share of the amount that each cause explains.
"""

from __future__ import annotations

import csv
import lzma
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[2]
TRYTON = ROOT.parent / "shared" / "data" / "tryton"
FIGURES = """
with compared as (
    select count(*) as account_periods, count(*) filter (where difference_company_currency = 0) as equal,
        coalesce(sum(abs(unexplained_amount_company_currency)), 0) as unexplained
    from marts.fct_ledger_comparison
),
cause as (
    select cause, count(distinct document_id) as documents, sum(abs(difference_company_currency)) as amount
    from marts.fct_ledger_difference group by cause
)
select account_periods, equal, unexplained, cause, documents,
    round(100 * amount / sum(amount) over (), 2) as share_percent
from compared left join cause on true order by amount desc nulls last, cause
"""


def published(folder: Path, *, as_of: str, config: str) -> Path:
    command = [sys.executable, "-m", "dagster_project.cli", "run", "--config", folder / config, "--as-of", as_of]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    return folder / "var" / "published" / "current.duckdb"


def tryton(folder: Path) -> Path:
    with lzma.open(TRYTON / "tryton.sqlite.xz") as source, (folder / "tryton.sqlite").open("wb") as target:
        shutil.copyfileobj(source, target)
    template = (TRYTON / "company.yml").read_text(encoding="utf-8")
    config = template.replace("@VAR@", "var").replace("@URL@", "sqlite:///tryton.sqlite")
    (folder / "company.yml").write_text(config, encoding="utf-8")
    return published(folder, as_of=(TRYTON / "as_of").read_text().strip(), config="company.yml")


def main() -> None:
    sys.path.insert(0, str(ROOT))
    from demo import AS_OF, generate

    scale = float(sys.argv[1]) if len(sys.argv) > 1 else 0.02
    rows = []
    for name in ("demo", "demo without faults", "Tryton"):
        if name == "Tryton" and not TRYTON.exists():
            print("Tryton: not there, left out")
            continue
        started = time.perf_counter()
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            if name == "Tryton":
                file = tryton(folder)
            else:
                generate(folder, scale=scale, planted_faults=name == "demo")
                file = published(folder, as_of=str(AS_OF), config="company.yml")
            with duckdb.connect(str(file), read_only=True) as warehouse:
                found = warehouse.execute(FIGURES).fetchall()
        periods, equal, unexplained = found[0][:3]
        seconds = time.perf_counter() - started
        print(
            f"{name}: {equal} of {periods} accounts and periods equal ({equal / periods:.1%}), "
            f"unexplained {unexplained:.2f}, {seconds:.0f} s"
        )
        for *_, cause, documents, share in found:
            if cause:
                print(f"    {cause:24} {documents:6} documents  {share:6.2f} % of the amount that differs")
        rows += [(name, *row) for row in found]
    report = ROOT / "var" / "ledger_benchmark.csv"
    report.parent.mkdir(exist_ok=True)
    with report.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(
            ("group", "account_periods", "equal", "unexplained", "cause", "documents", "amount_share_percent")
        )
        writer.writerows(rows)


if __name__ == "__main__":
    main()
