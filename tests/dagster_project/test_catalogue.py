"""Every published column is explained, owned and guarded in one place, which is made from the project itself."""

from __future__ import annotations

import csv

import pytest

from dagster_project.catalogue import CATALOGUE, COLUMNS
from dagster_project.contracts.published import TABLES
from expectations.rules import OWNERS, rule_catalogue


@pytest.fixture(scope="module")
def columns() -> dict[tuple[str, str], dict[str, str]]:
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        return {(row["table_name"], row["column_name"]): row for row in csv.DictReader(file)}


def test_every_column_has_a_meaning_a_grain_and_an_owner(columns) -> None:
    assert set(next(iter(columns.values()))) == set(COLUMNS)
    assert [place for place, row in columns.items() if not row["meaning"]] == []
    assert [place for place, row in columns.items() if not row["grain"].startswith("One row per ")] == []
    assert {row["owner"] for row in columns.values()} <= set(OWNERS)


def test_every_column_of_the_contract_is_there(columns) -> None:
    promised = {(table, column) for table, promise in TABLES.items() for column in promise}
    assert {place for place, row in columns.items() if row["is_contract"] == "true"} == promised


def test_rules_are_those_of_the_attributes_a_value_comes_through(columns) -> None:
    def rules(table: str, column: str) -> set[str]:
        return set(filter(None, columns[table, column]["rules"].split(", ")))

    assert {"customer_email_valid"} == rules("dim_customer", "email")
    assert "exchange_rate_without_jump" in rules("fct_sales_invoice_line", "net_amount_reporting_currency")
    assert "account_type_known" in rules("dim_account", "type")
    assert rules("dim_date", "date_day") == set()
    told = {rule for table, column in columns for rule in rules(table, column)}
    assert told <= set(rule_catalogue()["rule"])


def test_controls_are_those_that_read_the_table(columns) -> None:
    assert "completeness" in columns["fct_receivable", "receivable_id"]["controls"].split(", ")
    assert "receivable_ledger" in columns["fct_receivable_aging", "receivable_id"]["controls"].split(", ")
    assert columns["fct_tie_out", "control"]["controls"] == ""
