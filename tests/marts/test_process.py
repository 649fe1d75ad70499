"""Cycle times, touchless share, rework and variants of order to cash, procure to pay and employee to pay."""

from __future__ import annotations

import pytest

from tests.marts.conftest import Group

# Sales: SO1 runs straight; SO2 is shipped in two parts and a quarter of it is credited; SO3 ships only after as_of.
# Purchases: PO1 runs straight; PO2 is billed before the goods come and at 11 instead of 10; PO3 is a service.
# Claims: C1 is paid, C2 refused, C3 paid only after as_of. January's pay left the bank a day late, February's never.
TABLES = {
    "tryton__sales_order_line": """
        order_line_id | order_id | order_number | order_date | quantity | unit_price_document | net_amount_document
        SO1-1         | SO1      | SO1          | 2024-01-02 | 10       | 10                  | 100
        SO2-1         | SO2      | SO2          | 2024-01-02 | 4        | 20                  | 80
        SO3-1         | SO3      | SO3          | 2024-01-02 | 1        | 50                  | 50
        """,
    "tryton__shipment_line": """
        shipment_line_id | shipment_id | order_line_id | shipment_date | quantity
        D1               | D1          | SO1-1         | 2024-01-05    | 10
        D2               | D2          | SO2-1         | 2024-01-05    | 1
        D3               | D3          | SO2-1         | 2024-01-10    | 3
        D4               | D4          | SO3-1         | 2024-04-05    | 1
        """,
    "tryton__sales_invoice": """
        invoice_id | invoice_number | kind        | invoice_date | net_amount_document
        S1         | S1             | invoice     | 2024-01-07   | 100
        S2         | S2             | invoice     | 2024-01-12   | 80
        S3         | S3             | credit_note | 2024-01-20   | -20
        """,
    "tryton__sales_invoice_line": """
        invoice_line_id | invoice_id | order_line_id | quantity | net_amount_document
        S1-1            | S1         | SO1-1         | 10       | 100
        S2-1            | S2         | SO2-1         | 4        | 80
        S3-1            | S3         | SO2-1         | -1       | -20
        """,
    "tryton__receivable": """
        receivable_id | kind        | invoice_id | posting_date | due_date   | amount_document
        R1            | invoice     | S1         | 2024-01-07   | 2024-02-06 | 100
        R2            | invoice     | S2         | 2024-01-12   | 2024-02-11 | 80
        R3            | credit_note | S3         | 2024-01-20   | 2024-01-20 | -20
        """,
    "tryton__receivable_settlement": """
        receivable_settlement_id | receivable_id | kind        | settlement_date | amount_document | payment_id
        RS1                      | R1            | payment     | 2024-02-06      | 100             | M1
        RS2                      | R2            | credit_note | 2024-01-21      | 20              |
        RS3                      | R3            | credit_note | 2024-01-21      | -20             |
        RS4                      | R2            | payment     | 2024-02-11      | 60              | M2
        """,
    "tryton__purchase_order_line": """
        order_line_id | order_id | is_service | order_date | quantity | unit_price_document | net_amount_document | approved_at
        PO1-1         | PO1      | false      | 2024-01-02 | 10       | 10                  | 100                 | 2024-01-03
        PO2-1         | PO2      | false      | 2024-01-02 | 10       | 10                  | 100                 | 2024-01-03
        PO3-1         | PO3      | true       | 2024-01-02 | 1        | 30                  | 30                  | 2024-01-20
        """,  # noqa: E501
    "tryton__goods_receipt_line": """
        goods_receipt_line_id | goods_receipt_id | order_line_id | receipt_date | quantity
        G1                    | G1               | PO1-1         | 2024-01-08   | 10
        G2                    | G2               | PO2-1         | 2024-01-08   | 10
        """,
    "tryton__purchase_invoice": """
        invoice_id | invoice_number | invoice_date | net_amount_document
        P1         | P1             | 2024-01-10   | 100
        P2         | P2             | 2024-01-05   | 110
        P3         | P3             | 2024-01-12   | 30
        """,
    "tryton__purchase_invoice_line": """
        invoice_line_id | invoice_id | order_line_id | quantity | net_amount_document
        P1-1            | P1         | PO1-1         | 10       | 100
        P2-1            | P2         | PO2-1         | 10       | 110
        P3-1            | P3         | PO3-1         | 1        | 30
        """,
    "tryton__payable": """
        payable_id | invoice_id | posting_date | due_date   | amount_document
        Y1         | P1         | 2024-01-10   | 2024-02-09 | 100
        Y2         | P2         | 2024-01-05   | 2024-02-04 | 110
        Y3         | P3         | 2024-01-12   | 2024-02-11 | 30
        """,
    "tryton__payable_settlement": """
        payable_id | kind    | settlement_date | amount_document | payment_id
        Y1         | payment | 2024-02-09      | 100             | M3
        Y2         | payment | 2024-02-04      | 110             | M4
        """,
    "hr_payroll__expense_claim_line": """
        claim_number | company_code | employee_id | expense_date | amount_company | submitted_date | approved_date | rejected_date | paid_date
        C1           | A            | E1          | 2024-01-02   | 30             | 2024-01-05     | 2024-01-10    |               | 2024-01-20
        C1           | A            | E1          | 2024-01-03   | 12             | 2024-01-05     | 2024-01-10    |               | 2024-01-20
        C2           | A            | E1          | 2024-01-02   | 10             | 2024-01-05     |               | 2024-01-12    |
        C3           | A            | E1          | 2024-01-02   | 7              | 2024-03-05     | 2024-03-20    |               | 2024-04-02
        """,  # noqa: E501
    "hr_payroll__payroll_line": """
        company_code | employee_id | pay_date   | element | amount_company
        A            | E1          | 2024-01-25 | net     | 70
        A            | E1          | 2024-02-26 | net     | 70
        """,
    "tryton__bank_account": """
        bank_account_id | name | iban
        B1              | Main | X1
        """,
    "tryton__bank_statement": """
        bank_statement_id | bank_account_id | statement_number | statement_date | opening_balance_bank | closing_balance_bank
        B                 | B1              | 1                | 2024-02-29     | 100                  | 30
        """,  # noqa: E501
    "tryton__bank_movement": """
        bank_movement_id | bank_statement_id | value_date | booking_date | amount_bank
        BM1              | B                 | 2024-01-26 | 2024-01-26   | -70
        """,
}


