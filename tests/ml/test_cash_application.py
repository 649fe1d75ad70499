"""The model of cash application: calibrated on what it has not seen, one right candidate per line at most."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ml.cash_application import FEATURES, LEAST_LINES, CashApplicationModel


def _candidates(lines: int, seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """Two candidates a line; the named one is right in nine of ten, whatever else is known."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({name: rng.integers(0, 2, 2 * lines).astype(float) for name in FEATURES})
    frame["line_id"] = np.repeat([f"L{n:05d}" for n in range(lines)], 2)
    frame["day"] = np.repeat(pd.date_range("2024-01-01", periods=lines, freq="h"), 2)
    frame["named_surely"] = np.tile([1.0, 0.0], lines)
    right = np.repeat(rng.random(lines) < 0.9, 2)
    return frame, pd.Series(np.where(np.tile([True, False], lines), right, ~right))


def test_probability_is_the_share_of_right_ones() -> None:
    frame, correct = _candidates(1500, 1)
    model = CashApplicationModel().fit(frame, correct)
    new, truth = _candidates(1500, 2)
    said = model.predict_probability(new)
    named = (new["named_surely"] == 1).to_numpy()
    # 450 lines calibrate and 1,500 are scored: three standard errors of their difference
    assert said[named].mean() == pytest.approx(truth[named].mean(), abs=0.05)
    assert said[~named].mean() < 0.15


def test_candidates_of_a_line_add_up_to_one_at_most() -> None:
    frame, correct = _candidates(LEAST_LINES - 1, 3)
    for known in (frame, frame.iloc[:0]):
        model = CashApplicationModel().fit(known, correct.loc[known.index])
        said = model.predict_probability(frame)
        assert (pd.Series(said).groupby(frame["line_id"].to_numpy()).sum() <= 1 + 1e-9).all()


def test_the_past_alone_is_learnt_from_and_the_same_again() -> None:
    frame, correct = _candidates(600, 4)
    first = CashApplicationModel().fit(frame, correct).predict_probability(frame)
    assert (CashApplicationModel().fit(frame, correct).predict_probability(frame) == first).all()
