"""When to pay suppliers: the optimum against all there is, the floor, and what is kept out."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from ml.payment_proposals import CompanyCash, PaymentPolicy, PaymentProposals, payment_options, propose_payments
from ml.payment_search import allowed_paths, cheapest_plan

AS_OF = pd.Timestamp("2025-11-14")  # a Friday
WEEKS = pd.date_range("2025-11-10", periods=6, freq="7D")
POLICY = PaymentPolicy(cost_of_cash=0.05, late_payment=0.10)
COLUMNS = ["payable_id", "company_id", "due_date", "amount", "discount_percent", "discount_date", "blocked",
           "is_within_group"]  # fmt: skip
THURSDAYS = pd.DataFrame({"company_id": "A", "run_date": pd.date_range("2025-11-20", periods=5, freq="7D")})


def payables(*rows: tuple[object, ...]) -> pd.DataFrame:
    frame = pd.DataFrame([(f"P{n}", "A", *row) for n, row in enumerate(rows)], columns=COLUMNS)
    frame["discount_percent"] = frame["discount_percent"].astype(float)
    return frame.assign(**{day: pd.to_datetime(frame[day]) for day in ("due_date", "discount_date")})


def plain(due: str, amount: float, blocked: str = "", within: bool = False) -> tuple[object, ...]:
    return (due, amount, None, None, blocked, within)


def cash(opening: float | None = 1e6, income: tuple[float, ...] = (0.0,) * 6) -> dict[str, CompanyCash]:
    return {"A": CompanyCash("EUR", opening, 0.0, np.tile(np.array(income), (200, 1)), 1.0)}


def propose(frame: pd.DataFrame, money: dict[str, CompanyCash], **more: object) -> PaymentProposals:
    return propose_payments(frame, THURSDAYS, money, WEEKS, AS_OF, POLICY, **more)  # type: ignore[arg-type]


def test_a_discount_worth_more_than_cash_is_taken_on_its_last_run_and_one_worth_less_is_not():
    offers = payables(
        ("2025-12-15", 1000.0, 2.0, "2025-11-28", "", False),
        ("2025-12-15", 1000.0, 0.05, "2025-11-28", "", False),
        plain("2025-12-15", 1000.0),
    )
    made = propose(offers, cash()).proposals
    assert list(made["reasons"]) == ["discount_taken", "discount_not_worth_it", "last_run_before_due"]
    assert list(made["proposed_date"].dt.strftime("%m-%d")) == ["11-27", "12-11", "12-11"]
    # 2 % of 1000, less 14 days of 980 at 5 % a year that leave earlier than on 11 December
    assert made["saving"][0] == pytest.approx(20.0 - 980 * 0.05 * 18 / 365 + 1000 * 0.05 * 4 / 365)
    assert made["discount_annual_rate"][0] == pytest.approx(20 / 980 * 365 / 14)


def test_the_dearest_to_delay_is_paid_when_the_floor_leaves_room_for_one():
    owed = payables(plain("2025-11-21", 600.0), plain("2025-11-21", 500.0))
    made = propose(owed, cash(650.0, (0, 0, 1000, 0, 0, 0)))
    assert list(made.proposals["reasons"]) == ["last_run_before_due", "delayed_for_floor"]
    assert list(made.proposals["days_late"]) == [0, 6]
    company = made.companies.iloc[0]
    assert company["probability_below_floor_usual"] == 1.0
    assert company["probability_below_floor_proposed"] == 0.0
    assert company["status"] == "optimal"


def test_what_is_blocked_or_a_credit_is_counted_and_not_proposed():
    mixed = payables(
        plain("2025-11-21", 600.0, "supplier_held,three_way_match"), plain("2025-11-21", -50.0),
        plain("2025-11-21", 100.0, "intercompany", True), plain("2025-11-21", 300.0),
    )  # fmt: skip
    made = propose(mixed, cash())
    assert list(made.proposals["state"]) == ["not_proposed", "credit", "not_proposed", "proposed"]
    assert made.proposals["reasons"][0] == "supplier_held,three_way_match"
    assert made.proposals["proposed_date"].notna().sum() == 1
    # money of the blocked invoice is kept ready; what companies of the group pay is in the cash already
    assert made.weeks["payments_proposed"].sum() == 900.0


def test_a_floor_that_cannot_be_kept_is_said_and_not_made_worse():
    owed = payables(plain("2025-11-21", 600.0), plain("2025-12-05", 500.0))
    paths = np.zeros((200, 6))
    paths[:150, 0] = -2000.0
    paths[150:, 2] = 700.0
    made = propose(owed, {"A": CompanyCash("EUR", 650.0, 0.0, paths, 1.0)})
    company = made.companies.iloc[0]
    assert company["status"] == "floor_not_kept"
    assert company["unavoidable_breach"] == company["probability_below_floor_proposed"] == 0.75
    assert made.proposals["proposed_date"].notna().all()


def test_cash_that_is_under_its_floor_on_every_path_is_said_of_many_payables_too():
    owed, headroom = case([1, 5, 9, 12, 20], 4, 0.5)
    options = payment_options(owed, np.array([6, 13, 20, 27]), np.array([1, 2, 3, 4]), AS_OF, POLICY)
    found = cheapest_plan(options, np.full_like(headroom, -1.0), 0.05, exact_up_to=0)
    assert (found.status, found.unavoidable) == ("floor_not_kept", 1.0)
    assert sorted(options["payable"].iloc[found.option]) == [0, 1, 2, 3, 4]


def test_without_a_bank_statement_or_a_run_it_says_so():
    owed = payables(plain("2025-11-21", 600.0))
    made = propose(owed, cash(None))
    assert made.companies["status"][0] == "cash_unknown"
    assert made.proposals["state"][0] == "proposed"
    none = propose_payments(owed, THURSDAYS.iloc[:0], cash(), WEEKS, AS_OF, POLICY)
    assert none.companies["status"][0] == "no_payment_run"
    assert none.proposals["reasons"][0] == "no_payment_run"


def test_a_search_that_finds_nothing_leaves_a_plan_that_keeps_the_floor_and_says_so():
    random = np.random.default_rng(3)
    owed = payables(*(plain("2025-11-21", amount) for amount in np.round(random.lognormal(5, 1, 60), 2)))
    options = payment_options(owed, np.array([6, 13, 20, 27]), np.array([1, 2, 3, 4]), AS_OF, POLICY)
    total = owed["amount"].sum()
    headroom = np.tile(np.array([0.0, 0.4, 0.6, 0.8, 2.0, 2.0]) * total, (50, 1)) * random.uniform(0.95, 1.05, (50, 1))
    found = cheapest_plan(options, headroom, 0.05, seconds=0.0)
    assert found.status == "no_solution"
    assert found.gap is None
    paid = np.bincount(options["week"].to_numpy()[found.option], options["pay"].to_numpy()[found.option], minlength=6)
    assert (headroom >= paid.cumsum()).all()


@pytest.mark.parametrize("bad", [{"cost_of_cash": -0.2}, {"breach_limit": 0.0}, {"longest_delay_days": -1}])
def test_a_policy_without_sense_is_refused(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"cost_of_cash|breach_limit"):
        PaymentPolicy(**{"cost_of_cash": 0.05, "late_payment": 0.1, **bad})  # type: ignore[arg-type]


small_case = st.fixed_dictionaries(
    {
        "due": st.lists(st.integers(-3, 30), min_size=1, max_size=6),
        "seed": st.integers(0, 2**16),
        "tight": st.floats(0.0, 1.2),
        "limit": st.sampled_from([0.05, 0.2, 0.4]),
    }
)


def case(due: list[int], seed: int, tight: float) -> tuple[pd.DataFrame, np.ndarray]:
    """Payables due so many days after AS_OF, a part of them with a discount, and headroom of 20 paths."""
    random = np.random.default_rng(seed)
    amount = np.round(random.lognormal(5, 1, len(due)), 2)
    rows = []
    for days, owed in zip(due, amount, strict=True):
        has_offer = random.random() < 0.5
        until = AS_OF + pd.Timedelta(days=int(random.integers(1, 20)))
        rows.append((AS_OF + pd.Timedelta(days=days), owed, 2.0 if has_offer else None, until if has_offer else None,
                     "", False))  # fmt: skip
    headroom = np.cumsum(random.normal(tight * amount.sum() / 6, amount.sum() / 8, (20, 6)), axis=1)
    return payables(*rows), headroom


def every_assignment(
    owed: pd.DataFrame, headroom: np.ndarray, limit: float, runs: np.ndarray, week: np.ndarray
) -> float:
    """Cost of the cheapest of all assignments of payables to runs, by trying each."""
    due = ((owed["due_date"] - AS_OF) / pd.Timedelta(days=1)).to_numpy()
    until = ((owed["discount_date"] - AS_OF) / pd.Timedelta(days=1)).fillna(-1).to_numpy()
    amount, offer = owed["amount"].to_numpy(), owed["discount_percent"].fillna(0).to_numpy()
    usual = np.array([max([run for run in runs if run <= day], default=runs[0]) for day in due])
    chosen = np.array(list(product(range(len(runs)), repeat=len(owed))))
    day = runs[chosen]
    chosen = chosen[(day <= np.maximum(due, runs[0]) + POLICY.longest_delay_days).all(axis=1)]
    day = runs[chosen]
    discount = np.where(day <= until, np.round(amount * offer / 100, 2), 0)
    early = np.maximum(due - np.minimum(day, usual), 0)
    late = np.maximum(day - due, 0)
    cost = (((amount - discount) * 0.05 * early + amount * 0.10 * late) / 365 - discount).sum(axis=1)
    paid = np.stack([np.where(week[chosen] <= w, amount - discount, 0).sum(axis=1) for w in range(6)], axis=1)
    breached = (headroom[None, :, :] < paid[:, None, :] - 0.005).any(axis=2).sum(axis=1)
    plain = cost.argmin()
    if breached[plain] <= allowed_paths(limit, len(headroom), 1):
        return float(cost[plain])
    allowed = max(allowed_paths(limit, len(headroom)), int(breached.min()))
    return float(cost[breached <= allowed].min())


@settings(deadline=None, max_examples=40)
@given(small_case)
def test_the_plan_is_the_cheapest_of_all_assignments(drawn: dict[str, Any]) -> None:
    owed, headroom = case(drawn["due"], drawn["seed"], drawn["tight"])
    runs, week = np.array([6, 13, 20, 27]), np.array([1, 2, 3, 4])
    options = payment_options(owed, runs, week, AS_OF, POLICY)
    found = cheapest_plan(options, headroom, drawn["limit"])
    exact = every_assignment(owed, headroom, drawn["limit"], runs, week)
    assert options["cost"].to_numpy()[found.option].sum() == pytest.approx(exact, rel=0.01, abs=0.01)


def test_the_same_again_and_in_any_order():
    owed, _ = case([1, 5, 9, 12, 20], 4, 0.5)
    flows = np.random.default_rng(1).normal(40.0, 60.0, (200, 6))
    money = {"A": CompanyCash("EUR", 200.0, 0.0, flows, 1.0)}
    first = propose(owed, money, group=("EUR", 0.0))
    again = propose(owed.iloc[::-1], money, group=("EUR", 0.0))
    pd.testing.assert_frame_equal(first.proposals, again.proposals)
    pd.testing.assert_frame_equal(first.weeks, again.weeks)
    company = first.weeks[first.weeks["scope"] == "company"]["probability_below_floor_so_far_proposed"].to_numpy()
    group = first.weeks[first.weeks["scope"] == "group"]["probability_below_floor_so_far_proposed"].to_numpy()
    assert (company == group).all()


def test_room_is_left_for_paths_that_were_not_searched():
    # Of a plan that nobody chose 13 of 400 are 1 % likely at a chance of 6 %, 14 are 2 %.
    assert binom.cdf([13, 14], 400, 0.06).round(3).tolist() == [0.009, 0.017]
    assert [allowed_paths(0.05, 400, weeks) for weeks in (1, 4)] == [13, 5]
    assert [allowed_paths(0.05, 10_000, weeks) for weeks in (1, 3)] == [500, 477]
    assert allowed_paths(0.05, 10) == 0
