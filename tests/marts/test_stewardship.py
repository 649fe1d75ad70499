"""What stewards decide is applied by the next run; faults keep their history; the score counts money."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from dagster_project.config import GroupSettings, Settings
from dagster_project.gate import run_gate
from dagster_project.stewardship.directory import Directory, attributes_of
from dagster_project.stewardship.store import DecisionStore
from dagster_project.transform import RunContext
from expectations.rules import is_true
from expectations.suites import SUITES

LI = {"by": "Li Na", "reason": "new number is on its way"}
ZHANG = {"by": "Zhang Wei", "reason": "checked"}
# Germany's tax identifiers have a check digit: C2's is wrong.
WRONG, RIGHT = "DE136695977", "DE136695976"


class Steward:
    """A group with the gate run over it day by day, and the store of its stewards."""

    def __init__(self, group):
        self.group = group
        self.settings = Settings(
            file=group.path.parent / "company.yml",
            group=GroupSettings(name="Alder", reporting_currency="EUR"),
            home=group.path.parent,
            sources=(),
        )
        self.store = DecisionStore(self.settings.decisions_url, self.settings.decision_heads)

    def run(self, run_id: str, as_of: str) -> None:
        run_gate(self.settings, RunContext(run_id, date.fromisoformat(as_of), datetime.fromisoformat(as_of)))

    def directory(self) -> Directory:
        """Looks records up in the gate's own tables: the marts are not built here."""

        def rows(sql, values):
            with duckdb.connect(str(self.group.path), read_only=True) as warehouse:
                sql = sql.replace("marts.fct_data_issue", "quality.data_issue").replace(
                    "marts.dim_customer", "intermediate.int_customer"
                )
                sql = sql.replace("schema_name = 'marts'", "schema_name = 'intermediate'")
                if "table_name" in values:
                    values = {"table_name": values["table_name"].replace("dim_", "int_")}
                return warehouse.execute(sql, values).fetchall()

        return Directory(rows)

    def issue(self, what: str) -> list:
        return self.group.rows(
            f"select {what} from quality.data_issue where record_id = 'C2' and rule = 'customer_tax_identifier_valid'"
        )

    def held(self) -> list:
        return self.group.rows("select record_id from quality.held_master_record where object = 'customer' order by 1")

    def events(self) -> list:
        return self.group.rows(
            """select run_id, event from quality.data_issue_event join quality.data_issue as i using (issue_id)
               where record_id = 'C2' and rule = 'customer_tax_identifier_valid' order by run_id, event"""
        )


@pytest.fixture(scope="module")
def built(new_group):
    """A group with a faulty customer, its marts built before any decision."""
    group = new_group()
    group.add(
        "tryton__customer",
        f"""
        customer_id | code | name      | country | tax_identifier | currency | email
        C2          | 1002 | Elm GmbH  | DE      | {WRONG}        | EUR      | a@elm.example
        C3          | 1003 | Fir GmbH  | DE      |                | EUR      | a@fir.example
        C4          | 1004 | Fir AG    | DE      |                | EUR      | a@fir-ag.example
        """,
    )
    group.build("path:seeds path:models/intermediate path:models/marts")
    return group


@pytest.fixture
def steward(built, tmp_path):
    """The stewards of a group of their own, a copy of the one that is built once."""
    path = Path(shutil.copy(built.path, tmp_path / built.path.name))
    return Steward(replace(built, path=path))


def mend(steward, value: str) -> None:
    steward.group.execute(
        f"update staging.stg_tryton__customer set tax_identifier = '{value}' where customer_id = 'C2'"
    )
    steward.group.build("int_customer")


