"""A published file with a handful of records to decide about, and stores on both databases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dagster_project.stewardship.directory import Directory
from dagster_project.stewardship.store import DecisionStore

PUBLISHED = """
create schema marts;
create table marts.dim_run as select 'r1' as run_id, date '2026-10-31' as as_of;
create table marts.dim_customer (customer_id varchar, name varchar, tax_identifier varchar, payment_term_days integer);
insert into marts.dim_customer values
    ('erp:1', '北京华信电子有限公司', '91310000ABC', 30),
    ('erp:2', 'Birch Ltd', null, 60),
    ('erp:3', 'Birch Limited', null, null);
create table marts.dim_company (company_id varchar, name varchar, currency varchar);
insert into marts.dim_company values
    ('erp:A', 'Alder GmbH', 'EUR'), ('A', 'Alder GmbH', 'EUR'), ('B', 'Birch Ltd', 'USD');
create table marts.dim_supplier (supplier_id varchar, name varchar, bank_account_number varchar);
insert into marts.dim_supplier values ('erp:s1', 'Cedar SA', 'DE89370400440532013000'), ('erp:s2', 'Cedar', null);
create table marts.fct_receivable_aging (
    as_of date, receivable_id varchar, invoice_number varchar, company_id varchar, customer_id varchar,
    document_currency varchar, open_amount_document_currency decimal(18, 4), open_amount_company_currency decimal(18, 4)
);
insert into marts.fct_receivable_aging values
    (date '2026-10-31', 'r1', 'INV-1', 'A', 'erp:1', 'USD', 100, 90),
    (date '2026-10-31', 'r2', 'TWICE', 'A', 'erp:1', 'EUR', 40, 40),
    (date '2026-10-31', 'r3', 'TWICE', 'A', 'erp:1', 'EUR', 40, 40),
    (date '2026-10-31', 'r4', null, 'A', 'erp:1', 'EUR', -10, -10),
    (date '2026-09-30', 'paid', 'INV-0', 'A', 'erp:1', 'EUR', 70, 70);
create table marts.fct_data_issue (
    issue_id varchar, object varchar, record_id varchar, status varchar, owner varchar
);
insert into marts.fct_data_issue values
    ('0123456789abcdef', 'customer', 'erp:1', 'open', 'data_steward'),
    ('01234567ffffffff', 'customer', 'erp:2', 'open', 'data_steward'),
    ('89abcdef01234567', 'customer', 'erp:3', 'resolved', 'data_steward');
"""
COMPANY_FILE = """
group: {name: Alder, reporting_currency: EUR}
home: var
sources: [{name: erp, system: tryton, url: "sqlite:///erp.sqlite"}]
"""


@pytest.fixture
def company_file(tmp_path: Path) -> Path:
    """company.yml of a group that has published a run."""
    published = tmp_path / "var" / "published"
    published.mkdir(parents=True)
    with duckdb.connect(str(published / "20261031T060000-aaaa.duckdb")) as connection:
        connection.execute(PUBLISHED)
    (published / "current.duckdb").symlink_to("20261031T060000-aaaa.duckdb")
    file = tmp_path / "company.yml"
    file.write_text(COMPANY_FILE, encoding="utf-8")
    return file


@pytest.fixture
def directory() -> Directory:
    connection = duckdb.connect()
    connection.execute(PUBLISHED)
    return Directory(lambda sql, values: connection.execute(sql, values).fetchall())


@pytest.fixture
def store(tmp_path: Path) -> DecisionStore:
    return DecisionStore(f"sqlite:///{tmp_path / 'stewardship.db'}", tmp_path / "stewardship.heads")


@pytest.fixture(params=["sqlite", "postgresql"])
def any_store(request: pytest.FixtureRequest, tmp_path: Path) -> DecisionStore:
    """An empty store on each database."""
    make: dict[str, Callable[[], str]] = {
        "sqlite": lambda: f"sqlite:///{tmp_path / 'stewardship.db'}",
        "postgresql": lambda: request.getfixturevalue("postgresql_url"),
    }
    return DecisionStore(make[request.param](), tmp_path / "stewardship.heads")
