"""Bills and notes: what became of each by as_of, what is open and when it falls due, and the tie to the ledger.

A, with books in CNY, holds R1 (1,000, open), R2 (500, endorsed whole), R3 (800, discounted: 780 and 20 of interest),
R4 (600, of which 200 are endorsed), R5 (300, dishonoured at maturity), R6 (400, endorsed, then dishonoured to the next
holder), R7 (not received yet); and has issued P1 (700, paid at maturity) and P2 (900, open). EUR 1 is CNY 8.
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.marts.conftest import Group

NOTES = """
note_id | note_number | kind                  | direction  | amount_document | issue_date | maturity_date
R1      | N-R1        | bank_acceptance       | receivable | 1000            | 2024-01-10 | 2024-05-10
R2      | N-R2        | bank_acceptance       | receivable | 500             | 2024-01-10 | 2024-05-10
R3      | N-R3        | bank_acceptance       | receivable | 800             | 2024-01-10 | 2024-05-10
R4      | N-R4        | bank_acceptance       | receivable | 600             | 2024-01-10 | 2024-06-30
R5      | N-R5        | commercial_acceptance | receivable | 300             | 2024-01-10 | 2024-03-10
R6      | N-R6        | commercial_acceptance | receivable | 400             | 2024-01-10 | 2024-03-10
R7      | N-R7        | bank_acceptance       | receivable | 100             | 2024-03-30 | 2024-09-30
P1      | N-P1        | bank_acceptance       | payable    | 700             | 2024-01-10 | 2024-03-15
P2      | N-P2        | bank_acceptance       | payable    | 900             | 2024-02-10 | 2024-04-20
"""
# note, event, day, amount, interest
EVENTS = [
    ("R1", "received", "2024-01-15", 1000, 0),
    ("R2", "received", "2024-01-15", 500, 0),
    ("R2", "endorsed", "2024-02-01", 500, 0),
    ("R3", "received", "2024-01-15", 800, 0),
    ("R3", "discounted", "2024-02-05", 800, 20),
    ("R4", "received", "2024-01-15", 600, 0),
    ("R4", "endorsed", "2024-02-20", 200, 0),
    ("R5", "received", "2024-01-15", 300, 0),
    ("R5", "dishonoured", "2024-03-10", 300, 0),
    ("R6", "received", "2024-01-15", 400, 0),
    ("R6", "endorsed", "2024-01-15", 400, 0),
    ("R6", "dishonoured", "2024-03-10", 0, 0),
    ("R7", "received", "2024-04-02", 100, 0),
    ("P1", "issued", "2024-01-10", 700, 0),
    ("P1", "matured", "2024-03-15", 700, 0),
    ("P2", "issued", "2024-02-10", 900, 0),
]
# The books: day, notes receivable (debits positive), notes payable (credits positive); P2 is short by 50.
LEDGER = [
    ("2024-01-10", 0, 700),
    ("2024-01-15", 1000 + 500 + 800 + 600 + 300 + 400 - 400, 0),
    ("2024-02-01", -500, 0),
    ("2024-02-05", -800, 0),
    ("2024-02-10", 0, 850),
    ("2024-02-20", -200, 0),
    ("2024-03-10", -300, 0),
    ("2024-03-15", 0, -700),
]


@pytest.fixture(scope="module")
def group(new_group) -> Group:
    group = new_group()
    group.execute("update staging.stg_tryton__company set currency = 'CNY'")
    group.add(
        "tryton__exchange_rate",
        "exchange_rate_id | currency | rate_date | units_per_base\n1 | CNY | 2024-01-01 | 8\n2 | EUR | 2024-01-01 | 1",
    )
    group.add(
        "tryton__account",
        "account_id | code | name | type | control | purpose\n"
        "NR | 1121 | Notes receivable | asset | note_receivable | receivable\n"
        "NP | 2201 | Notes payable | liability | note_payable | payable",
    )
    group.add("erp_china__note", NOTES)
    group.execute("update staging.stg_erp_china__note set document_currency = 'CNY'")
    for number, (note, event, day, amount, fee) in enumerate(EVENTS):
        group.add(
            "erp_china__note_event",
            "note_event_id | note_id | event | event_date | amount_document | fee_amount_company\n"
            f"{number:02} | {note} | {event} | {day} | {amount} | {fee}",
        )
    for number, (day, receivable, payable) in enumerate(LEDGER):
        debit = receivable - payable
        account, other = ("NR", "AR") if receivable else ("NP", "AP")
        group.add(
            "tryton__journal_line",
            "journal_line_id | journal_entry_id | account_id | posting_date | debit_company | credit_company\n"
            f"{number}-1 | {number} | {account} | {day} | {max(debit, 0)} | {max(-debit, 0)}\n"
            f"{number}-2 | {number} | {other} | {day} | {max(-debit, 0)} | {max(debit, 0)}",
        )
    group.build("+path:models/marts/notes +fct_tie_out values_are_allowed", command="build")
    return group


def test_status_and_open_amount(group: Group):
    found = group.rows(
        """select note_id, status, open_amount_document_currency::decimal(18, 2),
           open_amount_reporting_currency::decimal(18, 2), days_to_maturity from marts.fct_note order by note_id"""
    )
    assert found == [
        ("P1", "matured", "0.00", "0.00", "-16"),
        ("P2", "open", "900.00", "112.50", "20"),
        ("R1", "open", "1000.00", "125.00", "40"),  # 1000 / 8; April has 30 days, and 10 of May
        ("R2", "endorsed", "0.00", "0.00", "40"),
        ("R3", "discounted", "0.00", "0.00", "40"),
        ("R4", "open", "400.00", "50.00", "91"),  # 600 - 200 are still held
        ("R5", "dishonoured", "0.00", "0.00", "-21"),
        ("R6", "dishonoured", "0.00", "0.00", "-21"),
        ("R7", "pending", "0.00", "0.00", "183"),
    ]


def test_interest_of_discounting(group: Group):
    assert group.rows(
        "select note_id, fee_amount_company_currency::decimal(18, 2) from marts.fct_note "
        "where fee_amount_company_currency <> 0"
    ) == [("R3", "20.00")]


def test_maturities(group: Group):
    assert group.rows(
        """select direction, maturity_month, currency, note_count, open_amount_company_currency::decimal(18, 2)
           from marts.fct_note_maturity order by 1, 2"""
    ) == [
        ("payable", "2024-04-01", "CNY", "1", "900.00"),
        ("receivable", "2024-05-01", "CNY", "1", "1000.00"),
        ("receivable", "2024-06-01", "CNY", "1", "400.00"),
    ]


def test_open_notes_are_the_ledger_balance(group: Group):
    found = group.rows(
        """select left_label, as_of, left_total::decimal(18, 2), right_total::decimal(18, 2), passed, blocking
           from marts.fct_tie_out where control = 'note_ledger' order by 1, 2"""
    )
    assert found == [
        ("open notes payable", "2024-01-31", "700.00", "700.00", "true", "false"),
        ("open notes payable", "2024-02-29", "1600.00", "1550.00", "false", "false"),
        ("open notes payable", "2024-03-31", "900.00", "850.00", "false", "false"),
        ("open notes receivable", "2024-01-31", "3200.00", "3200.00", "true", "false"),
        ("open notes receivable", "2024-02-29", "1700.00", "1700.00", "true", "false"),
        ("open notes receivable", "2024-03-31", "1400.00", "1400.00", "true", "false"),
    ]


def test_a_difference_names_its_first_day_and_note(group: Group):
    assert group.rows("select distinct detail from marts.fct_tie_out where control = 'note_ledger' and not passed") == [
        ("CNY, first on 2024-02-10, note N-P2",)
    ]


def test_maturities_are_the_open_notes(group: Group):
    by_note, by_month = group.rows(
        """select (select sum(open_amount_company_currency) from marts.fct_note),
           (select sum(open_amount_company_currency) from marts.fct_note_maturity)"""
    )[0]
    assert Decimal(by_note) == Decimal(by_month) == Decimal(2300)


def test_every_note_and_event_is_kept(group: Group):
    assert group.rows(
        """select left_label, left_total::integer, passed from marts.fct_tie_out
           where control = 'completeness' and left_label like 'note%records%' order by 1"""
    ) == [("note records at the source", "9", "true"), ("note_event records at the source", "16", "true")]
