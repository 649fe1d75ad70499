"""The gate on master data, by what was planted and by its speed.

usage: python tests/benchmarks/gate.py [SEEDS [RECORDS [FIRST]]]

For each of SEEDS seeds (default 5) from FIRST (default 1) on, the demo group is drawn at scale 1. To the faults that it
plants in customers, suppliers and products come one of each kind that tests/faults makes at the sources in accounts,
exchange rates, own bank accounts, CRM accounts and suppliers' bank accounts. Found: planted faults told by a rule of
their kind about their record. Precision: issues about a record with a planted fault of a kind that breaks the rule, or
about one of a planted cluster of duplicates, among all issues. Then RECORDS customers (default 1,000,000; one in a
hundred with a fault) pass the gate alone, with what documents say of them.
"""

from __future__ import annotations

import json
import random
import re
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

from dagster_project.config import Settings, load_settings
from dagster_project.gate import MODELS_READ, master_frames
from dagster_project.pipeline import extract_system
from dagster_project.sources.raw import prepare_warehouse
from dagster_project.transform import RunContext, build
from demo import AS_OF, generate
from expectations import validate
from tests.faults.kinds import KINDS as SOURCE_KINDS
from tests.faults.kinds import Copied
from tests.faults.laboratory import Injection, inject

SYSTEMS = ("erp_china", "erp_global", "hr_payroll", "bank_statements", "crm")
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
# Made at the sources; of accounts one that is deleted is missed by the ledger, not by the chart.
MADE = [
    kind for kind in SOURCE_KINDS
    if (kind.object in ("account", "exchange_rate", "bank_account", "crm_account") and kind.name != "account deleted")
    or kind.name == "supplier recorded with an account that is not paid to"
]  # fmt: skip
# Records entered again: the copy is as wrong as the one that it doubles.
COPIES = [
    value.strip("'")
    for kind in MADE
    for change in kind.changes
    if isinstance(change, Copied)
    for value in change.values.values()
]
DAYS_AROUND = 5  # a wrong rate jumps, and the next one jumps back


def drawn(folder: Path, seed: int) -> tuple[Settings, list[Injection]]:
    """A demo group in ``folder`` with faults made at its sources."""
    generate(folder, scale=1, seed=seed)
    settings = load_settings(folder / "company.yml")
    sources = {source.name: source for source in settings.sources}
    return settings, [inject(kind, sources[kind.source], random.Random(f"{seed}/{kind.name}")) for kind in MADE]


def frames_of(settings: Settings) -> dict[str, pd.DataFrame]:
    """The united master data of a group with their evidence, by object."""
    run = RunContext("gate", AS_OF, datetime.now(UTC).replace(tzinfo=None))
    settings.home.mkdir(exist_ok=True)
    with duckdb.connect(str(settings.warehouse)) as warehouse:
        prepare_warehouse(warehouse)
    for system in SYSTEMS:
        extract_system(settings, system, run)
    build(settings, run, " ".join(f"+{name}" for name in MODELS_READ))
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        return master_frames(warehouse)


def names(told: str, made: Injection) -> bool:
    """Whether what an issue tells names the record of a fault."""
    return any(re.search(rf"{re.escape(name)}(?!\d)", told) for name in made.names)


def is_near(told: str, made: Injection) -> bool:
    """Whether an issue is about a rate of about the day of a wrong one."""
    days = [pd.Timestamp(day) for day in re.findall(r"\d{4}-\d{2}-\d{2}", told)]
    return any(abs((day - pd.Timestamp(made.names[0])).days) <= DAYS_AROUND for day in days)


def scored(folder: Path, seed: int) -> tuple[int, list[str], int, list[str]]:
    """Planted faults, those missed, issues of the gate, those that nothing planted explains."""
    settings, made = drawn(folder, seed)
    frames = frames_of(settings)
    issues = validate(frames, as_of=AS_OF).issues
    codes = pd.concat(
        frame[[f"{name}_id", "code"]].set_axis(["record_id", "code"], axis=1).assign(object=name)
        for name, frame in frames.items()
        if "code" in frame
    )
    issues = issues.merge(codes, how="left", on=["object", "record_id"])
    issues["told"] = issues["record_id"] + " " + issues["failed_value"].fillna("") + " " + issues["detail_en"]
    told = [(str(issue.object), str(issue.rule), str(issue.code), str(issue.told)) for issue in issues.itertuples()]
    rules: dict[str, set[str]] = {}
    for _, rule, code, _ in told:
        rules.setdefault(code, set()).add(rule)
    key = json.loads((folder / "answer_key" / "answer_key.json").read_text(encoding="utf-8"))
    planted = [fault for fault in key["faults"] if fault["kind"] in KINDS]
    missed = [
        f"{fault['kind']} {fault['system']} {fault['key']}"
        for fault in planted
        if not any(part in rule for rule in rules.get(fault["key"], ()) for part in KINDS[fault["kind"]])
    ] + [
        f"{fault.kind} {fault.names[0]}"
        for fault in made
        if not any(fault.object == object_ and names(text, fault) for object_, _, _, text in told)
    ]
    explains: dict[str, set[str]] = {}
    for fault in planted:
        explains.setdefault(fault["key"], set()).update(KINDS[fault["kind"]] + ALSO_BROKEN.get(fault["kind"], ()))
    clusters = pd.read_parquet(folder / "answer_key" / "duplicate_cluster.parquet")
    in_cluster = set(clusters["code"])
    unexplained = [
        f"{rule} {text}"
        for object_, rule, code, text in told
        if code not in in_cluster
        and not any(part in rule for part in explains.get(code, ()))
        and not any(copy in text for copy in COPIES)
        and not any(
            fault.object == object_ and (names(text, fault) or (object_ == "exchange_rate" and is_near(text, fault)))
            for fault in made
        )
    ]
    return len(planted) + len(made), missed, len(told), unexplained


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
            "last_document_date": date(2026, 10, 1),
            "invoiced_currency": "USD",
            "invoiced_term_days": None,
        }
    )


def main() -> None:
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    records = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    planted = found = issues = explained = 0
    first = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    for seed in range(first, first + seeds):
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
        assert result.suites["error"].tolist() == [""]
        assert result.suites["held_records"].tolist() == [(records + 99) // 100]
        print(f"{records} customers: {seconds:.1f} s, {len(result.issues)} issues, at most {memory:.1f} GiB")


if __name__ == "__main__":
    main()
