"""Bank statements from a folder of files: camt.053, MT940 and CSV, each checked before anything of it is used.

Formats do not belong here: see camt053.py, mt940.py and csv_statement.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from dagster_project.sources.errors import SourceError
from dagster_project.sources.files import decode_text
from dagster_project.sources.statement import Statement

SUFFIXES = (".xml", ".sta", ".mt940", ".940", ".txt", ".csv")
_MONEY = pa.decimal128(18, 4)

STATEMENT_SCHEMA = pa.schema(
    {
        "statement_key": pa.string(), "account_number": pa.string(), "currency": pa.string(),
        "statement_number": pa.string(), "statement_date": pa.date32(), "opening_balance": _MONEY,
        "closing_balance": _MONEY, "file": pa.string(),
    }
)  # fmt: skip
ENTRY_SCHEMA = pa.schema(
    {
        "statement_key": pa.string(), "entry_index": pa.int32(), "booking_date": pa.date32(),
        "value_date": pa.date32(), "amount": _MONEY, "currency": pa.string(), "counterparty_name": pa.string(),
        "counterparty_account": pa.string(), "reference": pa.string(), "end_to_end_id": pa.string(),
        "bank_reference": pa.string(), "transaction_code": pa.string(), "is_reversal": pa.bool_(),
        "file": pa.string(), "line": pa.int32(),
    }
)  # fmt: skip

FILE_SCHEMA = pa.schema(
    {
        "file": pa.string(), "state": pa.string(), "statement_count": pa.int32(), "entry_count": pa.int32(),
        "first_date": pa.date32(), "last_date": pa.date32(), "line": pa.int32(), "reason": pa.string(),
    }
)  # fmt: skip


@dataclass(frozen=True)
class FileOutcome:
    """What became of one file, and its line of the table of files.

    ``state``: received; repeated (all its statements are in other files); rejected, as a whole. ``message`` holds the
    balances of its statements, or where and why it was rejected. ``reason`` is the same without the place.
    """

    file: str
    state: str
    message: str
    reason: str | None = None
    line: int | None = None
    statement_count: int = 0
    entry_count: int = 0
    first_date: date | None = None
    last_date: date | None = None

    @property
    def is_accepted(self) -> bool:
        return self.state != "rejected"


@dataclass(frozen=True)
class StatementFolder:
    """What a folder of statement files holds: STATEMENT_SCHEMA, ENTRY_SCHEMA, FILE_SCHEMA."""

    statements: pa.Table
    entries: pa.Table
    files: pa.Table


def statement_files(folder: Path) -> list[Path]:
    """Files of the folder and below it that may be statements, sorted; raises SourceError when there are none."""
    if not folder.is_dir():
        raise SourceError(
            "no such folder",
            where=folder,
            do="Check the path of the source in company.yml",
        )
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in SUFFIXES)
    if not files:
        raise SourceError(
            f"no bank statements in this folder ({', '.join('*' + suffix for suffix in SUFFIXES)})",
            where=folder,
            do="Put the bank's files there, or remove the source from company.yml",
        )
    return files


def read_statement_file(path: Path, folder: Path | None = None) -> list[Statement]:
    """Statements of one camt.053, MT940 or CSV file, in its order; the content decides between the first two.

    For every statement opening balance plus entries equals the closing balance, in one currency. The layout of a CSV
    file is looked for from its own folder up to ``folder``. Raises SourceError with file, line and reason when the file
    is empty, truncated, edited, in an unknown encoding or no statement.
    """
    where = str(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SourceError(f"can't be opened ({error.strerror})", where=where, do="Check who may read it") from None
    if not raw.strip():
        raise SourceError("the file is empty", where=where, do="Ask the bank for the file again")
    # Hungarian and Polish banks still send the DOS code page 852, in which every byte is a character.
    encodings = ("cp1252", "cp852")
    if path.suffix.lower() == ".xml" or raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        from dagster_project.sources.camt053 import parse_camt053

        statements = parse_camt053(raw, where)
    elif path.suffix.lower() == ".csv":
        from dagster_project.sources.csv_statement import find_layout, load_layout_file, parse_csv_statements

        layout = load_layout_file(find_layout(path, folder or path.parent))
        statements = parse_csv_statements(decode_text(raw, where, last=encodings), where, layout)
    else:
        from dagster_project.sources.mt940 import parse_mt940

        statements = parse_mt940(decode_text(raw, where, last=encodings), where)
    for statement in statements:
        statement.file = path.name
    return statements


def read_statements(folder: Path) -> StatementFolder:
    """All statements of a folder, their entries, and what became of each file.

    Amounts are in the account's currency, positive is money in; ``file`` is relative to the folder. A file that can't
    be read, does not add up or contradicts another is rejected whole and listed; the others go on. A statement that
    comes again, also in another format or under another number, is taken once. Raises SourceError for a folder without
    files, or of which every file is rejected.
    """
    collection, outcomes = _read_folder(folder)
    if not any(outcome.is_accepted for outcome in outcomes):
        others = f" (and {len(outcomes) - 1} more files like it)" if len(outcomes) > 1 else ""
        raise SourceError(f"no file of the folder can be read. The first{others}: {outcomes[0].message}", where=folder)
    statements, entries = _tables(collection.statements)
    columns = {name: [getattr(outcome, name) for outcome in outcomes] for name in FILE_SCHEMA.names}
    return StatementFolder(statements, entries, pa.table(columns, schema=FILE_SCHEMA))


def check_statement_files(folder: Path) -> list[FileOutcome]:
    """Outcome of every file of the folder, in sorted order; raises SourceError only for a folder without files."""
    return _read_folder(folder)[1]


def _read_folder(folder: Path) -> tuple[_Collection, list[FileOutcome]]:
    outcomes: list[FileOutcome] = []
    collection = _Collection(folder)
    for path in statement_files(folder):
        name = path.relative_to(folder).as_posix()
        try:
            found = read_statement_file(path, folder)
            for statement in found:
                statement.file = name
            is_new = collection.add(found)
        except SourceError as error:
            outcomes.append(FileOutcome(name, "rejected", str(error), error.reason, error.line))
            continue
        told = "; ".join(_balances(statement) for statement in found)
        outcomes.append(
            FileOutcome(
                name,
                "received" if is_new else "repeated",
                told if is_new else f"sent before: {told}",
                None if is_new else f"holds what came before in {collection.first_file(found[0])}",
                statement_count=len(found),
                entry_count=sum(len(statement.entries) for statement in found),
                first_date=min(_first_day(statement) for statement in found),
                last_date=max(statement.statement_date for statement in found),
            )
        )
    return collection, outcomes


def _first_day(statement: Statement) -> date:
    return min([statement.statement_date, *(entry.booking_date for entry in statement.entries)])


def _balances(statement: Statement) -> str:
    return (
        f"{statement.account_number} no. {statement.statement_number} of {statement.statement_date}: "
        f"{statement.opening_balance} to {statement.closing_balance} {statement.currency}, "
        f"{len(statement.entries)} entries"
    )


class _Collection:
    """Statements without repeats; refuses a file that contradicts another."""

    def __init__(self, folder: Path) -> None:
        self.statements: list[Statement] = []
        self._folder = folder
        self._by_identity: dict[tuple[object, ...], list[Statement]] = {}
        self._by_movements: dict[tuple[object, ...], Statement] = {}

    def add(self, found: list[Statement]) -> bool:
        """Take all statements of a file, or with a SourceError none; False where all of them are known already."""
        known = len(self.statements)
        try:
            for statement in found:
                self._add(statement)
        except SourceError:
            for statement in self.statements[known:]:
                self._by_identity[_identity(statement)].remove(statement)
                self._by_movements.pop(_movements(statement), None)
            del self.statements[known:]
            raise
        return len(self.statements) > known

    def first_file(self, statement: Statement) -> str:
        """The file that a repeated statement came in first."""
        alike = self._by_movements.get(_movements(statement)) or self._by_identity[_identity(statement)][0]
        return alike.file

    def _add(self, statement: Statement) -> None:
        # The same money from the same balance on the same day is the same statement, whatever its number or format.
        if _movements(statement) in self._by_movements:
            return
        # Parts of one day may share a number; then each goes on where another ends.
        alike = self._by_identity.setdefault(_identity(statement), [])
        if other := next((other for other in alike if not _follows(statement, other)), None):
            raise self._contradiction(statement, other, "has other content than the one")
        alike.append(statement)
        self._by_movements[_movements(statement)] = statement
        self.statements.append(statement)

    def _contradiction(self, statement: Statement, other: Statement, what: str) -> SourceError:
        return SourceError(
            f"statement {statement.statement_number} of {statement.account_number} of {statement.statement_date} "
            f"{what} in {other.file}, line {other.line}",
            where=self._folder / statement.file,
            line=statement.line,
            do="Keep the right one of the two files in the folder and remove the other",
        )


def _identity(statement: Statement) -> tuple[object, ...]:
    return (statement.account_number, statement.currency, statement.statement_date, statement.statement_number)


def _movements(statement: Statement) -> tuple[object, ...]:
    # A day without entries is told from another only by its number.
    amounts: list[object] = [*sorted(entry.amount for entry in statement.entries)]
    return (
        statement.account_number, statement.currency, statement.statement_date, statement.opening_balance,
        *(amounts or [statement.statement_number]),
    )  # fmt: skip


def _follows(one: Statement, other: Statement) -> bool:
    return one.key != other.key and (
        one.opening_balance == other.closing_balance
        or other.opening_balance == one.closing_balance
        or one.file == other.file
    )


def _tables(statements: list[Statement]) -> tuple[pa.Table, pa.Table]:
    keys = [statement.key for statement in statements]
    heads = {
        name: [getattr(statement, name) for statement in statements]
        for name in STATEMENT_SCHEMA.names
        if name != "statement_key"
    }
    entries = [entry for statement in statements for entry in statement.entries]
    of_entry = [statement for statement in statements for _ in statement.entries]
    lines = {
        "statement_key": [key for key, statement in zip(keys, statements, strict=True) for _ in statement.entries],
        "entry_index": [index for statement in statements for index in range(1, len(statement.entries) + 1)],
        "currency": [statement.currency for statement in of_entry],
        "file": [statement.file for statement in of_entry],
    }
    lines |= {name: [getattr(entry, name) for entry in entries] for name in ENTRY_SCHEMA.names if name not in lines}
    return (
        pa.table({"statement_key": keys, **heads}, schema=STATEMENT_SCHEMA),
        pa.table(lines, schema=ENTRY_SCHEMA),
    )
