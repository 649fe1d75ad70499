import numpy as np
import pandas as pd
import pytest

from ml.features import PaymentHistory
from tests.ml.conftest import make_history


def frame(rows: list[tuple]) -> pd.DataFrame:
    columns = ["customer_id", "invoice_date", "due_date", "cleared_date", "amount"]
    made = pd.DataFrame(rows, columns=columns)
    for column in columns[1:4]:
        made[column] = pd.to_datetime(made[column])
    return made


HISTORY = frame(
    [
        ("a", "2025-01-01", "2025-01-10", "2025-01-12", 100.0),  # 2 days late
        ("a", "2025-01-01", "2025-01-20", "2025-01-24", 100.0),  # 4 days late
        ("a", "2025-01-01", "2025-01-22", None, 100.0),  # open
        ("b", "2025-01-01", "2025-01-15", "2025-01-14", 100.0),  # 1 day early
    ]
)


def features_on(day: str) -> pd.Series:
    item = frame([("a", "2025-01-01", "2025-01-22", None, 100.0)])
    return PaymentHistory(HISTORY).describe(item, pd.Series(pd.Timestamp(day), index=item.index)).iloc[0]


def test_before_the_first_receipt_nothing_is_known():
    assert np.isnan(features_on("2025-01-11")["late_mean"])


def test_a_receipt_counts_from_its_own_day():
    seen = features_on("2025-01-12")
    assert (seen["paid_count"], seen["late_mean"], seen["late_last"]) == (1, 2, 2)


def test_figures_of_the_last_day():
    seen = features_on("2025-01-25")
    assert (seen["paid_count"], seen["late_mean"], seen["late_recent_p50"], seen["late_last"]) == (2, 3, 3, 4)
    assert seen["days_since_receipt"] == 1
    assert (seen["overdue_count"], seen["overdue_days_mean"]) == (1, 3)
    assert seen["overdue_share"] == pytest.approx(1 / 3)
    assert seen["group_late_recent"] == pytest.approx((2 + 4 - 1) / 3)


def test_overdue_while_open_and_gone_when_cleared():
    assert features_on("2025-01-20")["overdue_count"] == 0
    assert features_on("2025-01-23")["overdue_count"] == 2
    assert features_on("2025-01-24")["overdue_count"] == 1


def test_items_due_the_same_day_count_once_invoiced():
    history = frame([("a", "2025-01-01", "2025-02-01", None, 1.0), ("a", "2025-01-20", "2025-02-01", None, 1.0)])
    days = pd.Series(pd.to_datetime(["2025-01-19", "2025-01-20"]))
    assert PaymentHistory(history).describe(history, days)["same_due_count"].tolist() == [1, 2]


def test_descriptions_do_not_depend_on_later_rows():
    history = make_history(300)
    day = pd.Timestamp("2025-07-01")
    early = history[history["invoice_date"] <= day]
    days = pd.Series(day, index=early.index)
    cut = early.assign(cleared_date=early["cleared_date"].where(early["cleared_date"] <= day))
    pd.testing.assert_frame_equal(
        PaymentHistory(history).describe(early, days), PaymentHistory(cut).describe(early, days), check_exact=True
    )


def test_figures_are_those_of_a_count_by_hand():
    """Every figure of random items, worked out again receipt by receipt."""
    history = make_history(250, seed=8)
    items = history.iloc[::5]
    days = items["due_date"] - pd.Timedelta(days=20)
    made = PaymentHistory(history).describe(items, days)
    for place, item in items.iterrows():
        day, of = days[place], history[history["customer_id"] == item["customer_id"]]
        paid = of[of["cleared_date"] <= day].sort_values(["cleared_date", "due_date", "amount"])
        late = (paid["cleared_date"] - paid["due_date"]).dt.days
        row = made.loc[place]
        due, month_end = item["due_date"], item["due_date"] + pd.offsets.MonthEnd(0)
        after_month = (paid["cleared_date"] - (paid["due_date"] + pd.offsets.MonthEnd(0))).dt.days.tail(30)
        same_size = np.frexp(paid["amount"] + 1.0)[1] == np.frexp(item["amount"] + 1.0)[1]
        due_before = of[of["due_date"] < day]
        overdue = due_before[~(due_before["cleared_date"] <= day)]
        expected = {
            "due_weekday": due.weekday(), "due_day": due.day, "days_to_month_end": (month_end - due).days,
            "paid_count": len(paid) or np.nan, "late_mean": late.mean(), "late_last_10_p50": late.tail(10).median(),
            "late_recent_p10": late.tail(30).quantile(0.1), "late_recent_p50": late.tail(30).median(),
            "late_recent_p90": late.tail(30).quantile(0.9), "late_recent_std": late.tail(30).std(),
            "late_recent_mean": late.ewm(halflife=8).mean().iloc[-1] if len(late) else np.nan,
            "month_run_std": after_month.std(),
            "late_month_run_p50": after_month.median() + (month_end - due).days,
            "late_weekday_p50": late[paid["due_date"].dt.weekday == due.weekday()].tail(12).median(),
            "late_day_p50": late[paid["due_date"].dt.day == due.day].tail(6).median(),
            "late_similar_amount_p50": late[same_size].tail(12).median(), "overdue_count": len(overdue),
            "overdue_days_mean": (day - overdue["due_date"]).dt.days.mean() if len(overdue) else 0.0,
            "overdue_share": len(overdue) / len(due_before) if len(due_before) else np.nan,
            "amount_to_usual": np.log1p(item["amount"]) - np.log1p(paid["amount"].tail(30)).median(),
        }  # fmt: skip
        for name, value in expected.items():
            assert row[name] == pytest.approx(value, abs=1e-5, nan_ok=True), (place, name)


def test_usual_days_late_is_the_median_described():
    history = make_history(300)
    days = history["due_date"] - pd.Timedelta(days=10)
    past = PaymentHistory(history)
    described = past.describe(history, days)
    usual = described["late_recent_p50"].fillna(described["group_late_recent"]).fillna(0.0)
    np.testing.assert_array_equal(past.usual_days_late(history, days), np.rint(usual))
