import numpy as np
import pandas as pd
import pytest

from ml.cash_flow import QUANTILE_COLUMNS, OpenItems, forecast_cash, forecast_weeks, simulate_cash
from ml.hazard import PaymentHazard
from ml.receipts import CustomerRecent, known_invoices
from ml.track_record import score_night
from tests.ml.conftest import make_history

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


def test_a_night_scores_what_it_publishes_beside_baselines(as_of):
    history = make_history(2000)
    hazard = PaymentHazard(rounds=15).fit(history, as_of)
    made = score_night(hazard.trial_, FLOWS, as_of)
    assert list(made.columns) == [
        "forecast_as_of", "model", "baseline", "level", "horizon", "metric", "value", "baseline_value",
    ]  # fmt: skip
    assert set(made["model"]) == {"payment_hazard", "past_weeks"}
    of_timing = made[made["level"] == "receivable"]
    assert set(of_timing["baseline"]) == {"due_date", "customer_recent"}
    error = of_timing[(of_timing["metric"] == "crps_days") & (of_timing["baseline"] == "due_date")].iloc[0]
    assert error["value"] < error["baseline_value"]
    counted = of_timing[of_timing["metric"] == "invoices_scored"]["value"].iloc[0]
    assert counted == hazard.trial_.paid.sum() > 0
    # forecast from what was known six weeks ago, and each invoice on a day on which it was open
    assert (hazard.trial_.known_on < hazard.trial_.invoices["cleared_date"].fillna(as_of)).all()
    changed = history.assign(cleared_date=history["cleared_date"].where(history["cleared_date"] <= as_of))
    changed = changed[changed["invoice_date"] <= as_of]
    again = score_night(PaymentHazard(rounds=15).fit(changed, as_of).trial_, FLOWS, as_of)
    pd.testing.assert_frame_equal(again, made, check_exact=True)


def test_a_night_without_enough_history_scores_flows_alone():
    assert set(score_night(None, FLOWS, AS_OF)["model"]) == {"past_weeks"}


PLAN_COLUMNS = ["company_id", "currency", "flow", "component", "planned_date", "amount", "spread", "recurs"]


def plan(*rows: tuple) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=PLAN_COLUMNS)
    return made.assign(planned_date=pd.to_datetime(made["planned_date"]))


def pay(day: str, amount: float = -500.0, spread: float = 0.0) -> tuple:
    return ("erp:1", "EUR", "payroll", "net_pay", day, amount, spread, True)


def test_planned_money_falls_in_its_week_and_its_past_does_not_count_again():
    past = weekly("payroll", -100.0).assign(component="net_pay")
    rest = weekly("payroll", -7.0).assign(component="gifts")
    made = forecast_cash(pd.concat([past, rest]), AS_OF, planned=plan(pay("2025-11-25"), pay("2025-12-29")))
    by_week = made[made["flow"] == "payroll"].set_index("week_start")["mean"]
    full = by_week[by_week.index > AS_OF]
    assert full[pd.Timestamp("2025-11-24")] == pytest.approx(-507, abs=2)
    assert full[pd.Timestamp("2025-12-29")] == pytest.approx(-507, abs=2)
    assert full.drop([pd.Timestamp("2025-11-24"), pd.Timestamp("2025-12-29")]).mean() == pytest.approx(-7, abs=0.5)


def test_what_is_late_is_expected_tomorrow_and_what_has_no_day_is_left_out():
    made = forecast_cash(FLOWS.head(0), AS_OF, planned=plan(pay("2025-11-10"), pay("2026-09-01"), pay(None, -9e9)))
    assert made[made["flow"] == "payroll"]["mean"].tolist()[:2] == [-500.0, 0.0]
    assert made[made["flow"] == "payroll"]["mean"].sum() == -500.0


def test_spread_of_an_amount_and_no_change_of_sign():
    made = forecast_cash(FLOWS.head(0), AS_OF, planned=plan(pay("2025-11-25", -500.0, 0.8)))
    there = made[(made["flow"] == "payroll") & (made["week_start"] == pd.Timestamp("2025-11-24"))].iloc[0]
    assert there["mean"] == pytest.approx(-500, rel=0.15)
    assert -1400 < there["p05"] < -900
    assert there["p95"] <= 0


