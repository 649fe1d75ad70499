import numpy as np
import pandas as pd

from ml.drift import COLUMNS, GROUP_LEVEL, last_alarm, watch

AS_OF = pd.Timestamp("2026-10-31")
CHANGE = pd.Timestamp("2026-08-08")


def receipts(shift_days: int, seed: int = 7) -> pd.DataFrame:
    """Forty customers, each with its habit; what is paid after CHANGE comes ``shift_days`` later."""
    random = np.random.default_rng(seed)
    rows = 6000
    customer = random.integers(0, 40, rows)
    due = AS_OF - pd.to_timedelta(random.integers(-20, 540, rows), unit="D")
    paid = due + pd.to_timedelta(customer % 9 - 2 + random.integers(0, 6, rows), unit="D")
    # a Saturday's receipt comes on Monday
    paid = paid + pd.to_timedelta(np.where(paid.day_of_week > 4, 7 - paid.day_of_week, 0), unit="D")
    paid = pd.Series(paid)
    paid = paid.where(paid <= CHANGE, paid + pd.Timedelta(days=shift_days))
    return pd.DataFrame(
        {
            "customer_id": [f"c{n}" for n in customer],
            "company_id": np.where(customer < 30, "a", "b"),
            "invoice_date": due - pd.Timedelta(days=30),
            "due_date": due,
            "cleared_date": paid,
            "amount": random.integers(100, 900, rows).astype(float),
        }
    )


def test_ten_days_later_raise_an_alarm_within_two_weeks_and_only_one():
    watched = watch(receipts(10), CHANGE + pd.Timedelta(days=14))
    alarm = last_alarm(watched)
    assert alarm is not None
    assert CHANGE < alarm["day"] <= CHANGE + pd.Timedelta(days=14)
    assert alarm["direction"] == "later"
    assert watched["is_alarm"].sum() == 1


def test_paying_earlier_is_told_as_such():
    alarm = last_alarm(watch(receipts(-7), CHANGE + pd.Timedelta(days=14)))
    assert alarm is not None
    assert alarm["direction"] == "earlier"


def test_a_quiet_year_has_at_most_one_alarm():
    watched = watch(receipts(0), AS_OF, by="company_id")
    assert list(watched.columns) == COLUMNS
    assert set(watched["level"]) == {GROUP_LEVEL, "a", "b"}
    assert watched.groupby("level")["is_alarm"].sum().max() <= 1
    assert watched["day"].max() == AS_OF


def test_later_rows_and_row_order_change_nothing():
    data = receipts(10)
    origin = CHANGE + pd.Timedelta(days=20)
    whole = watch(data, origin)
    cut = data[data["invoice_date"] <= origin]
    cut = cut.assign(cleared_date=cut["cleared_date"].where(cut["cleared_date"] <= origin))
    pd.testing.assert_frame_equal(watch(cut.sample(frac=1.0, random_state=1), origin), whole, check_exact=True)


def test_too_few_receipts_are_not_watched():
    assert watch(receipts(0).head(40), AS_OF).empty
    assert last_alarm(watch(receipts(0).head(40), AS_OF)) is None
