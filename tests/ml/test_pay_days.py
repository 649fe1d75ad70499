"""On which days customers pay, read off the days on which they paid."""

import numpy as np
import pandas as pd
import pytest

from ml.pay_days import PayDays, rest_at_new_year

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
    assert weights[weights.index.day_of_week == 0].between(2.5, 3.1).all()  # what was meant for Saturday and Sunday too
    assert weights[weights.index.day_of_week.isin([1, 2, 3, 4])].between(0.9, 1.1).all()


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


def test_the_first_day_after_a_holiday_pays_what_waited() -> None:
    random = np.random.default_rng(3)
    days = pd.date_range("2025-01-01", "2026-09-20")
    working = days[days.day_of_week < 5]
    payments = pd.DataFrame({"customer_id": "any", "day": random.choice(working, 60, replace=False)})
    ahead = pd.date_range("2026-09-21", "2026-10-31")
    made = PayDays(payments, pd.Timestamp("2026-09-20"), ahead[-1], {"any": "CN"}).weights(pd.Series(["any"]), ahead)[0]
    weights = pd.Series(made, index=ahead)
    assert (weights["2026-10-01":"2026-10-07"] == 0).all()  # National Day
    assert weights["2026-10-08"] == pytest.approx(8.0, rel=0.05)


def test_a_weekly_run_that_falls_on_a_holiday_is_moved_or_left_out_as_it_was_before() -> None:
    days = pd.date_range("2024-11-01", "2026-09-20", freq="W-FRI")
    closed = pd.to_datetime(["2025-05-02", "2025-10-03", "2025-10-10", "2026-05-01", "2026-02-20", "2025-01-31"])
    left_out = [("leaves out", day) for day in days if day not in closed]
    moved = [("moves", {
        pd.Timestamp("2025-05-02"): pd.Timestamp("2025-05-06"), pd.Timestamp("2025-10-03"): pd.Timestamp("2025-10-09"),
        pd.Timestamp("2026-05-01"): pd.Timestamp("2026-05-06"), pd.Timestamp("2026-02-20"): pd.Timestamp("2026-02-24"),
        pd.Timestamp("2025-01-31"): pd.Timestamp("2025-02-05"),
    }.get(day, day)) for day in days]  # fmt: skip
    payments = pd.DataFrame(left_out + moved, columns=["customer_id", "day"])
    ahead = pd.date_range("2026-09-21", "2026-10-31")
    who = pd.Series(["leaves out", "moves"])
    made = PayDays(payments, pd.Timestamp("2026-09-20"), ahead[-1], dict.fromkeys(who, "CN")).weights(who, ahead)
    weights = pd.DataFrame(made.T, index=ahead, columns=who)
    # Friday 2 October is National Day, Thursday the 8th the first day after it
    assert weights.loc["2026-10-08", "moves"] > 3.0 > 1.0 > weights.loc["2026-10-08", "leaves out"]
    assert weights.loc["2026-10-09", "leaves out"] > 10.0


def test_offices_rest_as_long_around_the_new_year_as_they_did_before() -> None:
    days = pd.date_range("2024-01-02", "2025-12-31")
    working = days[days.day_of_week < 5]
    # 2024: 10 February, 2025: 29 January; nothing was paid from three days before to nine days after
    feasts = pd.to_datetime(["2024-02-10", "2025-01-29"])
    rests = np.any([(working >= feast - pd.Timedelta(days=3)) & (working <= feast + pd.Timedelta(days=9))
                    for feast in feasts], axis=0)  # fmt: skip
    paid = working[~rests].repeat(6)
    ahead = pd.date_range("2026-02-01", "2026-03-10")
    rest = pd.Series(rest_at_new_year(paid, "CN", pd.Timestamp("2025-12-31"), ahead), index=ahead)
    # in 2026 it is the 17th
    assert rest["2026-02-16":"2026-02-26"].all()
    assert not rest["2026-02-01":"2026-02-12"].any()
    assert not rest["2026-02-27":].any()
    # a country that does not keep the feast rests for no silence around it, and nobody looks ahead
    assert not rest_at_new_year(paid, "DE", pd.Timestamp("2025-12-31"), ahead).any()
    assert rest_at_new_year(paid, "CN", pd.Timestamp("2024-01-15"), ahead).sum() == 10  # the holiday and its weekends
