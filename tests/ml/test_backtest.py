import json
import re
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from ml.backtest import InvoicesError, backtest_receipts, parse_invoices
from ml.hazard import PaymentHazard
from ml.receipts import CustomerRecent
from tests.ml.conftest import make_history

TEXT = pd.DataFrame(
    {
        "customerID": ["a", "b", "a"],
        "DueDate": ["1/31/2025", "2/13/2025", "3/1/2025"],
        "SettledDate": ["2/2/2025", "", "3/1/2025"],
        "amount": ["1,250.50", "10", "-3"],
    }
)
COLUMNS = {"customer": "customerID", "due_date": "DueDate", "cleared_date": "SettledDate"}


def invoices(with_invoice_date: bool = True) -> pd.DataFrame:
    data = make_history(600).rename(columns={"customer_id": "customer"})
    data = data[["customer", "invoice_date", "due_date", "cleared_date", "amount"]]
    return data if with_invoice_date else data.assign(invoice_date=pd.NaT)


def small() -> PaymentHazard:
    return PaymentHazard(15, rounds=6)


def test_other_headings_and_american_dates():
    made = parse_invoices(TEXT, COLUMNS)
    assert made["due_date"].dt.strftime("%Y-%m-%d").tolist() == ["2025-01-31", "2025-02-13", "2025-03-01"]
    assert made["cleared_date"].isna().tolist() == [False, True, False]
    assert made["amount"].tolist() == [1250.5, 10.0, -3.0]
    assert made["invoice_date"].isna().all()


@pytest.mark.parametrize(
    ("change", "columns", "message"),
    [
        ({}, {}, "column customer, due_date, cleared_date not found; the file has customerID"),
        ({}, COLUMNS | {"terms": "Terms"}, "column Terms not found"),
        ({}, COLUMNS | {"amounts": "amount"}, "'amounts' is not one of customer"),
        ({"DueDate": ["1/31/2025", "soon", "3/1/2025"]}, COLUMNS, r"row 3, column DueDate: 'soon' is not a date"),
        ({"DueDate": ["1/31/2025", "", "3/1/2025"]}, COLUMNS, r"row 3, column DueDate: is empty"),
        ({"amount": ["1", "2", "three"]}, COLUMNS, r"row 4, column amount: 'three' is not a number"),
        ({"customerID": ["a", None, "b"]}, COLUMNS, r"row 3, column customerID: is empty"),
    ],
)
def test_bad_input_is_one_line_that_says_where(change, columns, message):
    with pytest.raises(InvoicesError, match=message) as caught:
        parse_invoices(TEXT.assign(**change), columns)
    assert "\n" not in str(caught.value)


def test_no_rows_and_nothing_to_score():
    with pytest.raises(InvoicesError, match="no rows"):
        parse_invoices(TEXT.head(0), COLUMNS)
    with pytest.raises(InvoicesError, match="due dates run to 2026-01-30"):
        backtest_receipts(invoices(), pd.Timestamp("2027-01-01"))


@pytest.mark.parametrize("with_invoice_date", [True, False])
def test_later_receipts_change_no_earlier_forecast(with_invoice_date):
    data = invoices(with_invoice_date)
    cut = pd.Timestamp("2025-10-06")
    whole = backtest_receipts(data, pd.Timestamp("2025-10-01"), model=small()).predictions
    known = data.assign(cleared_date=data["cleared_date"].where(data["cleared_date"] <= cut))
    # an invoice is known from its date, or where it has none from its forecast day, or once paid
    due_soon = known["due_date"] <= cut + pd.Timedelta(days=15)
    known = known[due_soon | (known["invoice_date"] <= cut) | known["cleared_date"].notna()]
    partly = backtest_receipts(known, pd.Timestamp("2025-10-01"), model=small()).predictions
    assert partly["cleared_date"].isna().any()
    columns = ["customer", "due_date", "amount", "p10_days_late", "p50_days_late", "p90_days_late", "mean_days_late"]
    partly = partly[partly["due_date"] <= cut + pd.Timedelta(days=15)].reset_index(drop=True)
    before = whole[whole["due_date"] <= cut + pd.Timedelta(days=15)].reset_index(drop=True)
    pd.testing.assert_frame_equal(partly[columns], before[columns], check_exact=True)


