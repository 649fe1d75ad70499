"""The one door through which pages decide. They add to the stewards' store and know nothing else of ours.

The store is told by the environment, as the published file is; without it the pages show decisions as they were
published, and take none.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from dagster_project.stewardship import rules
from dagster_project.stewardship.cash import shares_of
from dagster_project.stewardship.chain import Head, Problem
from dagster_project.stewardship.directory import MASTER_OBJECTS, Directory, attributes_of
from dagster_project.stewardship.memo import FLOWS as MEMO_FLOWS
from dagster_project.stewardship.memo import RECURRENCES as MEMO_RECURRENCES
from dagster_project.stewardship.memo import memo_of
from dagster_project.stewardship.rules import Decision, DecisionError, person
from dagster_project.stewardship.store import DecisionStore
from dashboards.access import NotReadable, query
from dashboards.sign_in import current_reader

__all__ = [
    "MASTER_OBJECTS",
    "MEMO_FLOWS",
    "MEMO_RECURRENCES",
    "DecisionError",
    "DecisionStore",
    "attributes_of",
    "directory",
    "log",
    "memo_of",
    "person",
    "problems",
    "shares_of",
    "signed_in",
    "store",
    "today",
]  # fmt: skip

STORE_VARIABLE, HEADS_VARIABLE = "SETTLEHOUSE_DECISIONS", "SETTLEHOUSE_DECISION_HEADS"
COLUMNS = (
    "decision_id", "decided_at", "decided_by", "action", "state", "object", "record_id", "other_record_id", "attribute",
    "value_before", "value_after", "reason", "answered_by", "issue_id", "concerns_decision_id", "is_applied",
)  # fmt: skip


def store() -> DecisionStore | None:
    """The stewards' store; None where the environment names none, or the reader's role takes no decisions.

    The log in it is of all records and no one's rows, so it is not for those who only see some.
    """
    if not current_reader().decides:
        return None
    url, heads = os.environ.get(STORE_VARIABLE), os.environ.get(HEADS_VARIABLE)
    return DecisionStore(url, Path(heads)) if url and heads else None


def directory() -> Directory:
    """Looks records and faults up in the published file of this view."""
    return Directory(lambda sql, values: list(query(sql, **values).itertuples(index=False, name=None)))


def signed_in() -> str | None:
    """E-mail address of the reader, or his id where the provider tells none; None where there is no sign-in."""
    return current_reader().who or None


def today() -> date:
    return datetime.now(UTC).date()


def log() -> pd.DataFrame:
    """Every entry as it stands now, newest first, with what became of it; ``is_applied``: the published run knows it.

    Errors: DecisionError when the store can't be opened.
    """
    kept = store()
    if kept is None:
        listed = ", ".join(COLUMNS[:-1])
        try:
            return query(f"select {listed}, true as is_applied from marts.fct_steward_decision order by 1 desc")
        except NotReadable as problem:
            # decisions are of all records: a reader of some rows sees the pages without them
            if problem.reason != "unreadable.closed":
                raise
            return pd.DataFrame(columns=list(COLUMNS))
    return pd.DataFrame(
        [_row(decision, _published_head().sequence) for decision in reversed(kept.decisions())], columns=list(COLUMNS)
    )


def problems() -> list[Problem]:
    """What is wrong with the log, by its own hashes, the heads beside it and the head that the published run knows."""
    kept, head = store(), _published_head()
    return kept.verify([head] if head.sequence else []).problems if kept else []


def _published_head() -> Head:
    known = query("select run_id, decision_entries, decision_head_hash from marts.dim_run").iloc[0]
    return Head(int(known["decision_entries"]), str(known["decision_head_hash"]), f"published run {known['run_id']}")


def _row(decision: Decision, applied_up_to: int) -> tuple[object, ...]:
    entry = decision.entry
    # An approval after the run gives effect after the run.
    counted_from = max(entry.sequence, decision.effective_from or 0)
    return (
        entry.sequence, datetime.fromisoformat(entry.recorded_at).replace(tzinfo=None), entry.decided_by, entry.action,
        decision.state, entry.object, entry.record_id, entry.other_record_id, entry.attribute, entry.value_before,
        entry.value_after, entry.reason, decision.answered_by, entry.issue_id, entry.concerns,
        decision.state != rules.PROPOSED and counted_from <= applied_up_to,
    )  # fmt: skip
