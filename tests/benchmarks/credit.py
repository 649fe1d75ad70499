"""Grades, probabilities of default and worklist on a generated group: python tests/benchmarks/credit.py [SEED | FILE]

SEED (default 23): the demo group is generated at scale 1 and run; or the FILE of a warehouse. Points, grades
and thresholds were chosen on seed 7. At past origins, from nothing but what was known then:

- customers that owe and are not in default: area under the ROC curve of the points and of the grade for "an item over
  90 days overdue, never paid or written off within 12 months", beside days overdue now and share overdue now; and the
  same over every item that became 91 days due within the 12 months, each with the figures of its customer;
- probability of default by grade beside what happened;
- worklist: of the money on the list that ends over 30 days late the share with the first 20 % of customers, beside
  sorting by overdue amount; and how far the order depends on what a call is assumed to do.
"""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

if str(Path(__file__).parents[2]) not in sys.path:
    sys.path.insert(0, str(Path(__file__).parents[2]))

import duckdb
import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from dagster_project.credit_control import _PARTNER
from ml.collections import plan_collections
from ml.credit import KEY, default_days, default_rates, followed, known_states, measures, score
from ml.features import DAY
from ml.receipts import SimilarInvoices, forecast_receivables

ORIGINS_OF_GRADES = 5
ORIGINS_OF_LISTS = 6
GRADE_NUMBER = {name: number for number, name in enumerate("ABCDE")}