def test_every_invoice_is_forecast_and_scored_beside_baselines():
    data = invoices()
    data.loc[data["due_date"].idxmax(), "cleared_date"] = pd.NaT
    said: list[str] = []
    result = backtest_receipts(data, pd.Timestamp("2025-12-15"), 15, said.append, small())
    due = data[data["due_date"] >= "2025-12-15"]
    assert len(result.predictions) == len(due)
    assert list(result.predictions.columns) == [
        "customer", "due_date", "cleared_date", "amount", "p10_days_late", "p50_days_late", "p90_days_late",
        "mean_days_late",
    ]  # fmt: skip
    p = result.predictions
    assert ((p["p10_days_late"] <= p["p50_days_late"]) & (p["p50_days_late"] <= p["p90_days_late"])).all()
    scores = json.loads(json.dumps(result.scores))
    assert (scores["scored"], scores["unscored_not_cleared"]) == (len(due) - 1, 1)
    late = (p["cleared_date"] - p["due_date"]).dt.days
    own = (p["p50_days_late"] - late).abs().mean()
    assert scores["metrics"]["model"]["mean_absolute_error_days"] == pytest.approx(own, abs=1e-4)
    assert own < scores["metrics"]["due_date"]["mean_absolute_error_days"]
    assert 0.65 < scores["coverage"]["80"] <= 1.0
    assert "pays on due date" in result.report_markdown
    assert "plain boosting, 12 inputs" in result.report_markdown
    assert sum(by["invoices"] for by in scores["by_customer_receipts"].values()) == scores["scored"]
    shares = [point["share_paid"] for point in scores["calibration"]]
    assert shares == sorted(shares)
    assert len(shares) == 17
    assert ElementTree.fromstring(result.calibration_svg).tag.endswith("svg")
    assert said[-1].startswith(f"week {len(said)} of {len(said)}")


def test_an_invoice_already_paid_is_not_told_its_own_receipt():
    data = invoices()
    paid_at_once = data["due_date"].idxmax()
    data.loc[paid_at_once, "cleared_date"] = data.loc[paid_at_once, "due_date"] - pd.Timedelta(days=28)
    result = backtest_receipts(data, data["due_date"].max(), 15, model=CustomerRecent(15))
    row = result.predictions.loc[
        result.predictions["cleared_date"] < result.predictions["due_date"] - pd.Timedelta(days=20)
    ]
    assert len(row) == 1
    assert result.scores["already_paid_on_forecast_day"] == 1
    assert row["p10_days_late"].iloc[0] > -20


def odd(rows: int, **columns) -> pd.DataFrame:
    day = pd.Timestamp("2026-01-05") + pd.to_timedelta(np.arange(rows) % 21, unit="D")
    frame = {"customer": "a", "due_date": day, "cleared_date": day + pd.Timedelta(days=3), "amount": 100.0}
    return pd.DataFrame(frame | columns)


@pytest.mark.parametrize(
    ("data", "remark"),
    [
        (odd(30, customer=[*["a"] * 28, "new", "new"]), "customers without a receipt by then"),
        (odd(30, currency=[*["EUR"] * 28, "CHF", "CHF"]), r"CHF \(2\): too few invoices"),
        (odd(30), "span 20 days only"),
        (odd(30).assign(cleared_date=lambda d: d["due_date"] - pd.Timedelta(days=4)), "paid before it was due"),
        (odd(30, amount=[*[100.0] * 29, -5.0]), "1 rows have an amount of zero or less"),
        (odd(30, invoice_number=[*map(str, range(29)), "0"]), "2 rows share their invoice number"),
        (odd(30, cleared_date=pd.NaT), "No invoice is cleared"),
    ],
)
def test_odd_histories_are_forecast_and_said_to_be_odd(data, remark):
    columns = {name: name for name in data.columns if name not in ("customer", "due_date", "cleared_date", "amount")}
    result = backtest_receipts(parse_invoices(data.astype(object), columns), pd.Timestamp("2026-01-20"))
    middle = result.predictions["p50_days_late"]
    assert len(middle)
    assert middle.between(-60, 60).all()
    assert any(re.search(remark, said) for said in result.scores["remarks"]), result.scores["remarks"]
    json.dumps(result.scores, allow_nan=False)
