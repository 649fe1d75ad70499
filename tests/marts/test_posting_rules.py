"""Entries derived from business events by dated posting rules, and their comparison with the ERP's ledger."""

from __future__ import annotations

import pytest

DERIVED = """
select account_id, posting_date, debit_company_currency, credit_company_currency
from marts.fct_journal_line where origin = 'derived' order by posting_date, debit_company_currency desc, account_id
"""


@pytest.fixture(scope="module")
def group(new_group):
    """Invoice S1 of 100 is posted as it says; S2 of 200 is posted at 210; an entry by hand names no document."""
    group = new_group()
    group.add(
        "tryton__sales_invoice",
        """
        invoice_id | invoice_number | invoice_date | net_amount_document
        S1         | S1             | 2024-01-10   | 100
        S2         | S2             | 2024-02-10   | 200
        """,
    )
    group.add(
        "tryton__sales_invoice_line",
        """
        invoice_line_id | invoice_id | account_id | quantity | net_amount_document
        L1              | S1         | SALES      | 1        | 100
        L2              | S2         | SALES      | 1        | 200
        """,
    )
    group.add(
        "tryton__receivable",
        """
        receivable_id | invoice_id | account_id | posting_date | due_date   | amount_document
        R1            | S1         | AR         | 2024-01-10   | 2024-02-10 | 100
        R2            | S2         | AR         | 2024-02-10   | 2024-03-10 | 200
        """,
    )
    group.add(
        "tryton__journal_line",
        """
        journal_line_id | journal_entry_id | account_id | posting_date | debit_company | credit_company | document_type | document_id
        1               | E1               | AR         | 2024-01-10   | 100           | 0              | sales_invoice | S1
        2               | E1               | SALES      | 2024-01-10   | 0             | 100            | sales_invoice | S1
        3               | E2               | AR         | 2024-02-10   | 210           | 0              | sales_invoice | S2
        4               | E2               | SALES      | 2024-02-10   | 0             | 210            | sales_invoice | S2
        5               | E3               | COSTS      | 2024-02-20   | 30            | 0              |               |
        6               | E3               | BANK       | 2024-02-20   | 0             | 30             |               |
        """,  # noqa: E501
    )
    group.build("+fct_tie_out +fct_ledger_comparison")
    return group


def test_an_invoice_makes_a_balanced_entry_on_the_accounts_it_names(group):
    assert group.rows(DERIVED) == [
        ("AR", "2024-01-10", "100.0000", "0.0000"),
        ("SALES", "2024-01-10", "0.0000", "100.0000"),
        ("AR", "2024-02-10", "200.0000", "0.0000"),
        ("SALES", "2024-02-10", "0.0000", "200.0000"),
    ]


def test_the_trial_balance_holds_what_the_erp_posted_alone(group):
    assert group.rows("select sum(debit) from marts.fct_trial_balance_monthly") == [("340.0000",)]


def test_every_difference_is_explained_by_a_document(group):
    assert group.rows(
        """select document_id, account_id, cause, difference_company_currency
           from marts.fct_ledger_difference order by 1, 2"""
    ) == [
        ("E3", "BANK", "no_business_event", "-30.0000"),
        ("E3", "COSTS", "no_business_event", "30.0000"),
        ("S2", "AR", "account_or_amount", "10.0000"),
        ("S2", "SALES", "account_or_amount", "-10.0000"),
    ]
    assert group.rows("select sum(abs(unexplained_amount_company_currency)) from marts.fct_ledger_comparison") == [
        ("0.0000",)
    ]
