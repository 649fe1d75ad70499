"""Statements as CSV by a described layout: read with their balances, or rejected with file, line and reason."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dagster_project.sources.bank_statements import check_statement_files, read_statement_file, read_statements
from dagster_project.sources.errors import SourceError

IBAN = "DE89370400440532013000"
GERMAN = """
delimiter: ";"
date_format: "%d.%m.%Y"
decimal_sign: ","
thousands_sign: "."
currency: EUR
labels: {account_number: Konto}
columns:
  booking_date: Buchungstag
  value_date: Valuta
  amount: Betrag
  balance: Saldo
  counterparty_name: Name
  counterparty_account: IBAN
  reference: [Zweck, Kundenreferenz]
ignore: [Notiz]
"""
GERMAN_FILE = f"""Umsatzanzeige;;
Konto:;{IBAN}

Buchungstag;Valuta;Name;IBAN;Zweck;Kundenreferenz;Betrag;Saldo;Notiz
01.10.2026;02.10.2026;"Müller; Söhne";LU28 0019 4006 4475 0000;Rechnung 7;K1;1.234,50;11.234,50;
05.10.2026;05.10.2026;Bank;;Entgelt;;-12,00;11.222,50;x
"""
ENGLISH = """
date_format: "%Y-%m-%d"
columns: {booking_date: Date, debit: Paid out, credit: Paid in, reference: Details, account_number: Account,
          currency: Ccy, balance: Balance}
newest_first: true
"""
ENGLISH_FILE = """Date,Details,Account,Ccy,Paid out,Paid in,Balance
2026-10-05,rent,A1,GBP,20.00,,85.00
2026-10-05,fee,B2,USD,1.00,,-1.00
2026-10-01,Invoice 7,A1,GBP,,5.00,105.00
"""
SIGNED = """
account_number: A1
labels: {opening_balance: Opening balance, closing_balance: Closing balance, currency: Currency}
columns: {booking_date: Date, amount: Amount, sign: Dr/Cr}
"""
SIGNED_FILE = """Opening balance,100.00
Currency,USD
Date,Amount,Dr/Cr
2026-10-01,5.00,CR
2026-10-02,0.50,DR
Closing balance,104.50 USD
"""


def write(folder: Path, layout: str, text: str, name: str = "a.csv", encoding: str = "utf-8") -> Path:
    (folder / "statement_layout.yml").write_text(layout, encoding="utf-8")
    (folder / name).write_text(text, encoding=encoding)
    return folder / name


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_signed_amounts_with_a_running_balance(tmp_path: Path, encoding: str) -> None:
    (found,) = read_statement_file(write(tmp_path, GERMAN, GERMAN_FILE, encoding=encoding))
    assert (found.account_number, found.currency, found.statement_date) == (IBAN, "EUR", date(2026, 10, 5))
    assert (found.opening_balance, found.closing_balance) == (Decimal("10000.00"), Decimal("11222.50"))
    first, second = found.entries
    assert (first.amount, first.value_date) == (Decimal("1234.50"), date(2026, 10, 2))
    assert (first.counterparty_name, first.reference) == ("Müller; Söhne", "Rechnung 7 K1")
    assert first.counterparty_account == "LU280019400644750000"
    assert (second.amount, second.line) == (Decimal("-12.00"), 6)


def test_debit_and_credit_columns_of_several_accounts_the_newest_first(tmp_path: Path) -> None:
    found = read_statement_file(write(tmp_path, ENGLISH, ENGLISH_FILE))
    assert [(s.account_number, s.currency, s.opening_balance, s.closing_balance) for s in found] == [
        ("A1", "GBP", Decimal("100.00"), Decimal("85.00")), ("B2", "USD", Decimal("0.00"), Decimal("-1.00")),
    ]  # fmt: skip
    assert [e.amount for e in found[0].entries] == [Decimal("5.00"), Decimal("-20.00")]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # a credit and a debit taken back
        (";1.234,50;1.334,50 ;-34,50;1.300,00 10,00;;1.290,00 -10,00;;1.300,00",
         [("1234.50", False), ("-34.50", True), ("-10.00", False), ("10.00", True)]),
        # this bank writes its debits with a minus
        ("-34,50;0,00;65,50 -5,50;;60,00 0,00;40,00;100,00", [("-34.50", False), ("-5.50", False), ("40.00", False)]),
        ("0,00;0,00;100,00 0,00;1,00;101,00", [("0.00", False), ("1.00", False)]),
    ],
)  # fmt: skip
def test_debit_and_credit_columns_as_banks_sign_them(tmp_path: Path, rows: str, expected: list[Any]) -> None:
    layout = """
