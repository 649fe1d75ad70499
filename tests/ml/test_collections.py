import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.collections import CALL_EFFECT, money_moved, plan_collections

AS_OF = pd.Timestamp("2025-12-31")
SCHEDULE = pd.DataFrame(
    [("C", 3, "reminder_1"), ("C", 10, "reminder_2"), ("C", 20, "reminder_3"), ("C", 30, "call"),
     ("E", 1, "reminder_3"), ("E", 10, "call")],
    columns=["grade", "days_overdue_from", "action"],
)  # fmt: skip
NO_GRADES = pd.DataFrame({"company_id": [], "customer_id": [], "grade": []}, dtype=object)


def open_items(*rows: tuple[str, int, float]) -> pd.DataFrame:
    """customer, days overdue, open amount."""
    frame = pd.DataFrame(rows, columns=["customer_id", "days_overdue", "amount"])
    due = AS_OF - pd.to_timedelta(frame.pop("days_overdue"), unit="D")
    return frame.assign(
        receivable_id=[f"R{n}" for n in range(len(frame))], company_id="A", due_date=due.astype("datetime64[ns]"),
        amount_reporting=2 * frame["amount"], is_disputed=False, is_intercompany=False,
    )  # fmt: skip


def timing(items: pd.DataFrame, paid: list[float], late: int = 20) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "receivable_id": items["receivable_id"],
            "p50_date": items["due_date"] + pd.Timedelta(days=late),
            "probability_paid_30": paid,
        }
    )


def plan(items: pd.DataFrame, paid: list[float], **given):
    given = {"schedule": SCHEDULE, "grades": NO_GRADES, **given}
    return plan_collections(items, timing(items, paid), AS_OF, **given)


def actions(worklist: pd.DataFrame) -> dict[str, str]:
    return dict(zip(worklist["customer_id"], worklist["action"], strict=True))


def test_a_call_moves_a_share_of_what_would_come_later():
    amounts, paid = pd.Series([100.0, 100.0, 100.0, 100.0, -100.0]), pd.Series([1.0, 0.5, 0.0, 0.3, 0.5])
    moved = money_moved(amounts, paid, pd.Series([0.0, 0.0, 1.0, 0.2, 0.0]), 0.2)
    assert moved.tolist() == pytest.approx([0.0, 10.0, 0.0, 10.0, 0.0])


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=50, deadline=None)
def test_what_a_call_moves_is_never_more_than_what_is_unpaid(share, paid, never, effect):
    moved = money_moved(pd.Series([1000.0 * share]), pd.Series([paid]), pd.Series([never]), effect).iloc[0]
    assert 0 <= moved <= max(1000.0 * share, 0) * (1 - paid) + 1e-9


def test_listed_are_overdue_items_and_soon_late_ones_and_the_sums_are_those_of_all_overdue():
    items = open_items(("a", 5, 100.0), ("a", -10, 50.0), ("a", -40, 70.0), ("b", -10, 30.0), ("c", 2, -20.0))
    made = plan(items, [0.5] * 5)
    work = made.worklist.set_index("customer_id")
    assert work["overdue_amount"].to_dict() == {"a": 100.0, "b": 0.0, "c": -20.0}
    assert work["soon_late_amount"].to_dict() == {"a": 50.0, "b": 30.0, "c": 0.0}
    assert work["overdue_amount_reporting"].to_dict() == {"a": 200.0, "b": 0.0, "c": -40.0}
    assert work["rank"].to_dict() == {"a": 1, "b": 2, "c": 3}
    assert made.items["receivable_id"].tolist() == ["R0", "R1", "R3", "R4"]
    assert plan(items, [0.5] * 5).worklist.equals(made.worklist)


def test_actions_follow_grade_schedule_disputes_promises_and_credits():
    items = open_items(
        ("first", 4, 100.0), ("second", 12, 100.0), ("third", 25, 100.0), ("call", 31, 100.0), ("bad", 12, 100.0),
        ("sure", 4, 100.0), ("soon", -3, 100.0), ("disputed", 40, 100.0), ("credit", 40, 10.0), ("credit", 40, -50.0),
        ("broke", 40, 100.0), ("waits", 40, 100.0), ("sister", 40, 100.0),
    )  # fmt: skip
    items.loc[items["customer_id"] == "disputed", "is_disputed"] = True
    items.loc[items["customer_id"] == "sister", "is_intercompany"] = True
    grades = pd.DataFrame({"company_id": "A", "customer_id": ["bad"], "grade": ["E"]})
    promises = pd.DataFrame(
        {
            "company_id": "A", "customer_id": ["broke", "waits"], "receivable_id": None,
            "promised_date": AS_OF.normalize() + pd.to_timedelta([-5, 5], unit="D"), "state": ["broken", "open"],
            "amount": [100.0, 100.0], "amount_reporting": [200.0, 200.0],
        }
    )  # fmt: skip
    paid = [0.5] * len(items)
    paid[5] = 0.97
    made = plan(items, paid, grades=grades, promises=promises)
    assert actions(made.worklist) == {
        "first": "reminder_1", "second": "reminder_2", "third": "reminder_3", "call": "call", "bad": "call",
        "sure": "pays_anyway", "soon": "watch", "disputed": "dispute_desk", "credit": "apply_credit",
        "broke": "promise_follow_up", "waits": "wait_for_promise", "sister": "intercompany",
    }  # fmt: skip
    moved = made.worklist.set_index("customer_id")["expected_moved"]
    assert (moved[["disputed", "credit", "sister"]] == 0).all()
    assert made.worklist["customer_id"].iloc[-1] == "sister"
    broken = made.alerts[made.alerts["alert"] == "broken_promise"]
    assert broken[["customer_id", "value", "reference"]].to_numpy().tolist() == [["broke", 5.0, 100.0]]


