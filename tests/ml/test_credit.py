import numpy as np
import pandas as pd
import pytest

from ml.credit import (
    COMPONENTS,
    GRADES,
    PRIOR_DEFAULT,
    PRIOR_LOSS_GIVEN_DEFAULT,
    assess_credit,
    default_days,
    default_rates,
    loss_given_default,
    measures,
    score,
)

AS_OF = pd.Timestamp("2025-12-31")
ITEM = {"company_id": "A", "is_disputed": False}


def items(*rows: tuple[str, str, str, str | None, float]) -> pd.DataFrame:
    """customer, posted, due, cleared or None, amount."""
    frame = pd.DataFrame(rows, columns=["customer_id", "posting_date", "due_date", "cleared_date", "amount"])
    for name in ("posting_date", "due_date", "cleared_date"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[ns]")
    return frame.assign(receivable_id=[f"R{n}" for n in range(len(frame))], **ITEM).astype({"receivable_id": object})


def settlements(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    """receivable_id, day, kind, amount."""
    frame = pd.DataFrame(rows, columns=["receivable_id", "settlement_date", "kind", "amount"])
    frame["settlement_date"] = pd.to_datetime(frame["settlement_date"]).astype("datetime64[ns]")
    return frame.astype({"amount": float})


def many(customers: int = 40, months: int = 36, seed: int = 4) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Customers that pay from early to very late, a few never; in two companies, with write-offs."""
    random = np.random.default_rng(seed)
    n = customers * months
    who = np.tile(np.arange(customers), months)
    posted = pd.Timestamp("2023-01-05") + pd.to_timedelta(np.repeat(np.arange(months) * 30, customers), unit="D")
    due = posted + pd.Timedelta(days=30)
    late = np.rint(random.normal(who % 8 * 6 - 5, 6)).astype(int)
    cleared = pd.Series(due + pd.to_timedelta(late, unit="D")).where(random.random(n) > 0.004 * (who % 8), pd.NaT)
    frame = pd.DataFrame(
        {
            "receivable_id": [f"R{i:05d}" for i in range(n)], "company_id": np.where(who % 2, "A", "B"),
            "customer_id": [f"C{w:02d}" for w in who], "posting_date": posted, "due_date": due,
            "cleared_date": cleared, "amount": random.integers(100, 9000, n).astype(float) / 7,
            "is_disputed": random.random(n) < 0.02,
        }
    )  # fmt: skip
    for name in ("posting_date", "due_date", "cleared_date"):
        frame[name] = frame[name].astype("datetime64[ns]")
    paid = frame[frame["cleared_date"].notna()]
    money = paid.assign(settlement_date=paid["cleared_date"], kind="payment")
    lost = frame[frame["cleared_date"].isna()].iloc[::2]
    lost = lost.assign(settlement_date=lost["due_date"] + pd.Timedelta(days=200), kind="write_off")
    made = pd.concat([money, lost])[["receivable_id", "settlement_date", "kind", "amount"]]
    frame.loc[lost.index, "cleared_date"] = lost["settlement_date"]
    return frame, made.reset_index(drop=True)


@pytest.fixture(scope="module")
def group() -> tuple[pd.DataFrame, pd.DataFrame]:
    return many()


def test_points_add_up_and_never_pass_a_hundred():
    assert sum(max(points) for _, points in COMPONENTS.values()) == 100
    made = score(measures(*many(), AS_OF))
    parts = made[[f"points_{name}" for name in COMPONENTS]]
    assert (parts.sum(axis=1) - made["points"]).abs().max() < 1e-9
    assert made["points"].between(0, 100).all()


def test_a_punctual_customer_is_graded_over_a_late_one_and_default_is_e():
    owed = items(
        *(("good", f"2025-{m:02d}-01", f"2025-{m:02d}-20", f"2025-{m:02d}-20", 100.0) for m in range(1, 12)),
        *(("late", f"2025-{m:02d}-01", f"2025-{m:02d}-20", f"2025-{m + 1:02d}-25", 100.0) for m in range(1, 12)),
        *(("gone", f"2025-{m:02d}-01", f"2025-{m:02d}-20", None, 100.0) for m in range(8, 12)),
    )
    made = score(measures(owed, settlements(), AS_OF)).set_index("customer_id")
    assert made.loc["good", "points"] > made.loc["late", "points"] > made.loc["gone", "points"]
    assert made.loc["gone", "in_default"]
    assert made.loc["gone", "grade"] == "E"
    assert made.loc["gone", "oldest_overdue_days"] == 133  # since 2025-08-20
    assert made["grade"].isin([name for name, _ in GRADES]).all()


def test_few_items_are_drawn_to_the_company():
    usual = [("many", f"2025-{m:02d}-01", f"2025-{m:02d}-10", f"2025-{m:02d}-10", 100.0) for m in range(1, 13)]
    one_late = items(*usual, ("one", "2025-03-01", "2025-03-10", "2025-04-09", 100.0))
    made = measures(one_late, settlements(), AS_OF).set_index("customer_id")["payment_days"]
    average = 30 / 13
    assert made["one"] == pytest.approx((30 + 5 * average) / 6)
    assert made["many"] == pytest.approx(5 * average / 17)


def test_default_is_the_day_after_90_days_overdue_with_more_than_one_percent_open_or_a_write_off():
    owed = items(
        ("unpaid", "2025-01-01", "2025-01-31", None, 100.0),
        ("just", "2025-01-01", "2025-01-31", "2025-05-01", 100.0),  # 90 days
        ("rest", "2025-01-01", "2025-01-31", None, 100.0),
        ("lost", "2025-01-01", "2025-01-31", "2025-03-01", 100.0),
        ("credit", "2025-01-01", "2025-01-31", None, -100.0),
    )
    paid = settlements(("R1", "2025-05-01", "payment", 100), ("R2", "2025-02-01", "payment", 99.5),
                       ("R3", "2025-03-01", "write_off", 100))  # fmt: skip
    made = default_days(owed, paid, AS_OF)
    assert list(zip(made["customer_id"], made["default_date"].dt.date.astype(str), strict=True)) == [
        ("lost", "2025-03-01"), ("unpaid", "2025-05-02"),
    ]  # fmt: skip
    assert default_days(owed, paid, pd.Timestamp("2025-05-01"))["customer_id"].tolist() == ["lost"]


def test_without_history_the_assumptions_stand():
    nothing = items()
    rates = default_rates(nothing, settlements(), AS_OF)
    assert dict(zip(rates["grade"], rates["probability_of_default"], strict=True)) == pytest.approx(PRIOR_DEFAULT)
    assert rates["observed_rate"].isna().all()
    assert loss_given_default(nothing, settlements(), AS_OF) == (PRIOR_LOSS_GIVEN_DEFAULT, 0)
    assert assess_credit(nothing, settlements(), AS_OF).assessments.empty


def test_loss_given_default_is_what_is_unpaid_a_year_later():
    owed = items(
        ("half", "2024-01-01", "2024-01-31", None, 100.0),
        ("back", "2024-01-01", "2024-01-31", "2024-08-01", 100.0),
    )
    paid = settlements(("R0", "2024-09-01", "payment", 50), ("R1", "2024-08-01", "payment", 100))
    share, defaults = loss_given_default(owed, paid, AS_OF)
    assert defaults == 2
    assert share == pytest.approx((2 * 0.25 + 10 * PRIOR_LOSS_GIVEN_DEFAULT) / 12)


def test_rates_do_not_fall_from_grade_to_grade_and_follow_the_history(group):
    rates = default_rates(*group, AS_OF)
    assert (np.diff(rates["probability_of_default"]) >= 0).all()
    assert rates["customer_years"].sum() > 20
    assert rates["probability_of_default"].between(0, 1).all()


def test_exposure_limit_and_freeze():
    owed = items(
        ("over", "2025-11-01", "2026-01-10", None, 900.0),
        ("over", "2025-12-01", "2025-12-01", None, -100.0),
        ("none", "2025-11-01", "2026-01-10", None, 900.0),
        ("zero", "2025-11-01", "2026-01-10", None, 1.0),
        ("wrong", "2025-11-01", "2026-01-10", None, 900.0),
        ("paid", "2025-11-01", "2025-12-10", "2025-12-10", 900.0),
        ("old", "2025-08-01", "2025-10-25", None, 900.0),
        ("promiser", "2025-11-01", "2026-01-10", None, 900.0),
    )
    names = ["over", "zero", "wrong", "paid"]
    limits = pd.DataFrame({"company_id": "A", "customer_id": names, "credit_limit": [1000.0, 0.0, -5.0, 10.0]})
    committed = pd.DataFrame(
        {"company_id": "A", "customer_id": ["over"], "note_amount": [150.0], "backlog_amount": [60.0]}
    )
    broken = pd.DataFrame({"company_id": "A", "customer_id": ["promiser"], "broken_count": [2]})
    made = assess_credit(owed, settlements(), AS_OF, limits=limits, commitments=committed, promises=broken)
    found = made.assessments.set_index("customer_id")
    assert found.loc["over", "exposure"] == 1010.0  # 900 less 100, bills 150, backlog 60
    assert found.loc["over", "limit_use"] == pytest.approx(1.01)
    assert found["freeze_reason"].to_dict() == {
        "over": "over_limit", "none": "", "zero": "over_limit", "wrong": "", "paid": "", "old": "overdue,grade",
        "promiser": "broken_promises",
    }  # fmt: skip
    assert found["limit_use"].isna().to_dict() == {name: name not in ("over", "paid") for name in found.index}
    assert found["freeze_proposed"].equals(found["freeze_reason"] != "")


def test_model_and_matrix_stand_side_by_side_over_the_same_open_items(group):
    matrix = pd.DataFrame({"company_id": ["B"], "customer_id": ["C00"], "expected_loss_matrix": [12.5]})
    made = assess_credit(*group, AS_OF, matrix=matrix).assessments
    expected = made["probability_of_default"] * made["loss_given_default"] * made["open_amount"]
    pd.testing.assert_series_equal(made["expected_loss_model"], expected, check_names=False)
    assert made["expected_loss_matrix"].sum() == 12.5
    difference = made["expected_loss_model"] - made["expected_loss_matrix"]
    pd.testing.assert_series_equal(made["expected_loss_difference"], difference, check_names=False)
    assert (made.loc[made["in_default"], "probability_of_default"] == 1).all()


def test_what_comes_after_as_of_changes_nothing_by_a_bit(group):
    owed, paid = group
    as_of = pd.Timestamp("2025-06-30")
    whole = assess_credit(owed, paid, as_of)
    cut = owed[owed["posting_date"] <= as_of]
    cut = cut.assign(cleared_date=cut["cleared_date"].where(cut["cleared_date"] <= as_of))
    changed = owed.assign(amount=owed["amount"].where(owed["posting_date"] <= as_of, 1e6))
    for other, money in ((cut, paid[paid["settlement_date"] <= as_of]), (changed, paid)):
        made = assess_credit(other, money, as_of)
        pd.testing.assert_frame_equal(made.assessments, whole.assessments, check_exact=True)
        pd.testing.assert_frame_equal(made.grades, whole.grades, check_exact=True)


def test_order_of_rows_changes_nothing(group):
    owed, paid = group
    first = assess_credit(owed, paid, AS_OF)
    second = assess_credit(owed.sample(frac=1, random_state=1), paid.sample(frac=1, random_state=2), AS_OF)
    pd.testing.assert_frame_equal(second.assessments, first.assessments, check_exact=True)
    pd.testing.assert_frame_equal(second.grades, first.grades, check_exact=True)
