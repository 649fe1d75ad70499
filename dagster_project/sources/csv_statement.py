"""Bank statements as CSV, by a layout that a person wrote: ``statement_layout.yml`` beside the files or above them.

Every bank has its own CSV, so nothing is guessed but the encoding: headings, signs and where the balances stand are in
the layout. A heading that the layout does not know, or one that it names and the file lacks, is an error.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dagster_project.sources.errors import SourceError
from dagster_project.sources.statement import RESEND, Entry, Statement, account_number, given, money

LAYOUT_FILE = "statement_layout.yml"
_Column = Literal[
    "booking_date", "value_date", "amount", "sign", "debit", "credit", "balance", "account_number", "currency",
    "statement_number", "counterparty_name", "counterparty_account", "reference", "end_to_end_id", "bank_reference",
    "transaction_code",
]  # fmt: skip
_Label = Literal["account_number", "currency", "statement_number", "opening_balance", "closing_balance"]
_TEXTS = ("counterparty_name", "reference", "end_to_end_id", "bank_reference", "transaction_code")


class CsvLayout(BaseModel):
    """What a bank's CSV looks like.

    ``columns``: our name to the heading in the file, or to several headings whose texts are joined. Money is in
    ``amount`` (signed, or unsigned with ``sign``) or in ``debit`` and ``credit`` (one below zero is taken back, but for
    debits that all have a minus). Balances are in the column
    ``balance`` (after the line), or beside the ``labels`` opening_balance and closing_balance above or below the
    table. ``ignore``: headings that are there and not wanted.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: dict[_Column, str | list[str]]
    labels: dict[_Label, str] = Field(default_factory=dict)
    ignore: list[str] = Field(default_factory=list)
    account_number: str | None = None
    currency: str | None = None
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    date_format: str = "%Y-%m-%d"
    decimal_sign: Literal[".", ","] = "."
    thousands_sign: str = Field(default="", max_length=1)
    debit_marks: list[str] = Field(default_factory=lambda: ["D", "DR", "DBIT", "S", "-"])
    credit_marks: list[str] = Field(default_factory=lambda: ["C", "CR", "CRDT", "H", "+"])
    newest_first: bool = False

    @model_validator(mode="after")
    def _whole(self) -> CsvLayout:
        known = set(self.columns)
        if "booking_date" not in known:
            raise ValueError("columns must name booking_date")
        if ("amount" in known) == bool(known & {"debit", "credit"}):
            raise ValueError("columns must name either amount, or debit and credit")
        if "sign" in known and "amount" not in known:
            raise ValueError("columns.sign needs columns.amount")
        if "balance" not in known and not {"opening_balance", "closing_balance"} <= set(self.labels):
            raise ValueError("name columns.balance, or labels.opening_balance and labels.closing_balance")
        for name in ("account_number", "currency"):
            places = [getattr(self, name) is not None, name in known, name in self.labels]
            if sum(places) != 1:
                raise ValueError(f"say {name} once: as a value, in columns or in labels")
        if "balance" not in known and "account_number" in known:
            raise ValueError("a file of several accounts needs columns.balance")
        return self

    def headings(self, name: str) -> list[str]:
        """Headings in the file of one of our columns; none where the layout does not name it."""
        said = self.columns.get(name, [])  # type: ignore[call-overload]
        return [said] if isinstance(said, str) else list(said)


def find_layout(file: Path, folder: Path) -> Path:
    """The layout of a CSV file: in its own folder, or the nearest above it up to ``folder``; raises SourceError."""
    for place in (file.parent, *file.parent.parents):
        if (place / LAYOUT_FILE).is_file():
            return place / LAYOUT_FILE
        if place == folder:
            break
    raise SourceError(
        f"no {LAYOUT_FILE} beside this CSV file, so its columns are not known",
        where=file,
        do="Describe the columns there; see README, 'Bank statements'",
    )


def load_layout_file(file: Path) -> CsvLayout:
    """Read ``statement_layout.yml``; raises SourceError that names the file and the key."""
    do = "See README, 'Bank statements'"
    try:
        return CsvLayout.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise SourceError(
            "not readable as YAML in UTF-8", where=file, line=mark.line + 1 if mark else None, do=do
        ) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"] if part != "[key]")
        if first["type"] == "extra_forbidden":
            problem = f"unknown key '{key}'. Allowed here: {', '.join(CsvLayout.model_fields)}"
        elif first["type"] == "missing":
            problem = f"key '{key}' is missing"
        elif first["loc"] and first["loc"][0] in ("columns", "labels") and first["type"] == "literal_error":
            allowed = get_args(_Column if first["loc"][0] == "columns" else _Label)
            problem = f"unknown key '{key}'. Allowed here: {', '.join(allowed)}"
        else:
            problem = (f"key '{key}': " if key else "") + first["msg"].removeprefix("Value error, ")
        raise SourceError(problem, where=file, do=do) from None