def test_credits_reduce_what_there_is_to_move():
    items = open_items(("a", 5, 100.0), ("b", 5, 100.0), ("b", 5, -60.0))
    moved = plan(items, [0.5] * 3).worklist.set_index("customer_id")["expected_moved"]
    assert moved["a"] == pytest.approx(CALL_EFFECT * 50)
    assert moved["b"] == pytest.approx(0.4 * moved["a"])


def test_an_item_without_a_forecast_has_the_chance_of_its_age():
    items = open_items(("a", 100, 100.0), ("b", 95, 100.0), ("c", 5, 100.0))
    known = timing(items, [0.2, 0.4, 0.9]).iloc[[0, 2]]
    made = plan_collections(items, known, AS_OF, schedule=SCHEDULE, grades=NO_GRADES)
    assert made.items.set_index("receivable_id").loc["R1", "probability_paid"] == pytest.approx(0.2)
    alone = plan_collections(items, known.iloc[:0], AS_OF, schedule=SCHEDULE, grades=NO_GRADES)
    assert (alone.items["probability_paid"] == 0.5).all()


def test_the_order_depends_little_on_what_a_call_is_assumed_to_do():
    random = np.random.default_rng(3)
    rows = [
        (f"C{n:03d}", int(days), float(amount))
        for n, (days, amount) in enumerate(zip(random.integers(1, 90, 200), random.lognormal(8, 1.5, 200), strict=True))
    ]
    items = open_items(*rows)
    paid = list(random.beta(2, 1, 200))
    usual = plan(items, paid).worklist.set_index("customer_id")
    for effect in (CALL_EFFECT / 4, 4 * CALL_EFFECT):
        other = plan(items, paid, call_effect=effect).worklist.set_index("customer_id")
        assert usual["rank"].equals(other["rank"][usual.index]), "the size moves all alike"
    # were a call to work on some customers half as well and on others half as well again
    uneven = usual["expected_moved"] * random.uniform(0.5, 1.5, len(usual))
    assert uneven.rank(ascending=False).corr(usual["rank"]) > 0.95
    # were it to raise the daily chance of payment by half instead (proportional hazards)
    unpaid = 1 - usual["probability_paid"]
    hazards = usual["overdue_amount"] * (unpaid - unpaid**1.5)
    assert hazards.rank(ascending=False).corr(usual["rank"]) > 0.9


def test_alerts_of_items_expected_late_less_sure_than_before_and_of_customers_slower_than_their_habit():
    items = open_items(("late", 2, 100.0), ("usual", 2, 90.0), ("fell", 2, 80.0), ("slower", -20, 70.0))
    days = {"late": [3], "usual": [17], "fell": [20], "slower": [2]}
    receipts = [
        (customer, AS_OF - pd.Timedelta(days=100 + 10 * n), late + n % 3)
        for customer, (late,) in days.items() for n in range(12)
    ] + [("slower", AS_OF - pd.Timedelta(days=5 * n), 15 + n % 3) for n in range(6)]  # fmt: skip
    history = pd.DataFrame(receipts, columns=["customer_id", "cleared_date", "late"])
    history = history.assign(
        company_id="A", receivable_id=[f"H{n}" for n in range(len(history))],
        due_date=history["cleared_date"] - pd.to_timedelta(history["late"], unit="D"),
    )  # fmt: skip
    earlier = pd.DataFrame(
        {
            "receivable_id": ["R0", "R2"], "forecast_as_of": AS_OF - pd.Timedelta(days=7),
            "probability_paid_30": [0.6, 0.9],
        }
    )  # fmt: skip
    made = plan(items, [0.5, 0.5, 0.6, 0.5], earlier=earlier, history=history).alerts
    seen = dict(zip(zip(made["customer_id"], made["alert"], strict=True), made["value"], strict=True))
    assert seen == {
        ("late", "expected_late"): 20.0,
        ("fell", "probability_fell"): pytest.approx(0.6),
        ("slower", "expected_late"): 20.0,
        ("slower", "slower_than_habit"): pytest.approx(16.0),
    }
    assert made["rank"].tolist() == [1, 2, 3, 4]
    assert made["amount_reporting"].is_monotonic_decreasing


def test_an_empty_list_and_amounts_without_a_rate():
    nothing = open_items().astype({"amount": float, "amount_reporting": float})
    made = plan(nothing, [])
    assert len(made.worklist) == len(made.items) == len(made.alerts) == 0
    without = open_items(("a", 5, 100.0)).assign(amount_reporting=np.nan)
    made = plan(without, [0.5])
    assert made.worklist["rank"].tolist() == [1]
    assert made.worklist["expected_moved"].iloc[0] > 0


def test_order_of_rows_changes_nothing():
    items = open_items(("a", 5, 100.0), ("a", 9, 40.0), ("b", 5, 100.0), ("b", -3, 33.3), ("c", 61, 10.0))
    first = plan(items, [0.3, 0.6, 0.3, 0.1, 0.2])
    shuffled = items.sample(frac=1, random_state=2)
    forecast = timing(items, [0.3, 0.6, 0.3, 0.1, 0.2]).sample(frac=1, random_state=3)
    second = plan_collections(shuffled, forecast, AS_OF, schedule=SCHEDULE, grades=NO_GRADES)
    pd.testing.assert_frame_equal(first.worklist, second.worklist, check_exact=True)
    pd.testing.assert_frame_equal(first.items, second.items, check_exact=True)
