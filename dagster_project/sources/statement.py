"""A bank statement as read from a file, whatever its format, and the checks that every statement must pass.

File formats do not belong here: see camt053.py, mt940.py and csv_statement.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from dagster_project.sources.errors import SourceError

RESEND = "Ask the bank for the file again and do not edit it by hand"
_LARGEST = Decimal(10) ** 14  # what DECIMAL(18,4) holds
_NO_REFERENCE = {"", "NONREF", "NOTPROVIDED", "NOTAVAILABLE", "NONE"}


@dataclass(slots=True)
class Entry:
    """One line of a statement; ``amount`` is positive when money comes in, ``line`` the line of the file."""

    booking_date: date
    value_date: date
    amount: Decimal
    counterparty_name: str | None
    counterparty_account: str | None
    reference: str | None
    end_to_end_id: str | None
    bank_reference: str | None
    transaction_code: str | None
    is_reversal: bool
    line: int

    @property
    def content(self) -> tuple[object, ...]:
        """All that the bank said, without the place in the file."""
        return tuple(getattr(self, name) for name in self.__slots__ if name != "line")


@dataclass(slots=True)
class Statement:
    """One statement of one account; balances are negative when overdrawn."""

    account_number: str
    currency: str
    statement_number: str
    statement_date: date
    opening_balance: Decimal
    closing_balance: Decimal
    line: int
    entries: list[Entry] = field(default_factory=list)
    file: str = ""

    @property
    def key(self) -> str:
        """Account, currency, number, closing date and opening balance.

        The opening balance is part of it because banks number parts of one day alike, or all statements 0.
        """
        opening = f"{self.opening_balance:.4f}"
        return f"{self.account_number}:{self.currency}:{self.statement_number}:{self.statement_date}:{opening}"

    @property
    def content(self) -> tuple[object, ...]:
        """All that the bank said, without the place in the file."""
        return (
            self.key,
            self.closing_balance,
            tuple(entry.content for entry in self.entries),
        )

    def check(self, where: str) -> None:
        """Opening balance plus entries must equal the closing balance exactly; raises SourceError with both figures."""
        moved = sum((entry.amount for entry in self.entries), Decimal(0))
        reached = self.opening_balance + moved
        if reached != self.closing_balance:
            raise SourceError(
                f"statement {self.statement_number} of {self.account_number}: opening {self.opening_balance} plus "
                f"{len(self.entries)} entries {moved} = {reached}, but the closing balance says {self.closing_balance} "
                f"{self.currency} (difference {self.closing_balance - reached})",
                where=where,
                line=self.line,
                do=RESEND,
            )


def money(text: str, where: str, line: int) -> Decimal:
    """Unsigned amount with a decimal point, exact to four places; raises SourceError on anything else."""
    if not re.fullmatch(r"\d{1,18}(\.\d*)?", text, re.ASCII):
        raise SourceError(f"'{text}' is not an amount", where=where, line=line, do=RESEND)
    amount = Decimal(text)
    if amount >= _LARGEST or amount != amount.quantize(Decimal("0.0001")):
        raise SourceError(
            f"the amount {text} does not fit DECIMAL(18,4)",
            where=where,
            line=line,
            do="Check the amount with the bank",
        )
    return amount


def given(text: str | None) -> str | None:
    """Text with single spaces; None where the bank says in words that there is none."""
    cleaned = " ".join(text.split()) if text else ""
    return None if cleaned.upper() in _NO_REFERENCE else cleaned


@lru_cache(maxsize=4096)
def account_number(text: str, currency: str) -> str:
    """Account number without spaces, currency suffix or bank code in front of an IBAN.

    >>> account_number("1291.99.348EUR", "EUR")
    '1291.99.348'
    >>> account_number("BILLLULLXXX/LU28 0019 4006 4475 0000", "EUR")
    'LU280019400644750000'
    """
    from stdnum import iban

    number = "".join(text.split()).removesuffix(currency).rstrip("/")
    return next((part for part in number.split("/") if iban.is_valid(part)), number)
