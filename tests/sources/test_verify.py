"""Migration checks on real SQLite, PostgreSQL and MariaDB databases: what differs is found, and named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.config import Source
from dagster_project.sources import raw, sql
from dagster_project.sources.errors import SourceError
from dagster_project.sources.verify import Comparison, verify_source
from tests.sources.conftest import Execute


def differences(warehouse: duckdb.DuckDBPyConnection, source: Source) -> list[Comparison]:
    return [c for _, found in verify_source(warehouse, source) for c in found if not c.is_ok]


def named(found: list[Comparison]) -> list[tuple[str, str, str, str, str]]:
    return [(c.table, c.period, c.measure, c.at_source, c.in_warehouse) for c in found if c.measure != "hash"]


@pytest.fixture
def extracted(shop: tuple[Source, Execute], warehouse: duckdb.DuckDBPyConnection):
    """Source and warehouse that agree; the source is changed after that, behind the warehouse's back."""
    source, execute = shop
    sql.extract(warehouse, source, run_id="r1")
    return source, execute, warehouse


def test_equal_sides_agree_in_every_period(extracted: Any):
    source, _, warehouse = extracted
    found = dict(verify_source(warehouse, source))
    assert [c for comparisons in found.values() for c in comparisons if not c.is_ok] == []
    # Months of the due date; one invoice has none, and the payment terms have no date at all.
    assert [(c.period, c.measure, c.at_source) for c in found["invoice"] if c.measure in ("rows", "sum of amount")] == [
        ("2026-01", "rows", "1"),
        ("2026-01", "sum of amount", "0.1000"),
        ("2026-02", "rows", "1"),
        ("2026-02", "sum of amount", "12345678901.2345"),
        ("no date", "rows", "1"),
        ("no date", "sum of amount", "-7.5000"),
    ]
    assert [(c.period, c.measure) for c in found["pay-term"]] == [("whole", "rows"), ("whole", "hash")]


def test_changed_amount(extracted: Any):
    source, execute, warehouse = extracted
    execute("update invoice set amount = 0.11 where id = 1")
    found = differences(warehouse, source)
    assert named(found) == [("invoice", "2026-01", "sum of amount", "0.1100", "0.1000")]
    assert [c.measure for c in found] == ["sum of amount", "hash"]
    assert found[0].detail == "amount differs in 1 rows: id 1 (0.1100 at the source, 0.1000 in the warehouse)"


def test_row_missing_in_the_warehouse(extracted: Any):
    source, execute, warehouse = extracted
    execute("insert into invoice values (9, 5, '2026-02-03', 'new', '2026-02-03 08:00:00', null)")
    found = differences(warehouse, source)
    assert named(found) == [
        ("invoice", "2026-02", "rows", "2", "1"),
        ("invoice", "2026-02", "sum of amount", "12345678906.2345", "12345678901.2345"),
    ]
    assert found[0].detail == "only at the source in 1 rows: id 9"


def test_extra_row_in_the_warehouse(extracted: Any):
    source, execute, warehouse = extracted
    execute("delete from invoice where id = 1")
    found = differences(warehouse, source)
    assert named(found) == [
        ("invoice", "2026-01", "rows", "0", "1"),
        ("invoice", "2026-01", "sum of amount", "0.0000", "0.1000"),
    ]
    assert found[0].detail == "only in the warehouse in 1 rows: id 1"


def test_values_swapped_between_two_rows_keep_the_sum_and_change_the_hash(extracted: Any):
    source, execute, warehouse = extracted
    execute("insert into invoice values (4, 0.30, '2026-01-15', 'Berg', '2026-01-04 08:00:00', null)")
    sql.extract(warehouse, source, run_id="r2")
    assert differences(warehouse, source) == []
    execute("update invoice set amount = 0.40 - amount where id in (1, 4)")
    found = differences(warehouse, source)
    assert [(c.table, c.period, c.measure) for c in found] == [("invoice", "2026-01", "hash")]
    assert found[0].detail == (
        "amount differs in 2 rows: id 1 (0.3000 at the source, 0.1000 in the warehouse); "
        "id 4 (0.1000 at the source, 0.3000 in the warehouse)"
    )


