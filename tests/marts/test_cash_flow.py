"""What moved in a week, by flow; with a bank, the flows of a week add up to the bank."""

from __future__ import annotations


def test_flows_of_a_week_add_up_to_the_bank(new_group):
    group = new_group()
    group.add("tryton__bank_account", "bank_account_id | name | iban | account_id\nBA | Main | DE01 | BANK")
    group.add(
        "tryton__receivable",
        "receivable_id | posting_date | due_date | amount_document\nR1 | 2024-01-10 | 2024-02-09 | 100",
    )
    group.add(
        "tryton__receivable_settlement",
        """
        receivable_id | kind     | settlement_date | amount_document
        R1            | payment  | 2024-03-05      | 90
        R1            | discount | 2024-03-05      | 10
        """,
    )
    group.add(
        "tryton__payable", "payable_id | posting_date | due_date | amount_document\nP1 | 2024-02-10 | 2024-03-09 | 40"
    )
    # Booked at 40 and paid with 38: the rate moved in our favour.
    group.add(
        "tryton__payable_settlement",
        """
        payable_id | kind    | settlement_date | amount_document | exchange_difference_company
        P1         | payment | 2024-03-07      | 40              | 2
        """,
    )
    group.add("hr_payroll__employee", "employee_id | company_code | name\nE1 | A | Dogwood")
    group.add(
        "hr_payroll__payroll_line",
        """
        company_code | employee_id | pay_date   | element               | amount_company
        A            | E1          | 2024-03-08 | gross                 | 30
        A            | E1          | 2024-03-08 | income_tax            | -6
        A            | E1          | 2024-03-08 | employee_contribution | -4
        A            | E1          | 2024-03-08 | net                   | 20
        A            | E1          | 2024-03-08 | employer_contribution | 5
        """,
    )
    # 90 - 38 - 35 = 17; the bank kept a fee of 3.
    group.add(
        "bank_statements__bank_statement",
        """
        bank_statement_id | iban | statement_number | statement_date | opening_balance_bank | closing_balance_bank
        B1                | DE01 | 1                | 2024-03-08     | 0                    | 14
        """,
    )
    group.add(
        "bank_statements__bank_movement",
        """
        bank_movement_id | bank_statement_id | value_date | amount_bank
        M1               | B1                | 2024-03-05 | 90
        M2               | B1                | 2024-03-08 | -76
        """,
    )
    group.build("+fct_cash_flow_weekly")
    assert group.rows(
        "select flow, week_start, currency, amount_company_currency from marts.fct_cash_flow_weekly order by 1"
    ) == [
        ("other", "2024-03-04", "EUR", "-3.0000"),
        ("payroll", "2024-03-04", "EUR", "-35.0000"),
        ("receipts", "2024-03-04", "EUR", "90.0000"),
        ("supplier_payments", "2024-03-04", "EUR", "-38.0000"),
    ]


def test_receipts_by_document_are_the_flow_receipts(new_group):
    group = new_group()
    group.add(
        "tryton__receivable",
        """
        receivable_id | kind           | posting_date | due_date   | amount_document
        R1            | invoice        | 2024-01-10   | 2024-02-09 | 100
        R2            | invoice        | 2024-01-11   | 2024-02-09 | 50
        U1            | unapplied_cash | 2024-03-05   |            | -30
        """,
    )
    group.add(
        "tryton__receivable_settlement",
        """
        receivable_id | kind      | settlement_date | amount_document | exchange_difference_company
        R1            | payment   | 2024-03-05      | 60              | 1.5
        R1            | payment   | 2024-03-12      | 30              | 0
        R1            | write_off | 2024-03-12      | 10              | 0
        """,
    )
    group.build("+fct_cash_flow_weekly +fct_receipt")
    assert group.rows(
        "select kind, receivable_id, receipt_date, amount_company_currency from marts.fct_receipt order by all"
    ) == [
        ("payment", "R1", "2024-03-05", "61.5000"),
        ("payment", "R1", "2024-03-12", "30.0000"),
        ("unapplied_cash", "U1", "2024-03-05", "30.0000"),
    ]
    by_week = (
        "select date_trunc('week', receipt_date)::date as week_start, sum(amount_company_currency) as amount "
        "from marts.fct_receipt group by 1"
    )
    assert group.rows(f"{by_week} order by 1") == group.rows(
        "select week_start, amount_company_currency from marts.fct_cash_flow_weekly where flow = 'receipts' order by 1"
    )
