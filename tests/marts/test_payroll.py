"""Employee to pay: payroll and expense claims of HR beside the ledger and the bank."""

from __future__ import annotations

import pytest

from tests.marts.conftest import Group

# Pay of January: 100 gross, 20 of the employer, 70 to the employee, which the bank values a day early. In February the
# bank moved 69 for a net pay of 70. Claims: 30 paid, 20 approved, 10 refused, 5 handed in, 7 paid only after as_of.
TABLES = {
    "tryton__account": """
        account_id | code | name              | type
        PAY        | 6000 | Personnel         | expense
        TAXES      | 2300 | Payroll taxes     | liability
        TRAVEL     | 6300 | Travel            | expense
        OWED       | 2450 | Owed to employees | liability
        """,
    "planning__cost_account": """
        company_code | account_code | valid_from | element
        A            | 6000         | 2023-01-01 | payroll
        A            | 2450         | 2023-01-01 | expense_claim
        """,
    "tryton__bank_account": """
        bank_account_id | name | iban
        B1              | Main | X1
        """,
    "tryton__bank_statement": """
        bank_statement_id | bank_account_id | statement_number | statement_date | opening_balance_bank | closing_balance_bank
        S1                | B1              | 1                | 2024-02-29     | 500                  | 361
        """,  # noqa: E501
    "tryton__bank_movement": """
        bank_movement_id | bank_statement_id | value_date | booking_date | amount_bank
        M1               | S1                | 2024-01-24 | 2024-01-25   | -70
        M2               | S1                | 2024-02-26 | 2024-02-26   | -69
        """,
    "hr_payroll__payroll_line": """
        company_code | employee_id | pay_date   | element               | amount_company
        A            | E1          | 2024-01-25 | gross                 | 100
        A            | E1          | 2024-01-25 | employer_contribution | 20
        A            | E1          | 2024-01-25 | income_tax            | -30
        A            | E1          | 2024-01-25 | net                   | 70
        A            | E1          | 2024-02-26 | gross                 | 100
        A            | E1          | 2024-02-26 | employer_contribution | 20
        A            | E1          | 2024-02-26 | income_tax            | -30
        A            | E1          | 2024-02-26 | net                   | 70
        """,
    "hr_payroll__expense_claim_line": """
        claim_number | company_code | employee_id | expense_date | amount_company | submitted_date | approved_date | rejected_date | paid_date
        C1           | A            | E1          | 2024-01-02   | 30             | 2024-01-05     | 2024-01-10    |               | 2024-01-20
        C2           | A            | E1          | 2024-01-02   | 20             | 2024-02-05     | 2024-02-10    |               |
        C3           | A            | E1          | 2024-01-02   | 10             | 2024-02-05     |               | 2024-02-10    |
        C4           | A            | E1          | 2024-01-02   | 5              | 2024-03-05     |               |               |
        C5           | A            | E1          | 2024-01-02   | 7              | 2024-03-05     | 2024-03-20    |               | 2024-04-02
        """,  # noqa: E501
    "tryton__journal_line": """
        journal_entry_id | account_id | posting_date | debit_company | credit_company
        E1               | PAY        | 2024-01-31   | 120           | 0
        E1               | TAXES      | 2024-01-31   | 0             | 50
        E1               | BANK       | 2024-01-31   | 0             | 70
        E2               | PAY        | 2024-02-29   | 120           | 0
        E2               | TAXES      | 2024-02-29   | 0             | 51
        E2               | BANK       | 2024-02-29   | 0             | 69
        E3               | TRAVEL     | 2024-01-10   | 30            | 0
        E3               | OWED       | 2024-01-10   | 0             | 30
        E4               | OWED       | 2024-01-20   | 30            | 0
        E4               | BANK       | 2024-01-20   | 0             | 30
        E5               | TRAVEL     | 2024-02-10   | 20            | 0
        E5               | OWED       | 2024-02-10   | 0             | 20
        E6               | TRAVEL     | 2024-03-20   | 7             | 0
        E6               | OWED       | 2024-03-20   | 0             | 7
        """,
}


@pytest.fixture(scope="module")
def group(new_group) -> Group:
    made: Group = new_group()
    for model, table in TABLES.items():
        made.add(model, table)
    made.build("+fct_expense_claim_line +fct_tie_out")
    return made


def test_claims_have_the_status_known_at_the_end_of_the_day(group: Group):
    assert group.rows(
        """select claim_number, status, paid_date, owed_amount_company_currency, days_to_payment
           from marts.fct_expense_claim_line order by 1"""
    ) == [
        ("C1", "paid", "2024-01-20", "0.0000", "15"),
        ("C2", "approved", None, "20.0000", None),
        ("C3", "rejected", None, "0.0000", None),
        ("C4", "submitted", None, "0.0000", None),
        ("C5", "approved", None, "7.0000", None),
    ]


def test_payroll_and_claims_are_held_against_ledger_and_bank(group: Group):
    assert group.rows(
        """select left_label, left_total, right_total, passed, detail from marts.fct_tie_out
           where control = 'payroll' order by 1"""
    ) == [
        ("expense claims approved", "57.0000", "57.0000", "true", "3 months"),
        ("expense claims paid", "30.0000", "30.0000", "true", "1 months"),
        ("gross pay and employer contributions", "240.0000", "240.0000", "true", "2 months"),
        ("net pay", "140.0000", "70.0000", "false", "2 months, wrong: 2024-02-01"),
    ]
