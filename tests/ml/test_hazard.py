import numpy as np
import pandas as pd
import pytest

from ml.features import PaymentHistory, ReceiptHabits, WorkingDays
from ml.hazard import PaymentHazard
from ml.reasons import CODES, reasons
from ml.receipts import known_invoices, probability_never


@pytest.fixture(scope="module")
def fitted(history, as_of) -> PaymentHazard:
    return PaymentHazard(rounds=25, calibrate=False).fit(history, as_of)


@pytest.fixture(scope="module")
def open_items(history, as_of) -> pd.DataFrame:
    known = known_invoices(history, as_of)
    return known[known["cleared_date"].isna()]


def test_nothing_is_paid_on_or_before_the_day_of_the_forecast(fitted, open_items, as_of):
    made = fitted.distribution(open_items, as_of)
    reached = (as_of - open_items["due_date"]).dt.days.to_numpy(dtype=float)
    assert (made.probability_by(reached[:, None]) == 0.0).all()
    assert (np.diff(made.paid_by, axis=1) >= 0.0).all()


def test_who_pays_late_is_expected_late_and_whom_nobody_knows_in_between(fitted, open_items, as_of):
    item = open_items[open_items["due_date"] > as_of + pd.Timedelta(days=5)].head(1)
    middle = {
        who: fitted.distribution(item.assign(customer_id=who), as_of).median_day()[0]
        for who in ("early", "late", "very_late", "never seen")
    }
    assert middle["early"] < middle["late"] < middle["very_late"]
    assert middle["early"] < middle["never seen"] < middle["very_late"]


def test_a_customer_never_paid_before_is_read_from_its_segment(history, as_of):
    data = history.assign(segment=np.where(history["customer_id"].isin(["late", "very_late"]), "slow", "quick"))
    model = PaymentHazard(rounds=25, calibrate=False).fit(data, as_of)
    new = data[data["due_date"] > as_of + pd.Timedelta(days=5)].head(1).assign(customer_id="new")
    slow, quick = (model.distribution(new.assign(segment=s), as_of).median_day()[0] for s in ("slow", "quick"))
    assert slow > quick


def test_weekends_without_receipts_have_no_chance():
    random = np.random.default_rng(1)
    due = pd.Series(pd.Timestamp("2026-01-01") + pd.to_timedelta(random.integers(0, 200, 900), unit="D"))
    paid = due + pd.to_timedelta(random.integers(0, 4, 900), unit="D")
    paid = paid + pd.to_timedelta((7 - paid.dt.day_of_week).where(paid.dt.day_of_week > 4, 0), unit="D")
    data = pd.DataFrame(
        {"customer_id": "a", "invoice_date": due - pd.Timedelta(days=30), "due_date": due, "cleared_date": paid}
    ).assign(amount=100.0)
    as_of = pd.Timestamp("2026-07-10")
    model = PaymentHazard(rounds=10, calibrate=False).fit(data, as_of)
    item = data.head(1).assign(due_date=pd.Timestamp("2026-07-16"), cleared_date=pd.NaT)
    chance = np.diff(model._hazard_distribution(item, pd.Series(as_of, index=item.index)).paid_by[0])
    friday = 1 - (-75) - 1
    assert chance[friday] > 0.01
    assert chance[friday + 1] == chance[friday + 2] == 0.0


def test_working_days_know_moving_holidays():
    calendar = WorkingDays(pd.Series(["CN", "DE", None]))
    chinese, german, unknown = calendar.codes(pd.Series(["CN", "DE", "XX"]), 3)
    for year_start in ("2025-01-29", "2026-02-17"):
        day = np.array([np.datetime64(year_start, "D").astype(int)])
        assert not calendar.is_working(np.array([chinese]), day)[0]
        assert calendar.is_working(np.array([german]), day)[0]
        assert calendar.is_working(np.array([unknown]), day)[0]


def test_big_customers_are_read_over_the_whole_window():
    day = pd.Timestamp("2026-06-30")
    due = pd.Series(np.repeat(pd.date_range(end=day, periods=100), 50))
    # older receipts 9 days late, those of the last ten days none
    late = np.where(due < day - pd.Timedelta(days=20), 9, 0)
    data = pd.DataFrame({"customer_id": "big", "due_date": due, "invoice_date": due - pd.Timedelta(days=30)})
    data["cleared_date"] = data["due_date"] + pd.to_timedelta(late, unit="D")
    receipts = ReceiptHabits(data.assign(amount=1.0))._by["customer"]
    ordinal = np.array([np.datetime64(day, "D").astype(int)])
    positions, there = receipts.last(np.array([0]), ordinal, 100, 120)
    assert there.sum() > 90
    assert 0.6 < (receipts.late[positions[there]] == 9).mean() < 0.9
    newest, there = receipts.last(np.array([0]), ordinal, 100, 0)
    assert (receipts.late[newest[there]] == 0).all()


def test_reasons_are_the_change_without_the_knowledge(fitted, open_items, as_of):
    told = reasons(fitted, open_items, as_of)
    assert set(told["reason_1"].dropna()) <= set(CODES)
    of_late = told[(open_items["customer_id"] == "very_late") & (open_items["due_date"] > as_of)]
    assert (of_late["reason_1"] == "customer").all()
    assert of_late["reason_1_days"].median() > 3.0
    assert (of_late["reason_1_days"] > 0.0).all()
    assert of_late["reason_1_value"].between(25, 36).all()
    early = told[(open_items["customer_id"] == "early") & (open_items["due_date"] > as_of)]
    assert (early["reason_1_days"] < 0).all()
    shuffled = reasons(fitted, open_items.sample(frac=1.0, random_state=3), as_of).loc[told.index]
    pd.testing.assert_frame_equal(shuffled, told)


def test_a_customer_without_receipts_says_so(fitted, open_items, as_of):
    told = reasons(fitted, open_items.head(2).assign(customer_id="never seen"), as_of)
    assert (told["reason_1"] == "no_history").all()
    assert "customer" not in set(told["reason_2"]) | set(told["reason_3"])


def test_never_grows_with_the_days_it_is_overdue(fitted, open_items, as_of):
    items = open_items.head(3).assign(due_date=[as_of - pd.Timedelta(days=d) for d in (0, 100, 300)])
    never = probability_never(fitted.distribution(items, as_of), np.array([0.0, 100.0, 300.0]))
    assert ((never >= 0.0) & (never <= 1.0)).all()
    assert never[0] < never[1] < never[2]


def test_history_holds_state_of_nothing_later(history, as_of):
    known = known_invoices(history, as_of)
    items = known[known["cleared_date"].isna()]
    day = pd.Series(as_of, index=items.index)
    keep = np.ones((len(items), 40), dtype=bool)
    days = np.arange(-10, 30)
    read = [
        ReceiptHabits(h).candidates(items, day, PaymentHistory(h).describe(items, day), days, keep)
        for h in (history, known)
    ]
    np.testing.assert_array_equal(read[0], read[1])
