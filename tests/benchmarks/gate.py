"""The gate on master data, by the demo's answer key and by its speed: python tests/benchmarks/gate.py [SEEDS] [RECORDS]

For each of SEEDS seeds (default 5) the demo group is drawn at scale 1 and its master data pass the gate. Found: planted
faults told by a rule of their kind about their record. Precision: issues about a record with a planted fault of a kind
that breaks the rule, or about one of a planted cluster of duplicates, among all issues. Then RECORDS customers
(default 1,000,000; one in a hundred with a fault) pass the gate alone.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

if str(Path(__file__).parents[2]) not in sys.path:
    sys.path.insert(0, str(Path(__file__).parents[2]))

import duckdb
import pandas as pd

from dagster_project.config import load_settings
from dagster_project.pipeline import extract_system
from dagster_project.sources.raw import prepare_warehouse
from dagster_project.transform import RunContext, build
from demo import AS_OF, generate
from expectations import validate

OBJECTS = ("customer", "supplier", "product", "bank_account", "company", "employee")
SYSTEMS = ("erp_china", "erp_global", "hr_payroll", "bank_statements")
# Kind of planted fault → what a rule of it has in its name. A wrong country may break what is compared with it.
KINDS = {
    "invalid_tax_identifier": ("tax_identifier",),
    "missing_tax_identifier": ("tax_identifier_present",),
    "wrong_country": ("country",),
    "invalid_email": ("email",),
    "implausible_payment_term": ("payment_term",),
    "missing_name": ("name",),
    "negative_credit_limit": ("credit_limit",),
    "invalid_iban": ("bank_account",),
    "missing_category": ("category",),
    "cost_above_price": ("cost_price",),
}
ALSO_BROKEN = {"wrong_country": ("tax_identifier_valid",)}


def master_frames(folder: Path, seed: int) -> dict[str, pd.DataFrame]:
    """The united master data of a demo group drawn into ``folder``, by object."""
    generate(folder, scale=1, seed=seed)
    settings = load_settings(folder / "company.yml")
    run = RunContext("gate", AS_OF, datetime.now(UTC).replace(tzinfo=None))
    settings.home.mkdir(exist_ok=True)
    with duckdb.connect(str(settings.warehouse)) as warehouse:
        prepare_warehouse(warehouse)
    for system in SYSTEMS:
        extract_system(settings, system, run)
    build(settings, run, " ".join(f"+int_{name}" for name in OBJECTS))
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        return {
            name: warehouse.execute(f"select * from intermediate.int_{name}").to_arrow_table().to_pandas()
            for name in OBJECTS
        }


def scored(folder: Path, seed: int) -> tuple[int, list[str], int, list[str]]:
    """Planted faults, those missed, issues of the gate, those that nothing planted explains."""
    frames = master_frames(folder, seed)
    issues = validate(frames, as_of=AS_OF).issues
    codes = pd.concat(
        frame[[f"{name}_id", "code"]].set_axis(["record_id", "code"], axis=1).assign(object=name)
        for name, frame in frames.items()
        if "code" in frame
    )
    told = issues.merge(codes, how="left", on=["object", "record_id"])
    rules: dict[str, set[str]] = {}
    for code, rule in zip(told["code"], told["rule"], strict=True):
        rules.setdefault(code, set()).add(rule)
    key = json.loads((folder / "answer_key" / "answer_key.json").read_text(encoding="utf-8"))
    planted = [fault for fault in key["faults"] if fault["kind"] in KINDS]
    missed = [
        f"{fault['kind']} {fault['system']} {fault['key']}"
        for fault in planted
        if not any(part in rule for rule in rules.get(fault["key"], ()) for part in KINDS[fault["kind"]])
    ]
    explains: dict[str, set[str]] = {}
    for fault in planted:
        explains.setdefault(fault["key"], set()).update(KINDS[fault["kind"]] + ALSO_BROKEN.get(fault["kind"], ()))
    clusters = pd.read_parquet(folder / "answer_key" / "duplicate_cluster.parquet")
    in_cluster = set(clusters["code"])
    unexplained = [
        f"{rule} {code}"
        for rule, code in zip(told["rule"], told["code"], strict=True)
        if code not in in_cluster and not any(part in rule for part in explains.get(code, ()))
    ]
    return len(planted), missed, len(told), unexplained


def many_customers(count: int) -> pd.DataFrame:
    """Customers of one source; every hundredth has a payment term that can't be."""
    draw = random.Random(1)
    number = pd.Series(range(count), dtype="str")
    return pd.DataFrame(
        {
            "customer_id": "erp:" + number,
            "code": "C" + number,
            "name": "Customer " + number + " GmbH",
            "tax_identifier": None,
            "country": "US",
            "region": None,
            "city": None,
            "email": "ap@c" + number + ".example",
            "currency": "USD",
            "payment_term_days": [999 if n % 100 == 0 else draw.choice((14, 30, 60)) for n in range(count)],
            "credit_limit_company_currency": 1000,
            "channel": None,
            "segment": "private",
            "salesperson_id": None,
            "salesperson_name": None,
            "is_active": True,
            "replaced_by_customer_id": None,
            "source_system": "erp",
            "source_key": number,
        }
    )


def main() -> None:
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    records = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    planted = found = issues = explained = 0
    for seed in range(1, seeds + 1):
        with TemporaryDirectory() as folder:
            n_planted, missed, n_issues, unexplained = scored(Path(folder), seed)
        planted, found = planted + n_planted, found + n_planted - len(missed)
        issues, explained = issues + n_issues, explained + n_issues - len(unexplained)
        print(f"seed {seed}: {n_planted - len(missed)} of {n_planted} planted faults found, ", end="")
        print(f"{n_issues - len(unexplained)} of {n_issues} issues explained by what was planted")
        for line in (*(f"missed {m}" for m in missed), *(f"unexplained {u}" for u in unexplained)):
            print(f"  {line}")
    if seeds:
        print(f"found {found / planted:.1%} of {planted}, precision {explained / issues:.1%} of {issues}")
    if records:
        frame = many_customers(records)
        started = time.perf_counter()
        result = validate({"customer": frame}, as_of=date(2026, 10, 31))
        seconds = time.perf_counter() - started
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / 1024
        assert result.suites["held_records"].tolist() == [(records + 99) // 100]
        print(f"{records} customers: {seconds:.1f} s, {len(result.issues)} issues, at most {memory:.1f} GiB")


if __name__ == "__main__":
    main()
