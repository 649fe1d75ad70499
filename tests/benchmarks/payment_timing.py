"""Payment timing beside baselines: python tests/benchmarks/payment_timing.py [files demo shift] [--warehouse W]

files: real invoice histories, which lie beside the repository in shared/data; what is absent is skipped. The last eight
  weeks of due dates of receivables_2019 are scored; inputs, trees and calibration were chosen on what fell due before.
  The late-payments file was used to choose nothing.
demo: late by more than 5 days, of each invoice open and less than 5 days late at an origin, in the warehouse of a demo
  group that has run (--warehouse); none of the origins was used to choose anything.
shift: made-up years in which everybody begins to pay ten days later; and twenty quiet years for false alarms.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd

from ml import scores
from ml.backtest import backtest_receipts, parse_invoices
from ml.drift import GROUP_LEVEL, watch
from ml.hazard import PaymentHazard
from ml.receipts import CustomerRecent, known_invoices

DAY = pd.Timedelta(days=1)
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
FILES = (
    ("receivables_2019", "2019-06-06", {}),
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
ORIGINS = ("2025-09-30", "2026-01-15", "2026-04-30", "2026-07-15")
LATE_DAYS = 5.0
SHIFT_SEEDS, SHIFT_WEEKS = (1, 2, 3, 4, 5), (2, 4)


def files() -> None:
    for name, score_from, columns in FILES:
        file = DATA / name / "invoices.csv"
        if not file.exists():
            print(f"{name}: skipped, {file} is not there")
            continue
        invoices = parse_invoices(pd.read_csv(file, dtype=str), columns)
        started = time.perf_counter()
        result = backtest_receipts(invoices, pd.Timestamp(score_from), 15)
        print(f"## {name} ({time.perf_counter() - started:.0f} s)\n\n{result.report_markdown}", flush=True)


def demo(warehouse: Path | None) -> None:
    """AUC and expected calibration error (ten groups of equal size) of late by more than LATE_DAYS."""
    if warehouse is None:
        print("demo: skipped, give --warehouse GROUP/var/warehouse.duckdb")
        return
    import duckdb
    from sklearn.metrics import roc_auc_score

    query = """
        select i.customer_id, i.company_id, i.invoice_date, i.due_date, i.cleared_date, c.country, c.segment,
               cast(i.amount_company_currency as double) as amount
        from marts.fct_receivable as i left join marts.dim_customer as c using (customer_id)
        where i.kind = 'invoice' order by i.receivable_id
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        history = connection.execute(query).df()
    for column in ("invoice_date", "due_date", "cleared_date"):
        history[column] = pd.to_datetime(history[column]).astype("datetime64[ns]")
    made: dict[str, list[np.ndarray]] = {"hazard": [], "recent": [], "late": []}
    for origin in map(pd.Timestamp, ORIGINS):
        known = known_invoices(history, origin)
        items = known[known["cleared_date"].isna() & (known["amount"] > 0)]
        items = items[(origin - items["due_date"]) / DAY < LATE_DAYS]
        reached = ((origin - items["due_date"]) / DAY).to_numpy()
        late = ~((history.loc[items.index, "cleared_date"] - items["due_date"]) / DAY <= LATE_DAYS).to_numpy()
        made["late"].append(late.astype(float))
        for name, model in (("hazard", PaymentHazard()), ("recent", CustomerRecent())):
            distribution = model.fit(history, origin).distribution(items, origin)
            still, open_now = (
                1.0 - distribution.probability_by(days[:, None])[:, 0]
                for days in (np.full(len(items), LATE_DAYS), reached)
            )
            made[name].append(still / np.maximum(open_now, 1e-9))
        print(f"{origin.date()}: {len(items)} open, AUC {roc_auc_score(late, made['hazard'][-1]):.3f}", flush=True)
    late = np.concatenate(made["late"])
    for name in ("hazard", "recent"):
        chance = np.concatenate(made[name])
        single = ", ".join(f"{_calibration_error(c, y):.3f}" for c, y in zip(made[name], made["late"], strict=True))
        print(f"demo, {name}: AUC {roc_auc_score(late, chance):.3f}, expected calibration error "
              f"{_calibration_error(chance, late):.3f} of all origins together, of each alone {single}; "
              f"mean chance {chance.mean():.3f}, were late {late.mean():.3f}")  # fmt: skip