def parse_csv_statements(text: str, where: str, layout: CsvLayout) -> list[Statement]:
    """Statements of one file, one per account and currency, each checked.

    Raises SourceError with file, line and reason: a heading missing or unknown to the layout, a row with another
    number of cells, a date or amount that can't be read, a running balance that does not follow, labels not found,
    opening balance plus entries unlike the closing balance.
    """
    return _Parser(text, where, layout).statements()


class _Parser:
    def __init__(self, text: str, where: str, layout: CsvLayout) -> None:
        self.where = where
        self.layout = layout
        self.rows = list(self._numbered(text))
        self.head, self.heading_line, self.heading = self._find_heading()
        self.table, self.outside = self._cut()

    def error(self, what: str, line: int | None = None, do: str = RESEND) -> SourceError:
        return SourceError(what, where=self.where, line=line, do=do)

    def _numbered(self, text: str) -> Iterator[tuple[int, list[str]]]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.layout.delimiter, strict=True)
        line = 1
        try:
            for row in reader:
                yield line, [cell.strip(" \t\xa0") for cell in row]
                line = reader.line_num + 1
        except csv.Error as error:
            raise self.error(f"not readable as CSV ({error})", line) from None

    def _find_heading(self) -> tuple[int, int, list[str]]:
        wanted = [heading for name in self.layout.columns for heading in self.layout.headings(name)]
        first = self.layout.headings("booking_date")[0]
        for place, (line, row) in enumerate(self.rows):
            if first in row:
                missing = [heading for heading in wanted if heading not in row]
                unknown = [cell for cell in row if cell and cell not in wanted and cell not in self.layout.ignore]
                twice = [cell for cell in dict.fromkeys(row) if cell in wanted and row.count(cell) > 1]
                for what, names in (("lacks", missing), ("does not know", unknown), ("finds twice", twice)):
                    if names:
                        listed = ", ".join(f"'{name}'" for name in names)
                        told = (
                            f"the heading lacks {listed}, which the layout names"
                            if what == "lacks"
                            else f"the layout {what} the heading {listed}"
                        )
                        raise self.error(told, line, f"Mend {LAYOUT_FILE} (columns, ignore), or ask for the usual file")
                return place, line, row
        raise self.error(
            f"no line has the heading '{first}' of the layout", 1, f"Check delimiter and columns in {LAYOUT_FILE}"
        )

    def _cut(self) -> tuple[list[tuple[int, dict[str, str]]], list[tuple[int, list[str]]]]:
        """Rows of the table, by heading, and the lines above and below it."""
        table: list[tuple[int, dict[str, str]]] = []
        outside = self.rows[: self.head]
        labels = tuple(self.layout.labels.values())
        below = self.rows[self.head + 1 :]
        for place, (line, row) in enumerate(below):
            if not any(row) or (labels and row[0].startswith(labels)):
                outside += below[place:]
                break
            if (len(row) != len(self.heading) and any(row[len(self.heading) :])) or len(row) < len(self.heading) - 1:
                raise self.error(f"{len(row)} cells where the heading has {len(self.heading)} columns", line)
            table.append((line, dict(zip(self.heading, row, strict=False))))
        late = [line for line, row in outside if line > self.heading_line and sum(map(bool, row)) == len(self.heading)]
        if late:
            raise self.error("a row of the table stands after its end", late[0])
        return table, outside

    def label(self, name: str) -> tuple[int, str]:
        """Line and text beside a label outside the table."""
        wanted = self.layout.labels[name]  # type: ignore[index]
        for line, row in self.outside:
            for place, cell in enumerate(row):
                if cell.startswith(wanted):
                    beside = cell[len(wanted) :].strip(" :") or next((c for c in row[place + 1 :] if c), "")
                    if beside:
                        return line, beside
        raise self.error(f"'{wanted}' ({name}) stands nowhere outside the table", None, f"Mend {LAYOUT_FILE} (labels)")

    def text(self, row: dict[str, str], name: str) -> str:
        return " ".join(cell for heading in self.layout.headings(name) if (cell := row.get(heading, "")))

    def said(self, row: dict[str, str], name: str) -> str:
        """Account number, currency or statement number: of the row, beside a label, or in the layout."""
        if name in self.layout.columns:
            return self.text(row, name)
        if name in self.layout.labels:
            return self.label(name)[1]
        return getattr(self.layout, name, None) or ""

    def day(self, text: str, line: int) -> date:
        try:
            return datetime.strptime(text, self.layout.date_format).date()
        except ValueError:
            raise self.error(
                f"'{text}' is not a date as {self.layout.date_format}", line, f"Mend date_format in {LAYOUT_FILE}"
            ) from None

    def money(self, text: str, line: int) -> Decimal:
        """Signed amount; a minus stands before or behind."""
        plain = text.replace("\u2212", "-").replace("\xa0", "").replace("\u202f", "").replace(" ", "")
        negative = plain.startswith("-") or plain.endswith("-")
        plain = plain.strip("-").removeprefix("+")
        whole, _, part = plain.partition(self.layout.decimal_sign)
        if self.layout.thousands_sign and self.layout.thousands_sign in whole:
            groups = whole.split(self.layout.thousands_sign)
            if any(len(group) != 3 for group in groups[1:]):
                raise self.error(f"'{text}' is not an amount", line, f"Mend thousands_sign in {LAYOUT_FILE}")
            whole = "".join(groups)
        if "." in whole or (not part.isdigit() and part):
            raise self.error(f"'{text}' is not an amount", line, f"Mend decimal_sign in {LAYOUT_FILE}")
        value = money(f"{whole or '0'}.{part}", self.where, line)
        return -value if negative else value

    def amount(self, row: dict[str, str], line: int) -> Decimal:
        if "amount" in self.layout.columns:
            value = self.money(self.text(row, "amount"), line)
            if "sign" not in self.layout.columns:
                return value
            mark = self.text(row, "sign").upper()
            if value < 0 or mark not in (*self.layout.debit_marks, *self.layout.credit_marks):
                marks = ", ".join([*self.layout.debit_marks, *self.layout.credit_marks])
                raise self.error(f"amount '{value}' with the sign '{mark}', which is none of {marks}", line)
            return -value if mark in self.layout.debit_marks else value
        debit, credit = (
            self.money(text, line) if (text := self.text(row, name)) else Decimal(0) for name in ("debit", "credit")
        )
        if bool(debit) == bool(credit) and (debit or not (self.text(row, "debit") or self.text(row, "credit"))):
            raise self.error("neither debit nor credit, or both, has an amount", line)
        return credit + (debit if self.debits_are_negative else -debit)

    @cached_property
    def debits_are_negative(self) -> bool:
        """Whether the bank writes every debit with a minus; else one with a minus takes a debit back."""
        debits = [self.money(text, line) for line, row in self.table if (text := self.text(row, "debit"))]
        return any(debits) and all(debit <= 0 for debit in debits)

    def is_reversal(self, row: dict[str, str], line: int) -> bool:
        """A credit below zero, or a debit that gives back."""
        debit, credit = (
            self.money(text, line) if (text := self.text(row, name)) else Decimal(0) for name in ("debit", "credit")
        )
        return credit < 0 or (debit < 0 and not self.debits_are_negative)

    def statements(self) -> list[Statement]:
        rows = self.table[::-1] if self.layout.newest_first else self.table
        by_account: dict[tuple[str, str], list[tuple[int, dict[str, str]]]] = {}
        for line, row in rows:
            currency = self.said(row, "currency").upper()
            number = account_number(self.said(row, "account_number"), currency)
            if not number or len(currency) != 3:
                raise self.error("the account number or the currency is empty", line)
            by_account.setdefault((number, currency), []).append((line, row))
        if not by_account:
            raise self.error("the table has no rows", self.heading_line, "Ask the bank for a period with entries")
        return [self._statement(*account, rows) for account, rows in by_account.items()]

    def _statement(self, number: str, currency: str, rows: list[tuple[int, dict[str, str]]]) -> Statement:
        entries = [self._entry(line, row) for line, row in rows]
        days = [entry.booking_date for entry in entries]
        if "balance" in self.layout.columns:
            balances = [self.money(self.text(row, "balance"), line) for line, row in rows]
            opening, closing = balances[0] - entries[0].amount, balances[-1]
            for before, after, entry in zip([opening, *balances], balances, entries, strict=False):
                if before + entry.amount != after:
                    raise self.error(
                        f"the balance before {before} plus {entry.amount} = {before + entry.amount}, but the line says "
                        f"{after}",
                        entry.line,
                        f"{RESEND}; or check newest_first in {LAYOUT_FILE}",
                    )
        else:
            opening, closing = (
                self.money(text.upper().removesuffix(currency), line)
                for line, text in (self.label("opening_balance"), self.label("closing_balance"))
            )
        statement = Statement(
            account_number=number,
            currency=currency,
            statement_number=self.said(rows[0][1], "statement_number") or f"{min(days)}..{max(days)}",
            statement_date=max(days),
            opening_balance=opening,
            closing_balance=closing,
            line=self.heading_line,
            entries=entries,
        )
        statement.check(self.where)
        return statement

    def _entry(self, line: int, row: dict[str, str]) -> Entry:
        booked = self.day(self.text(row, "booking_date"), line)
        valued = self.text(row, "value_date")
        account = "".join(self.text(row, "counterparty_account").split())
        return Entry(
            booking_date=booked,
            value_date=self.day(valued, line) if valued else booked,
            amount=self.amount(row, line),
            counterparty_account=account or None,
            is_reversal=self.is_reversal(row, line),
            line=line,
            **{name: given(self.text(row, name)) for name in _TEXTS},
        )
