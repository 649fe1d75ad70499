"""The shape all suites share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from expectations.prepare import Context
from expectations.rules import Rule


@dataclass(frozen=True)
class Suite:
    """The rules of one master object.

    ``prepare`` takes the trimmed frame and the context and returns the columns to add to it, by name. ``conditional``:
    columns of the frame or of ``prepare`` that are there only with evidence or with another object's frame; a rule
    that looks at one is not run without. ``label``: columns that name a record to people; where the first is empty or
    not there, the source key stands for it.
    """

    object: str
    rules: tuple[Rule, ...]
    prepare: Callable[[pd.DataFrame, Context], dict[str, pd.Series]]
    conditional: frozenset[str] = frozenset()
    label: tuple[str, ...] = ("code", "name")

    @property
    def key(self) -> str:
        """The column that identifies a record over all sources."""
        return f"{self.object}_id"

    @property
    def required_columns(self) -> set[str]:
        """Columns the frame must have: its keys, the last of its label and every attribute a rule speaks of."""
        attributes = {rule.attribute for rule in self.rules} - self.conditional
        return {self.key, self.label[-1], "source_system", "source_key"} | attributes