def _calibration_error(chance: np.ndarray, happened: np.ndarray) -> float:
    groups = np.array_split(np.argsort(chance, kind="stable"), 10)
    return float(sum(abs(chance[g].mean() - happened[g].mean()) * len(g) for g in groups) / len(chance))


def made_up(rows: int, seed: int, shift_days: int = 0, change: str = "2026-06-01") -> pd.DataFrame:
    """Eighteen months of invoices; each customer with its own habit, weekends closed."""
    random = np.random.default_rng(seed)
    customer = np.minimum(random.pareto(0.9, rows) * 4, 20_000 if rows > 100_000 else 200).astype(int)
    due = pd.Timestamp("2025-05-01") + pd.to_timedelta(random.integers(0, 560, rows), unit="D")
    paid = due + pd.to_timedelta(customer * 7 % 23 - 4 + random.poisson(4.0, rows), unit="D")
    paid = paid + pd.to_timedelta(np.where(paid.day_of_week > 4, 7 - paid.day_of_week, 0), unit="D")
    paid = pd.Series(paid)
    paid = paid.where(paid <= pd.Timestamp(change), paid + shift_days * DAY)
    return pd.DataFrame(
        {
            "customer_id": np.char.add("C", customer.astype(str)),
            "invoice_date": due - 30 * DAY,
            "due_date": due,
            "cleared_date": paid,
            "amount": random.lognormal(8.0, 1.0, rows).round(2),
        }
    )


def shift() -> None:
    change = pd.Timestamp("2026-06-01")
    coverage = []
    for seed in SHIFT_SEEDS:
        history = made_up(12_000, seed, 10)
        watched = watch(history, change + 84 * DAY)
        told = watched[watched["is_alarm"] & (watched["level"] == GROUP_LEVEL)]
        alarms = [(str(day.date()), days) for day, days in zip(told["day"], told["days_shifted"], strict=True)]
        covered = {}
        for week in SHIFT_WEEKS:
            origin = change + 7 * week * DAY
            known = known_invoices(history, origin)
            due_next = (known["due_date"] > origin) & (known["due_date"] <= origin + 7 * DAY)
            items = known[known["cleared_date"].isna() & due_next]
            made = PaymentHazard().fit(history, origin).predict(items, origin)
            late = (history.loc[items.index, "cleared_date"] - items["due_date"]) / DAY
            covered[week] = scores.coverage(made["p10"], made["p90"], late)
        coverage.append(covered)
        by_week = "  ".join(f"{week:+d}: {share:.1%}" for week, share in covered.items())
        print(f"shift of 10 days on {change.date()}, seed {seed}: alarms {alarms}; 80 % interval of what is due in the "
              f"week after week {by_week}", flush=True)  # fmt: skip
    print(f"mean of {len(coverage)} seeds: {pd.DataFrame(coverage).mean().round(3).to_dict()}")
    quiet = [int(watch(made_up(12_000, seed), pd.Timestamp("2026-10-31"))["is_alarm"].sum()) for seed in range(2, 22)]
    print(f"false alarms in 20 quiet years: {sum(quiet)}, at most {max(quiet)} a year", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["files", "demo", "shift"])
    parser.add_argument("--warehouse", type=Path)
    options = parser.parse_args()
    for part in options.parts:
        {"files": files, "demo": lambda: demo(options.warehouse), "shift": shift}[part]()


if __name__ == "__main__":
    main()