def test_a_fault_from_found_over_accepted_to_mended_and_back(steward):
    steward.run("r1", "2024-03-31")
    assert steward.issue(
        "status, owner, cast(due_at as date) as due_at_day, first_run_id, last_run_id, failed_value"
    ) == [("open", "ar_accountant", "2024-04-03", "r1", "r1", WRONG)]
    assert steward.held() == [("C2",)]
    (issue_id,) = steward.issue("issue_id")[0]

    steward.store.accept_fault(steward.directory(), issue_id, date(2024, 6, 30), today=date(2024, 4, 1), **LI)
    steward.store.assign_owner(steward.directory(), issue_id, "Li Na", **LI)
    steward.run("r2", "2024-04-01")
    assert steward.issue("status, owner, cast(due_at as date) as due_at_day, accepted_until, last_run_id") == [
        ("accepted", "Li Na", "2024-06-30", "2024-06-30", "r2")
    ]
    assert steward.held() == []

    steward.run("r3", "2024-06-30")
    assert steward.issue("status") == [("accepted",)], "its last day counts"
    steward.run("r4", "2024-07-01")
    assert steward.issue("status, cast(due_at as date) as due_at_day") == [("open", "2024-06-30")], (
        "open again, and late"
    )
    assert steward.held() == [("C2",)]

    mend(steward, RIGHT)
    steward.run("r5", "2024-07-02")
    assert steward.issue(
        "status, cast(resolved_at as date) as resolved_at_day, first_run_id, last_run_id, failed_value"
    ) == [("resolved", "2024-07-02", "r1", "r4", WRONG)]
    assert steward.held() == []

    mend(steward, "DE136695975")
    steward.run("r6", "2024-08-01")
    assert steward.issue(
        """status, resolved_at, cast(detected_at as date) as detected_at_day, cast(due_at as date) as due_at_day,
           first_run_id, failed_value"""
    ) == [("open", None, "2024-03-31", "2024-08-04", "r1", "DE136695975")]
    assert steward.issue("issue_id") == [(issue_id,)]
    assert steward.held() == [("C2",)]

    steward.store.undo(2, **LI)
    steward.run("r7", "2024-08-02")
    assert steward.issue("owner") == [("ar_accountant",)]
    assert steward.events() == [
        ("r1", "opened"),
        ("r2", "accepted"),
        ("r2", "owner_changed"),
        ("r4", "acceptance_ended"),
        ("r5", "resolved"),
        ("r6", "reopened"),
        ("r6", "value_changed"),
        ("r7", "owner_changed"),
    ]
    steward.run("r7", "2024-08-02")
    assert len(steward.events()) == 8, "the same run again tells nothing new"


def test_faults_of_a_suite_that_cannot_be_evaluated_stand_as_the_run_before_left_them(steward, monkeypatch, caplog):
    steward.run("r1", "2024-03-31")
    suite = SUITES["customer"]
    mistaken = replace(suite.rules[0], expect=is_true("no_such_column"))
    monkeypatch.setitem(SUITES, "customer", replace(suite, rules=(mistaken, *suite.rules[1:])))
    steward.run("r2", "2024-04-10")
    assert "suite customer not evaluated, its earlier faults stand: rule customer_name_present names" in caplog.text
    assert steward.issue("status, last_run_id, failed_value") == [("open", "r1", WRONG)]
    assert steward.held() == [("C2",)]
    mend(steward, RIGHT)
    steward.run("r3", "2024-04-11")
    assert steward.issue("status") == [("open",)], "nobody looked whether it is mended"
    monkeypatch.setitem(SUITES, "customer", suite)
    steward.run("r4", "2024-04-12")
    assert steward.issue("status, last_run_id") == [("resolved", "r1")]
    assert steward.held() == []


def test_an_acceptance_taken_back_starts_the_time_anew(steward):
    steward.run("r1", "2024-03-31")
    (issue_id,) = steward.issue("issue_id")[0]
    steward.store.accept_fault(steward.directory(), issue_id, date(2024, 6, 30), today=date(2024, 4, 1), **LI)
    steward.run("r2", "2024-04-01")
    steward.store.undo(1, **LI)
    steward.run("r3", "2024-04-10")
    assert steward.issue("status, cast(due_at as date) as due_at_day, accepted_until") == [("open", "2024-04-13", None)]


