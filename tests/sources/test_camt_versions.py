"""What the versions 02 to 08 of camt.053 write differently, by files made by hand in the wording of each."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dagster_project.sources.bank_statements import read_statement_file, read_statements
from dagster_project.sources.errors import SourceError
from dagster_project.sources.statement import Entry, Statement

IBAN = "DE89370400440532013000"


def document(version: int, body: str, number: str = "<ElctrncSeqNb>7</ElctrncSeqNb>") -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version:02d}"><BkToCstmrStmt>\n'
        "<GrpHdr><MsgId>M</MsgId><CreDtTm>2026-10-05T18:00:00</CreDtTm></GrpHdr>\n"
        f"<Stmt><Id>S</Id>{number}\n<Acct><Id><IBAN>{IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>\n{body}\n</Stmt>\n"
        "</BkToCstmrStmt></Document>\n"
    )


def balance(code: str, amount: str, sign: str = "CRDT", day: str = "<Dt>2026-10-05</Dt>") -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>'
        f"<CdtDbtInd>{sign}</CdtDbtInd><Dt>{day}</Dt></Bal>\n"
    )


def booked(amount: str, sign: str, status: str, details: str, more: str = "") -> str:
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>{more}<Sts>{status}</Sts>\n'
        "<BookgDt><Dt>2026-10-05</Dt></BookgDt><ValDt><Dt>2026-10-06</Dt></ValDt><AcctSvcrRef>BANK1</AcctSvcrRef>\n"
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>\n"
        f"<NtryDtls>{details}</NtryDtls></Ntry>\n"
    )


def read(tmp_path: Path, text: str) -> Statement:
    (tmp_path / "a.xml").write_text(text, encoding="utf-8")
    (found,) = read_statement_file(tmp_path / "a.xml")
    return found


# Until version 07 a status is a plain code and a party's name stands below its role; from 08 on they have wrappers.
_OLD = ("BOOK", "<Dbtr><Nm>Quast</Nm></Dbtr>", "<BIC>COBADEFFXXX</BIC>")
_MIDDLE = ("BOOK", "<Dbtr><Nm>Quast</Nm></Dbtr>", "<BICFI>COBADEFFXXX</BICFI>")
_NEW = ("<Cd>BOOK</Cd>", "<Dbtr><Pty><Nm>Quast</Nm></Pty></Dbtr>", "<BICFI>COBADEFFXXX</BICFI>")


@pytest.mark.parametrize(
    ("version", "style"), [(2, _OLD), (3, _OLD), (4, _MIDDLE), (5, _MIDDLE), (6, _MIDDLE), (7, _MIDDLE), (8, _NEW)]
)
def test_one_entry_in_the_words_of_each_version(tmp_path: Path, version: int, style: tuple[str, str, str]) -> None:
    status, party, bank = style
    details = (
        "<TxDtls><Refs><EndToEndId>E-1</EndToEndId></Refs><RltdPties>"
        f"{party}<DbtrAcct><Id><IBAN>LU280019400644750000</IBAN></Id></DbtrAcct></RltdPties>"
        f"<RltdAgts><DbtrAgt><FinInstnId>{bank}</FinInstnId></DbtrAgt></RltdAgts>"
        "<RmtInf><Strd><CdtrRefInf><Ref>RF18 5390</Ref></CdtrRefInf></Strd></RmtInf></TxDtls>"
    )
    body = balance("OPBD", "100.00") + balance("CLBD", "150.50") + booked("50.50", "CRDT", status, details)
    found = read(tmp_path, document(version, body))
    assert (found.account_number, found.statement_number, found.statement_date) == (IBAN, "7", date(2026, 10, 5))
    assert (found.opening_balance, found.closing_balance) == (Decimal("100.00"), Decimal("150.50"))
    assert [e.content for e in found.entries] == [
        Entry(
            date(2026, 10, 5), date(2026, 10, 6), Decimal("50.50"), "Quast", "LU280019400644750000", "RF18 5390",
            "E-1", "BANK1", "PMNT/RCDT/ESCT", False, 0,
        ).content
    ]  # fmt: skip


def details(*parts: tuple[str, str, str], sign: str = "", amount: str = "<Amt Ccy='EUR'>{}</Amt>") -> str:
    return "".join(
        f"<TxDtls><Refs><AcctSvcrRef>{name}-R</AcctSvcrRef></Refs>{amount.format(value)}{sign}"
        f"<RltdPties><Dbtr><Pty><Nm>{name}</Nm></Pty></Dbtr></RltdPties>"
        f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>\n"
        for name, value, text in parts
    )


_BATCH = (("Ada", "10.00", "INV-1"), ("Bea", "20.00", "INV-2"), ("Cyd", "0.50", "INV-3"))


@pytest.mark.parametrize(
    "amount", ["<Amt Ccy='EUR'>{}</Amt>", "<AmtDtls><TxAmt><Amt Ccy='EUR'>{}</Amt></TxAmt></AmtDtls>"]
)
def test_a_batch_whose_payments_add_up_is_taken_apart(tmp_path: Path, amount: str) -> None:
    body = balance("OPBD", "0") + balance("CLBD", "30.50")
    body += booked("30.50", "CRDT", "<Cd>BOOK</Cd>", details(*_BATCH, amount=amount))
    entries = read(tmp_path, document(8, body)).entries
    assert [(e.amount, e.counterparty_name, e.reference, e.bank_reference) for e in entries] == [
        (Decimal("10.00"), "Ada", "INV-1", "Ada-R"), (Decimal("20.00"), "Bea", "INV-2", "Bea-R"),
        (Decimal("0.50"), "Cyd", "INV-3", "Cyd-R"),
    ]  # fmt: skip
    assert [e.line for e in entries] == [11, 12, 13]


def test_a_batch_whose_payments_do_not_add_up_stays_one_movement(tmp_path: Path) -> None:
    # the bank kept a charge of half a euro
    charge = "<Chrgs><Rcrd><Amt Ccy='EUR'>0.50</Amt><CdtDbtInd>DBIT</CdtDbtInd></Rcrd></Chrgs>"
    body = balance("OPBD", "0") + balance("CLBD", "30.00")
    body += booked("30.00", "CRDT", "<Cd>BOOK</Cd>", details(*_BATCH), charge)
    (entry,) = read(tmp_path, document(8, body)).entries
    assert (entry.amount, entry.counterparty_name, entry.bank_reference) == (Decimal("30.00"), "Ada; Bea; Cyd", "BANK1")
    assert entry.reference == "INV-1; INV-2; INV-3"


def test_a_payment_in_another_currency_counts_as_the_account_says(tmp_path: Path) -> None:
    foreign = (
        "<TxDtls><AmtDtls><InstdAmt><Amt Ccy='USD'>60.00</Amt></InstdAmt><TxAmt><Amt Ccy='USD'>60.00</Amt></TxAmt>"
        "<CntrValAmt><Amt Ccy='EUR'>50.50</Amt><CcyXchg><SrcCcy>USD</SrcCcy><XchgRate>0.8417</XchgRate></CcyXchg>"
        "</CntrValAmt></AmtDtls></TxDtls>"
    )
    body = balance("OPBD", "0") + balance("CLBD", "50.50") + booked("50.50", "CRDT", "<Cd>BOOK</Cd>", foreign)
    assert [e.amount for e in read(tmp_path, document(8, body)).entries] == [Decimal("50.50")]


def test_a_reversal_moves_money_as_its_sign_says(tmp_path: Path) -> None:
    body = balance("OPBD", "100") + balance("CLBD", "69.50")
    body += booked("30.50", "DBIT", "<Cd>BOOK</Cd>", details(_BATCH[0]), "<RvslInd>true</RvslInd>")
    (entry,) = read(tmp_path, document(8, body)).entries
    assert (entry.amount, entry.is_reversal, entry.counterparty_name) == (Decimal("-30.50"), True, "Ada")


@pytest.mark.parametrize(
    ("balances", "opening", "closing"),
    [
        ((("OPBD", "10"), ("CLBD", "10"), ("CLAV", "99"), ("FWAV", "99")), "10", "10"),
        ((("PRCD", "10"), ("CLBD", "10")), "10", "10"),
        ((("ITBD", "10"), ("ITBD", "10")), "10", "10"),  # a page in the middle
        ((("OPBD", "10"), ("ITBD", "10")), "10", "10"),  # the first page
        ((("ITBD", "10"), ("CLBD", "10")), "10", "10"),  # the last
    ],
)
def test_kinds_of_balances(tmp_path: Path, balances: tuple[tuple[str, str], ...], opening: str, closing: str) -> None:
    found = read(tmp_path, document(8, "".join(balance(*one) for one in balances)))
    assert (found.opening_balance, found.closing_balance) == (Decimal(opening), Decimal(closing))


def test_an_overdrawn_account_and_a_time_of_day(tmp_path: Path) -> None:
    day = "<DtTm>2026-10-05T23:59:59+02:00</DtTm>"
    found = read(tmp_path, document(8, balance("OPBD", "5", "DBIT", day) + balance("CLBD", "5", "DBIT", day)))
    assert (found.closing_balance, found.statement_date) == (Decimal(-5), date(2026, 10, 5))


@pytest.mark.parametrize(
    ("number", "read_as"),
    [
        ("<ElctrncSeqNb>7</ElctrncSeqNb>", "7"),
        ("<ElctrncSeqNb>107</ElctrncSeqNb><LglSeqNb>7</LglSeqNb>", "7"),
        ("<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn><ElctrncSeqNb>7</ElctrncSeqNb>", "7"),
        ("<StmtPgntn><PgNb>2</PgNb><LastPgInd>true</LastPgInd></StmtPgntn><ElctrncSeqNb>7</ElctrncSeqNb>", "7/2"),
        ("", "S"),
    ],
)
def test_the_number_of_a_statement(tmp_path: Path, number: str, read_as: str) -> None:
    text = document(6, balance("OPBD", "1") + balance("CLBD", "1"), number)
    assert read(tmp_path, text).statement_number == read_as


def test_several_statements_in_one_message(tmp_path: Path) -> None:
    first = document(8, balance("OPBD", "1") + balance("CLBD", "1"))
    second = first[first.index("<Stmt>") : first.index("</BkToCstmrStmt>")].replace(">7<", ">8<")
    (tmp_path / "a.xml").write_text(first.replace("</BkToCstmrStmt>", f"{second}</BkToCstmrStmt>"))
    assert [s.statement_number for s in read_statement_file(tmp_path / "a.xml")] == ["7", "8"]


def test_an_entry_that_differs_by_a_cent_names_its_statement(tmp_path: Path) -> None:
    good = document(8, balance("OPBD", "1") + balance("CLBD", "1"))
    (tmp_path / "a.xml").write_text(good)
    (tmp_path / "b.xml").write_text(document(8, balance("OPBD", "1") + balance("CLBD", "1.01"), ""))
    with pytest.raises(SourceError, match=r"b\.xml, line 4: .*difference 0\.01"):
        read_statement_file(tmp_path / "b.xml")
    assert read_statements(tmp_path).files["state"].to_pylist() == ["received", "rejected"]
