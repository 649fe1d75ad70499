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
