"""What a steward may decide, and which decisions hold: plain functions over entries, no database."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from dagster_project.errors import SettlehouseError
from dagster_project.stewardship.chain import Entry

MERGE, KEEP_APART, SET_ATTRIBUTE = "merge", "keep_apart", "set_attribute"
ACCEPT_FAULT, ASSIGN_OWNER, COMMENT = "accept_fault", "assign_owner", "comment"
ADD_MEMO, CHANGE_MEMO, WITHDRAW_MEMO = "add_memo", "change_memo", "withdraw_memo"
APPROVE, REJECT, UNDO = "approve", "reject", "undo"
# Of collectors: what a customer promised to pay, and what a person says to a proposal to stop deliveries.
PROMISE, FREEZE_CREDIT, KEEP_CREDIT = "promise", "freeze_credit", "keep_credit"
# Of accounts receivable: what a bank line pays, and what it does not.
APPLY_CASH, REJECT_CASH = "apply_cash", "reject_cash"
DECISIONS = (
    MERGE, KEEP_APART, SET_ATTRIBUTE, ACCEPT_FAULT, ASSIGN_OWNER, COMMENT,
    PROMISE, FREEZE_CREDIT, KEEP_CREDIT, APPLY_CASH, REJECT_CASH,
)  # fmt: skip
MEMO_ACTIONS = (ADD_MEMO, CHANGE_MEMO, WITHDRAW_MEMO)
ANSWERS = (APPROVE, REJECT, UNDO)

PROPOSED, EFFECTIVE, REJECTED = "proposed", "effective", "rejected"
UNDONE, SUPERSEDED, VOID = "undone", "superseded", "void"
STATES = (PROPOSED, EFFECTIVE, REJECTED, UNDONE, SUPERSEDED, VOID)

# Whoever changes one of these alone could send money elsewhere, or book it to another party.
SENSITIVE_ATTRIBUTES = ("bank_account_number", "iban", "tax_identifier", "payment_term_days")


class DecisionError(SettlehouseError):
    """A decision that can't be recorded; the message says why and what to do."""


@dataclass(frozen=True)
class Decision:
    """An entry and what has become of it.

    ``state``: proposed (waits for a second person), effective, rejected, undone, superseded (a later decision on the
    same thing holds), void (it should never have been written: an approval by the proposer). ``answered_by`` is who
    approved, rejected or undid it; ``effective_from`` the entry by which it took effect.
    """

    entry: Entry
    state: str
    answered_by: str | None = None
    effective_from: int | None = None

    @property
    def holds(self) -> bool:
        return self.state == EFFECTIVE


@dataclass(frozen=True)
class Promise:
    """What a customer promised: ``amount`` by the end of ``promised``, said on ``given`` (both days inclusive).

    As text, in an entry: ``12500.00 EUR by 2026-11-15, given 2026-11-01``.
    """

    amount: Decimal
    currency: str
    promised: date
    given: date

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency} by {self.promised}, given {self.given}"

    @classmethod
    def of(cls, entry: Entry) -> Promise | None:
        """The promise that an entry notes; None where its text is none, as in an entry written past the product."""
        found = re.fullmatch(r"([0-9.]+) (\S+) by ([0-9-]{10}), given ([0-9-]{10})", entry.value_after or "")
        try:
            return found and cls(Decimal(found[1]), found[2], *map(date.fromisoformat, found.group(3, 4)))
        except (ValueError, ArithmeticError):
            return None


