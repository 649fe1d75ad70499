"""What documents, statements and other sources say of master records, counted from small tables."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def group(new_group):
    group = new_group()
    group.add(
        "tryton__bank_account",
        """
        bank_account_id | name | currency | iban                   | account_id
        B1              | Main | EUR      | DE89370400440532013000 | BANK
        """,
    )
    group.add(
        "erp_china__payment",
        """
        payment_id | direction | party_id | payment_date | account_id | amount_document
        P1         | paid      | S1       | 2024-02-01   | BANK       | 100
        P2         | paid      | S1       | 2024-03-01   | BANK       | 200
        P3         | paid      | S1       | 2024-03-20   | BANK       | 300
        P4         | paid      | S2       | 2024-03-21   | BANK       | 300
        """,
    )
    group.add(
        "bank_statements__bank_statement",
        """
        bank_statement_id | iban                   | statement_date
        T1                | DE89370400440532013000 | 2024-01-31
        T2                | DE89370400440532013000 | 2024-02-29
        T3                | DE89370400440532013000 | 2024-03-31
        T4                | DE89370400440532013000 | 2024-04-30
        """,
    )
    # P3 and P4 are of one amount and near each other: which is which, the bank does not say.
    group.add(
        "bank_statements__bank_movement",
        """
        bank_movement_id | bank_statement_id | booking_date | amount_bank | counterparty_account
        M1               | T2                | 2024-02-02   | -100        | OLD
        M2               | T3                | 2024-03-01   | -200        | NEW
        M3               | T3                | 2024-03-22   | -300        | OTHER
        """,
    )
    group.add(
        "tryton__exchange_rate",
        "\n".join(
            [
                "exchange_rate_id | currency | rate_date | units_per_base",
                *(f"U{day} | USD | 2024-03-{day:02} | 1.1" for day in range(1, 21)),
                *(f"C{day} | CHF | 2024-03-{day:02} | 0.97" for day in range(1, 21)),
                *(f"G{day} | GBP | 2024-03-{day:02} | 0.85" for day in range(1, 21) if day != 11),
            ]
        ),
    )
    group.build("+int_supplier_evidence +int_bank_account_evidence +int_exchange_rate_evidence")
    return group


def test_the_bank_says_where_the_newest_payment_went_where_only_one_fits(group):
    assert group.rows(
        "select supplier_id, last_document_date, paid_account_number, paid_date "
        "from intermediate.int_supplier_evidence order by 1"
    ) == [("S1", "2024-03-20", "NEW", "2024-03-01"), ("S2", "2024-03-21", None, None)]


def test_statements_up_to_the_day_and_their_usual_distance(group):
    assert group.rows("select * from intermediate.int_bank_account_evidence") == [("B1", "2024-03-31", "30.0")]


def test_a_gap_is_told_of_the_rate_that_ends_it(group):
    assert group.rows(
        "select exchange_rate_id, missing_dates from intermediate.int_exchange_rate_evidence "
        "where missing_dates is not null"
    ) == [("G12", "2024-03-11")]
    assert group.rows(
        "select exchange_rate_id from intermediate.int_exchange_rate_evidence where is_newest order by 1"
    ) == [("C20",), ("G20",), ("U20",)]
