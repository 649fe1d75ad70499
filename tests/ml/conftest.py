"""A made-up group of customers with different habits, small enough to fit in a second."""

import numpy as np
import pandas as pd
import pytest

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


@pytest.fixture(scope="session")
def history() -> pd.DataFrame:
    return make_history()


@pytest.fixture(scope="session")
def as_of() -> pd.Timestamp:
    return pd.Timestamp("2025-11-15")
