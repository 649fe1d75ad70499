"""Cells that a spreadsheet shows and does not run."""

from __future__ import annotations

import pandas as pd

# A spreadsheet takes a text that starts so for a formula; the wide forms are what a Chinese keyboard types.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cells(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` with an apostrophe before each text that would run as a formula, in cells and in headings.

    Numbers and dates stay what they are, so a negative amount is not touched; of a column of mixed values the texts
    alone are looked at. Missing values stay missing.
    """
    safe = frame.copy()
    for place in range(len(frame.columns)):
        values = frame.iloc[:, place]
        if _may_hold_text(values):
            cells = [safe_text(value) if isinstance(value, str) else value for value in values]
            # A category knows its own values only, and the new ones may be none of them.
            kind = object if isinstance(values.dtype, pd.CategoricalDtype) else values.dtype
            safe.isetitem(place, pd.array(cells, dtype=kind))  # type: ignore[arg-type]
    safe.columns = pd.Index([safe_text(name) if isinstance(name, str) else name for name in frame.columns])
    return safe


def safe_text(text: str) -> str:
    """``text`` with an apostrophe before it where it would run as a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _may_hold_text(values: pd.Series) -> bool:
    kind = str(values.dtype)
    return kind.startswith(("string", "str", "object", "large_string", "dictionary", "category"))
