"""Amounts in the group's currency: own rates first, another source's where there are none, and empty without any."""

from __future__ import annotations

import pytest

INVOICES = """
invoice_id | company_id | invoice_date | net_amount_document
IA         | A          | 2024-01-15   | 100
IB         | B          | 2024-01-15   | 100
IC         | C          | 2024-02-15   | 100
IY         | Y          | 2024-02-15   | 100
"""
LINES = """
invoice_line_id | invoice_id | company_id | quantity | net_amount_document | net_amount_company
LA              | IA         | A          | 1        | 100                 | 100
LB              | IB         | B          | 1        | 100                 | 100
LC              | IC         | C          | 1        | 100                 | 100
LY              | IY         | Y          | 1        | 100                 | 100
"""


@pytest.fixture(scope="module")
def group(new_group):
    group = new_group()
    # B keeps dollars and has rates of its own from February, C keeps dollars in an ERP without rates, Y keeps yen.
    group.add(
        "tryton__company",
        """
        company_id | name | currency | source_system
        B          | B    | USD      | erp
        C          | C    | USD      | bare
        Y          | Y    | JPY      | erp
        """,
    )
    group.add(
        "tryton__exchange_rate",
        """
        currency | rate_date  | units_per_base
        EUR      | 2024-01-01 | 1
        USD      | 2024-02-01 | 1.25
        """,
    )
    group.add("tryton__sales_invoice", INVOICES)
    group.add("tryton__sales_invoice_line", LINES)
    group.build("+fct_tie_out dim_exchange_rate")
    return group


def test_reporting_amounts(group):
    assert group.rows(
        "select invoice_line_id, net_amount_reporting_currency from marts.fct_sales_invoice_line order by 1"
    ) == [("LA", "100.0000"), ("LB", None), ("LC", "80.0000"), ("LY", None)]


def test_a_missing_rate_is_told_and_does_not_block(group):
    assert group.rows(
        """select left_total, detail, blocking, passed from marts.fct_tie_out
           where control = 'exchange_rate' order by detail"""
    ) == [
        ("1.0000", "JPY: no rate from 2024-02-15 to 2024-02-15 on 1 days", "false", "false"),
        ("1.0000", "USD: no rate from 2024-01-15 to 2024-01-15 on 1 days", "false", "false"),
    ]


def test_rates_of_the_group(group):
    assert group.rows("select * from marts.dim_exchange_rate order by currency") == [
        ("EUR", "2024-01-01", None, "1.000000000000"),
        ("USD", "2024-02-01", None, "0.800000000000"),
    ]
