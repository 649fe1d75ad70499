"""Roll-ups of margin: the lines, summed by what a reader cuts them by."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def group(new_group):
    group = new_group()
    group.add("tryton__customer", "customer_id | code | name | country\nC2 | 1002 | Elm Ltd | GB")
    group.add(
        "tryton__sales_invoice",
        """
        invoice_id | invoice_date | customer_id | net_amount_document
        I1         | 2024-01-10   | C1          | 100
        I2         | 2024-01-31   | C2          | 40
        I3         | 2024-02-01   | C1          | 90
        """,
    )
    group.add(
        "tryton__sales_invoice_line",
        """
        invoice_line_id | invoice_id | product_id | channel | quantity | net_amount_document | cost_amount_company
        L1              | I1         | P1         | online  | 2        | 100                 | 60
        L2              | I2         | P1         | online  | 1        | 50                  | 40
        L3              | I2         | P1         | online  | -1       | -10                 |
        L4              | I3         | P1         |         | 3        | 90                  | 30
        """,
    )
    group.build("+margin_rollups_equal_lines +fct_margin_monthly +fct_customer_margin_monthly", command="build")
    return group


def test_by_product_all_customers_are_one(group):
    assert group.rows(
        """select period_start, channel, is_cost_known, line_count, quantity::decimal(18, 0),
               net_amount_reporting_currency
           from marts.fct_margin_monthly
           order by 1, 3 desc"""
    ) == [
        ("2024-01-01", "online", "true", "2", "3", "150.0000"),
        ("2024-01-01", "online", "false", "1", "-1", "-10.0000"),
        ("2024-02-01", None, "true", "1", "3", "90.0000"),
    ]


def test_by_customer_they_stand_apart_and_margin_is_of_known_costs(group):
    assert group.rows(
        """select customer_id, period_start, sum(net_amount_reporting_currency), sum(margin_amount_reporting_currency)
           from marts.fct_customer_margin_monthly group by 1, 2 order by 1, 2"""
    ) == [
        ("C1", "2024-01-01", "100.0000", "40.0000"),
        ("C1", "2024-02-01", "90.0000", "60.0000"),
        ("C2", "2024-01-01", "40.0000", "10.0000"),
    ]
