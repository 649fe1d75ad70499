"""Staging of the demo's systems: the contract's columns, and open items that equal the control accounts every day."""

from __future__ import annotations

from decimal import Decimal

import duckdb
import pytest

from dagster_project.contracts.canonical import OBJECTS
from tests.demo.conftest import Group

OTHERS = [
    ("crm", "crm_account"), ("crm", "contract"), ("crm", "contract_obligation"), ("crm", "contract_event"),
    ("hr_payroll", "employee"), ("hr_payroll", "payroll_line"),
    ("hr_payroll", "expense_claim_line"),
    ("manufacturing", "work_order"), ("manufacturing", "work_order_cost"),
    ("planning", "budget_line"), ("planning", "cost_account"),
    ("planning", "capital_project"), ("planning", "capital_project_cash_flow"),
    ("governance", "approval_limit"), ("governance", "approver"),
    ("bank_statements", "bank_statement_file"),
    ("erp_china", "note"), ("erp_china", "note_event"),
]  # fmt: skip
NOT_IN_BOTH_ERPS = {"bank_statement", "bank_statement_file", "bank_movement", "note", "note_event", "goods_posting"}
ERP_OBJECTS = sorted(set(OBJECTS) - {name for _, name in OTHERS} - NOT_IN_BOTH_ERPS)
MODELS = [(system, name) for system in ("erp_china", "erp_global") for name in ERP_OBJECTS] + OTHERS


def _both(name: str) -> str:
    return f"(select * from staging.stg_erp_china__{name} union all select * from staging.stg_erp_global__{name})"


@pytest.mark.parametrize(("system", "name"), MODELS)
def test_columns_are_the_contracts(warehouse: duckdb.DuckDBPyConnection, system: str, name: str) -> None:
    table = f"staging.stg_{system}__{name}"
    columns = warehouse.execute(f"select column_name, column_type from (describe {table})").fetchall()
    assert columns == [(column.name, column.type) for column in OBJECTS[name].columns]


@pytest.mark.parametrize(("system", "name"), MODELS)
def test_keys_are_unique_and_required_columns_filled(
    warehouse: duckdb.DuckDBPyConnection, system: str, name: str
) -> None:
    table, described = f"staging.stg_{system}__{name}", OBJECTS[name]
    rows, keys = warehouse.execute(f"select count(*), count(distinct {described.key}) from {table}").fetchone() or (
        0,
        0,
    )
    assert rows == keys
    # few suppliers change their account, and a small group may have none that does
    assert rows > 0 or name == "supplier_account_change"
    # Names are emptied, and references broken, on purpose.
    required = [column.name for column in described.columns if column.required and column.name != "name"]
    empty = warehouse.execute(f"select {', '.join(f'count(*) - count({name})' for name in required)} from {table}")
    assert dict(zip(required, empty.fetchone() or (), strict=True)) == dict.fromkeys(required, 0)


@pytest.mark.parametrize("item", ["receivable", "payable"])
@pytest.mark.parametrize(
    "day",
    ["2023-12-31", "2024-02-29", "2024-07-15", "2025-03-09", "2025-12-31", "2026-06-30", "2026-10-30", "2026-10-31"],
)
def test_open_items_equal_the_control_accounts(warehouse: duckdb.DuckDBPyConnection, item: str, day: str) -> None:
    sign = 1 if item == "receivable" else -1
    rows = warehouse.execute(
        f"""
        with posted as (
            select company_id, sum({sign} * (debit_company_currency - credit_company_currency)) as amount
            from {_both("journal_line")} as line join {_both("account")} as account using (account_id, company_id)
            where account.control = '{item}' and line.posting_date <= date '{day}' group by 1
        ),
        open as (
            select company_id, sum(amount) as amount from (
                select company_id, amount_company_currency as amount from {_both(item)}
                    where posting_date <= date '{day}'
                union all
                select company_id, -amount_company_currency from {_both(item + "_settlement")}
                where settlement_date <= date '{day}'
            ) group by 1
        )
        select company_id, posted.amount, open.amount from posted full join open using (company_id)
        """
    ).fetchall()
    assert len(rows) == 6
    assert [row for row in rows if row[1] != row[2]] == []
    assert any(row[1] > 0 for row in rows)