def test_decisions_that_hold_are_there_for_the_matching_and_no_others(steward):
    steward.run("r1", "2024-03-31")
    directory = steward.directory()
    steward.store.merge(directory, "customer", "C3", "C4", **LI)
    steward.store.set_attribute(directory, "customer", "C3", "name", "Fir Holz GmbH", **LI)
    steward.store.set_attribute(directory, "customer", "C2", "tax_identifier", RIGHT, **LI)
    steward.store.set_attribute(directory, "customer", "C3", "tax_identifier", RIGHT, **LI)
    steward.store.keep_apart(directory, "customer", "C1", "C4", **LI)
    steward.store.undo(5, **LI)
    steward.store.approve(3, **ZHANG)
    steward.run("r2", "2024-04-01")
    reason = "new number is on its way"
    assert steward.group.rows(
        """select decision_id, object, action, record_id, other_record_id, attribute, value, decided_by, reason
           from quality.steward_decision order by 1"""
    ) == [
        ("1", "customer", "merge", "C3", "C4", None, None, "Li Na", reason),
        ("2", "customer", "set_attribute", "C3", None, "name", "Fir Holz GmbH", "Li Na", reason),
        ("3", "customer", "set_attribute", "C2", None, "tax_identifier", RIGHT, "Li Na", reason),
    ]
    assert steward.group.rows("select decision_id, state, answered_by from quality.steward_log order by 1") == [
        ("1", "effective", None), ("2", "effective", None), ("3", "effective", "Zhang Wei"), ("4", "proposed", None),
        ("5", "undone", "Li Na"), ("6", "effective", None), ("7", "effective", None),
    ]  # fmt: skip


def control(steward) -> list:
    steward.group.build("fct_tie_out dim_run")
    return steward.group.rows(
        "select left_total::int, right_total::int, passed, blocking, detail from marts.fct_tie_out "
        "where control = 'steward_log'"
    )


def test_a_log_that_somebody_changed_blocks(steward):
    for name in ("one", "two"):
        steward.store._add("comment", "Li Na", name, object="customer", record_id="C1")
    steward.run("r1", "2024-03-31")
    assert control(steward) == [("2", "2", "true", "true", "")]
    assert steward.group.rows("select decision_entries, decision_head_hash from marts.dim_run") == [
        ("2", steward.store.entries()[-1].hash)
    ]
    # Cut off, heads beside it too: this warehouse still knows.
    with sqlite3.connect(steward.group.path.parent / "stewardship.db") as database:
        database.execute("drop trigger decision_entry_no_delete")
        database.execute("delete from decision_entry where sequence = 2")
    lines = steward.store.heads_file.read_text(encoding="utf-8").splitlines()
    steward.store.heads_file.write_text("\n".join(lines[:2]) + "\n", encoding="utf-8")
    assert steward.store.verify().whole
    steward.run("r2", "2024-04-01")
    assert control(steward) == [("1", "1", "false", "true", "entry 2 is missing, and run r1 knows it")]


