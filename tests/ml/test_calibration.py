import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.calibration import DAYS_LATE, LEVELS, LatenessDistribution, calibrated_levels, share_unpaid


def certain(day: int, rows: int = 1, tail_days: float = 60.0) -> LatenessDistribution:
    return LatenessDistribution(np.tile(np.where(day <= DAYS_LATE, 1.0, 0.0), (rows, 1)), tail_days)


def unpaid(days_late: list[float], paid: list[bool], day: int) -> float:
    cells = np.zeros(len(days_late), dtype=np.int64)
    return share_unpaid(cells, 1, np.array(days_late), np.array(paid))[0][list(DAYS_LATE).index(day)]


def test_share_unpaid_of_paid_invoices_is_the_share():
    assert [unpaid([0, 2, 2, 5], [True] * 4, day) for day in (-1, 0, 2, 4, 5)] == [1.0, 0.75, 0.25, 0.25, 0.0]


def test_open_invoice_counts_only_as_far_as_it_has_come():
    # of four, one paid on day 0; one left sight on day 1; one of the other two paid on day 2
    assert unpaid([0, 1, 2, 5], [True, False, True, True], 2) == pytest.approx(3 / 4 * 1 / 2)


def test_leaf_of_open_invoices_falls_back_on_the_prior():
    prior = np.clip(1.0 - (DAYS_LATE + 1) / 50.0, 0.0, 1.0)
    got = share_unpaid(np.zeros(1, dtype=np.int64), 1, np.array([-5.0]), np.array([False]), prior, 1.0)[0]
    assert got == pytest.approx(prior)


def test_certain_day_is_read_back():
    assert certain(7).median_day()[0] == 7
    assert certain(7).quantile(np.array([0.1, 0.9]))[0] == pytest.approx([6.6, 7.4])
    assert certain(7).probability_by(np.array([[6.0, 7.0, 900.0]]))[0].tolist() == [0.0, 1.0, 1.0]


@given(st.lists(st.integers(-70, 190), min_size=1, max_size=20), st.integers(-60, 400))
def test_quantiles_are_ordered_and_after_what_is_reached(days: list[int], reached: int):
    paid_by = np.array([[(np.array(days) <= day).mean() * 0.95 for day in DAYS_LATE]])
    made = LatenessDistribution(paid_by, 40.0).quantile(LEVELS, np.array([float(reached)]))[0]
    assert (np.diff(made) >= 0).all()
    assert np.isfinite(made).all()
    assert made[0] >= reached + 1


def test_recalibration_gives_the_interval_its_coverage_on_what_it_was_calibrated_on():
    random = np.random.default_rng(1)
    # the model believes mostly in ± 3 days, the world does ± 12
    believed = np.clip((DAYS_LATE + 3.5) / 7.0, 0.0, 1.0)
    model = LatenessDistribution(np.tile(believed * 0.7 + np.clip((DAYS_LATE + 20) / 40.0, 0, 1) * 0.3, (4000, 1)), 60)
    late = random.integers(-12, 13, 4000).astype(float)
    made = model.recalibrated(calibrated_levels(model, late, np.ones(4000, dtype=bool))).quantile(np.array([0.1, 0.9]))
    before = model.quantile(np.array([0.1, 0.9]))
    assert ((late >= before[:, 0]) & (late <= before[:, 1])).mean() < 0.6
    # a day holds 4 % of the invoices and is within or without as a whole
    assert ((late >= made[:, 0]) & (late <= made[:, 1])).mean() == pytest.approx(0.8, abs=0.045)


def test_nothing_to_calibrate_on_leaves_the_levels():
    assert calibrated_levels(certain(1, 0), np.zeros(0), np.zeros(0, dtype=bool)).tolist() == LEVELS.tolist()


def test_a_level_that_nobody_has_reached_yet_is_not_stretched():
    # as forecast, a hundredth a day; whoever takes longer than 60 days is still open at 60
    model = LatenessDistribution(np.tile(np.clip((DAYS_LATE + 1) / 100.0, 0.0, 1.0), (1000, 1)), 60.0)
    late = np.minimum(np.arange(1000) // 10, 60).astype(float)
    levels = calibrated_levels(model, late, late < 60)
    assert levels == pytest.approx(LEVELS, abs=0.01)
