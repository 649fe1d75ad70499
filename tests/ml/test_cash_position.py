"""Cash from opening to closing: sums of paths, the chance of falling under the floor, and what does it."""

import numpy as np
import pandas as pd
import pytest

from ml.cash_flow import FlowPaths, forecast_weeks
from ml.cash_position import POSITION_QUANTILES, Account, cash_positions

AS_OF = pd.Timestamp("2025-11-15")
WEEKS = forecast_weeks(AS_OF)


def paths(**flows: dict[str, np.ndarray]) -> FlowPaths:
    keyed = {
        (company, currency, flow): array for company, of_company in flows.items()
        for (currency, flow), array in of_company.items()
    }  # fmt: skip
    return FlowPaths(AS_OF, WEEKS, next(iter(keyed.values())).shape[0], keyed)


def wave(seed: int, mean: float, spread: float) -> np.ndarray:
    return mean + spread * np.random.default_rng(seed).standard_normal((2000, len(WEEKS)))


SIMULATED = paths(
    a={("EUR", "receipts"): wave(1, 100, 80), ("EUR", "payroll"): wave(2, -90, 5)},
    b={("USD", "receipts"): wave(3, 50, 40)},
)
ACCOUNTS = [Account("a", "EUR", 200.0, 100.0, 1.0), Account("b", "USD", 50.0, None, 0.5)]


def scope(frame: pd.DataFrame, name: str, company: str | None = None) -> pd.DataFrame:
    chosen = frame[frame["scope"] == name]
    return chosen[chosen["company_id"] == company] if company else chosen


def test_opening_and_all_flows_are_the_closing_of_every_purse():
    made = cash_positions(SIMULATED, ACCOUNTS, "EUR", 150.0)
    one, other, group = (
        scope(made.positions, "company", "a"), scope(made.positions, "company", "b"), scope(made.positions, "group"),
    )  # fmt: skip
    net = SIMULATED.net()[("a", "EUR")].mean(axis=0)
    np.testing.assert_allclose(one["closing_mean"], 200.0 + np.cumsum(net))
    np.testing.assert_allclose(one["opening"].iloc[1:], one["closing_mean"].iloc[:-1])
    np.testing.assert_allclose(group["closing_mean"].values, one["closing_mean"].values + other["closing_mean"] * 0.5)
    assert group["opening"].iloc[0] == pytest.approx(225.0)
    flows = made.flows[made.flows["scope"] == "group"]
    by_week = flows[flows["flow"] != "net"].groupby("week_start")["mean"].sum()
    np.testing.assert_allclose(by_week, flows[flows["flow"] == "net"].set_index("week_start")["mean"])


def test_quantiles_of_the_group_are_those_of_the_sums_of_paths():
    made = cash_positions(SIMULATED, ACCOUNTS, "EUR", 150.0)
    of_group = scope(made.positions, "group")[list(POSITION_QUANTILES)].to_numpy()
    added = (
        scope(made.positions, "company", "a")[list(POSITION_QUANTILES)].to_numpy()
        + scope(made.positions, "company", "b")[list(POSITION_QUANTILES)].to_numpy() * 0.5
    )
    assert (np.diff(of_group, axis=1) > 0).all()
    assert (of_group[:, 1] > added[:, 1]).all(), "companies do not all have their worst week together"
    closing = 225.0 + np.cumsum(SIMULATED.net()[("a", "EUR")] + 0.5 * SIMULATED.net()[("b", "USD")], axis=1)
    np.testing.assert_allclose(of_group[:, 1], np.quantile(closing, 0.05, axis=0))


def test_chance_of_the_week_and_so_far_and_what_does_it():
    made = cash_positions(SIMULATED, ACCOUNTS, "EUR", 150.0)
    one = scope(made.positions, "company", "a")
    closing = 200.0 + np.cumsum(SIMULATED.net()[("a", "EUR")], axis=1)
    np.testing.assert_allclose(one["probability_below_floor"], (closing < 100.0).mean(axis=0))
    assert (np.diff(one["probability_below_floor_so_far"]) >= 0).all()
    assert (one["probability_below_floor_so_far"] >= one["probability_below_floor"]).all()
    causes = made.breaches[(made.breaches["scope"] == "company") & (made.breaches["week_start"] == WEEKS[5])]
    by_flow = causes.set_index("flow")
    assert by_flow.loc["net", "difference"] == pytest.approx(by_flow["difference"].drop("net").sum())
    below = closing[:, 5] < 100.0
    there = SIMULATED.flows[("a", "EUR", "receipts")][below, :6].sum(axis=1).mean()
    assert by_flow.loc["receipts", "mean_breaching_paths"] == pytest.approx(there)
    assert by_flow.loc["receipts", "difference"] < by_flow.loc["payroll", "difference"], "receipts do it, not pay"


def test_without_statement_or_rate_there_is_a_reason_and_no_figure():
    accounts = [Account("a", "EUR", 200.0, 100.0, 1.0), Account("b", "USD", None, 10.0, 0.5)]
    made = cash_positions(SIMULATED, accounts, "EUR", None)
    silent = scope(made.positions, "company", "b")
    assert (silent["empty_reason"] == "no_bank_statement").all()
    assert silent[["opening", "closing_mean", *POSITION_QUANTILES, "probability_below_floor"]].isna().all(axis=None)
    group = scope(made.positions, "group")
    assert (group["companies_without_statement"] == 1).all()
    assert group["empty_reason"].isna().all()
    np.testing.assert_allclose(group["closing_mean"].values, scope(made.positions, "company", "a")["closing_mean"])
    assert group["probability_below_floor"].isna().all(), "no floor, no chance"
    unrated = cash_positions(SIMULATED, [ACCOUNTS[0], Account("b", "USD", 50.0, None, None)], "EUR", 150.0)
    assert scope(unrated.positions, "group")["closing_mean"].iloc[0] == pytest.approx(
        scope(unrated.positions, "company", "a")["closing_mean"].iloc[0]
    )


def test_nothing_at_all_is_empty():
    made = cash_positions(FlowPaths(AS_OF, WEEKS, 10, {}), [], "EUR", 0.0)
    assert made.positions.empty
    assert made.breaches.empty
    assert made.flows.empty
    quiet = cash_positions(FlowPaths(AS_OF, WEEKS, 10, {}), ACCOUNTS, "EUR", 0.0)
    assert (scope(quiet.positions, "company", "a")["closing_mean"] == 200.0).all(), "no flows: the opening stays"
