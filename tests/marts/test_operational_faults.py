"""Orders, goods moved, contracts, work orders, budgets, claims, returns: what does not fit is told, nothing is lost."""

from __future__ import annotations

import pytest

TABLES = {
    # Of ten ordered lines one is wrong in each way; the others are there so that the wrong one is an exception.
    "tryton__sales_order_line": "order_line_id | order_id | order_number | order_date | promised_date | quantity | "
    "unit_price_document | net_amount_document | company_id\n"
    + "\n".join(f"S{n} | S{n} | S{n} | 2024-01-10 | 2024-01-20 | 10 | 7 | 70 | A" for n in range(1, 11))
    # S11 does not add up, S12 is promised before it is ordered, S13 is of a company nobody knows, S14 comes in April.
    + """
        S11 | S11 | S11 | 2024-01-10 | 2024-01-20 | 10 | 7 | 77 | A
        S12 | S12 | S12 | 2024-01-10 | 2024-01-02 | 10 | 7 | 70 | A
        S13 | S13 | S13 | 2024-01-10 | 2024-01-20 | 10 | 7 | 70 | X
        S14 | S14 | S14 | 2024-04-10 | 2024-04-20 | 10 | 7 | 70 | A""",
    "tryton__shipment_line": "shipment_line_id | shipment_id | shipment_number | order_line_id | shipment_date | "
    "quantity\n"
    + "\n".join(f"D{n} | D{n} | D{n} | S{n} | 2024-01-15 | 10" for n in range(1, 8))
    # D8 is twelve of ten, D9 left before it was ordered, D10 is of no order, D13 goes with its order.
    + """
        D8  | D8  | D8  | S8  | 2024-01-15 | 12
        D9  | D9  | D9  | S9  | 2024-01-02 | 10
        D10 | D10 | D10 | S99 | 2024-01-15 | 10
        D13 | D13 | D13 | S13 | 2024-01-15 | 10""",
    # K1 is whole, K2 promises nothing, obligation O9 is of no contract.
    "crm__contract": """
        contract_id | contract_number | company_code | customer_code | signed_date | transaction_price_document
        K1          | K1              | A            | C1            | 2024-01-02  | 100
        K2          | K2              | A            | C1            | 2024-01-02  | 100
        """,
    "crm__contract_obligation": """
        contract_obligation_id | contract_id | name | pattern  | stand_alone_selling_price_document | start_date | end_date
        O1                     | K1          | Job  | progress | 100                                | 2024-01-02 | 2024-06-30
        O9                     | K9          | Job  | progress | 100                                | 2024-01-02 | 2024-06-30
        """,  # noqa: E501
    "crm__contract_event": """
        contract_event_id | contract_id | contract_obligation_id | kind     | event_date | progress_share
        E1                | K1          | O1                     | progress | 2024-01-31 | 0.5
        E2                | K1          | O1                     | progress | 2024-02-29 | 1.7
        E3                | K9          |                        | progress | 2024-02-29 | 0.1
        """,
    "manufacturing__work_order": """
        work_order_id | work_order_number | company_code | status | quantity_planned | start_date
        W1            | WO-1              | A            | released | 10             | 2024-01-02
        """,
    "manufacturing__work_order_cost": """
        work_order_cost_id | work_order_id | kind   | element  | posting_date | quantity | amount_company
        1                  | W1            | actual | material | 2024-01-05   | 12       | 66
        2                  | W9            | actual | material | 2024-01-05   | 1        | 5.50
        """,
    "planning__budget_line": """
        budget_line_id | company_code | account_code | budget_month | amount_company
        B1             | A            | 6100         | 2024-01-01   | 200
        B2             | A            | 9999         | 2024-01-01   | 30
        """,
    "tryton__account": "account_id | code | name | type\nRENT | 6100 | Rent | expense\nBANK | 1000 | Bank | asset",
    "tryton__journal_line": """
        journal_line_id | journal_entry_id | entry_number | account_id | posting_date | debit_company | credit_company
        1               | J1               | 1            | RENT       | 2024-01-31   | 100           | 0
        2               | J1               | 1            | BANK       | 2024-01-31   | 0             | 100
        """,
    "hr_payroll__employee": "employee_id | company_code | name\nE1 | A | Dogwood",
    "hr_payroll__expense_claim_line": "expense_claim_line_id | claim_number | company_code | employee_id | "
    "expense_date | category | amount_company | submitted_date | approved_date\n"
    + "\n".join(f"X{n} | X{n} | A | E1 | 2024-01-0{n} | taxi | {n} | 2024-01-12 | 2024-01-15" for n in range(1, 7))
    # X7 is X6 again, X8 is approved before it is handed in.
    + """
        X7 | X7 | A | E1 | 2024-01-06 | taxi | 6 | 2024-01-20 |
        X8 | X8 | A | E1 | 2024-01-08 | taxi | 8 | 2024-01-12 | 2024-01-11""",
    # February is missing; in March the tax is not 20 % of 1,000.
    "erp_global__tax_declaration": """
        tax_declaration_id | period_start | period_end | direction | tax_rate | base_amount_company | tax_amount_company
        T1                 | 2024-01-01   | 2024-01-31 | output    | 0.20     | 1000                | 200
        T3                 | 2024-03-01   | 2024-03-31 | output    | 0.20     | 1000                | 20
        """,
}


