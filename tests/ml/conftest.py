"""A made-up group of customers with different habits, small enough to fit in a second."""

import numpy as np
import pandas as pd
import pytest

from ml.cash_in import CashInData
from ml.features import DAY

HABIT_DAYS_LATE = {"punctual": 0, "early": -5, "late": 12, "very_late": 30}


def make_history(rows: int = 800, seed: int = 3) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    customer = random.choice(list(HABIT_DAYS_LATE), rows)
    invoice_date = pd.Timestamp("2025-01-01") + pd.to_timedelta(random.integers(0, 365, rows), unit="D")
    due_date = invoice_date + pd.Timedelta(days=30)
    days_late = np.array([HABIT_DAYS_LATE[c] for c in customer]) + random.integers(-2, 4, rows)
    return pd.DataFrame(
        {
            "receivable_id": [f"erp:{n}" for n in range(rows)],
            "company_id": random.choice(["erp:1", "erp:2"], rows),
            "customer_id": customer,
            "invoice_date": invoice_date,
            "due_date": due_date,
            "cleared_date": due_date + pd.to_timedelta(days_late, unit="D"),
            "amount": random.integers(100, 5000, rows).astype(float),
            "currency": "EUR",
        }
    )


def _empty(columns: str) -> pd.DataFrame:
    frame = pd.DataFrame({name: pd.Series(dtype=object) for name in columns.split()})
    dates = [name for name in frame if name.endswith("_date") or name == "day"]
    return frame.astype(dict.fromkeys(dates, "datetime64[ns]") | ({"amount": float} if "amount" in frame else {}))


def make_cash_in(history: pd.DataFrame) -> CashInData:
    """What is known of money to come in where every invoice was ordered five days before and is paid at once."""
    invoices = history.sort_values("receivable_id", ignore_index=True)
    paid = invoices[invoices["cleared_date"].notna()]
    payments = pd.DataFrame(
        {
            "receivable_id": paid["receivable_id"], "day": paid["cleared_date"], "kind": "payment",
            "amount": paid["amount"],
        }
    )  # fmt: skip
    sales = invoices.rename(columns={"receivable_id": "sale_id"})
    sales = sales.assign(order_date=sales["invoice_date"] - 5 * DAY, promised_date=sales["invoice_date"])
    names = sorted(history["customer_id"].unique())
    return CashInData(
        invoices=invoices,
        payments=payments,
        sales=sales.drop(columns="cleared_date"),
        notes=_empty(
            "note_id company_id customer_id currency received_date maturity_date ended_date ending amount cash"
        ),
        credits=_empty("credit_id company_id customer_id currency day cleared_date amount"),
        customers=pd.DataFrame(
            {"customer_id": names, "region": "DE Hamburg", "segment": [None, *["Key"] * 3][: len(names)]}
        ),
        companies=pd.DataFrame({"company_id": ["erp:1", "erp:2"], "country": ["DE", "CN"], "currency": "EUR"}),
    )


@pytest.fixture(scope="session")
def history() -> pd.DataFrame:
    return make_history()


@pytest.fixture(scope="session")
def as_of() -> pd.Timestamp:
    return pd.Timestamp("2025-11-15")
