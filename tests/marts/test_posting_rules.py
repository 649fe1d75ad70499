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
        ("E3", "BANK", "manual_entry", "-30.0000"),
        ("E3", "COSTS", "manual_entry", "30.0000"),
        ("S2", "AR", "account_or_amount", "10.0000"),
        ("S2", "SALES", "account_or_amount", "-10.0000"),
    ]
    assert group.rows("select sum(abs(unexplained_amount_company_currency)) from marts.fct_ledger_comparison") == [
        ("0.0000",)
    ]


AFTER_A_CHANGE = "int_derived_journal_line fct_journal_line fct_posting_exception fct_ledger_difference fct_tie_out"
NEW_RULE = """
    insert into seeds.posting_rule
    select 'sales-revenue-new', date '{valid_from}', null, date '{entered_on}', event, system, 'A', tax,
        product_category, line, side, measure, '{account}'
    from seeds.posting_rule where rule_id = 'sales-revenue'
"""


@pytest.fixture
def closed_january(new_group):
    """Invoices of January, which is closed, and of March; ``change`` adds a rule for the company and builds again."""
    group = new_group()
    group.add("tryton__account", "account_id | code | name     | type\nSERVICE | 4100 | Services | income")
    group.add(
        "tryton__fiscal_period",
        """
        fiscal_year | fiscal_period | start_date | end_date   | is_closed
        2024        | 1             | 2024-01-01 | 2024-01-31 | true
        2024        | 2             | 2024-02-01 | 2024-02-29 | false
        2024        | 3             | 2024-03-01 | 2024-03-31 | false
        """,
    )
    for number, day in (("S1", "2024-01-10"), ("S2", "2024-03-10")):
        group.add(
            "tryton__sales_invoice",
            f"invoice_id | invoice_number | invoice_date | net_amount_document\n{number} | {number} | {day} | 100",
        )
        group.add(
            "tryton__sales_invoice_line",
            "invoice_line_id | invoice_id | account_id | quantity | net_amount_document\n"
            f"L{number} | {number} | SALES | 1 | 100",
        )
        group.add(
            "tryton__receivable",
            "receivable_id | invoice_id | account_id | posting_date | due_date | amount_document\n"
            f"R{number} | {number} | AR | {day} | {day} | 100",
        )
    group.build("+fct_tie_out +fct_ledger_comparison")

    def change(**rule):
        group.execute(NEW_RULE.format(**rule))
        group.build(AFTER_A_CHANGE)
        return group

    return change


def test_a_rule_for_the_company_goes_first_from_its_day_on_and_changes_nothing_before(closed_january):
    group = closed_january(valid_from="2024-03-01", entered_on="2024-03-05", account="code:4100")
    assert group.rows(DERIVED) == [
        ("AR", "2024-01-10", "100.0000", "0.0000"),
        ("SALES", "2024-01-10", "0.0000", "100.0000"),
        ("AR", "2024-03-10", "100.0000", "0.0000"),
        ("SERVICE", "2024-03-10", "0.0000", "100.0000"),
    ]
    assert group.rows("select passed, detail from marts.fct_tie_out where control = 'posting_rules'") == [
        ("true", "no rule reaches back")
    ]


def test_a_rule_that_reaches_into_a_closed_period_blocks_and_is_named(closed_january):
    group = closed_january(valid_from="2024-01-01", entered_on="2024-03-05", account="code:4100")
    assert group.rows("select blocking, passed, detail from marts.fct_tie_out where control = 'posting_rules'") == [
        ("true", "false", "reaches into a closed period: sales-revenue-new")
    ]


def test_an_event_whose_account_is_not_in_the_chart_is_listed_and_not_posted(closed_january):
    group = closed_january(valid_from="2024-03-01", entered_on="2024-03-05", account="code:9999")
    assert group.rows("select document_id, reason from marts.fct_posting_exception") == [
        ("S2", "no account: sales-revenue-new")
    ]
    assert group.rows("select distinct document_id from marts.fct_journal_line where origin = 'derived'") == [("S1",)]
    assert group.rows(
        "select left_total, right_total, passed from marts.fct_tie_out where control = 'posting_exceptions'"
    ) == [("2.0000", "1.0000", "false")]