def test_the_score_is_the_share_of_money_without_a_fault_kept_by_day_and_who_is_late(new_group):
    group = new_group()
    # Open: C1 60, C2 30 (identifier wrong), C3 a credit of 10, C4 nothing.
    group.add(
        "tryton__customer",
        f"""
        customer_id | code | name     | country | tax_identifier | currency | email
        C2          | 1002 | Elm GmbH | DE      | {WRONG}        | EUR      | a@elm.example
        C3          | 1003 | Fir GmbH | DE      |                | EUR      | a@fir.example
        C4          | 1004 | Yew AG   | DE      |                | EUR      | a@yew.example
        """,
    )
    group.add(
        "tryton__receivable",
        """
        receivable_id | kind        | customer_id | posting_date | due_date   | amount_document
        R1            | invoice     | C1          | 2024-01-10   | 2024-02-09 | 60
        R2            | invoice     | C2          | 2024-01-11   | 2024-02-10 | 30
        R3            | credit_note | C3          | 2024-01-12   | 2024-02-11 | -10
        """,
    )
    steward = Steward(group)
    scored = (
        "path:models/marts/shared path:models/marts/receivables path:models/marts/payables path:models/marts/sales "
        "fct_bank_statement fct_data_issue fct_quality_score fct_quality_owner"
    )
    score = """select score_date, records, failing_records, amount_reporting_currency,
                      failing_amount_reporting_currency, score_percent, record_score_percent
               from marts.fct_quality_score
               where object = 'customer' and quality_dimension = 'validity' and company_id = 'A' order by 1"""
    late = """select open_issues, overdue_issues, next_due_date, most_days_overdue, amount_at_stake_reporting_currency,
                     overdue_amount_reporting_currency
              from marts.fct_quality_owner where owner = 'ar_accountant' and severity = 'critical'"""
    group.build("path:seeds path:models/intermediate", as_of="2024-03-31")
    steward.run("r1", "2024-03-31")
    for _ in range(2):  # a second run of the day replaces the first
        group.build(scored, as_of="2024-03-31")
        first = ("2024-03-31", "3", "1", "100.0000", "30.0000", "70.0000", "66.6667")
        assert group.rows(score) == [first]
    assert group.rows(score.replace("company_id = 'A'", "company_id is null")) == [
        ("2024-03-31", "1", "0", "0.0000", "0.0000", "100.0000", "100.0000")
    ], "C4, with whom no company has anything open"
    assert group.rows(late) == [("1", "0", "2024-04-03", "0", "30.0000", "0.0000")]
    # Nothing done: ten days later it is seven days late.
    group.build("int_as_of", as_of="2024-04-10")
    steward.run("r2", "2024-04-10")
    group.build(scored, as_of="2024-04-10")
    assert group.rows(late) == [("1", "1", "2024-04-03", "7", "30.0000", "30.0000")]
    assert group.rows(
        "select is_overdue, days_overdue from marts.fct_data_issue where rule = 'customer_tax_identifier_valid'"
    ) == [("true", "7")]
    # Mended: the score moves, and the days before stay.
    mend(steward, RIGHT)
    group.build("int_as_of", as_of="2024-04-11")
    steward.run("r3", "2024-04-11")
    group.build(scored, as_of="2024-04-11")
    assert group.rows(score) == [
        first,
        ("2024-04-10", *first[1:]),
        ("2024-04-11", "3", "0", "100.0000", "0.0000", "100.0000", "100.0000"),
    ]
    assert group.rows(late) == []


def test_a_record_that_companies_share_has_its_money_at_each_and_counts_at_one(new_group):
    group = new_group()
    group.add("tryton__company", "company_id | code | name\nB | B | Birch AG")
    group.add(
        "tryton__customer",
        f"customer_id | code | name | country | tax_identifier\nC2 | 1002 | Elm GmbH | DE | {WRONG}",
    )
    group.add(
        "tryton__receivable",
        """
        receivable_id | company_id | customer_id | posting_date | due_date   | amount_document
        R1            | A          | C1          | 2024-01-10   | 2024-02-09 | 60
        R2            | A          | C2          | 2024-01-11   | 2024-02-10 | 40
        R3            | B          | C2          | 2024-01-12   | 2024-02-11 | 90
        """,
    )
    steward = Steward(group)
    group.build("path:seeds path:models/intermediate", as_of="2024-03-31")
    steward.run("r1", "2024-03-31")
    group.build(
        "path:models/marts/shared path:models/marts/receivables path:models/marts/payables path:models/marts/sales "
        "fct_bank_statement fct_data_issue fct_quality_score",
        as_of="2024-03-31",
    )
    assert group.rows(
        """select company_id, records, failing_records, amount_reporting_currency, failing_amount_reporting_currency,
               score_percent
           from marts.fct_quality_score where object = 'customer' and quality_dimension = 'validity' order by 1"""
    ) == [
        ("A", "1", "0", "100.0000", "40.0000", "60.0000"),
        ("B", "1", "1", "90.0000", "90.0000", "0.0000"),
    ]
    assert group.rows(
        """select amount_at_stake_reporting_currency from marts.fct_data_issue
           where record_id = 'C2' and rule = 'customer_tax_identifier_valid'"""
    ) == [("130.0000",)], "once, with the money of both"


