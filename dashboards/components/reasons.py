"""Why an invoice is expected when it is, in the reader's words."""

from __future__ import annotations

import pandas as pd

from dashboards.components.language import t


def reason_in_words(code: str | None, days: float | None, value: float | None) -> str:
    """A reason of fct_receivable_forecast as a sentence; empty where there is none.

    Args:
        days: by which it moves the expected date; positive is later.
        value: what is known, in the unit of the code (see the data dictionary).
    """
    if code is None or pd.isna(code):
        return ""
    shown = f"{value:,.1f}" if code == "amount" else f"{value:,.0f}"
    if code == "calendar":
        shown = t(f"reason.weekday_{int(value or 0)}")
    what = t(f"reason.{code}", value=shown)
    if code == "no_history" or days is None or pd.isna(days) or round(abs(days)) == 0:
        return what
    moves = t("reason.later" if days > 0 else "reason.earlier", days=f"{abs(days):,.0f}")
    return t("reason.both", what=what, moves=moves)


def reasons_in_words(items: pd.DataFrame) -> list[str]:
    """The reasons of each row of fct_receivable_forecast (reason_1, _days, _value to reason_3), heaviest first."""
    sentences = [
        [
            reason_in_words(*reason)
            for reason in items[[f"reason_{n}", f"reason_{n}_days", f"reason_{n}_value"]].itertuples(index=False)
        ]
        for n in (1, 2, 3)
    ]
    return ["; ".join(filter(None, row)) for row in zip(*sentences, strict=True)]
