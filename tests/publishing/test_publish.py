"""Audit, publish, rollback, export: readers see whole files only, and a failed certificate changes nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import openpyxl
import pytest

from dagster_project.errors import SettlehouseError
from dagster_project.publishing import publish as publishing
from dagster_project.publishing.audit import AuditError, audit
from dagster_project.publishing.export import export_table


def warehouse(folder: Path, *, total: str = "100.00", difference: str = "0.00", blocking: bool = True) -> Path:
    """A warehouse with one company, one control and a fact whose amount is ``total``."""
    file = folder / "warehouse.duckdb"
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            f"""create schema marts; create schema raw;
            create table raw.secret as select 1 as x;
            create table marts.dim_company as select 'erp:1' company_id, 'Nord GmbH' as name;
            create table marts.dim_run as select 'r' run_id, cast(null as timestamp) finished_at,
                date '2026-10-31' as_of, 'EUR' reporting_currency;
            create table marts.fct_sale as select cast({total} as decimal(18,4)) amount_company_currency, '=1+1' note;
            create table marts.fct_tie_out as select 'receivables_equal_control_account' control, 'erp:1' company_id,
                'open items' left_label, 'ledger' right_label, cast({total} as decimal(38,4)) left_total,
                cast({total} - {difference} as decimal(38,4)) right_total,
                cast({difference} as decimal(38,4)) difference, '2026-10' detail, {blocking} blocking,
                {difference} = 0 passed"""
        )
    return file


def amount_published(published: Path) -> str:
    with duckdb.connect(str(published / "current.duckdb"), read_only=True) as reader:
        return str(reader.execute("select amount_company_currency from marts.fct_sale").fetchall()[0][0])


def test_publish_holds_the_marts_and_nothing_else(tmp_path: Path):
    published = tmp_path / "published"
    publishing.publish(warehouse(tmp_path), published, "20261101T020000-aaaa")
    with duckdb.connect(str(published / "current.duckdb"), read_only=True) as reader:
        tables = reader.execute("select schema_name, table_name from duckdb_tables() order by 2").fetchall()
    assert tables == [("marts", t) for t in ("catalogue_column", "dim_company", "dim_run", "fct_sale", "fct_tie_out")]


def test_reader_keeps_its_file_while_the_next_is_published(tmp_path: Path):
    published = tmp_path / "published"
    publishing.publish(warehouse(tmp_path), published, "20261101T020000-aaaa")
    reader = duckdb.connect(str((published / "current.duckdb").resolve()), read_only=True)
    publishing.publish(warehouse(tmp_path, total="200.00"), published, "20261102T020000-bbbb")
    assert str(reader.execute("select amount_company_currency from marts.fct_sale").fetchall()[0][0]) == "100.0000"
    assert amount_published(published) == "200.0000"
    reader.close()


def test_rollback_puts_the_previous_file_back(tmp_path: Path):
    published = tmp_path / "published"
    publishing.publish(warehouse(tmp_path), published, "20261101T020000-aaaa")
    publishing.publish(warehouse(tmp_path, total="200.00"), published, "20261102T020000-bbbb")
    assert publishing.rollback(published) == ("20261102T020000-bbbb", "20261101T020000-aaaa")
    assert amount_published(published) == "100.0000"
    with pytest.raises(SettlehouseError, match="no way back"):
        publishing.rollback(published)


def test_nothing_published_is_said(tmp_path: Path):
    with pytest.raises(SettlehouseError, match="nothing is published yet"):
        publishing.rollback(tmp_path / "published")


def test_crash_while_writing_leaves_current_and_the_next_run_goes_on(tmp_path: Path):
    published = tmp_path / "published"
    publishing.publish(warehouse(tmp_path), published, "20261101T020000-aaaa")
    (published / ".20261102T020000-bbbb.unfinished").write_bytes(b"half a file")
    assert amount_published(published) == "100.0000"
    publishing.publish(warehouse(tmp_path, total="200.00"), published, "20261102T020000-bbbb")
    assert amount_published(published) == "200.0000"


def test_old_files_go_but_never_the_current_one(tmp_path: Path):
    published = tmp_path / "published"
    source = warehouse(tmp_path)
    for day in range(1, publishing.KEPT_FILES + 4):
        publishing.publish(source, published, f"202611{day:02d}T020000-aaaa")
    files = publishing.published_files(published)
    assert len(files) == publishing.KEPT_FILES
    assert publishing.current_file(published) == files[-1].resolve()


def test_audit_names_control_company_and_difference(tmp_path: Path):
    with pytest.raises(AuditError) as caught:
        audit(warehouse(tmp_path, difference="0.01"))
    message = str(caught.value)
    assert "receivables_equal_control_account, Nord GmbH" in message
    assert "difference 0.01" in message


def test_audit_passes_with_a_control_that_does_not_block(tmp_path: Path):
    controls = audit(warehouse(tmp_path, difference="0.01", blocking=False))
    assert controls == [("receivables_equal_control_account", 1, 1)]


def test_empty_certificate_publishes_nothing(tmp_path: Path):
    file = warehouse(tmp_path)
    with duckdb.connect(str(file)) as connection:
        connection.execute("delete from marts.fct_tie_out")
    with pytest.raises(AuditError, match="holds no control"):
        audit(file)


def test_export_csv_cannot_run_a_formula(tmp_path: Path):
    published = tmp_path / "published"
    publishing.publish(warehouse(tmp_path), published, "20261101T020000-aaaa")
    file = tmp_path / "sale.csv"
    assert export_table(published, "fct_sale", "csv", file) == 1
    assert file.read_text().splitlines() == ["amount_company_currency,note", "100.0000,'=1+1"]
    assert export_table(published, "fct_sale", "xlsx", tmp_path / "sale.xlsx") == 1
    sheet = openpyxl.load_workbook(tmp_path / "sale.xlsx")["Data"]
    assert [(cell.value, cell.data_type) for cell in sheet[2]] == [(100, "n"), ("=1+1", "s")]
    with pytest.raises(SettlehouseError, match=r"no published table fct_sales\. There are: catalogue_column, dim_c"):
        export_table(published, "fct_sales", "csv", file)


def test_report_of_the_last_run(tmp_path: Path):
    publishing.report_run(
        tmp_path, run_id="r9", status="failed", started_at=datetime(2026, 11, 1, 2), message="source 'erp': gone",
        now=datetime(2026, 11, 1, 3),
    )  # fmt: skip
    assert '"status": "failed"' in (tmp_path / publishing.LAST_RUN).read_text()


def test_what_a_killed_run_left_half_written_goes_with_the_next(tmp_path: Path):
    published = tmp_path / "published"
    published.mkdir()
    for name in (
        ".20261031T020000-dead.unfinished",
        ".20261031T020000-dead.unfinished.wal",
        ".current.duckdb.unfinished",
    ):
        (published / name).write_bytes(b"half")
    publishing.publish(warehouse(tmp_path), published, "20261101T020000-aaaa")
    assert sorted(file.name for file in published.iterdir()) == ["20261101T020000-aaaa.duckdb", "current.duckdb"]
