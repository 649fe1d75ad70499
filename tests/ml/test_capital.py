"""Appraisal of capital projects against closed forms, to a millionth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.capital import appraise, internal_rate_of_return, internal_rates, net_present_value, payback_years

rates = st.floats(0.001, 0.6)
lives = st.integers(2, 25)


def yearly(*amounts: float) -> tuple[np.ndarray, np.ndarray]:
    return np.array(amounts, dtype=float), np.arange(len(amounts), dtype=float)


@settings(deadline=None, max_examples=60)
@given(rate=rates, life=lives, payment=st.floats(1, 1e6), outlay=st.floats(1, 1e7))
def test_net_present_value_is_that_of_an_annuity(rate: float, life: int, payment: float, outlay: float) -> None:
    expected = payment * (1 - (1 + rate) ** -life) / rate - outlay
    assert net_present_value(*yearly(-outlay, *[payment] * life), rate) == pytest.approx(expected, rel=1e-9, abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(rate=rates, life=lives, payment=st.floats(1, 1e6))
def test_internal_rate_of_an_annuity_is_the_rate_it_was_priced_at(rate: float, life: int, payment: float) -> None:
    outlay = payment * (1 - (1 + rate) ** -life) / rate
    found, status = internal_rate_of_return(*yearly(-outlay, *[payment] * life))
    assert status == "unique"
    assert found == pytest.approx(rate, abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(rate=st.floats(-0.5, 2.0), life=lives)
def test_internal_rate_of_one_payment_is_its_growth(rate: float, life: int) -> None:
    amounts, years = np.array([-100.0, 100.0 * (1 + rate) ** life]), np.array([0.0, float(life)])
    found, _ = internal_rate_of_return(amounts, years)
    assert found == pytest.approx(rate, abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(rate=st.floats(0.01, 0.3), life=st.integers(2, 20), payment=st.floats(1, 1e5), share=st.floats(0.05, 0.95))
def test_payback_of_an_annuity(rate: float, life: int, payment: float, share: float) -> None:
    """Level payments pay back outlay / payment years later; discounted, the year's part is the part of its payment."""
    outlay = payment * life * share
    assert payback_years(*yearly(-outlay, *[payment] * life)) == pytest.approx(life * share, abs=1e-6)
    discounted = payback_years(*yearly(-outlay, *[payment] * life), rate)
    if np.isnan(discounted):
        assert outlay > payment * (1 - (1 + rate) ** -life) / rate - 1e-6
    else:
        whole = int(discounted)
        left = outlay - payment * (1 - (1 + rate) ** -whole) / rate
        assert (discounted - whole) * payment * (1 + rate) ** -(whole + 1) == pytest.approx(left, rel=1e-6, abs=1e-6)


def test_several_internal_rates_are_said_to_be_several() -> None:
    """-100 (1 - 1.1 v)(1 - 1.3 v) is 0 at 10 % and at 30 %."""
    amounts, years = yearly(-100, 240, -143)
    assert internal_rates(amounts, years) == pytest.approx([0.1, 0.3], abs=1e-6)
    found, status = internal_rate_of_return(amounts, years)
    assert (np.isnan(found), status) == (True, "several")


def test_a_value_that_only_touches_nothing_has_one_rate() -> None:
    found, status = internal_rate_of_return(*yearly(-100, 220, -121))
    assert status == "unique"
    assert found == pytest.approx(0.1, abs=1e-6)


@pytest.mark.parametrize(
    ("amounts", "status"),
    [((-100, -5, -5), "no_sign_change"), ((10, 20), "no_sign_change"), ((-100, 150, -80), "none")],
)
def test_no_internal_rate_is_invented(amounts: tuple[float, ...], status: str) -> None:
    found, why = internal_rate_of_return(*yearly(*amounts))
    assert np.isnan(found)
    assert why == status


def test_what_is_never_paid_back_has_no_payback() -> None:
    assert np.isnan(payback_years(*yearly(-100, 40, 50)))
    assert np.isnan(payback_years(*yearly(-100, 60, 50), 0.2))
    assert payback_years(*yearly(-100, 50, 100, -20, 0, 40)) == pytest.approx(1.5)


def test_projects_are_appraised_by_month_and_version() -> None:
    flows = pd.DataFrame(
        [("P", "planned", "2024-01-15", -1000.0), ("P", "planned", "2024-01-31", -210.0),
         ("P", "planned", "2026-01-10", 1210.0 * 1.21), ("P", "latest", "2024-01-15", -100.0),
         ("P", "latest", "2024-07-15", 110.0)],
        columns=["capital_project_id", "version", "flow_date", "amount"],
    )  # fmt: skip
    flows["flow_date"] = pd.to_datetime(flows["flow_date"])
    latest, planned = appraise(flows.assign(discount_rate=0.1)).to_dict("records")
    assert planned["net_present_value"] == pytest.approx(0.0, abs=1e-6)
    assert planned["internal_rate_of_return"] == pytest.approx(0.1, abs=1e-6)
    assert planned["payback_years"] == pytest.approx(2 / 1.21, abs=1e-6)
    assert latest["internal_rate_of_return"] == pytest.approx(1.1**2 - 1, abs=1e-6)
    assert latest["net_present_value"] == pytest.approx(110 / 1.1**0.5 - 100, abs=1e-6)
