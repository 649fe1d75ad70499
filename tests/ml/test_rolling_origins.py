from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.baselines import FORMS, AutoEts, recent_days_late, seasonal_naive
from ml.rolling_origins import (
    BASELINES,
    MODEL,
    Known,
    fit_day,
    fit_forms,
    fit_origin,
    forecast_origin,
    sample_crps,
    score_origin,
    score_table,
    simulate_receipts,
    weekly_origins,
)
from tests.ml.conftest import make_cash_in

AS_OF = pd.Timestamp("2025-12-31")  # a Wednesday
DAY = pd.Timedelta(days=1)
FEW_FORMS = FORMS[:2]


def sundays_before(as_of: str) -> pd.Timestamp:
    return weekly_origins(pd.Timestamp(as_of))[-1]


def test_origins_are_the_last_sundays_whose_13_weeks_are_over():
    made = weekly_origins(AS_OF)
    assert len(made) == 52
    assert set(made.day_of_week) == {6}
    assert made[-1] + pd.Timedelta(weeks=13) == pd.Timestamp("2025-12-28")
    # on a Sunday the week that ends is over
    assert sundays_before("2025-12-28") == sundays_before("2025-12-31")
    assert sundays_before("2025-12-27") == sundays_before("2025-12-28") - pd.Timedelta(weeks=1)


def test_four_origins_share_a_fit_that_is_never_newer():
    origins = weekly_origins(AS_OF, 40)
    fits = pd.Series([fit_day(origin) for origin in origins])
    assert (fits <= pd.Series(origins)).all()
    assert (pd.Series(origins) - fits).max() == pd.Timedelta(weeks=3)
    assert set(fits.value_counts().iloc[1:-1]) == {4}
    assert [fit_day(origin) for origin in origins[7:9]] == fits[7:9].tolist(), "whichever origins are asked"


def test_crps_of_draws():
    assert sample_crps(np.array([3.0]), 5.0) == pytest.approx(2.0), "of a point, its error"
    # E|X - 1| = 1, E|X - X'| = 1 with X = 0 or 2
    assert sample_crps(np.array([2.0, 0.0]), 1.0) == pytest.approx(0.5)


def test_recent_average_is_of_the_last_30_receipts():
    due = pd.Timestamp("2025-01-01") + np.arange(40) * DAY
    history = pd.DataFrame(
        {
            "customer_id": "a", "due_date": due, "amount": 1.0,
            "cleared_date": due + pd.to_timedelta([100] * 10 + [6] * 30, unit="D"),
        }
    ).sort_values("due_date", ascending=False)  # fmt: skip
    late = recent_days_late(history.assign(cleared_date=history["due_date"] + 6 * DAY))
    assert late.to_dict() == {"a": 6.0}
    assert recent_days_late(history.head(0)).empty
    # the ten that took 100 days came last
    assert recent_days_late(history)["a"] == pytest.approx((20 * 6 + 10 * 100) / 30)


def test_seasonal_naive_is_a_year_ago():
    weeks = pd.date_range("2024-01-01", periods=60, freq="7D")
    past = pd.Series(np.arange(60.0), weeks)
    ahead = pd.date_range(weeks[-1] + 7 * DAY, periods=3, freq="7D")
    assert seasonal_naive(past, ahead).tolist() == [[8.0, 9.0, 10.0]]
    assert seasonal_naive(past.tail(13), ahead).tolist() == [[53.0, 53.0, 53.0]]


def test_auto_ets_finds_a_season_and_goes_on_with_it():
    weeks = pd.date_range("2024-01-01", periods=96, freq="7D")
    random = np.random.default_rng(0)
    past = pd.Series(np.tile([100.0, 200.0, 300.0, 400.0], 24) + random.normal(0, 5, 96), weeks)
    chosen = AutoEts.fit(past)
    assert chosen.form is not None
    assert chosen.form.season is not None
    drawn = chosen.simulate(past, 4, 200, seed=1)
    assert drawn.shape == (200, 4)
    assert drawn.mean(axis=0) == pytest.approx([100, 200, 300, 400], abs=15)
    np.testing.assert_array_equal(drawn, chosen.simulate(past, 4, 200, seed=1))


