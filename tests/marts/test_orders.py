"""Order, shipment or receipt, invoice, settlement by line; three-way match; supplier invoices that repeat another."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def group(new_group):
    """Sales: 10 ordered at 7.00, 8 shipped in two parts, 5 billed, the invoice half paid. Purchases: see the tables."""
    group = new_group()
    group.add(
        "tryton__sales_order_line",
        """
        order_line_id | order_id | order_number | order_date | quantity | unit_price_document | net_amount_document
        SO1           | SO       | SO           | 2024-01-02 | 10       | 7                   | 70
        SO2           | SO       | SO           | 2024-01-02 | 4        | 5                   | 20
        """,
    )
    group.add(
        "tryton__shipment_line",
        """
        shipment_line_id | shipment_id | order_line_id | shipment_date | quantity
        D1               | D1          | SO1           | 2024-01-05    | 6
        D2               | D2          | SO1           | 2024-02-05    | 2
        D3               | D3          | SO2           | 2024-04-05    | 4
        """,
    )
    group.add(
        "tryton__sales_invoice",
        "invoice_id | invoice_number | invoice_date | net_amount_document\nS1 | S1 | 2024-01-20 | 35",
    )
    group.add(
        "tryton__sales_invoice_line",
        "invoice_line_id | invoice_id | order_line_id | quantity | net_amount_document\nS1-1 | S1 | SO1 | 5 | 35",
    )
    group.add(
        "tryton__receivable",
        "receivable_id | invoice_id | posting_date | due_date | amount_document\n"
        "S1 | S1 | 2024-01-20 | 2024-02-20 | 35",
    )
    group.add(
        "tryton__receivable_settlement",
        "receivable_id | kind | settlement_date | amount_document\nS1 | payment | 2024-02-20 | 17.50",
    )
    # P1 as ordered; P2 costs 11 instead of 10; P3 bills 10 of which 6 came; P4 bills what was never ordered.
    group.add(
        "tryton__purchase_order_line",
        """
        order_line_id | order_id | order_number | order_date | quantity | unit_price_document | net_amount_document
        PO1           | PO       | PO           | 2024-01-02 | 10       | 10                  | 100
        PO2           | PO       | PO           | 2024-01-02 | 10       | 10                  | 100
        PO3           | PO       | PO           | 2024-01-02 | 10       | 10                  | 100
        PO5           | PO       | PO           | 2024-01-02 | 10       | 10                  | 100
        """,
    )
    group.add(
        "tryton__goods_receipt_line",
        """
        goods_receipt_line_id | goods_receipt_id | order_line_id | receipt_date | quantity
        G1                    | G1               | PO1           | 2024-01-05   | 10
        G2                    | G2               | PO2           | 2024-01-05   | 10
        G3                    | G3               | PO3           | 2024-01-05   | 6
        G5                    | G5               | PO5           | 2024-03-05   | 9
        """,
    )
    for invoice, reference, day, line, quantity, net in (
        ("P1", "F-1001", "2024-01-10", "PO1", 10, 100),
        ("P2", "F-1002", "2024-01-10", "PO2", 10, 110),
        ("P3", "K-2044", "2024-01-10", "PO3", 10, 100),
        ("P4", "F1001", "2024-02-10", "", 10, 100),
        ("P6", "X-7", "2024-02-11", "", 1, 250),
        # P7 is credited in full and entered again; the paper of the credit to P9 is not applied to anything.
        ("P7", "Z-9", "2024-02-11", "", 1, 40),
        ("P8", "Z-9", "2024-02-12", "", 1, 40),
        ("P9", "Y-4", "2024-02-11", "", 1, 60),
        ("P10", "Y-4", "2024-02-13", "", 1, 60),
    ):
        group.add(
            "tryton__purchase_invoice",
            "invoice_id | invoice_number | reference | invoice_date | net_amount_document\n"
            f"{invoice} | {invoice} | {reference} | {day} | {net}",
        )
        group.add(
            "tryton__purchase_invoice_line",
            "invoice_line_id | invoice_id | order_line_id | quantity | net_amount_document\n"
            f"{invoice}-1 | {invoice} | {line} | {quantity} | {net}",
        )
    group.add(
        "tryton__purchase_invoice",
        "invoice_id | invoice_number | kind | reference | invoice_date | net_amount_document\n"
        "N9 | N9 | credit_note | Y-4 | 2024-02-12 | -60",
    )
    group.add("tryton__purchase_invoice_line", "invoice_line_id | invoice_id | net_amount_document\nN9-1 | N9 | -60")
    group.add(
        "tryton__payable",
        """
        payable_id | kind        | invoice_id | posting_date | due_date   | amount_document
        P7         | invoice     | P7         | 2024-02-11   | 2024-03-11 | 40
        N9         | credit_note | N9         | 2024-02-12   | 2024-02-12 | -60
        """,
    )
    group.add(
        "tryton__payable_settlement",
        "payable_id | kind | settlement_date | amount_document\nP7 | credit_note | 2024-02-12 | 40",
    )
    group.build("+path:models/marts/orders +fct_tie_out")
    return group


def test_each_step_of_a_sale_is_open_by_what_the_next_has_not_reached(group):
    # 10 − 8 shipped = 2 at 7.00; 8 − 5 billed = 3 at 7.00; of 35.00 billed half is settled.
    assert group.rows(
        """select order_line_id, quantity_shipped, quantity_backlog, backlog_amount_document_currency,
                  quantity_uninvoiced, uninvoiced_amount_document_currency, net_amount_settled_document_currency, status
           from marts.fct_sales_order_line order by 1"""
    ) == [
        ("SO1", "8.000000", "2.000000", "14.0000", "3.000000", "21.0000", "17.5000", "partly_shipped"),
        # Shipped in April, which is not known at the end of March.
        ("SO2", "0.000000", "4.000000", "20.0000", "0.000000", "0.0000", "0.0000", "open"),
    ]


def test_invoices_bill_the_oldest_shipment_first(group):
    # 5 billed: all of it from the 6 of January; 1 of them and the 2 of February are still to be billed.
    assert group.rows(
        """select shipment_line_id, quantity_invoiced, quantity_uninvoiced, days_uninvoiced
           from marts.fct_shipment_line order by 1"""
    ) == [("D1", "5.000000", "1.000000", "86"), ("D2", "0.000000", "2.000000", "55")]


def test_goods_received_and_not_invoiced(group):
    assert group.rows(
        """select order_line_id, uninvoiced_amount_company_currency from marts.fct_purchase_order_line
           where quantity_uninvoiced > 0"""
    ) == [("PO5", "90.0000")]


def test_three_way_match_names_what_is_wrong_and_what_it_costs(group):
    # Price: 10 × (11 − 10) = 10 and 10 % over 2 %. Quantity: 10 − 6 = 4 not received, at 10. No order: nothing is due.
    assert group.rows(
        """select invoice_number, match_status, missing_document, price_difference_document_currency,
                  quantity_difference_document_currency
           from marts.fct_three_way_match order by 1"""
    ) == [
        ("P1", "matched", None, "0.0000", "0.0000"),
        ("P10", "missing", "order", None, "60.0000"),
        ("P2", "price", None, "10.0000", "0.0000"),
        ("P3", "quantity", None, "0.0000", "40.0000"),
        ("P4", "missing", "order", None, "100.0000"),
        ("P6", "missing", "order", None, "250.0000"),
        ("P7", "missing", "order", None, "40.0000"),
        ("P8", "missing", "order", None, "40.0000"),
        ("P9", "missing", "order", None, "60.0000"),
    ]


def test_a_repeated_supplier_invoice_stands_beside_its_original(group):
    """And what was cancelled or credited before it was entered again is no duplicate."""
    assert group.rows(
        "select invoice_number, original_invoice_number, similarity from marts.fct_duplicate_supplier_invoice"
    ) == [("P4", "P1", "same_number")]


def test_orders_and_invoices_agree(group):
    assert group.rows(
        "select distinct control, passed from marts.fct_tie_out where control like 'order%' order by 1"
    ) == [("order_invoice", "true"), ("order_quantity", "true")]
