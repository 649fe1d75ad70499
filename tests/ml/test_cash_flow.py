import numpy as np
import pandas as pd
import pytest

from ml.cash_flow import QUANTILE_COLUMNS, OpenItems, forecast_cash, forecast_weeks
from ml.receipts import CustomerRecent, known_invoices
from ml.track_record import score_rolling

AS_OF = pd.Timestamp("2025-11-15")  # a Saturday


def weekly(flow: str, amount: float, weeks: int = 60, spread: float = 0.2, company: str = "erp:1") -> pd.DataFrame:
    random = np.random.default_rng(len(flow))
    start = pd.date_range(end="2025-11-17", periods=weeks, freq="7D")
    return pd.DataFrame(
        {
            "company_id": company, "currency": "EUR", "flow": flow, "week_start": start,
            "amount": amount * random.uniform(1 - spread, 1 + spread, weeks),
        }
    )  # fmt: skip


FLOWS = pd.concat([weekly("receipts", 1000.0), weekly("supplier_payments", -700.0), weekly("payroll", -100.0)])


def test_weeks_reach_13_weeks_and_90_days():
    weeks = forecast_weeks(AS_OF)
    assert weeks[0] == pd.Timestamp("2025-11-10")
    assert weeks[-1] + pd.Timedelta(days=6) >= AS_OF + pd.Timedelta(days=90)
    assert len(weeks) >= 13


def test_frame_and_ordered_quantiles_and_net():
    made = forecast_cash(FLOWS, AS_OF)
    assert list(made.columns) == [
        "forecast_as_of", "company_id", "currency", "flow", "week_start", "mean", *QUANTILE_COLUMNS,
    ]  # fmt: skip
    assert set(made["flow"]) == {"receipts", "supplier_payments", "payroll", "net"}
    assert (np.diff(made[list(QUANTILE_COLUMNS)].to_numpy(), axis=1) >= 0).all()
    full = made[made["week_start"] > AS_OF].groupby("flow")["mean"].mean()
    assert full["receipts"] == pytest.approx(1000, rel=0.1)
    assert full["supplier_payments"] == pytest.approx(-700, rel=0.1)
    assert full["net"] == pytest.approx(full.drop("net").sum())
    widest = made[made["flow"] == "net"].eval("p95 - p05").iloc[5]
    assert 0 < widest < made[made["flow"] != "net"].eval("p95 - p05").groupby(made["week_start"]).sum().iloc[5]


def test_first_week_counts_only_days_after_as_of():
    made = forecast_cash(FLOWS, AS_OF).query("flow == 'receipts'").sort_values("week_start")
    # Sunday alone is left of the week
    assert made["mean"].iloc[0] == pytest.approx(1000 / 7, rel=0.15)


def test_monthly_payroll_falls_in_its_week_of_the_month():
    start = pd.date_range(end="2025-11-03", periods=60, freq="7D")
    last_week = (start + pd.Timedelta(days=3)).day > 21
    last_week &= (start + pd.Timedelta(days=3)).day <= 28
    pay = weekly("payroll", -500.0).head(60).assign(week_start=start, amount=np.where(last_week, -500.0, 0.0))
    made = forecast_cash(pay, AS_OF).query("flow == 'payroll'").set_index("week_start")["p50"]
    assert made[pd.Timestamp("2025-11-24")] == pytest.approx(-500, rel=0.3)
    assert made[pd.Timestamp("2025-12-01")] == 0


def test_weeks_after_as_of_and_order_of_rows_change_nothing():
    whole = forecast_cash(FLOWS, AS_OF)
    changed = FLOWS.assign(amount=FLOWS["amount"].where(FLOWS["week_start"] <= AS_OF - pd.Timedelta(days=6), 9e9))
    pd.testing.assert_frame_equal(forecast_cash(changed, AS_OF), whole, check_exact=True)
    pd.testing.assert_frame_equal(forecast_cash(FLOWS.sample(frac=1.0, random_state=1), AS_OF), whole, check_exact=True)


def test_open_receivables_lead_the_receipts(history):
    known = known_invoices(history, AS_OF)
    opened = known[known["cleared_date"].isna()]
    model = CustomerRecent().fit(history, AS_OF)
    flows = weekly("receipts", 1000.0)
    given = OpenItems("receipts", 1.0, opened, known, model)
    made = forecast_cash(flows, AS_OF, (given,))
    more = OpenItems("receipts", 1.0, opened.assign(amount=opened["amount"] * 3), known, model)
    tripled = forecast_cash(flows, AS_OF, (more,))
    both = made.merge(tripled, on=["company_id", "flow", "week_start"], suffixes=("", "_tripled"))
    added = both.query("flow == 'receipts'").eval("mean_tripled - mean").sum()
    assert added == pytest.approx(2 * opened["amount"].sum(), rel=0.05)
    # a company without past weeks is forecast from its open items
    assert "erp:2" in set(made["company_id"])


def test_a_flow_without_any_past_is_empty():
    assert forecast_cash(FLOWS.head(0), AS_OF).empty


def test_track_record_stands_beside_baselines(history, as_of):
    made = score_rolling(history, FLOWS, as_of)
    assert list(made.columns) == [
        "forecast_as_of", "model", "baseline", "level", "horizon", "metric", "value", "baseline_value",
    ]  # fmt: skip
    assert set(made["model"]) == {
        "customer_recent", "similar_invoices", "quantile_boosting", "past_weeks", "open_receivables_and_past",
    }  # fmt: skip
    timing = made[(made["model"] == "similar_invoices") & (made["metric"] == "mean_absolute_error_days")].iloc[0]
    assert timing["value"] < timing["baseline_value"]
    changed = history.assign(cleared_date=history["cleared_date"].where(history["cleared_date"] <= as_of))
    changed = changed[changed["invoice_date"] <= as_of]
    pd.testing.assert_frame_equal(score_rolling(changed, FLOWS, as_of), made, check_exact=True)
