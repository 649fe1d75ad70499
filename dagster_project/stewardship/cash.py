"""What a person says that a bank line pays, or does not pay, kept in the decision log. Plain functions over entries."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from dagster_project.stewardship import rules
from dagster_project.stewardship.rules import Decision, DecisionError

OBJECT = "bank_line"


@dataclass(frozen=True)
class CashWord:
    """``shares``: by receivable_id what the payment reduces it by, in the item's currency; empty where the line pays no
    item and stays on account. Runs as of ``known_from`` or later know of it."""

    shares: Mapping[str, Decimal]
    known_from: date

    def text(self) -> str:
        """As the log keeps it."""
        shares = {item: f"{amount:f}" for item, amount in sorted(self.shares.items())}
        return json.dumps({"known_from": self.known_from.isoformat(), "shares": shares}, separators=(",", ":"))


def read(text: str) -> CashWord:
    """The word in an entry; raises DecisionError for a text that is none."""
    try:
        kept = json.loads(text)
        shares = {str(item): Decimal(amount) for item, amount in kept["shares"].items()}
        known_from = date.fromisoformat(kept["known_from"])
    except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation):
        raise DecisionError(f"'{text[:60]}' does not say what a bank line pays") from None
    return CashWord(shares, known_from)


def words(decisions: Iterable[Decision]) -> list[tuple[Decision, CashWord]]:
    """Every decision on a bank line that holds, by sequence."""
    found = []
    for decision in decisions:
        if decision.holds and decision.entry.action in (rules.APPLY_CASH, rules.REJECT_CASH):
            try:
                found.append((decision, read(decision.entry.value_after or "")))
            except DecisionError:  # slipped into the store: the check of the log tells of it
                continue
    return found


def rows_of(word: CashWord) -> list[tuple[str | None, Decimal | None]]:
    """Item and amount, one row each; one empty row where the line pays no item."""
    return [*word.shares.items()] if word.shares else [(None, None)]


def shares_of(texts: Iterable[str]) -> dict[str, Decimal]:
    """``INV-1=120.50`` by item; raises DecisionError that says what is wrong."""
    shares: dict[str, Decimal] = {}
    for text in texts:
        item, equals, amount = text.rpartition("=")
        try:
            shares[item] = Decimal(amount)
        except InvalidOperation:
            equals = ""
        if not equals or not item:
            raise DecisionError(f"'{text}' is not an item and its amount: write it as INV-1042=1250.00")
    return shares