delimiter: ";"
decimal_sign: ","
thousands_sign: "."
account_number: A1
currency: EUR
columns: {booking_date: Tag, debit: Soll, credit: Haben, balance: Saldo}
"""
    text = "Tag;Soll;Haben;Saldo\n" + "".join(f"2026-10-01;{row}\n" for row in rows.split(" "))
    (found,) = read_statement_file(write(tmp_path, layout, text))
    assert found.opening_balance == 100
    assert [(str(e.amount), e.is_reversal) for e in found.entries] == expected


def test_a_column_of_signs_and_balances_beside_labels(tmp_path: Path) -> None:
    (found,) = read_statement_file(write(tmp_path, SIGNED, SIGNED_FILE))
    assert (found.currency, found.opening_balance, found.closing_balance) == ("USD", Decimal(100), Decimal("104.50"))
    assert [e.amount for e in found.entries] == [Decimal("5.00"), Decimal("-0.50")]


def test_the_nearest_layout_above_a_file_counts(tmp_path: Path) -> None:
    write(tmp_path, GERMAN, GERMAN_FILE)
    (tmp_path / "barclays" / "2026").mkdir(parents=True)
    (tmp_path / "barclays" / "statement_layout.yml").write_text(ENGLISH)
    (tmp_path / "barclays" / "2026" / "10.csv").write_text(ENGLISH_FILE)
    folder = read_statements(tmp_path)
    assert folder.files["state"].to_pylist() == ["received", "received"]
    assert sorted(folder.statements["account_number"].to_pylist()) == ["A1", "B2", IBAN]


BROKEN = {
    "missing heading": (GERMAN, GERMAN_FILE.replace("Saldo", "Stand"),
        "line 4: the heading lacks 'Saldo', which the layout names. Mend statement_layout.yml"),
    "unknown heading": (GERMAN, GERMAN_FILE.replace("Notiz", "Filiale"),
        "line 4: the layout does not know the heading 'Filiale'"),
    "heading twice": (GERMAN, GERMAN_FILE.replace("Notiz", "Saldo"),
        "line 4: the layout finds twice the heading 'Saldo'"),
    "no heading at all": (GERMAN, "a;b\n1;2\n", "line 1: no line has the heading 'Buchungstag' of the layout"),
    "balance does not follow": (GERMAN, GERMAN_FILE.replace("-12,00", "-12,01"),
        "line 6: the balance before 11234.50 plus -12.01 = 11222.49, but the line says 11222.50"),
    "line lost": (GERMAN, GERMAN_FILE.replace("05.10.2026;05.10.2026;Bank;;Entgelt;;-12,00;11.222,50;x",
        "06.10.2026;;;;;;1,00;11.223,50;"), "line 6: the balance before 11234.50 plus 1.00"),
    "wrong date": (GERMAN, GERMAN_FILE.replace("05.10.2026;05", "2026-10-05;05"),
        "line 6: '2026-10-05' is not a date as %d.%m.%Y"),
    "wrong decimal sign": (GERMAN, GERMAN_FILE.replace("-12,00", "-12.00"), "line 6: '-12.00' is not an amount"),
    "cells": (GERMAN, GERMAN_FILE.replace("Entgelt;;", "Ent;ge;lt;;"),
        "line 6: 11 cells where the heading has 9 columns"),
    "no account": (GERMAN, GERMAN_FILE.replace("Konto", "Depot"), "'Konto' (account_number) stands nowhere outside"),
    "cut off": (GERMAN, GERMAN_FILE[:-30], "line 6: 3 cells where the heading has 9 columns"),
    "empty table": (ENGLISH, ENGLISH_FILE.split("\n", 1)[0], "line 1: the table has no rows"),
    "both": (ENGLISH, ENGLISH_FILE.replace("20.00,,", "20.00,1.00,"), "line 2: neither debit nor credit, or both"),
    "sign": (SIGNED, SIGNED_FILE.replace("DR", "XX"),
        "line 5: amount '0.50' with the sign 'XX', which is none of D, DR"),
    "sum": (SIGNED, SIGNED_FILE.replace("104.50", "104.51"), "difference 0.01"),
    "no closing": (SIGNED, SIGNED_FILE.replace("Closing", "Final"), "line 6: 'Final balance' is not a date"),
    "quotes": (ENGLISH, ENGLISH_FILE.replace("rent", '"rent'), "line 2: not readable as CSV"),
    "layout: unknown key": ("colour: red\n" + GERMAN, GERMAN_FILE,
        "statement_layout.yml: unknown key 'colour'. Allowed here: columns, labels"),
    "layout: unknown column": (GERMAN.replace("value_date", "valuta"), GERMAN_FILE,
        "statement_layout.yml: unknown key 'columns.valuta'. Allowed here: booking_date, value_date"),
    "layout: no balance": (GERMAN.replace("  balance: Saldo\n", ""), GERMAN_FILE,
        "statement_layout.yml: name columns.balance, or labels.opening_balance and labels.closing_balance"),
    "layout: no account": (GERMAN.replace("labels: {account_number: Konto}\n", ""), GERMAN_FILE,
        "statement_layout.yml: say account_number once: as a value, in columns or in labels"),
    "layout: not YAML": ("columns: [", GERMAN_FILE, "statement_layout.yml, line 1: not readable as YAML"),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN)
def test_what_can_not_be_read_is_rejected_in_one_line(tmp_path: Path, case: str) -> None:
    layout, text, reason = BROKEN[case]
    path = write(tmp_path, layout, text)
    with pytest.raises(SourceError) as error:
        read_statement_file(path)
    message = str(error.value)
    assert reason in message
    assert message.startswith(str(tmp_path))
    assert "\n" not in message
    (outcome,) = check_statement_files(tmp_path)
    assert (outcome.state, outcome.reason, outcome.line) == ("rejected", error.value.reason, error.value.line)


def test_without_a_layout_a_csv_is_not_guessed_at(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(ENGLISH_FILE)
    with pytest.raises(SourceError, match=r"no statement_layout\.yml beside this CSV file"):
        read_statement_file(tmp_path / "a.csv")