@pytest.fixture(scope="module")
def group(new_group) -> Group:
    group = new_group()
    for model, table in TABLES.items():
        group.add(model, table)
    group.build("+path:models/marts/process +fct_tie_out")
    return group


def legs(group: Group, case_type: str, *names: str) -> list[tuple[str, ...]]:
    columns = ", ".join(f"days_{name}" for name in names)
    return group.rows(
        f"""select case_id, {columns}, days_total, is_touchless, rework_reason from marts.fct_process_case
            where case_type = '{case_type}' order by 1"""
    )


def test_legs_of_a_sale_run_from_last_document_to_last_document_and_add_up(group):
    # SO2: 10 − 2 = 8 to the second part, 12 − 10 = 2 to the bill, 12 January to 11 February = 30; together 40.
    assert legs(group, "sales_order", "order_to_shipment", "shipment_to_invoice", "invoice_to_cash") == [
        ("SO1", "3", "2", "30", "35", "true", None),
        ("SO2", "8", "2", "30", "40", "false", "split_delivery, credit_note"),
        ("SO3", None, None, None, None, "false", None),
    ]


def test_legs_of_a_purchase_and_what_went_wrong_with_it(group):
    # PO2: goods of 8 January were billed on the 5th, 3 days early. PO3 is not paid, and was approved after its bill.
    assert legs(group, "purchase_order", "order_to_receipt", "receipt_to_invoice", "invoice_to_payment") == [
        ("PO1", "6", "2", "30", "38", "true", None),
        ("PO2", "6", "-3", "30", "33", "false", "invoice_before_delivery, price_mismatch"),
        ("PO3", None, None, None, None, "false", "late_approval"),
    ]


def test_claims_end_with_money_or_a_refusal_and_pay_runs_at_the_bank(group):
    assert group.rows(
        """select case_id, variant, days_submission_to_approval, days_approval_to_payment, days_total, is_touchless,
                  rework_reason
           from marts.fct_process_case where process = 'employee_to_pay' order by case_type, 1"""
    ) == [
        ("erp:A:C1", "submitted > approved > paid", "5", "10", "15", "true", None),
        ("erp:A:C2", "submitted > rejected", None, None, "7", "false", "rejected_claim"),
        ("erp:A:C3", "submitted > approved", "15", None, None, "false", None),
        ("erp:A:2024-01-25", "pay_due > paid", None, None, "1", "true", None),
        ("erp:A:2024-02-26", "pay_due", None, None, None, "false", "not_paid_as_due"),
    ]


def test_a_case_is_told_event_by_event(group):
    # A credit note is applied on both of its sides, which is one event. Goods: 1 of 4 and 3 of 4 of 80.
    assert group.rows(
        """select event_number, activity, event_date, document_id, amount_reporting_currency
           from marts.fct_process_event where case_id = 'SO2' order by event_number"""
    ) == [
        ("1", "order_placed", "2024-01-02", "SO2", "80.0000"),
        ("2", "shipped", "2024-01-05", "D2", "20.0000"),
        ("3", "shipped", "2024-01-10", "D3", "60.0000"),
        ("4", "invoiced", "2024-01-12", "S2", "80.0000"),
        ("5", "credited", "2024-01-20", "S3", "-20.0000"),
        ("6", "credit_applied", "2024-01-21", "RS2", "20.0000"),
        ("7", "paid", "2024-02-11", "M2", "60.0000"),
    ]


def test_a_month_counts_what_ended_in_it(group):
    # Median of 35 and 40 days is 37.5; nine of ten took no longer than 35 + 0.9 × 5 = 39.5; one of two untouched.
    assert group.rows(
        """select month_start, started_case_count, completed_case_count, touchless_share, rework_share, variant_count,
                  median_days_total, p90_days_total, median_days_order_to_shipment
           from marts.fct_process_monthly where case_type = 'sales_order' order by 1"""
    ) == [
        ("2024-01-01", "3", "0", None, None, "0", None, None, None),
        ("2024-02-01", "0", "2", "0.500000", "0.500000", "2", "37.50", "39.50", "5.50"),
    ]


def test_no_event_is_later_than_as_of_and_every_document_is_a_case(group):
    assert group.rows("select max(event_date) from marts.fct_process_event") == [("2024-03-20",)]
    # 3 sales orders and 160 billed on them; 3 purchase orders and 240 billed; 3 claims; 2 pay runs.
    assert group.rows(
        """select left_label, left_total, right_total, passed from marts.fct_tie_out
           where control = 'process_cases' order by 1"""
    ) == [
        ("billed by events of purchase_order", "240.0000", "240.0000", "true"),
        ("billed by events of sales_order", "160.0000", "160.0000", "true"),
        ("cases of expense_claim", "3.0000", "3.0000", "true"),
        ("cases of pay_run", "2.0000", "2.0000", "true"),
        ("cases of purchase_order", "3.0000", "3.0000", "true"),
        ("cases of sales_order", "3.0000", "3.0000", "true"),
    ]
