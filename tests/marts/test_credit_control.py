"""Promises kept or broken by the money; worklist and credit land in the marts and agree with the aging table."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from dagster_project.config import GroupSettings, Settings
from dagster_project.contracts.published import CREDIT_CONTROL
from dagster_project.credit_control import credit_control
from dagster_project.forecasting import _append, declare
from dagster_project.gate import take_over_decisions
from dagster_project.stewardship.directory import Directory
from dagster_project.stewardship.store import DecisionStore
from dagster_project.transform import RunContext

AS_OF = date(2024, 3, 31)
TABLES = [table.name for table in CREDIT_CONTROL]
READ = (
    "path:seeds +fct_payment_promise +fct_receivable_aging +fct_expected_credit_loss +fct_note +fct_sales_order_line "
    "+dim_customer +dim_customer_source +dim_company"
)


def land(group) -> dict[str, int]:
    """Collections and credit of ``AS_OF`` in the marts of a built group, without any forecast of receipts."""
    with duckdb.connect(str(group.path)) as warehouse:
        timing = warehouse.execute(
            """select ''::varchar as receivable_id, null::timestamp as p50_date, 0.5::double as probability_paid_30
               where false"""
        ).df()
        made = credit_control(warehouse, AS_OF, timing)
        for table in TABLES:
            declare(warehouse, table)
        return {table: _append(warehouse, table, made[table], AS_OF) for table in TABLES}


@pytest.fixture(scope="module")
def group(new_group):
    group = new_group()
    group.add("tryton__customer", "customer_id | code | name | country\nC2 | 1002 | Elm Ltd | GB")
    group.add(
        "tryton__receivable",
        """
        receivable_id | kind           | customer_id | posting_date | due_date   | document_currency | amount_document | amount_company
        R1            | invoice        | C1          | 2024-01-10   | 2024-02-09 | EUR               | 100             | 100
        R2            | invoice        | C1          | 2024-01-20   | 2024-01-31 | USD               | 110             | 100
        R3            | invoice        | C2          | 2024-02-01   | 2024-03-02 | EUR               | 50              | 50
        R4            | invoice        | C2          | 2024-03-01   | 2024-04-30 | EUR               | 33.3333         | 33.3333
        R5            | invoice        |             | 2024-03-01   | 2024-03-15 | EUR               | 7               | 7
        CASH          | unapplied_cash | C2          | 2024-03-20   | 2024-03-20 | EUR               | -7              | -7
        """,  # noqa: E501
    )
    group.add(
        "tryton__receivable_settlement",
        """
        receivable_id | kind        | settlement_date | amount_document | amount_company
        R1            | payment     | 2024-02-15      | 60              | 60
        R1            | payment     | 2024-03-05      | 39              | 39
        R2            | payment     | 2024-03-10      | 55              | 50
        R3            | credit_note | 2024-03-12      | 20              | 20
        """,
    )
    group.build(READ)
    group.execute(
        """insert into quality.payment_promise by name
        select * from (values
            (1, 'receivable', 'R1', null, date '2024-02-10', date '2024-03-10', 100, 'EUR'),
            (2, 'receivable', 'R2', null, date '2024-03-01', date '2024-03-10', 60, 'USD'),
            (3, 'receivable', 'R3', null, date '2024-03-01', date '2024-03-20', 20, 'EUR'),
            (4, 'receivable', 'R3', null, date '2024-03-25', date '2024-04-05', 30, 'EUR'),
            (5, 'customer', 'C1', 'A', date '2024-03-01', date '2024-03-31', 89, 'EUR'),
            (6, 'receivable', 'R3', null, date '2024-04-02', date '2024-04-05', 30, 'EUR')
        ) as promise (promise_id, object, record_id, company_id, given_date, promised_date, amount, currency)"""
    )
    group.build("fct_payment_promise", command="build")
    return group


def test_a_promise_is_kept_by_money_in_its_days_and_broken_without(group):
    assert group.rows(
        """select promise_id, customer_id, receivable_id, amount_company_currency, received_amount_document_currency,
                  state
           from marts.fct_payment_promise order by promise_id"""
    ) == [
        ("1", "C1", "R1", "100.0000", "99.0000", "kept"),  # a bank fee of 1
        ("2", "C1", "R2", "54.5500", "55.0000", "broken"),
        ("3", "C2", "R3", "20.0000", "0.0000", "broken"),  # a credit note is no money
        ("4", "C2", "R3", "30.0000", "0.0000", "open"),
        ("5", "C1", None, "89.0000", "89.0000", "kept"),
        # 6 was given after as_of
    ]  # fmt: skip


def test_worklist_and_items_agree_with_the_aging_to_the_last_digit(group):
    assert land(group) == {
        "fct_collection_worklist": 3, "fct_collection_item": 5, "fct_late_payment_alert": 2, "fct_credit_assessment": 3,
        "fct_credit_grade": 5,
    }  # fmt: skip
    for currency in ("company", "reporting"):
        amount = f"amount_{currency}_currency"
        assert (
            group.rows(
                f"""select company_id, customer_id, sum(open_{amount}) as overdue
                from marts.fct_receivable_aging where as_of = '{AS_OF}' and days_overdue > 0 group by all
                except all
                select company_id, customer_id, overdue_{amount} from marts.fct_collection_worklist"""
            )
            == []
        )
    assert (
        group.rows(
            """select company_id, customer_id, sum(open_amount_company_currency) from marts.fct_collection_item
           where kind = 'overdue' group by all
           except all
           select company_id, customer_id, overdue_amount_company_currency from marts.fct_collection_worklist"""
        )
        == []
    )
    assert group.rows(
        "select customer_id, action, overdue_amount_company_currency, credit_amount_company_currency, source_key "
        "from marts.fct_collection_worklist order by customer_id nulls last"
    ) == [
        ("C1", "promise_follow_up", "51.0000", "0.0000", "C1"),
        ("C2", "promise_follow_up", "23.0000", "-7.0000", "C2"),
        (None, "call", "7.0000", "0.0000", "A"),
    ]


def test_credit_stands_beside_the_matrix_and_again_replaces_its_own_day(group):
    first = land(group)
    assert land(group) == first
    assert group.rows("select count(*) as n from marts.fct_credit_grade") == [("5",)]
    off = group.rows(
        """select (select sum(expected_loss_matrix_company_currency) from marts.fct_credit_assessment)
                  - (select sum(expected_loss_company_currency) from marts.fct_expected_credit_loss
                     where as_of = '2024-03-31') as off"""
    )
    assert abs(float(off[0][0])) <= 0.02, "rounded by customer here and by bucket there"
    assert group.rows(
        """select expected_loss_model_company_currency - expected_loss_matrix_company_currency
                  - expected_loss_difference_company_currency as off
           from marts.fct_credit_assessment group by all"""
    ) == [("0.0000",)]


def test_a_group_without_receivables_has_empty_lists(new_group):
    group = new_group()
    group.build(READ)
    assert land(group) == dict.fromkeys(TABLES, 0) | {"fct_credit_grade": 5}


def test_a_run_takes_over_the_promises_that_nobody_took_back(new_group):
    group = new_group()
    published = duckdb.connect()
    published.execute(
        """create schema marts;
           create table marts.dim_run as select date '2024-03-31' as as_of;
           create table marts.fct_receivable_aging as
           select date '2024-03-31' as as_of, 'R1' as receivable_id, 'INV-1' as invoice_number,
                  'EUR' as document_currency, 100::decimal(18, 4) as open_amount_document_currency"""
    )
    settings = Settings(
        file=group.path.parent / "company.yml",
        group=GroupSettings(name="Alder", reporting_currency="EUR"),
        home=group.path.parent,
        sources=(),
    )
    store = DecisionStore(settings.decisions_url, settings.decision_heads)
    directory = Directory(lambda sql, values: published.execute(sql, values).fetchall())
    for amount in (10, 20):
        store.promise_receivable(
            directory, "INV-1", Decimal(amount), date(2024, 4, 5), given=AS_OF, by="Li Na", reason="on the phone"
        )
    store.undo(1, by="Li Na", reason="typed wrong")
    with duckdb.connect(str(group.path)) as warehouse:
        take_over_decisions(warehouse, settings, RunContext("r1", AS_OF, datetime(2024, 4, 1)))
    assert group.rows(
        """select promise_id, record_id, given_date, promised_date, amount, currency, noted_by
           from quality.payment_promise"""
    ) == [("2", "R1", "2024-03-31", "2024-04-05", "20.0000", "EUR", "Li Na")]