@pytest.mark.parametrize("weeks", [0, 3, 30])
def test_auto_ets_of_a_short_or_constant_series_is_its_mean(weeks: int):
    past = pd.Series(7.0, pd.date_range("2024-01-01", periods=weeks, freq="7D"), dtype=float)
    assert AutoEts.fit(past).simulate(past, 2, 10, seed=1).tolist() == [[7.0 if weeks else 0.0] * 2]


@pytest.fixture(scope="module")
def invoices(history: pd.DataFrame) -> pd.DataFrame:
    return history


@pytest.fixture(scope="module")
def flows(invoices: pd.DataFrame) -> pd.DataFrame:
    week = invoices["cleared_date"] - invoices["cleared_date"].dt.day_of_week * DAY
    return (
        invoices.assign(week_start=week, flow="receipts")
        .groupby(["company_id", "currency", "flow", "week_start"], as_index=False)["amount"].sum()
    )  # fmt: skip


def known_at(invoices: pd.DataFrame, flows: pd.DataFrame, day: pd.Timestamp) -> Known:
    """What was known at the end of a day: nothing later is in any of its frames."""
    history = invoices[invoices["invoice_date"] <= day]
    history = history.assign(cleared_date=history["cleared_date"].where(history["cleared_date"] <= day))
    opened = history[history["cleared_date"].isna()].assign(kind="invoice")
    cash_in = make_cash_in(history)
    return Known(history, opened, flows[flows["week_start"] + 6 * DAY <= day], {"EUR": 2.0}, cash_in)


def test_forecast_beside_baselines_and_what_came(invoices: pd.DataFrame, flows: pd.DataFrame):
    origin = pd.Timestamp("2025-09-28")
    known = known_at(invoices, flows, origin)
    fitted = fit_origin(known, origin, fit_forms(known, origin, FEW_FORMS))
    made = forecast_origin(fitted, known, origin)
    sums = score_origin(made, invoices.set_index("receivable_id")["cleared_date"], flows)
    money = sums[sums["level"] != "invoice"]
    assert set(money["model"]) == {MODEL, *BASELINES}
    assert money.groupby(["model", "level"]).size().unstack().loc[MODEL].to_dict() == {
        "week": 3 * 13, "month": 3 * 3, "90_days": 3,
    }  # fmt: skip
    group = money[money["company_id"].isna()].set_index(["model", "level", "step"]).sort_index()["actual"]
    came = flows[(flows["week_start"] > origin) & (flows["week_start"] <= origin + 85 * DAY)]["amount"].sum()
    assert group[MODEL, "90_days", 0] == pytest.approx(2.0 * came)
    assert group[MODEL, "month"].sum() + group[MODEL, "week", 13] == pytest.approx(2.0 * came)
    days = sums[(sums["level"] == "invoice") & sums["company_id"].isna()].set_index("model")
    due = invoices["due_date"].between(origin + DAY, origin + 28 * DAY)
    due &= invoices["invoice_date"].le(origin) & ~invoices["cleared_date"].le(origin)
    assert days.loc["due_date", "forecasts"] == due.sum()
    late = (invoices["cleared_date"] - invoices["due_date"]).dt.days[due]
    assert days.loc["due_date", "absolute_error"] == late.abs().sum(), "nobody took over 91 days"
    assert days.loc["similar_invoices", "crps"] < days.loc["due_date", "crps"]
    assert np.isnan(days.loc["due_date", "covered_80"]), "a day has no interval"

    scores = score_table(pd.concat([sums, sums.assign(forecast_as_of=origin + 7 * DAY)]))
    assert set(scores["baseline"]) == set(BASELINES)
    one = scores[
        (scores["horizon"] == "90 days") & (scores["metric"] == "wape") & scores["company_id"].isna()
        & (scores["baseline"] == "auto_ets")
    ].iloc[0]  # fmt: skip
    assert one["origins"] == 2
    whole = money[(money["level"] == "90_days") & money["company_id"].isna()].set_index("model")
    assert one["value"] == pytest.approx(abs(whole.loc[MODEL, "p50"] / (2 * came) - 1))
    assert one["baseline_value"] == pytest.approx(abs(whole.loc["auto_ets", "p50"] / (2 * came) - 1))


