"""Columns a suite looks at that the master tables do not have: answers that one column alone cannot give.

Every function takes columns and returns one of the same length. A yes/no column is missing where its rule does not
apply, and Great Expectations leaves missing values out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd


@dataclass(frozen=True)
class Context:
    """What a suite may see besides its own frame: the other master frames, and the day the data stands for."""

    frames: dict[str, pd.DataFrame]
    as_of: date

    def values(self, object_: str, column: str) -> pd.Series:
        """A column of another master frame, empty where the frame or the column is not there."""
        frame = self.frames.get(object_)
        if frame is None or column not in frame:
            return pd.Series(dtype="str")
        return frame[column].dropna()


def trimmed(frame: pd.DataFrame) -> pd.DataFrame:
    """A copy with rows numbered from 0, texts without outer blanks, and empty texts missing."""
    frame = frame.reset_index(drop=True)
    for column in frame.columns:
        values = frame[column]
        is_text = isinstance(values.dtype, pd.StringDtype) or (
            values.dtype == object and pd.api.types.infer_dtype(values, skipna=True) in ("string", "empty")
        )
        if is_text:
            text = values.astype("str").str.strip()
            frame[column] = text.mask(text == "")
    return frame


def given_where_provided(frame: pd.DataFrame, column: str) -> pd.Series:
    """Whether a record has the attribute; missing for sources that have it on no record at all.

    An ERP that does not keep, say, tax identifiers cannot be mended record by record: one gap of the source would
    become as many issues as it has records. So completeness is asked only of sources that keep the attribute.
    """
    given = frame[column].notna()
    provided = given.groupby(frame["source_system"]).transform("any")
    return given.astype("boolean").where(provided)


def in_one_source_only(value: pd.Series, source_system: pd.Series) -> pd.Series:
    """Whether all records with this value come from the same source; missing where the value is."""
    sources = source_system.groupby(value).transform("nunique")
    return sources.le(1).astype("boolean").where(value.notna())


def not_among(value: pd.Series, others: pd.Series) -> pd.Series:
    """Whether the value is none of ``others``; missing where the value is."""
    return (~value.isin(others)).astype("boolean").where(value.notna())


def agrees(left: pd.Series, right: pd.Series) -> pd.Series:
    """Whether two columns hold the same value; missing where either is."""
    return left.eq(right).astype("boolean").where(left.notna() & right.notna())
