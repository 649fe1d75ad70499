"""Open items as of any day: partial payments, credit notes, currency; and their agreement with the control account."""

from __future__ import annotations

import pytest

AGING = """
select as_of, receivable_id, open_amount_document_currency, open_amount_company_currency, days_overdue, bucket
from marts.fct_receivable_aging order by as_of, receivable_id
"""


@pytest.fixture(scope="module")
def group(new_group):
    group = new_group()
    # R1 is paid in two parts, R2 in dollars, CN is a credit note applied to R3, CASH is money not applied to anything.
    group.add(
        "tryton__receivable",
        """
        receivable_id | kind           | posting_date | due_date   | document_currency | amount_document | amount_company
        R1            | invoice        | 2024-01-10   | 2024-02-09 | EUR               | 100             | 100
        R2            | invoice        | 2024-01-20   | 2024-01-31 | USD               | 110             | 100
        R3            | invoice        | 2024-02-01   | 2024-03-02 | EUR               | 50              | 50
        CN            | credit_note    | 2024-02-15   | 2024-02-15 | EUR               | -50             | -50
        CASH          | unapplied_cash | 2024-03-20   | 2024-03-20 | EUR               | -7              | -7
        """,  # noqa: E501
    )
    group.add(
        "tryton__receivable_settlement",
        """
        receivable_id | kind        | settlement_date | amount_document | amount_company | exchange_difference_company
        R1            | payment     | 2024-02-15      | 60              | 60             | 0
        R1            | payment     | 2024-03-05      | 40              | 40             | 0
        R2            | payment     | 2024-03-10      | 55              | 50             | 2
        R3            | credit_note | 2024-02-15      | 50              | 50             | 0
        CN            | credit_note | 2024-02-15      | -50             | -50            | 0
        """,
    )
    group.add(
        "tryton__journal_line",
        """
        journal_line_id | journal_entry_id | account_id | posting_date | debit_company | credit_company
        1               | E1               | AR         | 2024-01-10   | 100           | 0
        2               | E1               | SALES      | 2024-01-10   | 0             | 100
        3               | E2               | AR         | 2024-01-20   | 100           | 0
        4               | E2               | SALES      | 2024-01-20   | 0             | 100
        5               | E3               | AR         | 2024-02-01   | 50            | 0
        6               | E3               | SALES      | 2024-02-01   | 0             | 50
        7               | E4               | SALES      | 2024-02-15   | 50            | 0
        8               | E4               | AR         | 2024-02-15   | 0             | 50
        9               | E5               | BANK       | 2024-02-15   | 60            | 0
        10              | E5               | AR         | 2024-02-15   | 0             | 60
        11              | E6               | BANK       | 2024-03-05   | 40            | 0
        12              | E6               | AR         | 2024-03-05   | 0             | 40
        13              | E7               | BANK       | 2024-03-10   | 52            | 0
        14              | E7               | AR         | 2024-03-10   | 0             | 50
        15              | E7               | SALES      | 2024-03-10   | 0             | 2
        16              | E8               | BANK       | 2024-03-20   | 7             | 0
        17              | E8               | AR         | 2024-03-20   | 0             | 7
        """,
    )
    group.execute("insert into quality.requested_as_of values ('2024-02-15'), ('2024-12-31')")
    group.build("+fct_tie_out aging_equals_open_items", command="build")
    return group


def test_open_items_at_month_ends_as_of_and_the_day_asked_for(group):
    assert group.rows(AGING) == [
        ("2024-01-31", "R1", "100.0000", "100.0000", "-9", "not_due"),
        ("2024-01-31", "R2", "110.0000", "100.0000", "0", "not_due"),
        ("2024-02-15", "R1", "40.0000", "40.0000", "6", "1-30"),
        ("2024-02-15", "R2", "110.0000", "100.0000", "15", "1-30"),
        ("2024-02-29", "R1", "40.0000", "40.0000", "20", "1-30"),
        ("2024-02-29", "R2", "110.0000", "100.0000", "29", "1-30"),
        ("2024-03-31", "CASH", "-7.0000", "-7.0000", "11", "1-30"),
        ("2024-03-31", "R2", "55.0000", "50.0000", "60", "31-60"),
    ]


def test_cleared_on_the_day_nothing_is_open_any_more(group):
    assert group.rows("select receivable_id, cleared_date from marts.fct_receivable order by 1") == [
        ("CASH", None),
        ("CN", "2024-02-15"),
        ("R1", "2024-03-05"),
        ("R2", None),
        ("R3", "2024-02-15"),
    ]


def test_open_receivables_equal_the_control_account_on_every_day(group):
    assert group.rows(
        """select as_of, left_total, right_total, passed from marts.fct_tie_out
           where control = 'receivable_ledger' order by 1"""
    ) == [
        ("2024-01-31", "200.0000", "200.0000", "true"),
        ("2024-02-15", "140.0000", "140.0000", "true"),
        ("2024-02-29", "140.0000", "140.0000", "true"),
        ("2024-03-31", "43.0000", "43.0000", "true"),
    ]


def test_receipts_of_a_week_are_the_money_that_came(group):
    # 52 of the dollar invoice: 50 at its booked rate and a gain of 2. The credit note moved no money.
    group.build("+fct_cash_flow_weekly")
    assert group.rows(
        "select flow, week_start, amount_company_currency from marts.fct_cash_flow_weekly order by 2"
    ) == [
        ("receipts", "2024-02-12", "60.0000"),
        ("receipts", "2024-03-04", "92.0000"),
        ("receipts", "2024-03-18", "7.0000"),
    ]


def test_a_day_in_the_past_looks_the_same_from_later(group, new_group):
    known = group.rows(AGING)
    group.build("+fct_receivable_aging", as_of="2024-02-29")
    assert group.rows(AGING) == [row for row in known if row[0] <= "2024-02-29"]
    group.build("+fct_tie_out")


def test_a_cent_too_much_on_the_control_account_fails_the_control(group):
    group.execute(
        """update staging.stg_tryton__journal_line set credit_company_currency = 99.99 where journal_line_id = '2';
           update staging.stg_tryton__journal_line set debit_company_currency = 99.99 where journal_line_id = '1'"""
    )
    group.build("+fct_tie_out")
    failed = group.rows(
        """select control, company_id, as_of, difference, blocking from marts.fct_tie_out
           where not passed and blocking order by 3"""
    )
    assert failed == [
        ("receivable_ledger", "A", day, "0.0100", "true")
        for day in ("2024-01-31", "2024-02-15", "2024-02-29", "2024-03-31")
    ]
