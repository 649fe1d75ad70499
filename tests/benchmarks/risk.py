"""Risk alerts by what the demo planted, and how many documents they ask people to look at.

usage: python tests/benchmarks/risk.py [SEEDS]

SEEDS: a number (seeds 1 to so many; default 5) or a list such as 101,102. For each the demo group is drawn at scale 1,
extracted and modelled as far as the alerts. Recall: planted faults told by an alert of their pattern that shows their
documents. Precision: alerts of the pattern that a planted fault explains; honest changes of an account are planted too,
and an alert about one is not wrong by its words, so it has no precision. Load: documents shown, among all documents.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

if str(Path(__file__).parents[2]) not in sys.path:
    sys.path.insert(0, str(Path(__file__).parents[2]))

import duckdb
import pandas as pd

from dagster_project.config import load_settings
from dagster_project.gate import run_gate
from dagster_project.matching.golden import match_master_data
from dagster_project.pipeline import extract_system
from dagster_project.transform import RunContext, build
from demo import AS_OF, generate
from tests.faults.laboratory import BEFORE_GATE

# What the demo plants → the pattern that should tell it.
PATTERNS = {
    "bank_account_changed_before_payment": "bank_account_changed",
    "duplicate_supplier_invoice": "duplicate_invoice",
    "split_purchase_order": "split_order",
    "return_cluster": "small_returns",
}
_EVIDENCE = """
    select evidence.*, supplier.code as supplier_code, customer.code as customer_code
    from marts.fct_risk_evidence as evidence
    left join marts.dim_supplier_source as supplier
        on evidence.supplier_id = supplier.supplier_id and evidence.source_system = supplier.source_system
    left join marts.dim_customer_source as customer
        on evidence.customer_id = customer.customer_id and evidence.source_system = customer.source_system
"""
_DOCUMENTS = """
    select (select count(distinct invoice_id) from marts.fct_sales_invoice_line)
        + (select count(distinct invoice_id) from marts.fct_purchase_invoice_line)
        + (select count(distinct order_id) from marts.fct_purchase_order_line)
        + (select count(*) from marts.fct_payable_settlement where kind = 'payment')
        + (select count(distinct journal_entry_id) from marts.fct_journal_line where origin = 'erp')
"""


def group_of(folder: Path, seed: int) -> duckdb.DuckDBPyConnection:
    """The warehouse of the demo group with this seed, built as far as the alerts."""
    generate(folder, scale=1, seed=seed)
    settings = load_settings(folder / "company.yml")
    settings.home.mkdir(exist_ok=True)
    run = RunContext("risk", AS_OF, datetime.now(UTC).replace(tzinfo=None))
    for system in sorted({source.layout.system for source in settings.sources}):
        extract_system(settings, system, run)
    build(settings, run, BEFORE_GATE)
    run_gate(settings, run)
    match_master_data(settings)
    build(settings, run, "+fct_risk_alert +dim_customer_source")
    return duckdb.connect(str(settings.warehouse), read_only=True)


def tells(fault: dict[str, object], shown: pd.DataFrame) -> bool:
    """Whether the evidence of one alert shows the documents of a planted fault."""
    if fault["kind"] == "duplicate_supplier_invoice":
        # a document's id ends with its own key at the source
        return {str(fault["key"]), str(fault["original"])} <= set(shown["document_id"].str.rpartition(":")[2])
    if fault["kind"] == "bank_account_changed_before_payment":
        ends = str(fault["new_account"])[-4:]
        return fault["key"] in set(shown["supplier_code"]) and shown["detail_en"].str.contains(f"in {ends},").all()
    if fault["kind"] == "split_purchase_order":
        return fault["key"] in set(shown["supplier_code"]) and len(set(shown["document_id"])) >= len(fault["orders"])  # type: ignore[arg-type]
    return fault["key"] in set(shown["customer_code"])


def main() -> None:
    asked = sys.argv[1] if len(sys.argv) > 1 else "5"
    seeds = [int(seed) for seed in asked.split(",")] if "," in asked else range(1, int(asked) + 1)
    rows = []
    for seed in seeds:
        started = time.perf_counter()
        with TemporaryDirectory() as folder:
            warehouse = group_of(Path(folder), seed)
            evidence = warehouse.execute(_EVIDENCE).df()
            documents = warehouse.execute(_DOCUMENTS).fetchall()[0][0]
            key = json.loads((Path(folder) / "answer_key" / "answer_key.json").read_text(encoding="utf-8"))
            warehouse.close()
        for kind, pattern in PATTERNS.items():
            planted = [fault for fault in key["faults"] if fault["kind"] == kind]
            alerts = [shown for _, shown in evidence[evidence["pattern"] == pattern].groupby("alert_id")]
            told = sum(any(tells(fault, shown) for shown in alerts) for fault in planted)
            explained = sum(any(tells(fault, shown) for fault in planted) for shown in alerts)
            rows.append((seed, pattern, len(planted), told, len(alerts), explained))
        for pattern in sorted(set(evidence["pattern"]) - set(PATTERNS.values())):
            rows.append((seed, pattern, 0, 0, evidence.loc[evidence["pattern"] == pattern, "alert_id"].nunique(), 0))
        shown = len(evidence[["document_type", "document_id"]].drop_duplicates())
        print(
            f"seed {seed}: {shown} of {documents} documents shown, {shown / documents:.2%}, "
            f"{evidence['alert_id'].nunique()} alerts, {time.perf_counter() - started:.0f} s",
            flush=True,
        )
    table = pd.DataFrame(rows, columns=["seed", "pattern", "planted", "told", "alerts", "explained"])
    total = table.groupby("pattern")[["planted", "told", "alerts", "explained"]].sum()
    total["recall_percent"] = (100 * total["told"] / total["planted"]).round(1)
    total["precision_percent"] = (100 * total["explained"] / total["alerts"]).where(total["planted"] > 0).round(1)
    print(total.to_string())


if __name__ == "__main__":
    main()
