"""Customers of ERP and CRM as one dimension, and the money at stake behind their faults."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def group(new_group):
    group = new_group()
    group.add(
        "crm__crm_account",
        """
        crm_account_id | customer_code | name     | region | channel | salesperson_id | source_system
        K1             | 1001          | Birch    | North  | online  | S7             | crm
        K2             |               | Doubtful | South  | retail  | S8             | crm
        """,
    )
    group.add("tryton__sales_invoice", "invoice_id | invoice_date | net_amount_document_currency\nI1 | 2024-01-10 | 30")
    group.add(
        "tryton__sales_invoice_line",
        """
        invoice_line_id | invoice_id | region | net_amount_document | cost_amount_company
        L1              | I1         |        | 10                  | 4
        L2              | I1         | West   | 20                  |
        """,
    )
    group.add(
        "tryton__receivable",
        "receivable_id | posting_date | due_date | amount_document_currency | amount_company_currency\n"
        "R1 | 2024-01-10 | 2024-02-10 | 30 | 30",
    )
    group.execute(
        """insert into quality.held_master_record values ('customer', 'C1');
           insert into quality.data_issue (issue_id, rule, object, record_id, company_id, amount_company_currency)
           values ('1', 'tax_identifier_invalid', 'customer', 'C1', null, null),
                  ('2', 'name_missing', 'crm_account', 'K1', null, null),
                  ('3', 'entry_unbalanced', 'journal_entry', 'E1', 'A', 12)"""
    )
    group.build("dim_customer_source +fct_data_issue +dim_customer")
    return group


def test_prospects_are_customers_too_and_a_held_one_stays(group):
    assert group.rows(
        "select customer_id, region, channel, is_prospect, status, source_system from marts.dim_customer order by 1"
    ) == [
        ("C1", "North", "online", "false", "held", "erp"),
        ("K2", "South", "retail", "true", "active", "crm"),
    ]


def test_every_source_record_is_resolved(group):
    assert group.rows("select record_id, customer_id from marts.dim_customer_source order by 1") == [
        ("C1", "C1"),
        ("K1", "C1"),
        ("K2", "K2"),
    ]


def test_region_of_a_line_is_its_own_before_its_customers(group):
    assert group.rows(
        """select invoice_line_id, region, salesperson_id, margin_amount_company_currency
           from marts.fct_sales_invoice_line order by 1"""
    ) == [("L1", "North", "S7", "6.0000"), ("L2", "West", "S7", None)]


def test_money_at_stake(group):
    assert group.rows("select issue_id, amount_at_stake_reporting_currency from marts.fct_data_issue order by 1") == [
        ("1", "30.0000"),
        ("2", "30.0000"),
        ("3", "12.0000"),
    ]
