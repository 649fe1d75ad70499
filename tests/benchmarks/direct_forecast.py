"""The direct forecast at past days, from what was known then: python tests/benchmarks/direct_forecast.py

Builds the demo group's warehouse once. At each weekly origin the models that tell cash are built again as of that day,
the forecast of 13 weeks is made from them, and held against what the bank moved: the net of each week, and closing cash
at the end of weeks 4, 8 and 13. Beside it the naive forecast: every week is the mean of the 13 before, with their
standard deviation (closing: times the root of the weeks). The ERPs are read as they stand today: a document that was
changed after an origin is known as changed.

Options: --group FOLDER (a group that has run), --origins, --apart, --scale.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
import pandas as pd

# before this folder, which has a demo.py of its own
if str(Path(__file__).parents[2]) not in sys.path:
    sys.path.insert(0, str(Path(__file__).parents[2]))

from dagster_project.config import load_settings
from dagster_project.forecasting import positions_of, read_direct, simulate_direct
from dagster_project.transform import RunContext, build
from demo import AS_OF, generate

# All that the forecast reads, and what lies between it and the sources, as of another day.
MODELS = (
    "int_as_of int_receivable_balance int_payable_balance int_bank_posting int_payment_at_bank int_payment_run_day "
    "fct_receivable fct_receivable_settlement fct_receivable_aging fct_payable fct_payable_settlement "
    "fct_payable_aging fct_note_event fct_note fct_payroll_line fct_expense_claim_line fct_tax_line fct_vat_return "
    "fct_vat_payable_monthly fct_tax_declaration fct_bank_statement fct_bank_movement fct_cash_flow_daily "
    "fct_cash_flow_weekly fct_recurring_payment fct_planned_cash_item"
)
WEEKS, LOW, HIGH, NORMAL_80 = 13, "p10", "p90", 1.2816
CLOSINGS = (4, 8, 13)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--group", type=Path, help="Folder of a group that has run; it is copied, not changed.")
    arguments.add_argument("--origins", type=int, default=8)
    arguments.add_argument("--apart", type=int, default=5, help="Weeks from one origin to the next.")
    arguments.add_argument("--scale", type=float, default=1.0)
    given = arguments.parse_args()
    with TemporaryDirectory() as folder:
        group = Path(folder) / "group"
        if given.group:
            shutil.copytree(given.group, group)
        else:
            from dagster_project.cli import run_job

            generate(group, scale=given.scale)
            message = run_job(group / "company.yml", as_of=AS_OF)
            assert message is None, message
        measure(group, given.origins, given.apart)


def measure(group: Path, origins: int, apart: int) -> None:
    settings = load_settings(group / "company.yml")
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        actual = warehouse.execute(
            "select company_id, moved_on, cast(sum(amount_company_currency) as double) as amount"
            " from marts.fct_cash_flow_daily group by all order by all"
        ).df()
    actual["moved_on"] = pd.to_datetime(actual["moved_on"])
    # the last Sunday that lets 13 whole weeks be seen
    last = AS_OF - timedelta(7 * WEEKS)
    last -= timedelta((last.weekday() + 1) % 7)
    rows: list[dict[str, object]] = []
    for back in range(origins - 1, -1, -1):
        origin = last - timedelta(7 * apart * back)
        started = time.perf_counter()
        build(settings, RunContext(f"{origin}", origin, datetime.now(UTC).replace(tzinfo=None)), MODELS)
        with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
            direct = read_direct(warehouse, settings, origin)
        simulated = simulate_direct(direct, pd.Timestamp(origin))
        made = positions_of(direct, simulated)
        rates = direct.accounts.set_index("company_id")["rate"]
        nets = simulated.net()
        purses = {company: {company: 1.0} for company, _ in nets}
        purses["group"] = {company: float(rates[company]) for company, _ in nets}
        currency_of = {company: currency for company, currency in nets}
        for purse, parts in purses.items():
            mine = actual[actual["company_id"].isin(list(parts))]
            money = mine["amount"] * mine["company_id"].map(parts)
            week = ((mine["moved_on"] - pd.Timestamp(origin)).dt.days - 1) // 7
            past = money[(week < 0) & (week >= -WEEKS)].groupby(week).sum().reindex(range(-WEEKS, 0), fill_value=0.0)
            came = money[(week >= 0) & (week < WEEKS)].groupby(week).sum().reindex(range(WEEKS), fill_value=0.0)
            net = sum(nets[(company, currency_of[company])] * rate for company, rate in parts.items())
            weight = float(past.abs().mean())
            scope = made.positions[made.positions["scope"] == ("group" if purse == "group" else "company")]
            scope = scope if purse == "group" else scope[scope["company_id"] == purse]
            opening = float(scope["opening"].iloc[0])
            for ahead in range(WEEKS):
                low, high = np.quantile(net[:, ahead], [0.1, 0.9])
                rows.append(row("net of a week", purse, came[ahead], net[:, ahead].mean(), low, high, past, 1, weight))
            for ahead in CLOSINGS:
                line = scope.iloc[ahead - 1]
                rows.append(
                    row(f"closing, week {ahead}", purse, came[: ahead].sum(), line["closing_mean"] - opening,
                        line[LOW] - opening, line[HIGH] - opening, past, ahead, weight)
                )  # fmt: skip
        print(f"origin   {origin}  {time.perf_counter() - started:.1f} s", flush=True)
    report(pd.DataFrame(rows))


def row(
    what: str, purse: str, came: float, mean: float, low: float, high: float, past: pd.Series, weeks: int, weight: float
) -> dict[str, object]:
    """One forecast beside the naive one, in mean absolute weekly nets of the purse, so that purses can be averaged."""
    naive, spread = past.mean() * weeks, past.std() * np.sqrt(weeks) * NORMAL_80
    return {
        "what": what, "scope": "group" if purse == "group" else "companies",
        "error": abs(came - mean) / weight, "bias": (mean - came) / weight, "inside": low <= came <= high,
        "width": (high - low) / weight, "naive_error": abs(came - naive) / weight,
        "naive_inside": naive - spread <= came <= naive + spread, "naive_width": 2 * spread / weight,
    }  # fmt: skip


def report(rows: pd.DataFrame) -> None:
    """Means per scope and horizon; errors and widths in mean absolute weekly nets of the 13 weeks before."""
    made = rows.groupby(["scope", "what"], sort=False).mean(numeric_only=True)
    inside = rows.groupby(["scope", "what"], sort=False)[["inside", "naive_inside"]].mean()
    print(f"{'':<28}{'coverage of 80 %':>24}{'mean error':>22}{'width':>22}{'bias':>10}")
    print(f"{'':<28}{'ours':>12}{'naive':>12}{'ours':>11}{'naive':>11}{'ours':>11}{'naive':>11}{'ours':>10}")
    for (scope, what), means in made.iterrows():  # type: ignore[misc]
        share = inside.loc[(scope, what)]
        print(
            f"{scope + ', ' + what:<28}{share['inside']:>12.1%}{share['naive_inside']:>12.1%}{means['error']:>11.2f}"
            f"{means['naive_error']:>11.2f}{means['width']:>11.2f}{means['naive_width']:>11.2f}{means['bias']:>10.2f}"
        )
    print(f"{len(rows)} forecasts scored")


if __name__ == "__main__":
    main()