@pytest.fixture(scope="module")
def group(new_group):
    group = new_group()
    for model, table in TABLES.items():
        group.add(model, table)
    group.build("+fct_tie_out +fct_capital_project_cash_flow")
    return group


def test_what_does_not_fit_is_told(group):
    told = group.rows(
        """select rule, severity, record_id from intermediate.int_transaction_fault
           where rule not like '%_differs_from_ledger' and (rule <> 'orphan_reference' or severity = 'critical')
           order by all"""
    )
    assert told == [
        ("budget_without_account_or_period", "critical", "B2"),
        ("contract_without_obligation", "critical", "K2"),
        ("declaration_arithmetic", "warning", "T3"),
        ("declaration_period_implausible", "warning", "T3"),
        ("expense_dates_out_of_order", "warning", "X8"),
        ("expense_twice", "warning", "X6"),
        ("expense_twice", "warning", "X7"),
        ("moved_before_ordered", "warning", "D9"),
        ("moved_more_than_ordered", "warning", "S8"),
        # S13 under another company's name: its goods left company A's warehouse, and A's numbers jump from S12 to S14
        ("movement_differs_from_order", "warning", "D13"),
        ("number_missing", "warning", "S12"),
        ("order_line_arithmetic", "warning", "S11"),
        ("orphan_reference", "critical", "2"),
        ("orphan_reference", "critical", "D10"),
        ("orphan_reference", "critical", "E3"),
        ("orphan_reference", "critical", "O9"),
        ("orphan_reference", "critical", "S13"),
        ("progress_implausible", "warning", "E2"),
        ("promised_before_ordered", "warning", "S12"),
    ]


def test_goods_moved_go_with_their_order(group):
    assert group.rows(
        """select object, record_id from intermediate.int_quarantine
           where object like '%order_line' or object like 'shipment%' order by all"""
    ) == [("sales_order_line", "S13"), ("shipment_line", "D10"), ("shipment_line", "D13")]


def test_source_equals_published_and_quarantined(group):
    assert group.rows(
        """select left_label, left_total, right_total, detail from marts.fct_tie_out
           where control = 'completeness' and left_total <> 0 and detail not like '0%' order by 1"""
    ) == [
        ("budget_line money at the source", "230.0000", "230.0000", "30.0000 quarantined"),
        ("budget_line records at the source", "2.0000", "2.0000", "1 quarantined"),
        ("contract records at the source", "2.0000", "2.0000", "1 quarantined"),
        ("contract_obligation money at the source", "200.0000", "200.0000", "100.0000 quarantined"),
        ("contract_obligation records at the source", "2.0000", "2.0000", "1 quarantined"),
        ("sales_order_line money at the source", "987.0000", "987.0000", "70.0000 quarantined"),
        ("sales_order_line records at the source", "14.0000", "14.0000", "1 quarantined, 1 dated after as_of"),
        ("shipment_line records at the source", "11.0000", "11.0000", "2 quarantined"),
        ("work_order_cost money at the source", "71.5000", "71.5000", "5.5000 quarantined"),
        ("work_order_cost records at the source", "2.0000", "2.0000", "1 quarantined"),
    ]


def test_orders_still_agree(group):
    assert group.rows("select distinct passed from marts.fct_tie_out where control like 'order%'") == [("true",)]
