"""SQL that leaves ``marts`` is refused, and a reader's views hold his rows and columns and no others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.policy import Grant, Policy, policy
from dashboards.scoped import Refused, Scope, ScopedFile, tables_asked_for

POLICY = policy().policy


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory, publish_run: Callable[..., Path]) -> ScopedFile:
    link = publish_run(
        tmp_path_factory.mktemp("it's published"),
        "20261031T0600",
        "alter table marts.dim_customer add column salesperson_id varchar",
        "update marts.dim_customer set salesperson_id = case customer_id when 'erp:c2' then 'u1' else 'u2' end",
        "create table marts.fct_payroll_line (company_id varchar, amount_company_currency decimal(18, 4))",
        "create table marts.fct_of_tomorrow (customer_id varchar, amount integer)",
        "insert into marts.fct_of_tomorrow values ('erp:c1', 1), ('erp:c2', 2), (null, 4)",
        "insert into marts.fct_tie_out (control) values ('of the group')",
        "create table marts.fct_nobody_knows_whose (amount integer)",
    )
    return ScopedFile(str(link.resolve()))


def ask(file: ScopedFile, sql: str, role: str = "", **rows: list[str]) -> list[tuple[Any, ...]]:
    scope = Scope("digest", role, Grant(role=role, rows=rows).values())
    with file.cursor(scope, POLICY) as cursor:
        return cursor.execute(sql).fetchall()


@pytest.mark.parametrize(
    "sql",
    [
        "delete from marts.dim_company",
        "create table marts.mine as select 1",
        "select 1; select 2",
        "",
        "attach 'x.duckdb' as x",
        "pragma database_list",
        "set enable_external_access = true",
        "use file_1",
        "copy marts.dim_company to 'x.csv'",
        "call duckdb_tables()",
        "explain select 1",
        "describe marts.dim_company",
        "summarize marts.dim_company",
        "select * from (describe marts.dim_company)",
        "show tables",
        "select * from file_1.marts.dim_company",
        "select * from file_1.dim_company",
        "select * from dim_company",
        "select * from main.dim_company",
        "select * from information_schema.tables",
        "select * from duckdb_tables",
        "select * from duckdb_tables()",
        "select * from system.main.duckdb_columns()",
        "select * from pg_catalog.pg_class",
        "select * from pg_class",
        "with pg_class as (select 1) select * from pg_class",
        "select * from sqlite_master",
        "select * from '/etc/passwd'",
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "select * from glob('/*')",
        "select * from query('select 1')",
        "select * from query_table('marts.dim_company')",
        "select (select max(column0) from read_csv('/etc/passwd'))",
        "select * from marts.dim_company where exists (select 1 from secret.marts.x)",
        "with a as (select * from other.t) select * from a",
        "select * from marts.a union all select * from other.b",
        "select * from (pivot other.b on x in (1, 2) using sum(y))",
        "select * from marts.a order by (select 1 from other.b limit 1)",
        "select * from marts.a, lateral (select * from other.b)",
        "select * from marts.a where x in (from other.b)",
        "nonsense",
    ],
)
def test_what_is_no_query_of_marts_is_refused(sql: str) -> None:
    with pytest.raises(Refused):
        tables_asked_for(sql)


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("select 1", ()),
        ("select * from marts.a join Marts.B using (x)", ("a", "b")),
        ("with q as (select * from marts.a) select * from q, range(3), unnest([1]) where x = $x", ("a",)),
        ("with recursive q as (select 1 as n union all select n + 1 from q where n < 3) select * from q", ()),
        ("select column_name from duckdb_columns() where table_name = $name", ()),
        ("select (select max(x) from marts.a), * from (values (1)) as v (y) where exists (from marts.b)", ("a", "b")),
    ],
)
def test_a_query_of_marts_is_let_through(sql: str, tables: tuple[str, ...]) -> None:
    assert tables_asked_for(sql) == tables


@given(st.text(max_size=40))
def test_no_text_makes_another_statement_or_leaves_marts(text: str) -> None:
    """Whatever is pasted into SQL is refused, or reads tables of marts alone."""
    for sql in (text, f"select * from {text}", f"select * from marts.a where x = {text}"):
        try:
            tables = tables_asked_for(sql)
        except Refused:
            continue
        assert all("." not in table or f'"{table}"' in sql.lower() for table in tables)


def test_a_controller_sees_the_rows_of_own_companies(file: ScopedFile) -> None:
    companies = "select distinct company_id from marts.fct_receivable_aging order by 1"
    assert ask(file, companies) == [("erp:1",), ("erp:2",)]
    assert ask(file, companies, "company_controller", companies=["erp:2"]) == [("erp:2",)]
    assert ask(file, companies, "company_controller", companies=["erp:1", "erp:2"]) == [("erp:1",), ("erp:2",)]
    assert ask(file, companies, "company_controller", companies=["erp:9"]) == []
    # Customers have no company: he sees those who trade with his.
    customers = "select customer_id from marts.dim_customer order by 1"
    assert ask(file, customers, "company_controller", companies=["erp:1"]) == [("erp:c1",)]
    # Rows of the group are of no company of his.
    of_the_group = "select count(*) from marts.fct_tie_out where company_id is null"
    assert ask(file, of_the_group) == [(1,)]
    assert ask(file, of_the_group, "company_controller", companies=["erp:1", "erp:2"]) == [(0,)]


def test_a_pair_of_companies_is_seen_by_both(file: ScopedFile) -> None:
    pairs = "select seller_company_id, buyer_company_id from marts.fct_intercompany_pair"
    found = ask(file, pairs, "company_controller", companies=["erp:1"])
    assert found
    assert all("erp:1" in pair for pair in found)


def test_salesperson_and_region_see_their_customers(file: ScopedFile) -> None:
    customers = "select distinct customer_id from marts.fct_sales_invoice_line order by 1"
    assert ask(file, customers, "salesperson", salespeople=["u1"]) == [("erp:c2",)]
    assert ask(file, customers, "regional_manager", regions=["Europe"]) == [("erp:c2",), ("erp:c3",)]
    assert ask(file, "select name from marts.dim_customer", "salesperson", salespeople=["' or true --"]) == []


def test_a_table_nobody_named_is_narrowed_or_closed(file: ScopedFile) -> None:
    tomorrow = "select sum(amount) from marts.fct_of_tomorrow"
    assert ask(file, tomorrow) == [(7,)]
    assert ask(file, tomorrow, "salesperson", salespeople=["u1"]) == [(2,)]
    scope = Scope("digest", "salesperson", (("salespeople", ("u1",)),))
    asked = ("fct_nobody_knows_whose", "fct_bank_statement", "dim_date", "fct_not_published")
    assert file.closed(asked, scope, POLICY) == ["fct_nobody_knows_whose", "fct_bank_statement"]
    with pytest.raises(duckdb.CatalogException):
        ask(file, "select * from marts.fct_nobody_knows_whose", "salesperson", salespeople=["u1"])
    with pytest.raises(duckdb.CatalogException):
        ask(file, "select * from marts.fct_payroll_line", "analyst")


def test_two_scopes_narrow_together(file: ScopedFile) -> None:
    both = {"companies": ["erp:2"], "customers": ["erp:c1", "erp:c3"]}
    found = ask(file, "select distinct customer_id from marts.fct_receivable_aging", "collector", **both)
    assert found == [("erp:c3",)]


def test_hidden_columns_are_empty_and_keep_their_kind(file: ScopedFile) -> None:
    margin = "select sum(margin_amount_reporting_currency), typeof(max(margin_amount_reporting_currency)) " \
        "from marts.fct_sales_invoice_line"  # fmt: skip
    assert ask(file, margin)[0][0] is not None
    assert ask(file, margin, "salesperson", salespeople=["u1"]) == [(None, "DECIMAL(18,4)")]


def test_columns_are_told_of_own_views_alone(file: ScopedFile) -> None:
    of = "select count(*) from duckdb_columns() where schema_name = 'marts' and table_name = "
    assert ask(file, of + "'fct_tie_out'", "salesperson", salespeople=["u1"]) == [(0,)]
    assert ask(file, of + "'dim_company'", "salesperson", salespeople=["u1"]) == [(4,)]
    assert ask(file, of + "'dim_company'") == [(4,)]
    assert ask(file, "select count(*) from duckdb_columns() where database_name like 'file%'") == [(0,)]


def test_nothing_is_found_where_the_policy_looks_in_vain(file: ScopedFile) -> None:
    elsewhere = Policy.model_validate(
        {
            "row_scopes": {"a": {"key": "customer_id", "found_in": {"table": "dim_customer", "column": "no_such"}}},
            "roles": {"r": {"pages": ["*"], "rows": ["a"]}},
        }
    )
    with file.cursor(Scope("other", "r", (("a", ("erp:c1",)),)), elsewhere) as cursor:
        assert cursor.execute("select count(*) from marts.dim_customer").fetchall() == [(0,)]