def test_the_past_counts_for_what_is_not_known_that_far_ahead():
    start = pd.date_range(end="2025-11-14", periods=300, freq="D")
    # bills, known 28 days ahead: within four weeks the plan has all of them
    lines = pd.DataFrame(
        {
            "company_id": "erp:1", "currency": "EUR", "flow": "receipts", "component": "notes_receivable",
            "moved_on": start, "known_on": start - pd.Timedelta(days=28), "amount": 100.0,
        }
    )  # fmt: skip
    weeks = lines.assign(week_start=start - pd.to_timedelta(start.day_of_week, unit="D"))
    item = ("erp:1", "EUR", "receipts", "notes_receivable", "2025-11-20", 650.0, 0.0, False)
    made = forecast_cash(weeks, AS_OF, planned=plan(item), movements=lines)
    by_week = made[made["flow"] == "receipts"].set_index("week_start")["mean"]
    assert by_week[pd.Timestamp("2025-11-17")] == pytest.approx(650.0, abs=1)
    assert by_week[pd.Timestamp("2025-11-24")] == pytest.approx(0.0, abs=1)
    assert by_week[pd.Timestamp("2026-01-12")] == pytest.approx(700.0, rel=0.1)
    turned = forecast_cash(
        weeks.sample(frac=1.0, random_state=3), AS_OF, planned=plan(item), movements=lines.sample(frac=1.0)
    )
    pd.testing.assert_frame_equal(turned, made, check_exact=True)


def test_flows_move_together_as_they_have_moved():
    random = np.random.default_rng(5)
    start = pd.date_range(end="2025-11-10", periods=60, freq="7D")
    mood = random.uniform(0, 2, 60)
    one = weekly("receipts", 1.0, company="erp:1").assign(week_start=start, amount=1000 * mood)
    other = weekly("receipts", 1.0, company="erp:2").assign(week_start=start, amount=1000 * mood)
    simulated = simulate_cash(pd.concat([one, other]), AS_OF)
    first, second = (simulated.flows[(company, "EUR", "receipts")][:, 5] for company in ("erp:1", "erp:2"))
    assert np.corrcoef(first, second)[0, 1] > 0.6, "drawn apart it would be 0"


def test_receipts_simulated_elsewhere_take_the_place_of_our_own():
    weeks = len(forecast_weeks(AS_OF))
    cents = np.full((250, weeks), 12_345, dtype=np.int64)
    simulated = simulate_cash(FLOWS, AS_OF, receipts={("erp:1", "EUR"): cents})
    assert simulated.paths == 250
    assert (simulated.flows[("erp:1", "EUR", "receipts")] == 123.45).all()
    assert simulated.flows[("erp:1", "EUR", "payroll")].shape == (250, weeks)
    with pytest.raises(ValueError, match="paths × 14 weeks"):
        simulate_cash(FLOWS, AS_OF, receipts={("erp:1", "EUR"): cents[:, :3]})


def test_short_and_thin_histories_give_a_sensible_forecast(history):
    three = forecast_cash(weekly("receipts", 1000.0, weeks=3), AS_OF)
    inside = three[(three["flow"] == "receipts") & (three["week_start"] > AS_OF)]
    assert inside["mean"].between(700, 1300).all()
    assert (inside["p05"] >= 0).all()
    known = known_invoices(history, AS_OF)
    two = known[known["cleared_date"].isna()].head(2).assign(currency="CHF")
    model = CustomerRecent().fit(history, AS_OF)
    made = forecast_cash(FLOWS, AS_OF, (OpenItems("receipts", 1.0, two, known, model),))
    thin = made[(made["currency"] == "CHF") & (made["flow"] == "receipts")]
    assert 0 < thin["mean"].sum() <= two["amount"].sum() * 1.0001
    assert (thin["p05"] >= 0).all()
    assert forecast_cash(FLOWS.head(0), AS_OF, planned=plan()).empty


def test_another_company_and_later_days_change_no_path():
    alone = simulate_cash(FLOWS, AS_OF, planned=plan(pay("2025-11-25", spread=0.2)))
    more = pd.concat([FLOWS, weekly("receipts", 5.0, company="erp:0")])
    later = pd.DataFrame(
        {"company_id": "erp:1", "currency": "EUR", "flow": "receipts", "week_start": [AS_OF], "amount": 9e9}
    )
    beside = simulate_cash(pd.concat([more, later]), AS_OF, planned=plan(pay("2025-11-25", spread=0.2)))
    for key, array in alone.flows.items():
        assert (beside.flows[key] == array).all()
