"""Memo records: money that a treasurer expects and no system knows, kept in the decision log like every decision.

A memo record is added, changed and withdrawn by entries of its own; each entry carries the whole record, so that its
history is the log and nothing is rewritten. Plain functions over entries, no database.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from dagster_project.stewardship import rules
from dagster_project.stewardship.rules import Decision, DecisionError

FLOWS = (
    "receipts", "supplier_payments", "payroll", "tax", "intercompany", "debt", "capital_projects", "other",
)  # fmt: skip
RECURRENCES = ("once", "weekly", "monthly", "quarterly", "yearly")
OBJECT = "memo"


@dataclass(frozen=True)
class Memo:
    """What is expected: ``amount`` (money out negative) of ``currency`` on ``first_date`` and as often as
    ``recurrence`` says, up to and including ``end_date``. Forecasts as of ``known_from`` or later know of it."""

    company_id: str
    flow: str
    currency: str
    amount: Decimal
    first_date: date
    recurrence: str
    end_date: date
    known_from: date

    def text(self) -> str:
        """As the log keeps it."""
        return json.dumps({name: str(value) for name, value in asdict(self).items()}, sort_keys=True)


@dataclass(frozen=True)
class MemoVersion:
    """A memo record as one entry of the log left it; ``memo`` is what was withdrawn where ``is_withdrawn``."""

    memo_id: str
    memo: Memo
    is_withdrawn: bool
    known_from: date
    decision: Decision


def memo_of(
    *,
    company_id: str,
    flow: str,
    currency: str,
    amount: Decimal | str,
    first_date: date,
    recurrence: str = "once",
    end_date: date | None = None,
    known_from: date,
) -> Memo:
    """A memo record that may be kept; what comes once ends on its day where no end is given.

    Raises DecisionError that names what is wrong and what is allowed.
    """
    if flow not in FLOWS:
        raise DecisionError(f"'{flow}' is not a flow. There are: {', '.join(FLOWS)}")
    if recurrence not in RECURRENCES:
        raise DecisionError(f"'{recurrence}' is not a recurrence. There are: {', '.join(RECURRENCES)}")
    if not re.fullmatch("[A-Z]{3}", currency):
        raise DecisionError(f"'{currency}' is not a currency: give three capital letters of ISO 4217, such as EUR")
    try:
        money = Decimal(str(amount))
    except InvalidOperation:
        raise DecisionError(f"'{amount}' is not an amount: give a number such as -250000.00") from None
    if not money.is_finite() or money == 0 or abs(money) >= Decimal(10) ** 14:
        raise DecisionError(f"'{amount}' is no amount to expect: money in is positive, money out negative")
    if money != money.quantize(Decimal("0.01")):
        raise DecisionError(f"'{amount}' has more than two decimals")
    if recurrence != "once" and end_date is None:
        raise DecisionError("what recurs needs an end date: a memo record must not be forgotten in the forecast")
    end = end_date or first_date
    if end < first_date:
        raise DecisionError(f"the end date {end} lies before the first date {first_date}")
    return Memo(company_id, flow, currency, money.quantize(Decimal("0.01")), first_date, recurrence, end, known_from)


def read(text: str) -> Memo:
    """The memo record of an entry; raises DecisionError for a text that is none."""
    try:
        kept = json.loads(text)
        dates: dict[str, Any] = {
            name: date.fromisoformat(kept.pop(name)) for name in ("first_date", "end_date", "known_from")
        }
        return memo_of(**kept, **dates)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise DecisionError(f"'{text[:60]}' is not a memo record") from None


def versions(decisions: Iterable[Decision]) -> list[MemoVersion]:
    """Every version of every memo record that was not undone, by sequence."""
    found = []
    for decision in decisions:
        entry = decision.entry
        if entry.action in rules.MEMO_ACTIONS and decision.state in (rules.EFFECTIVE, rules.SUPERSEDED):
            try:
                memo = read(entry.value_after or "")
            except DecisionError:  # slipped into the store: the check of the log tells of it
                continue
            withdrawn = entry.action == rules.WITHDRAW_MEMO
            found.append(MemoVersion(entry.record_id or "", memo, withdrawn, memo.known_from, decision))
    return found


def current(decisions: Iterable[Decision], memo_id: str) -> MemoVersion:
    """The last version of a memo record; raises DecisionError where there is none or it was withdrawn."""
    of_memo = [version for version in versions(decisions) if version.memo_id == memo_id]
    if not of_memo:
        raise DecisionError(f"there is no memo record '{memo_id}'. See `settlehouse memo list`")
    if of_memo[-1].is_withdrawn:
        raise DecisionError(f"{memo_id} was withdrawn: add a new one")
    return of_memo[-1]
