"""Extraction from real SQLite, PostgreSQL and MariaDB databases into raw and latest."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from dagster_project.config import Source
from dagster_project.contracts.layouts import LayoutColumn
from dagster_project.sources import raw, sql
from dagster_project.sources.errors import SourceError
from tests.sources.conftest import LAYOUT, Execute


def counts(reports: list[raw.TableReport], table: str) -> tuple[int, int, int]:
    report = next(r for r in reports if r.table == table)
    return report.rows_new, report.rows_changed, report.rows_deleted


def test_first_extraction_keeps_values_exactly(shop: tuple[Source, Execute], warehouse: duckdb.DuckDBPyConnection):
    source, _ = shop
    reports = sql.extract(warehouse, source, run_id="r1")
    assert counts(reports, "invoice") == (3, 0, 0)
    assert warehouse.execute(
        "select id, amount, cast(due as varchar), name, remark, terms from latest.shop__invoice order by id"
    ).fetchall() == [
        (1, Decimal("0.1000"), "2026-01-31", "杭州信达电子", "a", None),
        (2, Decimal("12345678901.2345"), "2026-02-28", "O'Neil", None, None),
        (3, Decimal("-7.5000"), None, "Æther", None, None),
    ]


def test_unchanged_source_adds_nothing(shop: tuple[Source, Execute], warehouse: duckdb.DuckDBPyConnection):
    source, _ = shop
    sql.extract(warehouse, source, run_id="r1")
    again = sql.extract(warehouse, source, run_id="r2")
    assert [(r.rows_new, r.rows_changed, r.rows_deleted) for r in again] == [(0, 0, 0), (0, 0, 0)]
    assert warehouse.execute("select count(*) from raw.shop__invoice").fetchone() == (3,)


def test_changed_late_and_deleted_rows_are_noticed(shop: tuple[Source, Execute], warehouse: duckdb.DuckDBPyConnection):
    source, execute = shop
    sql.extract(warehouse, source, run_id="r1")
    execute("update invoice set amount = 0.20, updated_at = '2026-01-09 08:00:00' where id = 1")
    execute("delete from invoice where id = 2")
    # Entered with an old time of change, long before the watermark.
    execute("insert into invoice values (4, 9, '2026-03-01', 'late', '2025-06-01 00:00:00', null)")
    execute("""update "pay-term" set days = 45 where code = 'N30'""")
    reports = sql.extract(warehouse, source, run_id="r2")
    assert counts(reports, "invoice") == (1, 1, 1)
    assert counts(reports, "pay-term") == (0, 1, 0)
    assert warehouse.execute("select id, amount from latest.shop__invoice order by id").fetchall() == [
        (1, Decimal("0.2000")),
        (3, Decimal("-7.5000")),
        (4, Decimal("9.0000")),
    ]
    versions = warehouse.execute(
        "select id, amount, _deleted_at is not null from raw.shop__invoice where id in (1, 2) "
        "order by id, _extracted_at"
    ).fetchall()
    assert versions == [
        (1, Decimal("0.1000"), False),
        (1, Decimal("0.2000"), False),
        (2, Decimal("12345678901.2345"), False),
        (2, Decimal("12345678901.2345"), True),
    ]


def test_incremental_equals_full_refresh(
    shop: tuple[Source, Execute], warehouse: duckdb.DuckDBPyConnection, tmp_path: Path
):
    source, execute = shop
    sql.extract(warehouse, source, run_id="r1")
    execute("update invoice set name = 'x', updated_at = '2026-02-01 00:00:00' where id = 3")
    execute("delete from invoice where id = 1")
    execute("insert into invoice values (5, 1, null, 'new', '2026-02-02 00:00:00', null)")
    sql.extract(warehouse, source, run_id="r2")
    with duckdb.connect(str(tmp_path / "fresh.duckdb")) as fresh:
        raw.prepare_warehouse(fresh, [LAYOUT])
        sql.extract(fresh, source, run_id="f1")
        query = "select * exclude (_extracted_at) from latest.shop__invoice order by id"
        assert warehouse.execute(query).fetchall() == fresh.execute(query).fetchall()


def test_deleted_row_that_comes_back(shop: tuple[Source, Execute], warehouse: duckdb.DuckDBPyConnection):
    source, execute = shop
    sql.extract(warehouse, source, run_id="r1")
    execute("""delete from "pay-term" where code = 'N60'""")
    sql.extract(warehouse, source, run_id="r2")
    execute("""insert into "pay-term" values ('N60', 60)""")
    assert counts(sql.extract(warehouse, source, run_id="r3"), "pay-term") == (1, 0, 0)
    assert warehouse.execute("select count(*) from latest.shop__pay_term").fetchone() == (2,)


def test_column_that_the_contract_needs_is_gone(shop: tuple[Source, Execute], warehouse: duckdb.DuckDBPyConnection):
    source, execute = shop
    sql.extract(warehouse, source, run_id="r1")
    execute("alter table invoice rename column due to due_on")
    with pytest.raises(SourceError, match=r"source 'erp', table invoice: column due is missing"):
        sql.extract(warehouse, source, run_id="r2")
    assert warehouse.execute("select count(*) from raw.extraction where run_id = 'r2'").fetchone() == (0,)


def test_other_columns_added_and_removed_are_recorded(
    shop: tuple[Source, Execute], warehouse: duckdb.DuckDBPyConnection
):
    source, execute = shop
    sql.extract(warehouse, source, run_id="r1")
    execute("alter table invoice add column colour varchar(10)")
    execute("alter table invoice drop column remark")
    execute("update invoice set colour = 'red', updated_at = '2026-03-01 00:00:00' where id = 1")
    reports = sql.extract(warehouse, source, run_id="r2")
    warnings = next(r for r in reports if r.table == "invoice").warnings
    assert any("column colour was added" in warning for warning in warnings)
    assert any("column remark was removed" in warning for warning in warnings)
    assert warehouse.execute("select colour, remark from latest.shop__invoice where id = 1").fetchall() == [
        ("red", None)
    ]
    assert warehouse.execute("select column_name, change from raw.schema_change order by column_name").fetchall() == [
        ("colour", "added"),
        ("remark", "removed"),
    ]


def test_value_of_the_wrong_type_names_column_and_value(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection):
    file = tmp_path / "loose.sqlite"  # SQLite takes any text in any column
    with sqlite3.connect(file) as connection:
        connection.execute("create table invoice (id, amount, due, name, updated_at)")
        connection.execute("insert into invoice values (1, '12,50', '2026-01-31', 'a', '2026-01-01 00:00:00')")
    source = Source("erp", LAYOUT, f"sqlite:///{file}", None)
    with pytest.raises(SourceError, match=r"table invoice: column amount holds '12,50', which is not a decimal"):
        sql.extract(warehouse, source, run_id="r1")
    assert warehouse.execute("select count(*) from latest.shop__invoice").fetchone() == (0,)


def test_text_that_is_no_utf8_names_table_column_and_key(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection):
    with sqlite3.connect(tmp_path / "shop.sqlite") as shop:
        shop.execute("create table invoice (id integer, amount numeric, due date, name text, updated_at timestamp)")
        for id_, name in ((1, "杭州".encode()), (7, "杭州".encode("gb18030"))):
            shop.execute(
                "insert into invoice values (?, 1, '2026-01-31', cast(? as text), '2026-01-02 08:00:00')", (id_, name)
            )
    source = Source("erp", LAYOUT, f"sqlite:///{tmp_path / 'shop.sqlite'}", None)
    with pytest.raises(SourceError) as refused:
        sql.extract(warehouse, source, run_id="r1")
    assert str(refused.value) == (
        "source 'erp', table invoice: name of 7 is no UTF-8 text. Save it again in the source in UTF-8"
    )
    assert warehouse.execute("select count(*) from raw.shop__invoice").fetchone() == (0,)


def test_error_in_the_second_table_stores_nothing_of_the_first(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection):
    file = tmp_path / "half.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("create table invoice (id, amount, due, name, updated_at)")
        connection.execute("insert into invoice values (1, '1', null, 'a', '2026-01-01 00:00:00')")
        connection.execute('create table "pay-term" (code, days)')
        connection.execute("""insert into "pay-term" values ('N30', 'thirty')""")
    source = Source("erp", LAYOUT, f"sqlite:///{file}", None)
    with pytest.raises(SourceError, match="column days holds 'thirty'"):
        sql.extract(warehouse, source, run_id="r1")
    assert warehouse.execute("select count(*) from raw.shop__invoice").fetchone() == (0,)
    with sqlite3.connect(file) as connection:
        connection.execute("""update "pay-term" set days = '30'""")
    assert counts(sql.extract(warehouse, source, run_id="r2"), "invoice") == (1, 0, 0)


def test_empty_source_is_an_error(tmp_path: Path, warehouse: duckdb.DuckDBPyConnection):
    file = tmp_path / "empty.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("create table invoice (id, amount, due, name, updated_at)")
    with pytest.raises(SourceError, match=r"every table in .* is empty"):
        sql.extract(warehouse, Source("erp", LAYOUT, f"sqlite:///{file}", None), run_id="r1")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite:////nowhere/at/all.sqlite", "can't be opened"),
        ("postgresql://clerk:s3cret-word@127.0.0.1:1/erp", "can't be reached"),
        ("mysql://clerk:s3cret-word@127.0.0.1:1/erp", "can't be reached"),
    ],
)
def test_unreachable_source(url: str, message: str, warehouse: duckdb.DuckDBPyConnection):
    source = Source("erp", LAYOUT, url, None, ("s3cret-word",))
    with pytest.raises(SourceError, match=message) as caught:
        sql.extract(warehouse, source, run_id="r1")
    assert "s3cret-word" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_wrong_password_is_said_without_the_password(mariadb_url: str, warehouse: duckdb.DuckDBPyConnection):
    url = mariadb_url.replace("root@", "root:s3cret-word@")
    with pytest.raises(SourceError, match="user name or password refused") as caught:
        sql.extract(warehouse, Source("erp", LAYOUT, url, None, ("s3cret-word",)), run_id="r1")
    assert "s3cret-word" not in str(caught.value)


def test_missing_database_and_missing_table(postgresql_url: str, warehouse: duckdb.DuckDBPyConnection):
    with pytest.raises(SourceError, match="no such database there"):
        sql.extract(warehouse, Source("erp", LAYOUT, postgresql_url + "_not", None), run_id="r1")
    with pytest.raises(SourceError, match="table invoice is missing in postgresql at"):
        sql.extract(warehouse, Source("erp", LAYOUT, postgresql_url, None), run_id="r1")


def test_two_sources_of_one_system_stay_apart(shop: tuple[Source, Execute], warehouse: duckdb.DuckDBPyConnection):
    source, execute = shop
    sql.extract(warehouse, source, run_id="r1")
    other = replace(source, name="erp_two")
    sql.extract(warehouse, other, run_id="r1")
    execute("delete from invoice where id = 2")
    sql.extract(warehouse, source, run_id="r2")
    assert warehouse.execute("select _source, count(*) from latest.shop__invoice group by 1 order by 1").fetchall() == [
        ("erp", 2),
        ("erp_two", 3),
    ]


def test_retyped_column_is_recorded_and_its_values_still_fit(postgresql_url: str, warehouse: duckdb.DuckDBPyConnection):
    import psycopg

    source = Source("erp", LAYOUT, postgresql_url, None)
    with psycopg.connect(postgresql_url, autocommit=True) as erp:
        erp.execute("create table invoice (id integer, amount numeric, due date, name text, updated_at timestamp)")
        erp.execute("insert into invoice values (1, 0.10, '2026-01-31', 'a', '2026-01-02 08:00:00')")
        sql.extract(warehouse, source, run_id="r1")
        erp.execute("alter table invoice alter column amount type text")
        erp.execute("insert into invoice values (2, '12.5', '2026-01-31', 'b', '2026-01-03 08:00:00')")
        warnings = [w for report in sql.extract(warehouse, source, run_id="r2") for w in report.warnings]
        assert warnings == ["source 'erp', table invoice: column amount was retyped (numeric → text)"]
        assert warehouse.execute("select amount from latest.shop__invoice order by id").fetchall() == [
            (Decimal("0.1000"),),
            (Decimal("12.5000"),),
        ]
        erp.execute("insert into invoice values (3, 'twelve', '2026-01-31', 'c', '2026-01-04 08:00:00')")
        with pytest.raises(SourceError, match="column amount holds 'twelve'"):
            sql.extract(warehouse, source, run_id="r3")


def test_column_kept_as_text_until_a_contract_needs_it_as_an_amount(
    shop: tuple[Source, Execute], warehouse: duckdb.DuckDBPyConnection
):
    source, execute = shop
    execute("alter table invoice add column discount numeric(12,4)")
    execute("update invoice set discount = 1.25, updated_at = '2026-03-01 00:00:00' where id = 1")
    sql.extract(warehouse, source, run_id="r1")
    invoice, term = LAYOUT.tables
    wanted = replace(invoice, columns=(*invoice.columns, LayoutColumn("discount", "decimal(18,4)", False)))
    layout = replace(LAYOUT, tables=(wanted, term))
    raw.prepare_warehouse(warehouse, [layout])
    reports = sql.extract(warehouse, replace(source, layout=layout), run_id="r2")
    assert counts(reports, "invoice") == (0, 0, 0), "the same values, now as amounts"
    assert warehouse.execute("select sum(discount) from latest.shop__invoice").fetchone() == (Decimal("1.25"),)


def test_a_source_that_somebody_locks_is_said_and_may_pass(
    shop: tuple[Source, Execute], warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
):
    """MariaDB lets nobody shorten the wait of a read-only login: there the run waits."""
    source, execute = shop
    if str(source.url).startswith("mysql"):
        pytest.skip("reading waits for the lock, as long as the server is set to")
    monkeypatch.setattr(sql, "LOCK_WAIT_SECONDS", 1)
    sql.extract(warehouse, source, run_id="r1")
    if str(source.url).startswith("sqlite"):
        execute("begin exclusive")
    else:
        execute("begin")
        execute("lock table invoice in access exclusive mode")
    with pytest.raises(SourceError, match="is locked by another program") as error:
        sql.extract(warehouse, source, run_id="r2")
    assert error.value.may_pass
    execute("rollback")
    assert counts(sql.extract(warehouse, source, run_id="r3"), "invoice") == (0, 0, 0)