def test_a_quarantined_entry_that_is_mended_is_published_by_the_next_run_and_its_history_stays(new_group):
    group = new_group()
    group.add(
        "tryton__journal_line",
        """
        journal_line_id | journal_entry_id | account_id | posting_date | debit_company | credit_company
        1               | E1               | AR         | 2024-01-10   | 50            | 0
        2               | E1               | SALES      | 2024-01-10   | 0             | 40
        3               | E2               | AR         | 2024-01-11   | 70            | 0
        4               | E2               | SALES      | 2024-01-11   | 0             | 70
        """,
    )
    steward = Steward(group)
    issue = """select status, first_run_id, last_run_id, cast(resolved_at as date) as resolved
               from quality.data_issue where rule = 'entry_unbalanced'"""
    published = "select journal_line_id from marts.fct_journal_line order by 1"
    group.build("path:seeds path:models/intermediate")
    for run_id, day in (("r1", "2024-03-31"), ("r2", "2024-04-01")):
        steward.run(run_id, day)
    group.build("fct_journal_line")
    assert group.rows(issue) == [("open", "r1", "r2", None)]
    assert group.rows(published) == [("3",), ("4",)]
    assert group.rows("select record_id from intermediate.int_quarantine where object = 'journal_line' order by 1") == [
        ("1",), ("2",),
    ], "every key of the document"  # fmt: skip
    group.execute(
        "update staging.stg_tryton__journal_line set credit_company_currency = 50 where journal_line_id = '2'"
    )
    group.build("+int_quarantine")
    steward.run("r3", "2024-04-02")
    group.build("fct_journal_line")
    assert group.rows(issue) == [("resolved", "r1", "r2", "2024-04-02")]
    assert group.rows(published) == [("1",), ("2",), ("3",), ("4",)]


def test_what_a_steward_set_of_things_of_one_record_stands_in_their_dimensions(new_group):
    group = new_group()
    group.add(
        "tryton__product",
        "product_id | code | name | unit | list_price\nP1 | p1 | Lamp | PCS | 7\nP2 | p2 | Wire | M | 2",
    )
    group.add("tryton__bank_account", "bank_account_id | company_id | name | iban\nB1 | A | Main | DE1")
    group.add("hr_payroll__employee", "employee_id | company_code | name | department\nE1 | A | Dogwood | Sales")
    decided = [("product", "P1", "list_price", "7.5"), ("bank_account", "B1", "iban", "DE2"),
               ("employee", "E1", "department", "Finance"), ("company", "A", "name", "Alder Holding")]  # fmt: skip
    group.build("path:seeds path:models/intermediate")
    for number, (object_, record, attribute, value) in enumerate(decided, 1):
        assert attribute in attributes_of(object_)
        group.execute(
            f"""insert into quality.steward_decision (decision_id, object, action, record_id, attribute, value)
                values ({number}, '{object_}', 'set_attribute', '{record}', '{attribute}', '{value}')"""
        )
    group.build("dim_product dim_bank_account dim_employee dim_company")
    assert group.rows("select name, list_price from marts.dim_product order by 1") == [
        ("Lamp", "7.500000"), ("Wire", "2.000000")
    ]  # fmt: skip
    assert group.rows("select name, iban from marts.dim_bank_account") == [("Main", "DE2")]
    assert group.rows("select name, department from marts.dim_employee") == [("Dogwood", "Finance")]
    assert ("A", "Alder Holding") in group.rows("select company_id, name from marts.dim_company")
