"""Bank statements in ISO 20022 camt.053 (BankToCustomerStatement), versions 001.02 to 001.13.

The versions differ in the namespace and in a few wrappers (``Sts/Cd`` for ``Sts``, ``Dbtr/Pty/Nm`` for ``Dbtr/Nm``);
both spellings are read from any version.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from lxml import etree

from dagster_project.sources.errors import SourceError
from dagster_project.sources.statement import (
    RESEND,
    Entry,
    Statement,
    account_number,
    given,
    money,
)

_NOT_BOOKED = {"PDNG", "INFO", "FUTR"}  # announced, not part of the booked balances
_DO_NOT_EDIT = "Ask the bank for an unaltered camt.053 file"


def parse_camt053(raw: bytes, where: str) -> list[Statement]:
    """Statements of one file, checked one by one.

    Raises SourceError with file, line and reason: XML that breaks off or is malformed, a DOCTYPE (statements have
    none, and it is the door to entity attacks), another kind of message, missing balances or fields, another currency
    inside one statement, balances that do not add up.
    """
    # Entities, DTDs and the network stay off. huge_tree stays off too: libxml2's own limits concern single nodes and
    # depth, not the size of the file, and they are the guard against entity expansion inside attributes.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise SourceError(
            f"not well-formed XML ({error.msg})", where=where, line=error.lineno,
            do=f"The file is truncated or was edited. {RESEND}",
        ) from None  # fmt: skip
    if root.getroottree().docinfo.internalDTD is not None:
        raise SourceError(
            "holds a DOCTYPE, which bank statements do not have",
            where=where,
            do=_DO_NOT_EDIT,
        )
    reports = list(root.iter("{*}BkToCstmrStmt", "BkToCstmrStmt"))
    if not reports:
        kind = etree.QName(root[0] if len(root) else root).localname
        raise SourceError(
            f"no camt.053 statement: the message is {kind}, not BkToCstmrStmt",
            where=where,
            do="Put only statements (camt.053 or MT940) in this folder",
        )
    statements: list[Statement] = []
    for report in reports:
        reader = _Reader(etree.QName(report).namespace, where)
        statements.extend(reader.statement(node) for node in reader.all(report, "Stmt"))
    if not statements:
        raise SourceError("the message holds no statement (Stmt)", where=where, do=RESEND)
    return statements


@lru_cache(maxsize=1024)
def _qualified(namespace: str | None, path: str) -> str:
    return "/".join(f"{{{namespace}}}{step}" for step in path.split("/")) if namespace else path


class _Reader:
    """Reads elements of one namespace by plain paths, and knows the file for its errors."""

    def __init__(self, namespace: str | None, where: str) -> None:
        self.namespace = namespace
        self.where = where

    def all(self, node: Any, path: str) -> list[Any]:
        return node.findall(_qualified(self.namespace, path))

    def text(self, node: Any, *paths: str) -> str | None:
        """First of the paths that has text."""
        for path in paths:
            found = node.findtext(_qualified(self.namespace, path))
            if found and (stripped := found.strip()):
                return stripped
        return None

    def needed(self, node: Any, what: str, *paths: str) -> str:
        text = self.text(node, *paths)
        if text is None:
            raise SourceError(
                f"{what} is missing ({paths[0]})",
                where=self.where,
                line=node.sourceline,
                do=RESEND,
            )
        return text

    def day(self, node: Any, what: str, *elements: str) -> date:
        text = self.needed(
            node,
            what,
            *(f"{element}/{form}" for element in elements for form in ("Dt", "DtTm")),
        )
        try:
            return _day(text[:10])
        except ValueError:
            raise SourceError(
                f"{what} '{text}' is not a date",
                where=self.where,
                line=node.sourceline,
                do=RESEND,
            ) from None

    def amount(self, node: Any, currency: str | None) -> tuple[Decimal, str]:
        """Signed amount and currency of a balance or entry; the currency must be the statement's."""
        found = node.find(_qualified(self.namespace, "Amt"))
        line = node.sourceline
        if found is None or not found.text:
            raise SourceError("an amount is missing (Amt)", where=self.where, line=line, do=RESEND)
        own = found.get("Ccy")
        if not own or (currency and own != currency):
            raise SourceError(
                f"an amount is in {own or 'no currency'}, the statement in {currency}",
                where=self.where,
                line=found.sourceline,
                do=RESEND,
            )
        value = money(found.text.strip(), self.where, found.sourceline)
        direction = self.needed(node, "credit or debit", "CdtDbtInd")
        if direction not in ("CRDT", "DBIT"):
            raise SourceError(
                f"CdtDbtInd '{direction}' is neither CRDT nor DBIT",
                where=self.where,
                line=line,
                do=RESEND,
            )
        return (value if direction == "CRDT" else -value), own

    def statement(self, node: Any) -> Statement:
        where, line = self.where, node.sourceline
        balances: dict[str, list[Any]] = {}
        for balance in self.all(node, "Bal"):
            code = self.text(balance, "Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry") or ""
            balances.setdefault(code, []).append(balance)
        interim = balances.get("ITBD", [])
        # OPBD is the opening balance; some banks give the previous closing balance instead, and the pages of a long
        # statement may give interim balances.
        opening = next(
            (b for code in ("OPBD", "PRCD") for b in balances.get(code, ())),
            interim[0] if interim else None,
        )
        closing = (balances.get("CLBD") or interim or [None])[-1]
        for balance, what in (
            (opening, "opening balance (OPBD)"),
            (closing, "closing balance (CLBD)"),
        ):
            if balance is None or (opening is closing):
                raise SourceError(f"the statement has no {what}", where=where, line=line, do=RESEND)
        opening_balance, currency = self.amount(opening, self.text(node, "Acct/Ccy"))
        closing_balance, _ = self.amount(closing, currency)
        number = self.needed(node, "the statement's number", "LglSeqNb", "ElctrncSeqNb", "Id")
        page = self.text(node, "StmtPgntn/PgNb")
        statement = Statement(
            account_number=account_number(
                self.needed(node, "the account number", "Acct/Id/IBAN", "Acct/Id/Othr/Id"),
                currency,
            ),
            currency=currency,
            statement_number=f"{number}/{page}" if page and page != "1" else number,
            statement_date=self.day(closing, "the date of the closing balance", "Dt"),
            opening_balance=opening_balance,
            closing_balance=closing_balance,
            line=line,
        )
        for entry in self.all(node, "Ntry"):
            if self.text(entry, "Sts/Cd", "Sts") not in _NOT_BOOKED:
                statement.entries.extend(self.entries(entry, currency))
        statement.check(where)
        return statement

    def entries(self, node: Any, currency: str) -> list[Entry]:
        """An entry; where it gathers several payments that say their own amounts and add up to it, each of them."""
        amount, _ = self.amount(node, currency)
        details = self.all(node, "NtryDtls/TxDtls")
        parts = [self.part(detail, amount, currency) for detail in details]
        stated = [part for part in parts if part is not None]
        if len(details) > 1 and len(stated) == len(details) and sum(stated) == amount:
            return [self.entry(node, [detail], part, True) for detail, part in zip(details, stated, strict=True)]
        return [self.entry(node, details, amount)]

    def part(self, detail: Any, whole: Decimal, currency: str) -> Decimal | None:
        """Signed amount of one payment of an entry in the account's currency; None where it is not said."""
        for path in ("Amt", "AmtDtls/TxAmt/Amt"):
            found = detail.find(_qualified(self.namespace, path))
            if found is not None and found.text and found.get("Ccy") == currency:
                value = money(found.text.strip(), self.where, found.sourceline)
                direction = self.text(detail, "CdtDbtInd") or ("CRDT" if whole >= 0 else "DBIT")
                return value if direction == "CRDT" else -value
        return None

    def entry(self, node: Any, details: list[Any], amount: Decimal, is_part: bool = False) -> Entry:
        """What is said of one movement: by the entry, and by its transaction details; or one part of an entry."""
        booked = self.day(node, "the booking date", "BookgDt", "ValDt")
        # CdtDbtInd already says which way a reversal moves money; only the roles of the parties stay as in the
        # transaction that is reversed.
        is_reversal = self.text(node, "RvslInd") in ("true", "1")
        payer, payee = ("Dbtr", "Cdtr") if (amount >= 0) != is_reversal else ("Cdtr", "Dbtr")
        names, accounts, references, identifiers = [], [], [], []
        for detail in details:
            for role in (payer, f"Ultmt{payer}", payee) if is_reversal else (payer, f"Ultmt{payer}"):
                if name := self.text(detail, f"RltdPties/{role}/Pty/Nm", f"RltdPties/{role}/Nm"):
                    names.append(name)
                    break
            accounts.append(
                self.text(
                    detail,
                    f"RltdPties/{payer}Acct/Id/IBAN",
                    f"RltdPties/{payer}Acct/Id/Othr/Id",
                )
            )
            identifiers.append(given(self.text(detail, "Refs/EndToEndId")))
            free = [part.text for part in self.all(detail, "RmtInf/Ustrd")]
            structured = [part.text for part in self.all(detail, "RmtInf/Strd/CdtrRefInf/Ref")]
            documents = [part.text for part in self.all(detail, "RmtInf/Strd/RfrdDocInf/Nb")]
            references.extend(free + structured + documents or [self.text(detail, "AddtlTxInf")])
        code = "/".join(
            part
            for path in ("Domn/Cd", "Domn/Fmly/Cd", "Domn/Fmly/SubFmlyCd")
            if (part := self.text(node, f"BkTxCd/{path}"))
        )
        of_entry, of_detail = (
            self.text(node, "AcctSvcrRef"), self.text(details[0], "Refs/AcctSvcrRef") if details else None
        )  # fmt: skip
        bank_reference = (of_detail or of_entry) if is_part else (of_entry or of_detail)
        return Entry(
            booking_date=booked,
            value_date=self.day(node, "the value date", "ValDt", "BookgDt"),
            amount=amount,
            counterparty_name=_joined(names),
            counterparty_account=_joined("".join(account.split()) for account in accounts if account),
            reference=_joined(references) or given(self.text(node, "AddtlNtryInf")),
            end_to_end_id=_joined(identifiers),
            bank_reference=given(bank_reference or self.text(node, "NtryRef")),
            transaction_code=code or self.text(node, "BkTxCd/Prtry/Cd"),
            is_reversal=is_reversal,
            line=(details[0] if is_part else node).sourceline,
        )


@lru_cache(maxsize=4096)
def _day(text: str) -> date:
    return date.fromisoformat(text)


def _joined(texts: Iterable[str | None]) -> str | None:
    """Distinct texts in order; an entry that gathers several payments names them all."""
    cleaned = (given(text) for text in texts)
    return "; ".join(dict.fromkeys(text for text in cleaned if text)) or None
