"""A folder of statements as a source: rejected files are told and listed, and never take back what was read."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from dagster_project.cli import main
from dagster_project.config import load_settings
from dagster_project.sources import raw
from dagster_project.sources.errors import SourceError
from dagster_project.sources.extract import extract_source
from tests.sources.test_bank_statements import as_camt, as_mt940, entry, statement

COMPANY = """
group: {name: G, reporting_currency: EUR, fiscal_year_start: "01-01", cash_floor: 0, time_zone: UTC}
home: var
sources: [{name: bank, system: bank_statements, path: bank}]
"""


@pytest.fixture
def group(tmp_path: Path) -> Path:
    (tmp_path / "company.yml").write_text(COMPANY)
    (tmp_path / "bank").mkdir()
    (tmp_path / "bank" / "09.sta").write_text(as_mt940(statement(entry("5"), number="9")))
    (tmp_path / "bank" / "10.xml").write_text(as_camt(statement(entry("7"), opening="1005", number="10")))
    return tmp_path


def spoil(file: Path) -> None:
    file.write_text(file.read_text().replace("1012", "1013"))


def extract(group: Path) -> tuple[list[tuple[object, ...]], tuple[str, ...]]:
    """Files in the warehouse, and what was said."""
    (source,) = load_settings(group / "company.yml").sources
    with duckdb.connect(group / "warehouse.duckdb") as warehouse:
        raw.prepare_warehouse(warehouse)
        reports = extract_source(warehouse, source, run_id="r")
        files = warehouse.execute(
            "select file, state, line, entry_count from latest.bank_statements__file order by 1"
        ).fetchall()
    return files, tuple(warning for report in reports for warning in report.warnings)


def test_a_new_file_that_is_broken_is_left_out_and_told(group: Path) -> None:
    spoil(group / "bank" / "10.xml")
    files, warnings = extract(group)
    assert files == [("09.sta", "received", None, 1), ("10.xml", "rejected", 3, 0)]
    (told,) = warnings
    assert told.startswith("source 'bank': 10.xml, line 3 is left out: statement 10 of DE89370400440532013000: opening")
    assert "(difference 1)" in told


def test_a_file_that_was_read_and_now_is_broken_stops_the_run(group: Path) -> None:
    files, warnings = extract(group)
    assert ([state for _, state, *_ in files], warnings) == (["received", "received"], ())
    spoil(group / "bank" / "10.xml")
    with pytest.raises(SourceError, match=r"source 'bank': 10\.xml, line 3: .*It was read before"):
        extract(group)


def test_check_tells_what_is_left_out(group: Path) -> None:
    spoil(group / "bank" / "10.xml")
    told = CliRunner().invoke(main, ["check", "--config", str(group / "company.yml")])
    assert told.exit_code == 0
    assert "10.xml, line 3 is left out: statement 10" in told.output