def load(warehouse: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series, pd.Timestamp]:
    """Items and settlements of customers outside the group, rates to the reporting currency, last day."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        items = connection.execute(
            f"""select i.receivable_id, i.company_id, coalesce(i.customer_id, '') as customer_id, i.kind,
                       i.posting_date,
                       i.invoice_date, i.due_date, i.cleared_date,
                       cast(i.amount_company_currency as double) as amount,
                       coalesce(i.is_disputed, false) as is_disputed
                from marts.fct_receivable as i {_PARTNER.format(item="i")}
                where partner.party_id is null order by 1"""
        ).df()
        settlements = connection.execute(
            """select receivable_id, settlement_date, kind, cast(amount_company_currency as double) as amount
               from marts.fct_receivable_settlement order by all"""
        ).df()
        rates = connection.execute(
            """select company_id,
                  cast(sum(open_amount_reporting_currency) / sum(open_amount_company_currency) as double) as rate
               from marts.fct_receivable_aging where as_of = (select as_of from marts.dim_run) group by 1"""
        ).df()
        as_of = connection.execute("select as_of from marts.dim_run").fetchall()[0][0]
    for frame in (items, settlements):
        for name in frame.columns[frame.columns.str.endswith("_date")]:
            frame[name] = pd.to_datetime(frame[name]).astype("datetime64[ns]")
    return items, settlements, rates.set_index("company_id")["rate"], pd.Timestamp(as_of)


def grades(items: pd.DataFrame, settlements: pd.DataFrame, as_of: pd.Timestamp) -> None:
    """Print discrimination and calibration at origins a quarter apart, the last a year before ``as_of``."""
    events = default_days(items, settlements, as_of)
    owed = items[items["amount"] > 0]
    day = owed["due_date"] + 91 * DAY
    owed = owed.assign(day=day, bad=~(owed["cleared_date"] <= day))
    lines, calibration = [], []
    for step in range(ORIGINS_OF_GRADES):
        origin = as_of - (365 + 91 * step) * DAY
        graded = score(measures(items, settlements, origin))
        graded = graded[(graded["open_amount"] > 0) & ~graded["in_default"]].reset_index(drop=True)
        open_now = known_states(items, settlements, origin)
        open_now = open_now[open_now["open"] > 0].assign(
            overdue=lambda f: f["open"].where(f["days_overdue"] > 0, 0.0),
            days=lambda f: f["days_overdue"].clip(lower=0),
        )
        now = open_now.groupby(KEY).agg(open=("open", "sum"), overdue=("overdue", "sum"), days=("days", "max"))
        now = now.reindex(pd.MultiIndex.from_frame(graded[KEY]))
        rankings = graded[KEY].assign(
            points=-graded["points"],
            grade=graded["grade"].map(GRADE_NUMBER),
            days_overdue=now["days"].to_numpy(),
            share_overdue=(now["overdue"] / now["open"]).to_numpy(),
        )
        hit = followed(graded, events, origin)
        later = owed[(owed["day"] > origin) & (owed["day"] <= origin + 365 * DAY)].merge(rankings, on=KEY)
        names = ["points", "grade", "days_overdue", "share_overdue"]
        lines.append(
            [f"{origin:%Y-%m-%d}", len(graded), int(hit.sum()), *(roc_auc_score(hit, rankings[n]) for n in names),
             len(later), int(later["bad"].sum()), *(roc_auc_score(later["bad"], later[n]) for n in names)]
        )  # fmt: skip
        rates = default_rates(items, settlements, origin).set_index("grade")["probability_of_default"]
        calibration.append(
            pd.DataFrame({"grade": graded["grade"], "expected": graded["grade"].map(rates), "happened": hit})
        )
    print("\n| origin | customers | defaults | points | grade | days overdue | share overdue "
          "| items | bad | points | grade | days overdue | share overdue |\n" + "|---" * 13 + "|")  # fmt: skip
    for line in lines:
        print("| " + " | ".join(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in line) + " |")
    mean = np.array([[cell for cell in line[3:7] + line[9:]] for line in lines]).mean(axis=0)
    print("mean AUC, customers: " + ", ".join(f"{value:.3f}" for value in mean[:4])
          + "; items: " + ", ".join(f"{value:.3f}" for value in mean[4:]))  # fmt: skip
    print("\n| grade | customers × origins | pd said | happened |\n|---|---|---|---|")
    every = pd.concat(calibration)
    for name, part in every.groupby("grade"):
        print(f"| {name} | {len(part)} | {part['expected'].mean():.3f} | {part['happened'].mean():.3f} |")
    weighted = every.groupby("grade").agg(n=("happened", "size"), e=("expected", "mean"), h=("happened", "mean"))
    error = (weighted["n"] * (weighted["e"] - weighted["h"]).abs()).sum() / weighted["n"].sum()
    print(f"calibration error {error:.3f}; all: said {every['expected'].mean():.3f}, "
          f"happened {every['happened'].mean():.3f}")  # fmt: skip


def lists(items: pd.DataFrame, settlements: pd.DataFrame, rates: pd.Series, as_of: pd.Timestamp) -> None:
    """Print what the first fifth of the list holds, at month-ends of which the 90 days after are known."""
    schedule = pd.DataFrame({"grade": ["C"], "days_overdue_from": [3], "action": ["reminder_1"]})
    no_grades = pd.DataFrame({"company_id": [], "customer_id": [], "grade": []}, dtype=object)
    history = items[items["kind"] == "invoice"]
    rows, alike = [], []
    for step in range(ORIGINS_OF_LISTS):
        origin = as_of - (95 + 30 * step) * DAY
        known = known_states(items, settlements, origin)
        known = known[known["open"] != 0]
        open_items = known[["receivable_id", *KEY, "due_date", "is_disputed", "kind", "invoice_date"]].assign(
            amount=known["open"], amount_reporting=known["open"] * known["company_id"].map(rates), is_intercompany=False
        )
        invoices = open_items[open_items["kind"] == "invoice"].drop(columns="kind")
        model = SimilarInvoices().fit(history, origin)
        timing = forecast_receivables(history, invoices.reset_index(drop=True), origin, model)

        planned = plan_collections(
            open_items.drop(columns=["kind", "invoice_date"]), timing, origin, schedule=schedule, grades=no_grades
        )
        work, listed = planned.worklist.set_index(KEY), planned.items
        cleared = listed["receivable_id"].map(items.set_index("receivable_id")["cleared_date"]).fillna(as_of)
        ends_late = (cleared - listed["due_date"]).dt.days
        money = listed["amount_reporting"].clip(lower=0.0)
        listed = listed.assign(
            late=money.where(ends_late > 30, 0.0),
            preventable=money.where((ends_late > 30) & (listed["days_overdue"] <= 30), 0.0),
            undisputed=money.where((ends_late > 30) & ~listed["is_disputed"], 0.0),
            # were a call to raise the daily chance of payment by half instead
            hazards=money * ((1 - listed["probability_paid"]) - (1 - listed["probability_paid"]) ** 1.5),
        )
        columns = ["late", "preventable", "undisputed", "hazards"]
        sums = listed.groupby(KEY)[columns].sum().reindex(work.index)
        top = int(np.ceil(0.2 * len(work)))
        orders = {
            "worklist": work["rank"],
            "overdue amount": -work["overdue_amount_reporting"],
            "a call by hazards": -sums["hazards"],
            "best possible": -sums["late"],
        }
        for name, order in orders.items():
            first = order.sort_values(kind="stable").index[:top]
            rows.append((name, *(sums.loc[first, column].sum() / sums[column].sum() for column in columns[:3])))
        hazards = orders["a call by hazards"].rank()
        alike.append((work["rank"].corr(hazards), ((hazards <= top) & (work["rank"] <= top)).sum() / top))
    table = pd.DataFrame(rows, columns=["order", "all", "preventable", "undisputed"])
    print("\nshare of the money that ends over 30 days late, with the first 20 % of the customers on the list")
    print("\n| order | all | not yet 30 days late | undisputed | least, most of all |\n|---|---|---|---|---|")
    for name, part in table.groupby("order", sort=False):
        means = " | ".join(f"{part[column].mean():.3f}" for column in ("all", "preventable", "undisputed"))
        print(f"| {name} | {means} | {part['all'].min():.3f}, {part['all'].max():.3f} |")
    correlation, shared = np.mean(alike, axis=0)
    print(f"order by a share of what comes later and by hazards: correlation {correlation:.3f}, "
          f"first fifth shared {shared:.3f}")  # fmt: skip


def main() -> None:
    asked = sys.argv[1] if len(sys.argv) > 1 else "23"
    with TemporaryDirectory() as folder:
        if asked.isdigit():
            from dagster_project.cli import run_job
            from demo import AS_OF, generate

            logging.getLogger("settlehouse").setLevel(logging.WARNING)
            generate(Path(folder), scale=1.0, seed=int(asked))
            failed = run_job(Path(folder) / "company.yml", as_of=AS_OF)
            if failed:
                raise SystemExit(failed)
            warehouse = Path(folder) / "var" / "warehouse.duckdb"
        else:
            warehouse = Path(asked)
        items, settlements, rates, as_of = load(warehouse)
    print(f"## {asked}: {len(items)} items of {items['customer_id'].nunique()} customers, as of {as_of:%Y-%m-%d}")
    started = time.perf_counter()
    grades(items, settlements, as_of)
    print(f"({time.perf_counter() - started:.0f} s)")
    started = time.perf_counter()
    lists(items, settlements, rates, as_of)
    print(f"({time.perf_counter() - started:.0f} s)")


if __name__ == "__main__":
    main()