def person(name: str) -> str:
    """A name as it is compared: width, case and spaces do not make another person."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def is_sensitive(entry: Entry) -> bool:
    """Whether the decision needs a second person."""
    return entry.action == SET_ATTRIBUTE and entry.attribute in SENSITIVE_ATTRIBUTES


def decisions(entries: Iterable[Entry]) -> list[Decision]:
    """Every entry with its state, by sequence. Entries come by sequence.

    The rules are applied here again, not only when an entry is written: an approval by the proposer himself that was
    slipped into the store gives nothing effect.
    """
    known: dict[int, Decision] = {}
    for entry in entries:
        known[entry.sequence] = _received(entry, known)
    holding: dict[Hashable, int] = {}
    for decision in sorted(known.values(), key=lambda d: d.effective_from or 0):
        subject = _subject(decision.entry)
        if not decision.holds or subject is None:
            continue
        if subject in holding:
            known[holding[subject]] = replace(known[holding[subject]], state=SUPERSEDED)
        holding[subject] = decision.entry.sequence
    return [known[sequence] for sequence in sorted(known)]


def check_answer(action: str, concerns: int, by: str, known: Iterable[Decision]) -> Decision:
    """The decision that an approval, a rejection or an undo speaks of; raises DecisionError when it may not."""
    target = next((decision for decision in known if decision.entry.sequence == concerns), None)
    if target is None:
        raise DecisionError(f"there is no decision {concerns}. See `settlehouse steward list`")
    if action == UNDO:
        if target.entry.action in ANSWERS:
            raise DecisionError(
                f"entry {concerns} ({target.entry.action}) is no decision: decide anew instead of undoing it"
            )
        if target.state not in (PROPOSED, EFFECTIVE):
            raise DecisionError(f"decision {concerns} is {target.state} and can't be undone")
        return target
    if target.state != PROPOSED:
        raise DecisionError(f"decision {concerns} is {target.state}: it does not wait for a second person")
    if action == APPROVE and person(by) == person(target.entry.decided_by):
        raise DecisionError(
            f"decision {concerns} was proposed by {target.entry.decided_by}: a second, different person must approve it"
        )
    return target


def _received(entry: Entry, known: dict[int, Decision]) -> Decision:
    """State of an entry when it comes; changes the decision it speaks of in ``known``."""
    if entry.action in (*DECISIONS, *MEMO_ACTIONS):
        if is_sensitive(entry):
            return Decision(entry, PROPOSED)
        return Decision(entry, EFFECTIVE, effective_from=entry.sequence)
    try:
        target = check_answer(entry.action, entry.concerns or 0, entry.decided_by, known.values())
    except DecisionError:
        return Decision(entry, VOID)
    asked = target.entry
    if entry.action == UNDO:
        if target.state == EFFECTIVE and is_sensitive(asked):
            return Decision(entry, PROPOSED)
        known[asked.sequence] = replace(target, state=UNDONE, answered_by=entry.decided_by)
    elif entry.action == REJECT:
        known[asked.sequence] = replace(target, state=REJECTED, answered_by=entry.decided_by)
    elif asked.action == UNDO:
        known[asked.sequence] = replace(target, state=EFFECTIVE, answered_by=entry.decided_by)
        undone = known.get(asked.concerns or 0)
        if undone is not None and undone.holds:
            known[undone.entry.sequence] = replace(undone, state=UNDONE, answered_by=asked.decided_by)
    else:
        known[asked.sequence] = replace(
            target, state=EFFECTIVE, answered_by=entry.decided_by, effective_from=entry.sequence
        )
    return Decision(entry, EFFECTIVE)


def _subject(entry: Entry) -> Hashable | None:
    """What a decision is about: of several that hold on one subject, the last one counts."""
    if entry.action in (MERGE, KEEP_APART):
        return ("pair", entry.object, frozenset((entry.record_id, entry.other_record_id)))
    if entry.action == SET_ATTRIBUTE:
        return ("attribute", entry.object, entry.record_id, entry.attribute)
    if entry.action in (ACCEPT_FAULT, ASSIGN_OWNER):
        return (entry.action, entry.issue_id)
    if entry.action in (FREEZE_CREDIT, KEEP_CREDIT):
        return ("credit", entry.record_id, entry.other_record_id)
    if entry.action == APPLY_CASH:
        return ("cash", entry.record_id)
    # Of promises none takes another's place: who breaks one and gives a second has broken one.
    if entry.action in MEMO_ACTIONS:
        return ("memo", entry.record_id)
    return None
