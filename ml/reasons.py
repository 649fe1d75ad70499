"""Why an invoice is expected when it is: what the forecast would be if one kind of knowledge were missing.

A group of inputs is replaced by what is usual where nothing is known of it, and the expected date is made again with
the same fitted model; the difference in days is the group's weight (leave one covariate group out: Lei, G'Sell,
Rinaldo, Tibshirani, Wasserman 2018, "Distribution-free predictive inference for regression", section 6, here per
invoice and without a second fit). Weights need not add up to the whole: groups share what they know.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ml.features import GROUPS, days_between
from ml.hazard import PaymentHazard

REASONS = 3
LARGEST = 10_000
"""Reasons are made for so many of the largest items: each group costs a forecast of its own."""
LEAST_DAYS = 0.25
"""What moves the expected date by less is no reason."""
CODES = ("no_history", "already_overdue", *GROUPS)
"""What a reason's value is: no_history: nothing (0); already_overdue: days overdue; customer: median days late of its
last 30 receipts; calendar: ISO weekday of the due date (Monday 1); lately: median days late of its last 10 receipts;
overdue: its items overdue now; amount: times its usual amount; terms: days from invoice to due."""


def reasons(forecaster: PaymentHazard, items: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The three reasons that weigh most for each item open at the end of ``as_of``.

    Returns:
        On the index of ``items``: reason_1, reason_1_days (days by which it moves the expected date; positive is
        later), reason_1_value (see CODES), and the same for _2 and _3; None and NaN where nothing weighs. A customer
        never paid before has no_history first, with what its lack of receipts leaves to the group as a whole.
    """
    as_of = pd.Timestamp(as_of)
    columns = [f"reason_{n}{part}" for n in range(1, REASONS + 1) for part in ("", "_days", "_value")]
    result = pd.DataFrame(np.nan, index=items.index, columns=columns)
    result = result.astype(dict.fromkeys(columns[::3], object))
    chosen = items.assign(text=items["receivable_id"].astype(str) if "receivable_id" in items.columns else "")
    chosen = chosen.sort_values(["amount", "text"], ascending=[False, True]).head(LARGEST)
    if chosen.empty or not hasattr(forecaster, "model_") or forecaster.model_ is None:
        return result
    items = items.loc[items.index.isin(chosen.index)]
    known_on = pd.Series(as_of, index=items.index)
    reached = days_between(known_on, items["due_date"]).to_numpy()
    described = forecaster.history_.describe(items, known_on)
    # all of them from the same inputs, which are made once
    made = [one.mean(reached) for one in forecaster.distributions_without(("", *GROUPS), items, known_on)]
    whole = made[0]
    moved = {group: whole - without for group, without in zip(GROUPS, made[1:], strict=True)}
    not_due = np.minimum(reached, -1.0)
    moved["already_overdue"] = np.where(
        reached > 0, whole - forecaster.distribution_on(items, known_on, reached=not_due).mean(not_due), 0.0
    )
    unknown = described["paid_count"].isna().to_numpy()
    moved["no_history"] = np.where(unknown, np.inf, 0.0)
    moved["customer"] = np.where(unknown, 0.0, moved["customer"])
    values = {
        "no_history": np.zeros(len(items)),
        "already_overdue": reached,
        "customer": described["late_recent_p50"].to_numpy(),
        "calendar": described["due_weekday"].to_numpy() + 1.0,
        "lately": described["late_last_10_p50"].to_numpy(),
        "overdue": described["overdue_count"].to_numpy(),
        "amount": np.exp(described["amount_to_usual"].to_numpy()),
        "terms": described["term_days"].to_numpy(),
    }
    days = np.column_stack([moved[code] for code in CODES])
    value = np.column_stack([values[code] for code in CODES])
    # a reason whose value is not known can't be told
    weight = np.where(np.isnan(value), 0.0, np.abs(np.nan_to_num(days, posinf=np.inf)))
    # ties in the order of CODES
    order = np.argsort(-weight, axis=1, kind="stable")[:, :REASONS]
    rows = np.arange(len(items))
    told: dict[str, Any] = {}
    for number in range(1, REASONS + 1):
        which = order[:, number - 1]
        enough = weight[rows, which] >= LEAST_DAYS
        moves = days[rows, which]
        told[f"reason_{number}"] = [CODES[code] if tell else None for code, tell in zip(which, enough, strict=True)]
        told[f"reason_{number}_days"] = np.where(enough, np.round(np.where(np.isinf(moves), 0.0, moves), 1), np.nan)
        told[f"reason_{number}_value"] = np.where(enough, np.round(value[rows, which], 2), np.nan)
    return pd.DataFrame(told, index=items.index).reindex(result.index)
