"""Open items of a customer with what is forecast of them and why."""

from __future__ import annotations

import pandas as pd

from dashboards.components.figures import is_missing
from dashboards.components.language import t_value
from dashboards.components.reasons import reasons_in_words
from dashboards.components.table import show_table


def show_open_items(items: pd.DataFrame, key: str, currency: str) -> None:
    """The frame of ``queries.collections.open_invoices_of``, in words."""
    told = [f"reason_{n}{part}" for n in (1, 2, 3) for part in ("", "_days", "_value")]
    show_table(
        items.rename(columns={"action": "collection_action"}).assign(
            reasons=reasons_in_words(items),
            collection_action=[
                t_value("collection_action", name) if name else "" for name in items["action"].fillna("")
            ],
            is_disputed=[
                "" if is_missing(flag) else t_value("yes_no", str(bool(flag))) for flag in items["is_disputed"]
            ],
        ),
        key,
        file_name="open_invoices_of_customer.csv",
        currency=currency,
        hidden=("receivable_id", *told),
    )