def test_row_moved_to_another_period_is_named_in_both(extracted: Any):
    source, execute, warehouse = extracted
    execute("update invoice set due = '2026-03-01' where id = 1")
    found = differences(warehouse, source)
    assert {(c.period, c.detail) for c in found} == {
        (period, "due differs in 1 rows: id 1 (2026-03-01 at the source, 2026-01-31 in the warehouse)")
        for period in ("2026-01", "2026-03")
    }


def test_text_changed_in_a_table_without_dates(extracted: Any):
    source, execute, warehouse = extracted
    execute("""update "pay-term" set days = 31 where code = 'N30'""")
    (found,) = differences(warehouse, source)
    assert (found.table, found.period, found.measure) == ("pay-term", "whole", "hash")
    assert found.detail == "days differs in 1 rows: code N30 (31 at the source, 30 in the warehouse)"


def test_an_empty_value_is_not_an_empty_text(extracted: Any):
    source, execute, warehouse = extracted
    execute("update invoice set name = '' where id = 1")
    sql.extract(warehouse, source, run_id="r2")
    execute("update invoice set name = null where id = 1")
    assert [c.measure for c in differences(warehouse, source)] == ["hash"]


def test_warehouse_without_the_table_says_what_to_do(shop: tuple[Source, Execute]):
    source, _ = shop
    with duckdb.connect() as empty, pytest.raises(SourceError, match=r"Run `settlehouse run` first"):
        list(verify_source(empty, source))


def test_amount_changed_behind_the_time_of_change_is_extracted(extracted: Any):
    source, execute, warehouse = extracted
    # The watermark stands at 4 January; what changed more than a day before it is not looked at for its time.
    execute("update invoice set amount = 0.11 where id = 1")
    report = next(r for r in sql.extract(warehouse, source, run_id="r2") if r.table == "invoice")
    assert (report.rows_new, report.rows_changed, report.rows_deleted) == (0, 1, 0)
    assert differences(warehouse, source) == []


def test_extraction_records_the_sums_of_both_sides(extracted: Any):
    _, _, warehouse = extracted
    assert warehouse.execute(
        "select table_name, column_name, sum_at_source::varchar, sum_latest::varchar from raw.extraction_sum"
    ).fetchall() == [("invoice", "amount", "12345678893.834500000000", "12345678893.834500000000")]


def test_files_are_read_again(tmp_path: Path):
    from dagster_project.contracts.layouts import load_layout
    from dagster_project.sources.extract import extract_source

    file = tmp_path / "payroll_2026_01.csv"
    layout = load_layout("hr_payroll")
    names = [c.name for c in layout.tables[0].columns if not c.name.startswith("_")]
    decimals = {c.name for c in layout.tables[0].decimals}
    usual = {"company_code": "A", "period": "2026-01", "employee_number": "7", "pay_date": "2026-01-31"}

    def write(amount: str) -> None:
        cells = [amount if name in decimals else usual.get(name, "1") for name in names]
        file.write_text(f"{','.join(names)}\n{','.join(cells)}\n", encoding="utf-8")

    write("100.00")
    source = Source("hr", layout, None, tmp_path)
    with duckdb.connect() as warehouse:
        raw.prepare_warehouse(warehouse, [layout])
        extract_source(warehouse, source, run_id="r1")
        assert differences(warehouse, source) == []
        write("100.01")
        found = differences(warehouse, source)
        assert {(c.measure, c.at_source, c.in_warehouse) for c in found if c.measure != "hash"} == {
            (f"sum of {name}", "100.0100", "100.0000") for name in decimals
        }
