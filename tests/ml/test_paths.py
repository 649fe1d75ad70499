"""Sums of simulated cash: exact on every path, whatever the order in which they are taken."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.paths import CashPaths, receipt_weeks, stacked

DAYS = pd.date_range("2026-01-01", periods=10, freq="D")  # a Thursday: weeks of 4 and 6 days


def _paths(values: list[int]) -> CashPaths:
    cents = np.resize(np.array(values, dtype=np.int64), (4, 3, len(DAYS)))
    series = pd.DataFrame(
        {
            "company_id": ["a", "a", "b", "b"],
            "currency": ["EUR", "USD", "EUR", "EUR"],
            "region": ["DE", "DE", "DE", "FR"],
        }
    )
    return CashPaths(series, DAYS, cents)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=40), st.floats(0.01, 100.0))
def test_every_level_is_the_sum_of_the_level_below_to_the_cent(values: list[int], rate: float) -> None:
    leaves = _paths(values).converted({"EUR": 1.0, "USD": rate})
    by_company = leaves.roll_up(["company_id"])
    group = leaves.roll_up([])
    assert (by_company.cents.sum(axis=0) == group.cents[0]).all()
    assert (leaves.roll_up(["region", "company_id"]).roll_up(["company_id"]).cents == by_company.cents).all()
    assert (group.by_week().cents.sum(axis=2) == group.cents.sum(axis=2)).all()
    assert (group.cumulative().cents[:, :, -1] == group.by_month().cents.sum(axis=2)).all()
    assert (leaves.total_cents().sum(axis=0) == group.total_cents()[0]).all()


def test_roll_up_keeps_the_keys_it_is_asked_for() -> None:
    rolled = _paths([1]).roll_up(["currency"])
    assert rolled.series["currency"].tolist() == ["EUR", "USD"]
    assert rolled.cents[:, 0, 0].tolist() == [3, 1]


def test_a_quantile_is_an_amount_that_a_path_has() -> None:
    one = CashPaths(pd.DataFrame({"currency": ["EUR"]}), DAYS[:1], np.array([[[500], [100], [900], [300]]]))
    assert one.quantiles([0.25, 0.5, 0.51, 0.975])[0, 0].tolist() == [1.0, 3.0, 5.0, 9.0]
    assert one.mean()[0, 0] == 4.5


def test_blocks_put_together_are_the_whole() -> None:
    whole = _paths([5, 7, 11])
    parts = [whole.where(np.array([True, True, False, False])), whole.where(np.array([False, False, True, True]))]
    assert (stacked(parts).cents == whole.cents).all()
    assert stacked(parts).series.equals(whole.series)


def test_weekly_receipts_per_company_and_currency() -> None:
    weeks = receipt_weeks(_paths([1]))
    assert list(weeks) == [("a", "EUR"), ("a", "USD"), ("b", "EUR")]
    assert weeks[("b", "EUR")].tolist() == [[8, 12]] * 3
