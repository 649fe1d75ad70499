"""Invoices still to come: orders in hand, orders to come, steady customers, and how many."""

import warnings

import numpy as np
import pandas as pd
import pytest

from ml.features import DAY
from ml.new_invoices import (
    _poisson,
    _working_days,
    draw_new_invoices,
    forecast_intake,
    known_sales,
    working_days,
)

AS_OF = pd.Timestamp("2026-10-31")
LAST = AS_OF + 91 * DAY
COUNTRIES = {"k": "CN"}
OPEN = {"k": np.ones(91, dtype=bool)}


def _sales(days: pd.DatetimeIndex, customer: str = "c", **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "sale_id": [f"{customer}{n:05d}" for n in range(len(days))], "company_id": "k", "customer_id": customer,
            "currency": "CNY", "order_date": days, "promised_date": days + 7 * DAY, "invoice_date": days + 7 * DAY,
            "due_date": days + 37 * DAY, "amount": 100.0,
        }
    )  # fmt: skip
    return frame.assign(**columns)


def _seasonal() -> pd.DataFrame:
    """40 orders a month, 20 in February, on random days of three years."""
    random = np.random.default_rng(4)
    days = []
    for month in pd.period_range("2023-11", "2026-10", freq="M"):
        count = 20 if month.month == 2 else 40
        days += [month.start_time + int(n) * DAY for n in random.integers(0, 28, count)]
    return _sales(pd.DatetimeIndex(sorted(days)))


def test_intake_knows_the_quiet_month() -> None:
    as_of = pd.Timestamp("2026-01-31")
    sales = _seasonal()
    intake = forecast_intake(sales[sales["order_date"] <= as_of], as_of, as_of + 91 * DAY, COUNTRIES)
    assert intake.method == "poisson"
    expected = intake.expected["k"].to_numpy()
    assert expected[0] == pytest.approx(20.0, abs=4.0)
    assert expected[1:3] == pytest.approx([40.0, 40.0], abs=4.0)
    # the same number each month is no Poisson count
    assert intake.dispersion < 0.6


def test_an_even_month_makes_up_for_a_slow_start() -> None:
    """40 orders every month, on its working days: what had not come by the 15th comes in the rest of the month."""
    as_of = pd.Timestamp("2026-09-15")
    days = []
    for month in pd.period_range("2023-11", "2026-09", freq="M"):
        open_days = pd.bdate_range(month.start_time, month.end_time)
        days += list(open_days[np.arange(40) * len(open_days) // 40])
    usual = _sales(pd.DatetimeIndex(days))
    before = usual["order_date"].dt.to_period("M") < "2026-09"
    for seen in (5, 20, 35):
        now = _sales(pd.date_range(as_of, periods=1).repeat(seen), "now")
        intake = forecast_intake(pd.concat([usual[before], now]), as_of, as_of + 91 * DAY, {"k": "DE"})
        assert intake.expected["k"].iloc[0] == pytest.approx(40 - seen, abs=4.0)
        assert intake.expected["k"].iloc[1] == pytest.approx(40, abs=2.0)


def test_three_weeks_of_history_go_on_at_their_pace() -> None:
    sales = _sales(pd.date_range(AS_OF - 20 * DAY, AS_OF))
    intake = forecast_intake(sales, AS_OF, LAST, COUNTRIES)
    assert intake.method == "days_so_far"
    assert intake.expected["k"].iloc[0] == pytest.approx(30.0)
    # of a month that is cut only the rest is to come
    middle = forecast_intake(sales, AS_OF - 6 * DAY, LAST, COUNTRIES)
    assert middle.expected["k"].iloc[:2].tolist() == pytest.approx([6.0 * 21 / 15, 30.0 * 21 / 15])


def test_an_order_in_hand_is_invoiced_when_it_was_promised() -> None:
    waiting = _sales(pd.DatetimeIndex([AS_OF - 30 * DAY]), "w", promised_date=AS_OF + 20 * DAY, invoice_date=pd.NaT)
    past = _sales(pd.date_range("2026-06-01", AS_OF - 30 * DAY, freq="3D"))
    new = draw_new_invoices(pd.concat([past, waiting]), AS_OF, LAST, OPEN, 20, 0, COUNTRIES)
    row = new.rows[new.rows["customer_id"] == "w"].reset_index(drop=True)
    certain = row[new.comes[(new.rows["customer_id"] == "w").to_numpy()].all(axis=1)]
    assert certain["invoice_date"].tolist() == [AS_OF + 20 * DAY]
    assert certain["due_date"].tolist() == [AS_OF + 50 * DAY]  # on the company's usual terms


def test_a_steady_customer_goes_on_in_its_rhythm() -> None:
    rent = _sales(pd.date_range("2025-11-01", "2026-10-01", freq="MS"), "rent")
    new = draw_new_invoices(rent, AS_OF, LAST, OPEN, 50, 0, COUNTRIES)
    counts = new.comes.sum(axis=0)
    assert set(counts) <= {2, 3}
    assert new.rows["invoice_date"].min() > AS_OF


def test_what_is_not_known_yet_is_not_seen() -> None:
    sales = _seasonal()
    as_of = pd.Timestamp("2026-03-15")
    known = known_sales(sales, as_of)
    assert known["order_date"].max() <= as_of
    assert (known.loc[~known["invoiced"], "invoice_date"] > as_of).all()
    cut = sales[sales["order_date"] <= as_of]
    cut = cut.assign(
        invoice_date=cut["invoice_date"].where(cut["invoice_date"] <= as_of),
        due_date=cut["due_date"].where(cut["invoice_date"] <= as_of),
    )
    made = [draw_new_invoices(one, as_of, as_of + 91 * DAY, OPEN, 20, 0, COUNTRIES) for one in (sales, cut)]
    assert made[0].rows.equals(made[1].rows)
    assert (made[0].comes == made[1].comes).all()


def test_holidays_of_the_country_are_no_working_days() -> None:
    days = pd.DatetimeIndex(["2026-12-25", "2026-12-28", "2027-02-06", "2027-02-08"])
    assert working_days("DE", days).tolist() == [False, True, False, True]
    assert working_days("CN", days)[3] == np.False_  # Chinese New Year 2027 is on 6 February
    assert working_days("XX", days).tolist() == [True, True, False, True]


def test_the_regression_takes_counts_of_any_size() -> None:
    months = pd.period_range("2023-01", periods=40, freq="M")
    season = 1.0 + 0.3 * np.sin(2.0 * np.pi * months.month.to_numpy() / 12.0)
    companies = ["a", "b"]
    working = _working_days(months, companies, {"a": "DE", "b": "DE"})
    made = []
    for size in (1.0, 3_000.0):
        counts = pd.DataFrame(np.outer(season, [40.0, 20.0]) * size, index=months, columns=companies)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            ahead = _poisson(counts.iloc[:36], pd.PeriodIndex(months[36:]), working)
        made.append(ahead / counts.iloc[36:])
    # the more orders, the less is a month believed to be like any other
    assert ((made[0] - 1.0).abs() < 0.25).all().all()
    assert ((made[1] - 1.0).abs() < 0.05).all().all()
