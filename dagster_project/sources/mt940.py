"""Bank statements in MT940, as banks really write them.

Own parser on purpose. The mt-940 package merges all statements of a file into one, loses line numbers, counts a
reversed credit (RC) as money in, and needs a setting per bank; here every statement is checked by itself and every
error has a line. The tests use that package as a second opinion.

Mended: lines without a trailing separator, SWIFT envelopes and header lines, spaces for the entry date, a value date
of 30 February (a bank year of 360 days), a balance without currency after one with it, ``:26:`` inside free text,
several ``:86:`` for one entry, ``:NS:`` extensions, leading zeros.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from dagster_project.sources.errors import SourceError
from dagster_project.sources.statement import (
    RESEND,
    Entry,
    Statement,
    account_number,
    given,
    money,
)

# Only these are tags; anything else that looks like one (":26:37 h") is text broken in an unlucky place.
_TAG = re.compile(
    r"(?:\{1:.*\{4:)?:(20|21|25P?|28C?|60[FM]?|61|62[FM]?|64|65|86|13D?|34F|90[CD]?|NS):(.*)",
    re.ASCII,
)
_END = re.compile(r"-(\}.*|XXX|\x03)?\s*")
_ONCE = {"25", "28", "60", "62"}
_BALANCE = re.compile(r"([DC])(\d{6})([A-Z]{3})?(\d{1,18}[,.]\d*)", re.ASCII)
_LINE = re.compile(
    r"(?P<day>\d{6})(?P<entry>\d{4}|[ ]{4})?"
    r"(?P<reversal>R?)(?P<sign>[DC])[A-Z]?[ ]?"  # the letter after the sign is the third of the currency
    r"(?P<amount>\d{1,18}(?:[,.]\d*|(?=[NFS][A-Z0-9]{3})))"  # the comma may lack only where a code follows at once
    r"(?P<code>[A-Z][A-Z0-9 ]{3})?"
    r"(?P<customer>.*?)(?://(?P<bank>.*))?",
    re.ASCII,
)
_STRUCTURED = re.compile(r"\s?\d{3}([?>@|^])(?=\d{2})", re.ASCII)
_SEPA = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|COAM|OAMT|PURP|IBAN|BIC)\+")
_SLASHED = re.compile(
    r"/(EREF|KREF|PREF|MARF|CSID|NAME|IBAN|BIC|REMI|USTD|ORDP|BENM|CNTP|TRTP|TRCD|ISDT|RTRN|PURP|ULTD|ULTB|OCMT|CHGS)/"
)
_IBAN_LIKE = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
_LINE_WIDTH = 65  # a text line this long was broken, perhaps inside a word; a shorter one ended


@dataclass(slots=True)
class _Field:
    """A tag with its text lines."""

    tag: str
    line: int
    lines: list[str]

    @property
    def value(self) -> str:
        return self.lines[0].strip()


@dataclass(slots=True)
class _Message:
    """The fields from one :20: to the next."""

    line: int
    head: dict[str, _Field] = field(default_factory=dict)
    entries: list[tuple[_Field, list[_Field]]] = field(default_factory=list)
    is_closed: bool = False
    is_interim_report: bool = False


def parse_mt940(text: str, where: str) -> list[Statement]:
    """Statements of one file, checked one by one.

    Raises SourceError with file, line and reason: no MT940 tags, a fragment without its frame, a tag twice, an
    interim report (MT942, which has no balances), a balance or entry that can't be read, no closing balance (the file
    breaks off), balances that do not add up.
    """
    messages = _messages(text, where)
    if not messages:
        raise SourceError(
            "no MT940 tag (:20:) found, so this is no bank statement",
            where=where,
            do="Put only statements (camt.053 or MT940) in this folder",
        )
    return [_statement(message, where) for message in messages]


def _messages(text: str, where: str) -> list[_Message]:
    messages: list[_Message] = []
    current: _Field | None = None
    if "\n" not in text.strip() and "\r" not in text.strip():
        text = text.replace("@@", "\n")  # as home banking hands lines over
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        match = _TAG.fullmatch(line.lstrip("\x01\ufeff \t"))
        message = messages[-1] if messages else None
        if match is None:
            if message and "62" in message.head and _END.fullmatch(line):
                message.is_closed, current = True, None
            elif current is not None:
                current.lines.append(line)
            continue
        tag = match[1]
        current = _Field(tag, number, [match[2]])
        if tag == "20":
            messages.append(_Message(number))
            continue
        if message is None or message.is_closed:
            raise SourceError(
                f"only a fragment of a statement: :{tag}: stands outside a statement, which starts with :20:",
                where=where,
                line=number,
                do=RESEND,
            )
        _put(message, current, where)
    return messages


def _put(message: _Message, found: _Field, where: str) -> None:
    tag = found.tag[:2]
    if tag in _ONCE:
        if tag in message.head:
            raise SourceError(
                f":{found.tag}: stands twice in one statement (first on line {message.head[tag].line})",
                where=where,
                line=found.line,
                do=RESEND,
            )
        message.head[tag] = found
    elif tag == "61":
        if "62" in message.head:
            raise SourceError(
                ":61: stands after the closing balance",
                where=where,
                line=found.line,
                do=RESEND,
            )
        message.entries.append((found, []))
    elif tag in ("86", "NS") and message.entries and "62" not in message.head:
        message.entries[-1][1].append(found)
    elif tag in ("13", "34", "90"):
        message.is_interim_report = True


def _statement(message: _Message, where: str) -> Statement:
    head = message.head
    if message.is_interim_report and "60" not in head:
        raise SourceError(
            "an interim report (MT942): it has no balances and is no statement",
            where=where,
            line=message.line,
            do="Ask the bank for the end-of-day statement (MT940)",
        )
    names = {
        "25": "account (:25:)",
        "28": "statement number (:28C:)",
        "60": "opening balance (:60F:)",
    }
    lacking = [what for tag, what in names.items() if tag not in head]
    if lacking or "62" not in head:
        missing = ", ".join(lacking) if lacking else "closing balance (:62F:), so the file breaks off"
        raise SourceError(
            f"the statement lacks its {missing}",
            where=where,
            line=message.line,
            do=RESEND,
        )
    opening, currency, _ = _balance(head["60"], None, where)
    closing, _, closing_day = _balance(head["62"], currency, where)
    statement = Statement(
        account_number=account_number(head["25"].value, currency),
        currency=currency,
        statement_number=head["28"].value,
        statement_date=closing_day,
        opening_balance=opening,
        closing_balance=closing,
        line=message.line,
        entries=[_entry(line, details, where) for line, details in message.entries],
    )
    if not statement.account_number or not statement.statement_number:
        raise SourceError(
            "the account or statement number is empty",
            where=where,
            line=head["25"].line,
            do=RESEND,
        )
    statement.check(where)
    return statement


def _balance(found: _Field, currency: str | None, where: str) -> tuple[Decimal, str, date]:
    match = _BALANCE.fullmatch(found.value)
    own = (match[3] or currency) if match else None
    if match is None or own is None:
        raise SourceError(
            f"the balance :{found.tag}:{found.value} can't be read (expected C or D, date, currency, amount)",
            where=where,
            line=found.line,
            do=RESEND,
        )
    if currency and own != currency:
        raise SourceError(
            f"the closing balance is in {own}, the opening balance in {currency}",
            where=where,
            line=found.line,
            do=RESEND,
        )
    amount = money(match[4].replace(",", "."), where, found.line)
    return (amount if match[1] == "C" else -amount), own, _dated(match[2], found, where)


def _entry(found: _Field, details: list[_Field], where: str) -> Entry:
    lines = [line.rstrip() for line in found.lines]
    match = _LINE.fullmatch(lines[0])
    if match is None and len(lines) > 1:  # some banks break the line after the sign
        lines = [lines[0] + lines[1], *lines[2:]]
        match = _LINE.fullmatch(lines[0])
    if match is None:
        raise SourceError(
            f"the entry :61:{lines[0]} can't be read (expected date, C or D, amount, code, reference)",
            where=where,
            line=found.line,
            do=RESEND,
        )
    value_date = _dated(match["day"], found, where)
    amount = money(match["amount"].replace(",", "."), where, found.line)
    # RC takes a credit back, so money goes out; RD gives a debit back.
    is_credit = (match["sign"] == "C") != bool(match["reversal"])
    customer, supplement = match["customer"].strip(), " ".join(lines[1:]).strip()
    said = _said(details)
    ibans = [text for text in (customer, supplement) if _IBAN_LIKE.fullmatch(text)]
    is_reference = len(customer) > 1 and customer not in ("EREF", "KREF", *ibans)
    return Entry(
        booking_date=_entry_date(match["entry"], value_date, found, where),
        value_date=value_date,
        amount=amount if is_credit else -amount,
        counterparty_name=given(said.get("name")),
        counterparty_account=given(said.get("account")) or (ibans[0] if ibans else None),
        reference=given(said.get("reference")) or (given(supplement) if supplement not in ibans else None),
        end_to_end_id=given(said.get("end_to_end_id")) or (given(customer) if is_reference else None),
        bank_reference=given(match["bank"]),
        transaction_code=match["code"].strip() if match["code"] else None,
        is_reversal=bool(match["reversal"]),
        line=found.line,
    )


@lru_cache(maxsize=4096)
def _day(text: str) -> date:
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:])
    year += 1900 if year >= 70 else 2000
    if month == 2 and day == 30:
        day = calendar.monthrange(year, month)[1]
    return date(year, month, day)


def _dated(text: str, found: _Field, where: str) -> date:
    try:
        return _day(text)
    except ValueError:
        raise SourceError(f"'{text}' is not a date (YYMMDD)", where=where, line=found.line, do=RESEND) from None


def _entry_date(text: str | None, value_date: date, found: _Field, where: str) -> date:
    """The entry date has no year: it is the one nearest to the value date. Without it, the value date."""
    if not text or not text.strip():
        return value_date
    years = (value_date.year - 1, value_date.year, value_date.year + 1)
    candidates = []
    for year in years:
        try:
            candidates.append(date(year, int(text[:2]), int(text[2:])))
        except ValueError:
            continue  # 29 February exists in one of the years only
    if not candidates:
        raise SourceError(
            f"'{text}' is not an entry date (MMDD)",
            where=where,
            line=found.line,
            do=RESEND,
        )
    return min(candidates, key=lambda day: abs(day - value_date) or timedelta(0))


def _said(details: list[_Field]) -> dict[str, str]:
    """Name, account, reference and end_to_end_id out of :86: and :NS:, in the forms banks use."""
    said: dict[str, str] = {}
    plain: list[str] = []
    for found in details:
        if found.tag == "NS":
            said |= _extension(found.lines)
            continue
        joined = "".join(found.lines)
        if structured := _STRUCTURED.match(joined):
            said |= _numbered(joined, structured[1])
        elif _SLASHED.search(joined):
            said |= _slashed(joined)
        else:
            plain.append(_unwrapped(found.lines))
    if plain and not said.get("reference"):
        said["reference"] = " ".join(plain)
    return said


def _numbered(text: str, separator: str) -> dict[str, str]:
    """German style: 166?00booking text?20..?29 purpose?31 account?32?33 name?60..?63 purpose."""
    parts = re.split(f"{re.escape(separator)}(\\d{{2}})", text)
    fields: dict[int, str] = {}
    for number, value in zip(map(int, parts[1::2]), parts[2::2], strict=True):
        fields[number] = fields.get(number, "") + value
    purpose = _unwrapped(
        [fields[number] for number in (*range(20, 30), *range(60, 64)) if number in fields],
        27,
    )
    keyed = _keyed(_SEPA, purpose)
    return {
        "name": _unwrapped([fields[number] for number in (32, 33) if number in fields], 27),
        "account": fields.get(38) or fields.get(31, ""),
        "reference": keyed.get("SVWZ") or purpose or fields.get(0, ""),
        "end_to_end_id": keyed.get("EREF", ""),
    }


def _slashed(text: str) -> dict[str, str]:
    """Dutch and SWIFT style: /EREF/…/NAME/…/IBAN/…/REMI/…; CNTP is account/BIC/name/city."""
    keyed = _keyed(_SLASHED, text)
    counterparty = keyed.get("CNTP", "").split("/")
    return {
        "name": keyed.get("NAME") or (counterparty[2] if len(counterparty) > 2 else ""),
        "account": keyed.get("IBAN") or counterparty[0],
        "reference": (keyed.get("REMI") or keyed.get("USTD", "")).removeprefix("USTD//").strip("/"),
        "end_to_end_id": keyed.get("EREF", ""),
    }


def _extension(lines: list[str]) -> dict[str, str]:
    """:NS: lines, each with a number: 01 to 14 purpose, 15 and 16 name, 34 account."""
    fields = {line[:2]: line[2:].strip() for line in lines if line[:2].isdigit()}
    return {
        "name": fields.get("15", "") + fields.get("16", ""),
        "account": fields.get("34", ""),
        "reference": " ".join(fields[key] for key in sorted(fields) if "01" <= key <= "14"),
    }


def _keyed(pattern: re.Pattern[str], text: str) -> dict[str, str]:
    parts = pattern.split(text)
    keyed: dict[str, str] = {}
    for key, value in zip(parts[1::2], parts[2::2], strict=True):
        keyed.setdefault(key, value.strip())
    return keyed


def _unwrapped(lines: list[str], width: int = _LINE_WIDTH) -> str:
    """Lines as one text: a full line goes on in the next without a space, a shorter one ended with a word."""
    return "".join(line if len(line) >= width else f"{line} " for line in lines)
