"""Bank statements from a folder of files: camt.053 and MT940, each checked before anything of it is used.

Formats do not belong here: see camt053.py and mt940.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from dagster_project.sources.errors import SourceError
from dagster_project.sources.files import decode_text
from dagster_project.sources.statement import Statement

SUFFIXES = (".xml", ".sta", ".mt940", ".940", ".txt")
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


@dataclass(frozen=True)
class FileOutcome:
    """What became of one file: ``message`` holds the balances of its statements, or the reason it was rejected."""

    file: str
    is_accepted: bool
    message: str


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


def read_statement_file(path: Path) -> list[Statement]:
    """Statements of one camt.053 or MT940 file, in its order; the content decides which of the two it is.

    For every statement opening balance plus entries equals the closing balance, in one currency. Raises SourceError
    with file, line and reason when the file is empty, truncated, edited, in an unknown encoding or no statement.
    """
    raw = path.read_bytes()
    where = str(path)
    if not raw.strip():
        raise SourceError("the file is empty", where=where, do="Ask the bank for the file again")
    if path.suffix.lower() == ".xml" or raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        from dagster_project.sources.camt053 import parse_camt053

        statements = parse_camt053(raw, where)
    else:
        from dagster_project.sources.mt940 import parse_mt940

        # Hungarian and Polish banks still send the DOS code page 852, in which every byte is a character.
        statements = parse_mt940(decode_text(raw, where, last=("cp1252", "cp852")), where)
    for statement in statements:
        statement.file = path.name
    return statements


def read_statements(folder: Path) -> tuple[pa.Table, pa.Table]:
    """All statements of a folder and their entries, as STATEMENT_SCHEMA and ENTRY_SCHEMA.

    Amounts are in the account's currency, positive is money in; ``file`` is relative to the folder. A statement that
    comes twice with the same content (a file sent again) is read once; with another content it is an error, and so is
    one that holds the entries of another under a different number. Raises SourceError for the first bad file: a folder
    is read whole or not at all. ``check_statement_files`` tells all bad files.
    """
    collection = _Collection(folder)
    for path in statement_files(folder):
        for statement in read_statement_file(path):
            statement.file = path.relative_to(folder).as_posix()
            collection.add(statement)
    return _tables(collection.statements)


def check_statement_files(folder: Path) -> list[FileOutcome]:
    """Outcome of every file of the folder, in sorted order; never stops at a bad one.

    A statement that contradicts one in an earlier file is that file's outcome. Raises SourceError only for a folder
    without files.
    """
    outcomes: list[FileOutcome] = []
    collection = _Collection(folder)
    for path in statement_files(folder):
        name = path.relative_to(folder).as_posix()
        try:
            found = read_statement_file(path)
            for statement in found:
                statement.file = name
                collection.add(statement)
        except SourceError as error:
            outcomes.append(FileOutcome(name, False, str(error)))
        else:
            outcomes.append(FileOutcome(name, True, "; ".join(_balances(statement) for statement in found)))
    return outcomes


def _balances(statement: Statement) -> str:
    return (
        f"{statement.account_number} no. {statement.statement_number} of {statement.statement_date}: "
        f"{statement.opening_balance} to {statement.closing_balance} {statement.currency}, "
        f"{len(statement.entries)} entries"
    )


class _Collection:
    """Statements without repeats; refuses one that contradicts another."""

    def __init__(self, folder: Path) -> None:
        self.statements: list[Statement] = []
        self._folder = folder
        self._by_identity: dict[tuple[object, ...], list[Statement]] = {}
        self._by_movements: dict[tuple[object, ...], Statement] = {}

    def add(self, statement: Statement) -> None:
        account = (
            statement.account_number,
            statement.currency,
            statement.statement_date,
        )
        alike = self._by_identity.setdefault((*account, statement.statement_number), [])
        if any(statement.content == other.content for other in alike):
            return
        # Parts of one day may share a number; then each goes on where another ends.
        if other := next((other for other in alike if not _follows(statement, other)), None):
            raise self._contradiction(statement, other, "has other content than the one")
        movements = (
            *account,
            statement.opening_balance,
            tuple(entry.amount for entry in statement.entries),
        )
        if statement.entries and (other := self._by_movements.get(movements)):
            raise self._contradiction(
                statement,
                other,
                f"repeats the entries of number {other.statement_number}",
            )
        alike.append(statement)
        self._by_movements[movements] = statement
        self.statements.append(statement)

    def _contradiction(self, statement: Statement, other: Statement, what: str) -> SourceError:
        return SourceError(
            f"statement {statement.statement_number} of {statement.account_number} of {statement.statement_date} "
            f"{what} in {other.file}, line {other.line}",
            where=self._folder / statement.file,
            line=statement.line,
            do="Keep the right one of the two files in the folder and remove the other",
        )


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
