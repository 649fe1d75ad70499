from functools import partial

import numpy as np
import pandas as pd
import pytest

from ml.hazard import PaymentHazard
from ml.receipts import (
    QUANTILES,
    CustomerRecent,
    DueDate,
    SimilarInvoices,
    evenly,
    forecast_receivables,
    known_invoices,
    quantile_name,
)
from tests.ml.conftest import HABIT_DAYS_LATE

MODELS = [DueDate, CustomerRecent, SimilarInvoices, partial(PaymentHazard, rounds=15)]
COLUMNS = [quantile_name(q) for q in QUANTILES]


def open_items(history: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    known = known_invoices(history, as_of)
    return known[known["cleared_date"].isna()]


@pytest.mark.parametrize("model", MODELS)
def test_quantiles_are_ordered_after_as_of_and_probabilities_grow(model, history, as_of):
    items = open_items(history, as_of)
    made = model().fit(history, as_of).predict(items, as_of)
    assert len(made) == len(items) > 20
    assert (np.diff(made[COLUMNS].to_numpy(), axis=1) >= 0).all()
    days_so_far = (as_of - items["due_date"]).dt.days
    assert (made["p01"] >= days_so_far + 1).all()
    paid = made[["probability_paid_30", "probability_paid_60", "probability_paid_90"]].to_numpy()
    assert ((paid >= 0) & (paid <= 1)).all()
    assert (np.diff(paid, axis=1) >= 0).all()


@pytest.mark.parametrize("model", MODELS)
def test_what_comes_after_as_of_changes_no_forecast_by_a_bit(model, history, as_of):
    items = open_items(history, as_of)
    whole = model().fit(history, as_of).predict(items, as_of)
    cut = history[history["invoice_date"] <= as_of]
    cut = cut.assign(cleared_date=cut["cleared_date"].where(cut["cleared_date"] <= as_of))
    changed = history.assign(
        cleared_date=history["cleared_date"].where(history["cleared_date"] <= as_of, pd.Timestamp("2027-01-01")),
        amount=history["amount"].where(history["invoice_date"] <= as_of, 1e6),
    )
    for other in (cut, changed):
        pd.testing.assert_frame_equal(model().fit(other, as_of).predict(items, as_of), whole, check_exact=True)


@pytest.mark.parametrize("model", MODELS)
def test_order_of_rows_changes_nothing_and_neither_does_a_second_run(model, history, as_of):
    items = open_items(history, as_of)
    first = model().fit(history, as_of).predict(items, as_of)
    shuffled = history.sample(frac=1.0, random_state=5)
    second = model().fit(shuffled, as_of).predict(items.sample(frac=1.0, random_state=6), as_of)
    pd.testing.assert_frame_equal(second.loc[first.index], first, check_exact=True)


@pytest.mark.parametrize("model", [CustomerRecent, SimilarInvoices])
def test_habits_are_found(model, history, as_of):
    items = history[(history["due_date"] > as_of + pd.Timedelta(days=6)) & (history["invoice_date"] <= as_of)]
    middle = model().fit(history, as_of).predict(items, as_of)["p50"].groupby(items["customer_id"]).median()
    for customer, habit in HABIT_DAYS_LATE.items():
        assert middle[customer] == pytest.approx(habit + 0.5, abs=1.5), customer


def test_due_date_has_its_middle_on_the_due_date(history, as_of):
    items = history[history["due_date"] == history["due_date"].max()]
    made = DueDate().fit(history, as_of).predict(items, as_of)
    assert made["p50"].round().eq(0).all()


def test_calibrated_interval_covers_near_80_percent_of_later_invoices(history, as_of):
    later = history[(history["due_date"] > as_of) & (history["invoice_date"] <= as_of)]
    later = later[later["cleared_date"] > as_of]
    made = SimilarInvoices().fit(history, as_of).predict(later, as_of)
    late = (later["cleared_date"] - later["due_date"]).dt.days
    assert 0.65 < late.between(made["p10"], made["p90"]).mean() < 0.95
    assert (made["p90"] - made["p10"]).median() < 12


def test_no_history_gives_the_due_date_and_a_wide_interval(history, as_of):
    items = history[history["due_date"] > as_of + pd.Timedelta(days=20)].head(3)
    made = forecast_receivables(history.head(0), items, as_of)
    assert (made["p50_date"] - items["due_date"].to_numpy()).dt.days.abs().max() <= 1
    assert ((made["p90_date"] - made["p10_date"]).dt.days > 30).all()


@pytest.mark.parametrize("rows", [1, 12, 60])
def test_small_history_and_unknown_customer(history, as_of, rows):
    few = history[history["cleared_date"] <= as_of].head(rows)
    items = history[history["due_date"] > as_of].head(2).assign(customer_id="never seen")
    made = forecast_receivables(few, items, as_of)
    assert made["p50_date"].notna().all()
    assert (made["p10_date"] <= made["p90_date"]).all()


def test_forecast_frame_has_the_columns_of_the_published_table(history, as_of):
    items = open_items(history, as_of)
    made = forecast_receivables(history, items, as_of)
    assert list(made.columns) == [
        "forecast_as_of", "receivable_id", "company_id", "customer_id", "expected_payment_date", "p10_date",
        "p50_date", "p90_date", "probability_paid_7", "probability_paid_14", "probability_paid_30",
        "probability_paid_60", "probability_paid_90", "probability_never", "model",
    ]  # fmt: skip
    assert made["receivable_id"].tolist() == items["receivable_id"].tolist()
    assert (made[["expected_payment_date", "p10_date", "p50_date", "p90_date"]] > as_of).all(axis=None)
    assert forecast_receivables(history, items.head(0), as_of).empty


def test_an_item_overdue_beyond_all_experience_still_gets_a_forecast(history, as_of):
    item = history.head(1).assign(due_date=as_of - pd.Timedelta(days=700), invoice_date=pd.NaT)
    made = SimilarInvoices().fit(history, as_of).predict(item, as_of).iloc[0]
    assert 701 <= made["p10"] <= made["p50"] <= made["p90"]
    assert 0 < made["probability_paid_30"] < made["probability_paid_90"] < 1


def test_receivables_without_a_customer_and_dates_in_microseconds(history, as_of):
    dates = ["invoice_date", "due_date", "cleared_date"]
    other = history.astype({column: "datetime64[us]" for column in dates})
    other.loc[other.index[::10], "customer_id"] = None
    made = forecast_receivables(other, open_items(other, as_of), as_of)
    assert made["p50_date"].notna().all()
    assert made["customer_id"].isna().any()


def test_a_long_history_is_learnt_evenly_and_not_from_what_is_not_due_yet(history, as_of):
    """More than a thousand invoices are due later: the newest thousand would be all open and teach nothing."""
    later = pd.concat(
        [history[history["cleared_date"].isna() | (history["due_date"] > as_of)]] * 12, ignore_index=True
    ).assign(cleared_date=pd.NaT, invoice_date=as_of - pd.Timedelta(days=1), due_date=as_of + pd.Timedelta(days=80))
    long = pd.concat([history, later], ignore_index=True)
    assert len(later) > 1_000
    model = PaymentHazard(max_invoices=1_000, rounds=5).fit(long, as_of)
    assert model.model_ is not None
    forest = SimilarInvoices()
    forest.max_rows = 1_000
    assert forest.fit(long, as_of).forest_ is not None


def test_evenly_takes_every_nth():
    rows = pd.DataFrame({"n": range(10)})
    assert evenly(rows, 20) is rows
    assert evenly(rows, 5)["n"].tolist() == [0, 2, 4, 6, 8]
    assert evenly(rows, 4)["n"].tolist() == [0, 2, 5, 7]


def test_who_has_not_paid_for_months_is_not_expected_to_pay_next_month(history, as_of):
    """One invoice in fifty is never paid; what little comes after 75 days does not make the rest come."""
    lost = history["cleared_date"].where(np.arange(len(history)) % 50 != 0)
    item = history.head(1).assign(due_date=as_of - pd.Timedelta(days=150), cleared_date=pd.NaT)
    made = SimilarInvoices().fit(history.assign(cleared_date=lost), as_of).predict(item, as_of).iloc[0]
    assert made["probability_paid_90"] < 0.2
