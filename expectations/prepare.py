"""Columns a suite looks at that the master tables do not have: answers that one column alone cannot give.

Every function takes columns and returns one of the same length. A yes/no column is missing where its rule does not
apply, and Great Expectations leaves missing values out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

# Longer than any warranty or frame contract; a record that rests so long invites errors, and fraud.
DORMANT_YEARS = 4


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


def same_account(left: pd.Series, right: pd.Series) -> pd.Series:
    """Whether two columns of account numbers without blanks name one account; missing where either is.

    A bank may print the IBAN of what the ERP keeps as a domestic number: then one ends with the other.
    """
    both = left.notna() & right.notna()
    pairs = zip(left[both], right[both], strict=True)
    same = pd.Series([a.endswith(b) or b.endswith(a) for a, b in pairs], index=left.index[both], dtype="boolean")
    return same.reindex(left.index)


def days_until(as_of: date, day: pd.Series) -> pd.Series:
    """Whole days from each day to ``as_of``, negative for later days; missing where the day is."""
    return (pd.Timestamp(as_of) - pd.to_datetime(day)).dt.days.astype("Int64")


def used_lately(frame: pd.DataFrame, context: Context) -> pd.Series:
    """Whether an active record has had a document within DORMANT_YEARS; missing for others and those without any."""
    age = days_until(context.as_of, frame["last_document_date"])
    is_active = frame["is_active"].astype("boolean").fillna(True)
    return (age <= DORMANT_YEARS * 365.25).astype("boolean").where(is_active)
