"""The transactional store of decisions: SQLite by default, PostgreSQL by URL. Entries are added, never changed."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass, fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagster_project.stewardship import cash, rules
from dagster_project.stewardship import memo as memos
from dagster_project.stewardship.chain import GENESIS, Entry, Head, Problem, hash_of, problems
from dagster_project.stewardship.directory import Directory, checked_value
from dagster_project.stewardship.rules import Decision, DecisionError, Promise

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_LONGEST = {"decided_by": 200, "reason": 4000, "value_after": 4000}
_WAIT_SECONDS = 60
_BEGUN, _KEPT = "begun", "kept"
_BACKUP = "settlehouse decision log 1"
# Held until the end of the transaction: writers queue, readers pass.
_POSTGRESQL_LOCK = "select pg_advisory_xact_lock(7311)"
_TABLE = """create table decision_entry (
    sequence integer primary key, recorded_at text not null, decided_by text not null, action text not null,
    object text, record_id text, other_record_id text, issue_id text, attribute text, value_before text,
    value_after text, reason text not null, concerns integer, previous_hash text not null, hash text not null
)"""
# A log whose entries can be changed by a slip of the hand would be found broken; better that the slip is refused.
_ADD_ONLY = {
    "sqlite": [
        f"""create trigger decision_entry_no_{verb} before {verb} on decision_entry
            begin select raise(abort, 'decisions are added, never changed'); end"""
        for verb in ("update", "delete")
    ],
    "postgresql": [
        """create or replace function decision_entry_is_add_only() returns trigger language plpgsql as
           $$ begin raise exception 'decisions are added, never changed'; end $$""",
        """create trigger decision_entry_add_only before update or delete or truncate on decision_entry
           for each statement execute function decision_entry_is_add_only()""",
    ],
}


@dataclass(frozen=True)
class Verification:
    """What ``verify`` found: how many entries there are, and what is wrong with them."""

    entries: int
    problems: list[Problem]

    @property
    def whole(self) -> bool:
        return not self.problems


class DecisionStore:
    """The decisions at ``url`` (sqlite:///… or postgresql://…).

    ``heads_file`` keeps the head of the log after each entry, outside of the store: who cuts the log off must cut that
    file too, and every published run knows a head besides. Its lines are ``begun`` or ``kept``, sequence, hash: begun
    before an entry is committed, kept after, so that a crash in between is neither a lost nor a foreign entry.
    Raises DecisionError, without secrets, when the store can't be opened, and for every decision that may not be taken.
    """

    def __init__(self, url: str, heads_file: Path) -> None:
        self.url = url
        self.heads_file = heads_file

    # ── reading ──

    def entries(self) -> list[Entry]:
        """The whole log by sequence; empty before the first decision."""
        if self._sqlite_file is not None and not self._sqlite_file.exists():
            return []
        with self._connection("begin") as connection:
            return _entries(connection) if _has_table(connection) else []

    def decisions(self) -> list[Decision]:
        """Every entry with its state."""
        return rules.decisions(self.entries())

    def heads(self) -> list[Head]:
        """The heads noted beside the store, of entries that were committed."""
        return _heads_of(self._noted(), self.heads_file.name)

    def verify(self, more_heads: list[Head] | None = None) -> Verification:
        """Look for entries that were changed, deleted, moved, inserted or cut off.

        ``more_heads``: heads known elsewhere, such as to published runs.
        """
        entries = self.entries()
        # A PostgreSQL store may have writers elsewhere, who note their heads there.
        begun = None if self._sqlite_file is None else frozenset(hash_ for _, _, hash_ in self._noted())
        return Verification(len(entries), problems(entries, [*self.heads(), *(more_heads or [])], begun))

    # ── writing ──

    def merge(
        self, directory: Directory, object_: str, record_id: str, other: str, *, by: str, reason: str
    ) -> Decision:
        """Two records are one real thing."""
        return self._pair(directory, rules.MERGE, object_, record_id, other, by=by, reason=reason)

    def keep_apart(
        self, directory: Directory, object_: str, record_id: str, other: str, *, by: str, reason: str
    ) -> Decision:
        """Two records are two real things, however alike."""
        return self._pair(directory, rules.KEEP_APART, object_, record_id, other, by=by, reason=reason)

    def set_attribute(
        self, directory: Directory, object_: str, record_id: str, attribute: str, value: str, *, by: str, reason: str
    ) -> Decision:
        """The golden record's attribute is ``value``; a sensitive one is a proposal until a second person approves."""
        directory.check_record(object_, record_id)
        return self._add(
            rules.SET_ATTRIBUTE,
            by,
            reason,
            object=object_,
            record_id=record_id,
            attribute=attribute,
            value_before=directory.value_of(object_, record_id, attribute),
            value_after=checked_value(object_, attribute, value.strip()),
        )

    def accept_fault(
        self, directory: Directory, issue_id: str, until: date, *, today: date, by: str, reason: str
    ) -> Decision:
        """The fault is known and may stand up to and including ``until``; then it is open again."""
        issue = directory.issue(issue_id)
        if until < today:
            raise DecisionError(f"{until} lies in the past: accept a fault until {today} or later")
        if issue.status == "resolved":
            raise DecisionError(f"fault {issue.issue_id} is mended already: there is nothing to accept")
        return self._add(
            rules.ACCEPT_FAULT,
            by,
            reason,
            object=issue.object,
            record_id=issue.record_id,
            issue_id=issue.issue_id,
            value_before=issue.status,
            value_after=until.isoformat(),
        )

    def assign_owner(self, directory: Directory, issue_id: str, owner: str, *, by: str, reason: str) -> Decision:
        """``owner`` (a role or a person) mends the fault."""
        issue = directory.issue(issue_id)
        if not owner.strip():
            raise DecisionError("an owner needs a name: give a role such as data_steward, or a person")
        return self._add(
            rules.ASSIGN_OWNER,
            by,
            reason,
            object=issue.object,
            record_id=issue.record_id,
            issue_id=issue.issue_id,
            value_before=issue.owner,
            value_after=owner.strip(),
        )

    def comment(
        self,
        directory: Directory,
        *,
        issue_id: str | None = None,
        object_: str | None = None,
        record_id: str | None = None,
        by: str,
        reason: str,
    ) -> Decision:
        """A remark on a fault or a record; it changes nothing."""
        if issue_id:
            issue = directory.issue(issue_id)
            issue_id, object_, record_id = issue.issue_id, issue.object, issue.record_id
        else:
            directory.check_record(object_ or "", record_id or "")
        return self._add(rules.COMMENT, by, reason, object=object_, record_id=record_id, issue_id=issue_id)

    def promise_receivable(
        self, directory: Directory, receivable: str, amount: Decimal, promised: date, *, given: date, by: str,
        reason: str,
    ) -> Decision:  # fmt: skip
        """A customer promised ``amount`` (in the receivable's currency) of a receivable by the end of ``promised``.

        ``receivable`` is its id or invoice number; ``given`` the day the customer said so.
        """
        owed = directory.receivable(receivable)
        promise = _checked_promise(amount, owed.currency, promised, given, owed.open_amount)
        return self._add(
            rules.PROMISE,
            by,
            reason,
            object="receivable",
            record_id=owed.receivable_id,
            value_before=f"{owed.open_amount:f} {owed.currency} open",
            value_after=str(promise),
        )

    def promise_customer(
        self, directory: Directory, customer_id: str, company_id: str, amount: Decimal, promised: date, *, given: date,
        by: str, reason: str,
    ) -> Decision:  # fmt: skip
        """A customer promised ``amount`` (in the company's currency) of all it owes a company by ``promised``."""
        directory.check_record("customer", customer_id)
        currency = directory.company_currency(company_id)
        owed = directory.open_of_customer(customer_id, company_id)
        promise = _checked_promise(amount, currency, promised, given, owed)
        return self._add(
            rules.PROMISE,
            by,
            reason,
            object="customer",
            record_id=customer_id,
            other_record_id=company_id,
            value_before=f"{owed:f} {currency} open",
            value_after=str(promise),
        )

    def rule_on_credit(
        self, directory: Directory, customer_id: str, company_id: str, *, freeze: bool, by: str, reason: str
    ) -> Decision:
        """A person says whether deliveries to a customer of a company stop; the last word counts.

        Nothing is stopped by it: the operational systems are read, never written.
        """
        directory.check_record("customer", customer_id)
        directory.company_currency(company_id)
        action = rules.FREEZE_CREDIT if freeze else rules.KEEP_CREDIT
        pair = (customer_id, company_id)

        def state_before(known: list[Decision]) -> dict[str, Any]:
            held = [d.entry.action for d in known
                    if d.holds and d.entry.action in (rules.FREEZE_CREDIT, rules.KEEP_CREDIT)
                    and (d.entry.record_id, d.entry.other_record_id) == pair]  # fmt: skip
            return {"value_before": held[-1] if held else None}

        return self._add(
            action,
            by,
            reason,
            check=state_before,
            object="customer",
            record_id=customer_id,
            other_record_id=company_id,
            value_after=action,
        )

    def apply_cash(
        self, directory: Directory, line: str, shares: dict[str, Decimal], *, by: str, reason: str
    ) -> Decision:
        """A bank line pays these items (receivable_id or invoice number → amount in the item's currency); the last word
        on a line counts, and no run changes it. Without items the line is no payment of an invoice."""
        bank_line = directory.bank_line(line)
        owed = [directory.unpaid_item(named) for named in shares]
        named = {item.receivable_id: amount for item, amount in zip(owed, shares.values(), strict=True)}
        if len(named) < len(shares):
            raise DecisionError("an item is named twice: give it once, with the whole amount")
        for item, amount in zip(owed, shares.values(), strict=True):
            if not amount.is_finite() or amount <= 0:
                raise DecisionError(f"{item.receivable_id} can't get {amount}: give an amount above 0")
        same = [named[item.receivable_id] for item in owed if item.currency == bank_line.currency]
        # A bank on the way may have kept a little back: the item gets it all the same.
        if sum(same) > bank_line.amount + max(bank_line.amount / 20, Decimal(1)):
            raise DecisionError(
                f"{sum(same):f} is more than the {bank_line.amount:f} {bank_line.currency} of the bank line"
            )

        def room(known: list[Decision]) -> dict[str, Any]:
            taken: dict[str, Decimal] = {}
            for decision, word in cash.words(known):
                if decision.entry.action == rules.APPLY_CASH and decision.entry.record_id != bank_line.bank_movement_id:
                    for item_id, amount in word.shares.items():
                        taken[item_id] = taken.get(item_id, Decimal(0)) + amount
            for item in owed:
                wanted, left = named[item.receivable_id], item.open_amount - taken.get(item.receivable_id, Decimal(0))
                if wanted > left:
                    raise DecisionError(
                        f"{wanted:f} {item.currency} is more than the {left:f} {item.currency} that no other bank line "
                        f"of a person's decision pays of {item.receivable_id}"
                    )
            asked = (rules.APPLY_CASH, bank_line.bank_movement_id)
            held = [d.entry.value_after for d, _ in cash.words(known) if (d.entry.action, d.entry.record_id) == asked]
            return {"value_before": held[-1] if held else None}

        word = cash.CashWord(named, directory.as_of())
        return self._add(
            rules.APPLY_CASH, by, reason, check=room, object=cash.OBJECT, record_id=bank_line.bank_movement_id,
            value_after=word.text(),
        )  # fmt: skip

    def reject_cash(
        self, directory: Directory, line: str, shares: dict[str, Decimal], *, by: str, reason: str
    ) -> Decision:
        """A bank line does not pay just this set of items: it is proposed for it no more."""
        bank_line = directory.bank_line(line)
        named = {directory.unpaid_item(item).receivable_id: amount for item, amount in shares.items()}
        if not named:
            raise DecisionError("name the items that the bank line does not pay")
        word = cash.CashWord(named, directory.as_of())
        return self._add(
            rules.REJECT_CASH, by, reason, object=cash.OBJECT, record_id=bank_line.bank_movement_id,
            value_after=word.text(),
        )  # fmt: skip

    def add_memo(self, directory: Directory, memo: memos.Memo, *, by: str, reason: str) -> Decision:
        """A treasurer expects money that no system knows; it is called memo- and the number of its entry."""
        directory.check_record("company", memo.company_id)

        def named(known: list[Decision]) -> dict[str, Any]:
            return {"record_id": f"memo-{known[-1].entry.sequence + 1 if known else 1}"}

        return self._add(rules.ADD_MEMO, by, reason, check=named, object=memos.OBJECT, value_after=memo.text())

    def change_memo(self, memo_id: str, memo: memos.Memo, *, by: str, reason: str) -> Decision:
        """The memo record is ``memo`` from now on; raises DecisionError where there is none that holds."""

        def before(known: list[Decision]) -> dict[str, Any]:
            return {"value_before": memos.current(known, memo_id).memo.text()}

        return self._add(
            rules.CHANGE_MEMO, by, reason, check=before, object=memos.OBJECT, record_id=memo_id,
            value_after=memo.text(),
        )  # fmt: skip

    def withdraw_memo(self, memo_id: str, *, known_from: date, by: str, reason: str) -> Decision:
        """The money is not expected any more; forecasts as of ``known_from`` or later do without it."""

        def before(known: list[Decision]) -> dict[str, Any]:
            kept = memos.current(known, memo_id).memo
            return {"value_before": kept.text(), "value_after": replace(kept, known_from=known_from).text()}

        return self._add(rules.WITHDRAW_MEMO, by, reason, check=before, object=memos.OBJECT, record_id=memo_id)

    def approve(self, sequence: int, *, by: str, reason: str) -> Decision:
        """A second, different person agrees to a proposal: from now on it holds."""
        return self._answer(rules.APPROVE, sequence, by, reason)

    def reject(self, sequence: int, *, by: str, reason: str) -> Decision:
        """A proposal is refused, or taken back by its proposer."""
        return self._answer(rules.REJECT, sequence, by, reason)

    def undo(self, sequence: int, *, by: str, reason: str) -> Decision:
        """A decision holds no longer; undoing a sensitive one needs a second person, as taking it did."""
        return self._answer(rules.UNDO, sequence, by, reason)

    def _pair(
        self, directory: Directory, action: str, object_: str, record_id: str, other: str, *, by: str, reason: str
    ) -> Decision:
        if record_id == other:
            raise DecisionError(f"{record_id} is one record: give two different ones")
        directory.check_record(object_, record_id)
        directory.check_record(object_, other)

        def state_before(known: list[Decision]) -> dict[str, Any]:
            pair = {record_id, other}
            held = [d.entry.action for d in known
                    if d.holds and d.entry.object == object_ and {d.entry.record_id, d.entry.other_record_id} == pair
                    and d.entry.action in (rules.MERGE, rules.KEEP_APART)]  # fmt: skip
            return {"value_before": held[-1] if held else None}

        return self._add(
            action,
            by,
            reason,
            check=state_before,
            object=object_,
            record_id=record_id,
            other_record_id=other,
            value_after=action,
        )

    def _answer(self, action: str, sequence: int, by: str, reason: str) -> Decision:
        def of_target(known: list[Decision]) -> dict[str, Any]:
            target = rules.check_answer(action, sequence, by, known)
            asked = target.entry
            return {
                "object": asked.object, "record_id": asked.record_id, "other_record_id": asked.other_record_id,
                "issue_id": asked.issue_id, "attribute": asked.attribute, "value_before": target.state,
                "value_after": {rules.APPROVE: rules.EFFECTIVE, rules.REJECT: rules.REJECTED}.get(action, rules.UNDONE),
            }  # fmt: skip

        return self._add(action, by, reason, check=of_target, concerns=sequence)

    def _add(
        self,
        action: str,
        by: str,
        reason: str,
        *,
        check: Callable[[list[Decision]], dict[str, Any]] | None = None,
        **content: Any,
    ) -> Decision:
        """Add an entry; ``check`` sees the log as it is while no one else can write, and may add content or refuse."""
        content |= {"decided_by": by, "reason": reason}
        content = {name: _clean(name, value) if isinstance(value, str) else value for name, value in content.items()}
        for name, words in (("decided_by", "who decides"), ("reason", "why")):
            if not content[name]:
                raise DecisionError(f"a decision needs to say {words}")
        if self._sqlite_file is not None:
            self._sqlite_file.parent.mkdir(parents=True, exist_ok=True)
        with self._connection("begin immediate") as connection:
            self._lock(connection)
            _make_table(connection)
            log = _entries(connection)
            if check is not None:
                content |= check(rules.decisions(log))
            blank: dict[str, Any] = {field.name: None for field in fields(Entry)}
            entry = Entry(
                **blank
                | content
                | {
                    "sequence": log[-1].sequence + 1 if log else 1,
                    "recorded_at": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                    "action": action,
                    "previous_hash": log[-1].hash if log else GENESIS,
                    "hash": "",
                }
            )
            entry = replace(entry, hash=hash_of(entry))
            _insert(connection, [entry])
            self._note(_BEGUN, entry)
        self._note(_KEPT, entry)
        return rules.decisions([*log, entry])[-1]

    # ── backing up ──

    def back_up(self, file: Path) -> int:
        """Write the whole log and the heads noted beside it to one file, whole or not at all; return the entries.

        The same file restores into either database. Taken while others decide it holds what was committed.
        """
        # Heads first: what is decided in between is in the entries, and a head more would be a lost entry.
        heads = self.heads_file.read_text(encoding="utf-8", errors="replace") if self.heads_file.exists() else ""
        entries = self.entries()
        file.parent.mkdir(parents=True, exist_ok=True)
        unfinished = file.with_name(f".{file.name}.unfinished")
        with unfinished.open("w", encoding="utf-8") as written:
            json.dump(
                {"backup": _BACKUP, "entries": [asdict(entry) for entry in entries], "heads": heads.splitlines()},
                written, ensure_ascii=False, indent=0,
            )  # fmt: skip
            written.flush()
            os.fsync(written.fileno())
        os.replace(unfinished, file)
        return len(entries)

    def restore(self, file: Path, *, accept_loss: bool = False) -> int:
        """Fill an empty store from a backup; return the number of entries.

        Raises DecisionError, and changes nothing, when the store holds entries, the file is no backup or its chain is
        not whole, or heads that outlived the store know later entries; ``accept_loss`` gives these up.
        """
        if held := len(self.entries()):
            raise DecisionError(f"the decision store holds {held} entries: a backup is restored into an empty one only")
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            if content["backup"] != _BACKUP:
                raise ValueError
            entries = [Entry(**entry) for entry in content["entries"]]
            heads = "".join(f"{line}\n" for line in content["heads"])
        except (OSError, ValueError, KeyError, TypeError):
            raise DecisionError(
                f"{file}: not a backup made by `settlehouse steward backup`, or not all of it"
            ) from None
        found = problems(entries, [h for h in _heads_of(_parsed(heads), file.name) if h.sequence <= len(entries)])
        if found:
            raise DecisionError(f"{file}: the log in it is not whole: {found[0].sentence}. Take an older backup")
        lost = [] if accept_loss else problems(entries, self.heads())
        if lost:
            raise DecisionError(
                f"{file} is older than the store was: {lost[0].sentence}. Take a later backup; where there is none, "
                "--accept-loss gives up what was decided since"
            )
        if self._sqlite_file is not None:
            self._sqlite_file.parent.mkdir(parents=True, exist_ok=True)
        with self._connection("begin immediate") as connection:
            self._lock(connection)
            _make_table(connection)
            if _entries(connection):
                raise DecisionError("somebody decided while the backup was being restored: nothing was restored")
            _insert(connection, entries)
            self.heads_file.parent.mkdir(parents=True, exist_ok=True)
            # Every entry restored was written through the product, and the last one is the head.
            begun = "".join(f"{_BEGUN} {entry.sequence} {entry.hash}\n" for entry in entries)
            kept = f"{_KEPT} {entries[-1].sequence} {entries[-1].hash}\n" if entries else ""
            unfinished = self.heads_file.with_name(f".{self.heads_file.name}.unfinished")
            unfinished.write_text(begun + kept, encoding="utf-8")
            os.replace(unfinished, self.heads_file)
        return len(entries)

    # ── the heads beside it ──

    def _note(self, state: str, entry: Entry) -> None:
        self.heads_file.parent.mkdir(parents=True, exist_ok=True)
        with self.heads_file.open("a", encoding="utf-8") as heads:
            heads.write(f"{state} {entry.sequence} {entry.hash}\n")

    def _noted(self) -> list[tuple[str, str, str]]:
        if not self.heads_file.exists():
            return []
        return _parsed(self.heads_file.read_text(encoding="utf-8", errors="replace"))

    # ── the database ──

    @property
    def _sqlite_file(self) -> Path | None:
        return Path(self.url.removeprefix("sqlite:///")) if self.url.startswith("sqlite:///") else None

    @contextmanager
    def _connection(self, begin: str) -> Iterator[Connection]:
        """A transaction, committed at the end of the block; ``begin`` is how SQLite starts it."""
        from sqlalchemy.exc import DBAPIError

        engine = self._engine(begin)
        try:
            with engine.begin() as connection:
                yield connection
        except DBAPIError as error:
            place = engine.url.render_as_string(hide_password=True)
            told = str(error.orig).strip().splitlines()
            if engine.url.password:
                told = [line.replace(str(engine.url.password), "…") for line in told]
            raise DecisionError(
                f"the decision store {place} can't be used: {told[0] if told else 'no answer'}. "
                "See that its server runs and the key stewardship of company.yml is right",
                may_pass=True,
            ) from None
        finally:
            engine.dispose()

    def _engine(self, begin: str) -> Engine:
        from sqlalchemy import create_engine, event
        from sqlalchemy.pool import NullPool

        if self._sqlite_file is None:
            url = "postgresql+psycopg://" + self.url.partition("://")[2]  # the driver by name: its default changed
            return create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": 10})
        engine = create_engine(self.url, poolclass=NullPool, connect_args={"timeout": _WAIT_SECONDS})

        # The driver would begin only at the first write: two writers could then read the same last entry.
        @event.listens_for(engine, "connect")
        def _manual(connection: Any, _: Any) -> None:
            connection.isolation_level = None

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

        return engine

    @staticmethod
    def _lock(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(_POSTGRESQL_LOCK)


_COLUMNS = ", ".join(field.name for field in fields(Entry))


def _checked_promise(amount: Decimal, currency: str, promised: date, given: date, owed: Decimal) -> Promise:
    if not amount.is_finite() or amount <= 0:
        raise DecisionError(f"{amount} can't be promised: give an amount above 0")
    if promised < given:
        raise DecisionError(f"{promised} lies before {given}, the day the promise was given")
    if amount > owed:
        raise DecisionError(f"{amount:f} {currency} is more than the {owed:f} {currency} that are open")
    return Promise(amount, currency, promised, given)


def _parsed(heads: str) -> list[tuple[str, str, str]]:
    padded = [[*line.split(" ", 2), "", ""] for line in heads.splitlines()]
    return [(state, sequence, hash_) for state, sequence, hash_, *_ in padded]


def _heads_of(noted: list[tuple[str, str, str]], place: str) -> list[Head]:
    return [
        # A line that cannot be read has been tampered with: it contradicts any log.
        Head(int(sequence) if sequence.isdecimal() else 0, hash_, place)
        for state, sequence, hash_ in noted
        if state != _BEGUN
    ]


def _make_table(connection: Connection) -> None:
    if not _has_table(connection):
        for statement in (_TABLE, *_ADD_ONLY[connection.dialect.name]):
            connection.exec_driver_sql(statement)


def _insert(connection: Connection, entries: list[Entry]) -> None:
    from sqlalchemy import text

    names = [field.name for field in fields(Entry)]
    if entries:
        connection.execute(
            text(f"insert into decision_entry ({_COLUMNS}) values ({', '.join(f':{name}' for name in names)})"),
            [dict(zip(names, astuple(entry), strict=True)) for entry in entries],
        )


def _has_table(connection: Connection) -> bool:
    from sqlalchemy import inspect

    return inspect(connection).has_table("decision_entry")


def _entries(connection: Connection) -> list[Entry]:
    from sqlalchemy import text

    rows = connection.execute(text(f"select {_COLUMNS} from decision_entry order by sequence")).mappings()
    return [Entry(**row) for row in rows]


def _clean(name: str, value: str) -> str:
    """One form for what looks the same (NFC), and nothing that a reader can't see."""
    cleaned = unicodedata.normalize("NFC", value).strip()
    if any(unicodedata.category(character) in ("Cc", "Cs") and character not in "\n\t" for character in cleaned):
        raise DecisionError(f"{name} holds a control character: write it as plain text")
    longest = _LONGEST.get(name, 500)
    if len(cleaned) > longest:
        raise DecisionError(f"{name} has {len(cleaned)} characters: keep it within {longest}")
    return cleaned
