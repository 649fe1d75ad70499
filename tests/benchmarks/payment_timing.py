"""Payment timing on real invoice histories, beside the naive baselines: python -m tests.benchmarks.payment_timing

The data lie beside the repository, in shared/data; what is absent is skipped. Receivables 2019 are scored from
2019-06-16: features, trees and calibration were chosen on what fell due before. The late-payments file was used to
choose nothing.
"""

from __future__ import annotations

import time
from pathlib import Path

import pandas as pd

from ml.backtest import backtest_receipts, parse_invoices

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
FILES = (
    ("receivables_2019", "2019-06-16", {}),
    (
        "ibm_late_payments",
        "2013-06-01",
        {
            "customer": "customerID",
            "invoice_date": "InvoiceDate",
            "due_date": "DueDate",
            "cleared_date": "SettledDate",
            "amount": "InvoiceAmount",
        },
    ),
)


def main() -> None:
    for name, score_from, columns in FILES:
        file = DATA / name / "invoices.csv"
        if not file.exists():
            print(f"{name}: skipped, {file} is not there")
            continue
        invoices = parse_invoices(pd.read_csv(file, dtype=str), columns)
        started = time.perf_counter()
        result = backtest_receipts(invoices, pd.Timestamp(score_from), 15)
        print(f"## {name} ({time.perf_counter() - started:.0f} s)\n\n{result.report_markdown}")


if __name__ == "__main__":
    main()