def test_what_comes_after_the_origin_and_the_order_of_rows_change_no_bit(invoices: pd.DataFrame, flows: pd.DataFrame):
    """The frames of a forecast hold nothing later; here the rows before are also shuffled."""
    origin = pd.Timestamp("2025-09-28")

    def draws(invoices: pd.DataFrame, flows: pd.DataFrame) -> dict:
        first = known_at(invoices, flows, origin - pd.Timedelta(weeks=2))
        fitted = fit_origin(
            first, origin - pd.Timedelta(weeks=2), fit_forms(first, origin - pd.Timedelta(weeks=2), FEW_FORMS)
        )
        made = forecast_origin(fitted, known_at(invoices, flows, origin), origin)
        return made.weekly | made.paid_by

    whole = draws(invoices, flows)
    cut = invoices[invoices["invoice_date"] <= origin].sample(frac=1.0, random_state=1)
    again = draws(cut, flows[flows["week_start"] < origin].sample(frac=1.0, random_state=2))
    assert whole.keys() == again.keys()
    for key, drawn in whole.items():
        np.testing.assert_array_equal(drawn, again[key], err_msg=str(key))


def test_receipts_are_from_outside_the_group_in_the_currency_of_the_books(invoices: pd.DataFrame, flows: pd.DataFrame):
    origin = pd.Timestamp("2025-09-28")
    # the last company sells nothing on invoice: its past is all there is
    takings = flows[flows["company_id"] == "erp:1"].assign(company_id="erp:3", amount=500.0)
    known = known_at(invoices, pd.concat([flows, takings]), origin)
    fitted = fit_origin(known, origin, {})
    whole = simulate_receipts(known, fitted, origin, seed=0)
    assert set(whole) == {("erp:1", "EUR"), ("erp:2", "EUR"), ("erp:3", "EUR")}
    assert whole["erp:1", "EUR"].shape[1] == 13
    assert whole["erp:3", "EUR"].mean() == pytest.approx(500.0, rel=0.05)

    customers = known.cash_in.customers
    sister = customers.assign(segment=customers["segment"].mask(customers["customer_id"] == "late", "Intercompany"))
    outside = simulate_receipts(replace(known, cash_in=replace(known.cash_in, customers=sister)), fitted, origin, 0)
    share = 1.0 - sum(drawn.sum() for drawn in outside.values()) / sum(drawn.sum() for drawn in whole.values())
    assert 0.15 < share < 0.35, "one of four customers"

    books = known.cash_in.companies.assign(currency=["USD", "EUR"])
    in_dollars = replace(
        known,
        cash_in=replace(known.cash_in, companies=books),
        rates={"EUR": 2.0, "USD": 1.0},
        flows=known.flows.head(0),
    )
    converted = simulate_receipts(in_dollars, fitted, origin, seed=0)
    np.testing.assert_array_equal(converted["erp:1", "USD"], 2.0 * whole["erp:1", "EUR"])
    np.testing.assert_array_equal(converted["erp:2", "EUR"], whole["erp:2", "EUR"])


@pytest.mark.parametrize("rows", [0, 1, 5])
def test_next_to_no_history_is_forecast_all_the_same(invoices: pd.DataFrame, flows: pd.DataFrame, rows: int):
    origin = pd.Timestamp("2025-09-28")
    few = invoices[invoices["invoice_date"] <= origin].sort_values(["invoice_date", "receivable_id"]).tail(rows)
    known = known_at(few, flows.head(rows), origin)
    made = forecast_origin(fit_origin(known, origin, fit_forms(known, origin)), known, origin)
    sums = score_origin(made, invoices.set_index("receivable_id")["cleared_date"], flows)
    assert not sums["actual"].isna().any()
    assert not sums["crps"].isna().any()
    scores = score_table(sums)
    assert scores.empty == (rows == 0)
