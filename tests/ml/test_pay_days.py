"""On which days customers pay, read off the days on which they paid."""

import numpy as np
import pandas as pd
import pytest

from ml.pay_days import PayDays

AS_OF = pd.Timestamp("2026-10-31")
AHEAD = pd.date_range("2026-11-01", "2026-12-31")


@pytest.fixture(scope="module")
def pay_days() -> PayDays:
    random = np.random.default_rng(2)
    days = pd.date_range("2025-01-01", AS_OF)
    working = days[days.day_of_week < 5]
    rows: list[tuple[str, pd.Timestamp]] = []
    for number in range(20):
        rows += [(f"any{number}", day) for day in random.choice(working, 30, replace=False)]
        rows += [(f"thursday{number}", day) for day in working[working.day_of_week == 3][number::2]]
        for month in pd.period_range("2025-01", "2026-10", freq="M"):
            meant = month.start_time + pd.Timedelta(days=24)
            rows.append((f"monthly{number}", working[working >= meant][0]))
    rows.append(("new", pd.Timestamp("2026-09-25")))
    payments = pd.DataFrame(rows, columns=["customer_id", "day"])
    return PayDays(payments, AS_OF, AHEAD[-1], {})


def _weights(pay_days: PayDays, customer: str) -> pd.Series:
    return pd.Series(pay_days.weights(pd.Series([customer]), AHEAD)[0], index=AHEAD)


def test_a_weekly_payer_pays_on_its_weekday(pay_days: PayDays) -> None:
    weights = _weights(pay_days, "thursday3")
    assert weights[weights.index.day_of_week == 3].min() > 5.0
    assert weights[weights.index.day_of_week != 3].max() < 0.5


def test_a_run_on_a_weekend_moves_to_monday(pay_days: PayDays) -> None:
    weights = _weights(pay_days, "monthly4")
    assert weights["2026-11-25"] > 15.0
    assert weights["2026-12-25"] > 15.0  # a Friday; no country, so no holiday
    assert weights.drop(["2026-11-25", "2026-12-25"]).max() < 1.0


def test_who_pays_on_any_day_is_left_alone_but_for_weekends(pay_days: PayDays) -> None:
    weights = _weights(pay_days, "any7")
    assert (weights[weights.index.day_of_week >= 5] == 0).all()
    assert weights[weights.index.day_of_week < 5].between(1.0, 2.0).all()


def test_one_payment_says_little_and_none_says_what_is_common(pay_days: PayDays) -> None:
    few, none = _weights(pay_days, "new"), _weights(pay_days, "never seen")
    assert none.mean() == pytest.approx(1.0, abs=0.35)
    # its one payment was on a 25th, which many pay on
    assert few["2026-11-25"] > none["2026-11-25"] > few["2026-11-24"]


def test_later_payments_are_not_seen(pay_days: PayDays) -> None:
    made = [
        PayDays(
            pd.DataFrame({"customer_id": ["a"] * n, "day": pd.date_range("2026-06-01", periods=n, freq="21D")}),
            pd.Timestamp("2026-08-01"), AHEAD[-1], {},
        ).weights(pd.Series(["a"]), AHEAD)
        for n in (3, 9)
    ]  # fmt: skip
    assert (made[0] == made[1]).all()


def test_no_payments_at_all() -> None:
    nothing = pd.DataFrame({"customer_id": pd.Series(dtype=object), "day": pd.Series(dtype="datetime64[ns]")})
    weights = PayDays(nothing, AS_OF, AHEAD[-1], {}).weights(pd.Series(["a", "b"]), AHEAD)
    assert np.isfinite(weights).all()
    assert weights.shape == (2, len(AHEAD))