@pytest.mark.parametrize("item", ["receivable", "payable"])
def test_nothing_is_settled_beyond_its_amount(warehouse: duckdb.DuckDBPyConnection, item: str) -> None:
    rows = warehouse.execute(
        f"""
        select {item}_id, item.amount_document_currency, settled from {_both(item)} as item join (
            select {item}_id, sum(amount_document_currency) as settled, sum(amount_company_currency) as settled_base
            from {_both(item + "_settlement")} group by 1
        ) using ({item}_id)
        where abs(settled) > abs(item.amount_document_currency) or settled * item.amount_document_currency < 0
            or (settled = item.amount_document_currency and settled_base <> item.amount_company_currency)
        """
    ).fetchall()
    assert rows == []


def test_headers_equal_lines(warehouse: duckdb.DuckDBPyConnection) -> None:
    for side in ("sales", "purchase"):
        rows = warehouse.execute(
            f"""
            select invoice_id from {_both(side + "_invoice")} as header left join (
                select invoice_id, sum(net_amount_document_currency) as net, sum(tax_amount_document_currency) as tax
                from {_both(side + "_invoice_line")} group by 1
            ) using (invoice_id)
            where net is distinct from net_amount_document_currency or tax is distinct
                from tax_amount_document_currency
            """
        ).fetchall()
        assert rows == []


def test_every_entry_balances_but_the_planted_ones(warehouse: duckdb.DuckDBPyConnection, group: Group) -> None:
    rows = warehouse.execute(
        f"""
        select source_system, journal_entry_id, sum(debit_company_currency - credit_company_currency)
        from {_both("journal_line")} group by all having sum(debit_company_currency - credit_company_currency) <> 0
        """
    ).fetchall()
    planted = {f"{f['system']}:{f['key']}": Decimal(f["difference"]) for f in group.faults("unbalanced_journal")}
    assert {entry: difference for _, entry, difference in rows} == planted
    assert len(planted) == 2


def test_ledger_follows_the_bank_at_every_month_end(warehouse: duckdb.DuckDBPyConnection, group: Group) -> None:
    """Accounts in the company's own currency: ledger balance = closing balance, but for the lines nobody booked yet."""
    differences = warehouse.execute(
        f"""
        with own as (
            select account.bank_account_id, account.account_id, account.iban, account.currency
                from {_both("bank_account")} as account
            join {_both("company")} as company using (company_id) where account.currency = company.currency
        )
        select own.iban, statement.statement_date,
            any_value(statement.closing_balance_bank_currency)
                - sum(line.debit_company_currency - line.credit_company_currency) as difference
        from own join staging.stg_bank_statements__bank_statement as statement using (iban, currency)
        join {_both("journal_line")} as line on line.account_id = own.account_id
            and line.posting_date <= statement.statement_date
        group by own.iban, statement.statement_date having difference <> 0
        """
    ).fetchall()
    unbooked = {fault["key"]: Decimal(fault["amount"]) for fault in group.faults("unbooked_bank_line")}
    assert {str(date) for _, date, _ in differences} == {"2026-10-31"}
    assert {iban: difference for iban, _, difference in differences} == unbooked


def test_companies_earn_money_and_margins_are_plausible(warehouse: duckdb.DuckDBPyConnection) -> None:
    profit = warehouse.execute(
        f"""
        select sum(credit_company_currency - debit_company_currency) from {_both("journal_line")}
        join {_both("account")} as account using (account_id) where account.type in ('income', 'expense')
            and account.company_id = 'erp_china:HLSH'
        """
    ).fetchone()
    assert profit is not None
    assert profit[0] > 0
    margins = warehouse.execute(
        f"""
        select product.category, 1 - sum(line.cost_amount_company_currency) / sum(line.net_amount_company_currency)
        from {_both("sales_invoice_line")} as line join {_both("product")} as product using (product_id)
        where product.category is not null group by 1
        """
    ).fetchall()
    assert len(margins) == 20
    assert [m for m in margins if not 0.12 < m[1] < 0.58] == []
