"""An entry of the decision log, its hash, and what is wrong with a log.

Each entry carries the SHA-256 of its own content, in which the hash of the entry before it stands. So an entry that is
changed, deleted, inserted or moved breaks the chain; a log that is cut off, or rewritten with fresh hashes, contradicts
a *head* (sequence and hash of the last entry at some moment) that was noted elsewhere. Where every writer notes what it
is about to write, an entry that nobody noted came in from outside.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

GENESIS = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One entry. ``recorded_at`` is UTC in ISO 8601; ``concerns`` is the entry that an approval or undo speaks of."""

    sequence: int
    recorded_at: str
    decided_by: str
    action: str
    object: str | None
    record_id: str | None
    other_record_id: str | None
    issue_id: str | None
    attribute: str | None
    value_before: str | None
    value_after: str | None
    reason: str
    concerns: int | None
    previous_hash: str
    hash: str = ""


@dataclass(frozen=True)
class Head:
    """Sequence and hash of an entry, noted at ``place`` outside of the log."""

    sequence: int
    hash: str
    place: str


@dataclass(frozen=True)
class Problem:
    """Something wrong with the log: the entry it shows at, and a sentence."""

    sequence: int
    sentence: str


def hash_of(entry: Entry) -> str:
    """SHA-256 (hexadecimal) of the entry without its hash, as canonical JSON.

    Keys sorted, no spaces, UTF-8: the form of RFC 8785, since all values are text, whole numbers or null.
    """
    content = asdict(entry)
    del content["hash"]
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()


def problems(
    entries: Iterable[Entry], heads: Iterable[Head] = (), begun: frozenset[str] | None = None
) -> list[Problem]:
    """What is wrong with the log, in order of sequence; empty when it is whole. ``entries`` come by sequence.

    ``begun``: hashes of all entries that a writer noted before writing; None where not every writer notes here.
    """
    found: list[Problem] = []
    by_sequence: dict[int, Entry] = {}
    previous_hash, expected = GENESIS, 1
    for entry in entries:
        if entry.sequence != expected:
            found.append(Problem(entry.sequence, f"entry {expected} is missing: {entry.sequence} follows in its place"))
        if entry.hash != hash_of(entry):
            found.append(Problem(entry.sequence, f"entry {entry.sequence} was changed: its content has another hash"))
        if entry.previous_hash != previous_hash:
            found.append(
                Problem(
                    entry.sequence,
                    f"entry {entry.sequence} does not follow the entry before it: "
                    "one was changed, deleted, inserted or moved",
                )
            )
        if begun is not None and entry.hash not in begun:
            found.append(Problem(entry.sequence, f"entry {entry.sequence} was not written through the product"))
        by_sequence[entry.sequence] = entry
        previous_hash, expected = entry.hash, entry.sequence + 1
    for head in heads:
        known = by_sequence.get(head.sequence)
        if known is None:
            found.append(Problem(head.sequence, f"entry {head.sequence} is missing, and {head.place} knows it"))
        elif known.hash != head.hash:
            found.append(Problem(head.sequence, f"entry {head.sequence} is not the one that {head.place} knows"))
    return sorted(found, key=lambda problem: problem.sequence)
