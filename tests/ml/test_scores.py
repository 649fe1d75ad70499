import math

import numpy as np
import pytest

from ml import scores


def test_errors_by_hand():
    forecast, actual = [1.0, 4.0, -2.0], [2.0, 2.0, -2.0]
    assert scores.mean_absolute_error(forecast, actual) == pytest.approx(1.0)
    assert scores.bias(forecast, actual) == pytest.approx(1 / 3)
    assert scores.weighted_absolute_percentage_error(forecast, actual) == pytest.approx(3 / 6)
    assert scores.share_within(forecast, actual, 1.0) == pytest.approx(2 / 3)


def test_pinball_charges_the_rarer_side_more():
    assert scores.pinball_loss([0.0], [10.0], 0.9) == pytest.approx(9.0)
    assert scores.pinball_loss([10.0], [0.0], 0.9) == pytest.approx(1.0)


def test_coverage_includes_the_borders():
    assert scores.coverage([0, 0, 0], [2, 2, 2], [0, 2, 3]) == pytest.approx(2 / 3)


def test_crps_of_a_certain_forecast_is_its_absolute_error():
    levels = np.arange(1, 100) / 100
    assert scores.continuous_ranked_probability_score(np.full((1, 99), 3.0), levels, [5.0]) == pytest.approx(2.0)


def test_crps_of_a_uniform_forecast():
    # uniform on [0, 1], actual 1/2: the integral of (F - 1{x ≥ 1/2})² is 1/12
    levels = (np.arange(1000) + 0.5) / 1000
    assert scores.continuous_ranked_probability_score(levels[None, :], levels, [0.5]) == pytest.approx(1 / 12, abs=1e-4)


def test_no_rows_no_score():
    assert math.isnan(scores.mean_absolute_error([], []))
    assert math.isnan(scores.weighted_absolute_percentage_error([1.0], [0.0]))
