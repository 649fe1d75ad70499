"""Files that people send become typed tables, or one line that says which file, line, column and value is wrong."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dagster_project.sources.errors import SourceError
from dagster_project.sources.files import decode_text, read_files

HEADING = "employee,pay_date,amount,days\n"
PAYROLL = {"employee": "varchar", "pay_date": "date", "amount": "decimal(18,4)", "days": "integer"}


def rows(folder: Path, columns: dict[str, str] = PAYROLL, **more: Any) -> list[dict]:
    return read_files(folder, "payroll_*", columns, **more).to_pylist()


def test_csv_files_become_one_typed_table(tmp_path: Path) -> None:
    (tmp_path / "payroll_2026_09.csv").write_text(
        "Employee,Pay_Date,amount,days,note\n007,2026-09-30,1200.50,21,bonus\n"
    )
    (tmp_path / "payroll_2026_10.csv").write_text("days;amount;employee;pay_date\n; -3.2 ;008;20261031\n\n")
    (tmp_path / "other.csv").write_text("x\n1\n")
    assert rows(tmp_path) == [
        {
            "employee": "007", "pay_date": date(2026, 9, 30), "amount": Decimal("1200.5"), "days": 21, "note": "bonus",
            "_file": "payroll_2026_09.csv", "_line": 2,
        },
        {
            "employee": "008", "pay_date": date(2026, 10, 31), "amount": Decimal("-3.2"), "days": None, "note": None,
            "_file": "payroll_2026_10.csv", "_line": 2,
        },
    ]  # fmt: skip


def test_types_are_the_declared_ones(tmp_path: Path) -> None:
    (tmp_path / "payroll_1.csv").write_text("employee,pay_date,amount,days\n1,2026-01-31,1,1\n")
    types = {field.name: str(field.type) for field in read_files(tmp_path, "payroll_*", PAYROLL).schema}
    assert types == {
        "employee": "string", "pay_date": "date32[day]", "amount": "decimal128(18, 4)", "days": "int32",
        "_file": "string", "_line": "int64",
    }  # fmt: skip


def test_line_counts_line_breaks_inside_quotes_and_blank_lines(tmp_path: Path) -> None:
    text = 'employee,amount\n"Ann\nLee",1\n\n"Bob ""B"" Ray",2\nCy,x\n'
    (tmp_path / "payroll_1.csv").write_text(text)
    columns = {"employee": "varchar", "amount": "varchar"}
    found = [(row["employee"], row["_line"]) for row in rows(tmp_path, columns)]
    assert found == [("Ann\nLee", 2), ('Bob "B" Ray', 5), ("Cy", 6)]
    with pytest.raises(SourceError, match=r"payroll_1\.csv, line 6: column amount: 'x' does not fit the type decimal"):
        rows(tmp_path, columns | {"amount": "decimal(18,4)"})


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Jürgen Größe;Straße", "utf-8"),
        ("Jürgen Größe;Straße", "utf-8-sig"),
        ("Jürgen Größe;Straße", "utf-16"),
        ("Jürgen Größe;Straße", "cp1252"),
        ("Müller;Ä", "latin-1"),
        ("王小明;上海信达电子有限公司", "gb18030"),
        ("王小明;金额，人民币", "utf-8"),
    ],
)
def test_encoding_is_found(text: str, encoding: str) -> None:
    assert decode_text(text.encode(encoding), "a.csv") == text


def test_unknown_encoding_and_binary_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"^a\.csv: the encoding is none of UTF-8, UTF-16, GB18030, cp1252\. Save"):
        decode_text(b"name\n\x81\x8d", "a.csv")
    with pytest.raises(SourceError, match=r"^a\.csv, line 2: not a text file \(it holds the control character 0x00\)"):
        decode_text(b"name\n\x00", "a.csv")
    # A zero beside what is no letter is no sign of UTF-16.
    with pytest.raises(SourceError, match=r"^a\.csv, line 1: not a text file \(it holds the control character 0x00\)"):
        decode_text(b"\x00\x01\x02\x03", "a.csv")


@pytest.mark.parametrize(
    ("cells", "amounts"),
    [
        (["1.234,56", "7"], ["1234.56", "7"]),
        (["0,5", "1.000"], ["0.5", "1000"]),
        (["1234.5", "7.25"], ["1234.5", "7.25"]),
        (["-1.5", "1.000"], ["-1.5", "1"]),
        (["1.500"], ["1.5"]),
    ],
)
def test_decimal_comma_where_it_is_beyond_doubt(tmp_path: Path, cells: list[str], amounts: list[str]) -> None:
    (tmp_path / "payroll_1.csv").write_text("name;amount\n" + "".join(f"x;{cell}\n" for cell in cells))
    found = rows(tmp_path, {"amount": "decimal(18,4)"})
    assert [row["amount"] for row in found] == [Decimal(amount) for amount in amounts]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "payroll_1.csv: the file is empty"),
        ("\ufeff\n", "payroll_1.csv: the file is empty"),
        ("employee,_line\n1,2\n", "line 1: the heading '_line' is taken"),
        ("employee,days\n1,2\n", "line 1: column pay_date, amount is missing; found: employee, days"),
        ("employee,Employee\n1,2\n", "line 1: two columns are headed 'employee'"),
        ("employee,,days\n1,2,3\n", "line 1: column 2 has no heading"),
        (HEADING + "1,2026-01-31,1,1\n1,2026-01-31\n", "line 3: 2 cells where the heading has 4 columns"),
        (HEADING + "1,2026-02-30,1,1\n", "line 2: column pay_date: '2026-02-30' does not fit the type date"),
        (HEADING + "1,01/02/2026,1,1\n", "column pay_date: '01/02/2026' does not fit the type date"),
        (HEADING + "1,2026-01-31,12x,1\n", "column amount: '12x' does not fit the type decimal(18,4)"),
        (HEADING + "1,2026-01-31,1.23456,1\n", "column amount: '1.23456' does not fit the type decimal(18,4)"),
        (HEADING.replace(",", ";") + "1;;1,234;1\n", "column amount: '1,234' does not fit the type decimal(18,4)"),
        (HEADING.replace(",", ";") + "1;;1,5;1\n2;;1.5;1\n", "column amount: '1,5' does not fit the type decimal"),
        (HEADING + "1,2026-01-31,1,1.5\n", "column days: '1.5' does not fit the type integer"),
        (HEADING + '1,2026-01-31,1,"1\n', "line 2: not readable as CSV"),
    ],
)  # fmt: skip
def test_bad_file_is_one_line(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "payroll_0.csv").write_text("employee,pay_date,amount,days\n")
    (tmp_path / "payroll_1.csv").write_text(content)
    with pytest.raises(SourceError) as error:
        rows(tmp_path)
    assert reason in str(error.value)
    assert str(tmp_path / "payroll_1.csv") in str(error.value)
    assert "\n" not in str(error.value)


def test_optional_column_may_be_absent(tmp_path: Path) -> None:
    (tmp_path / "payroll_1.csv").write_text("employee\n7\n")
    table = read_files(tmp_path, "payroll_*", {"employee": "varchar", "amount": "decimal(18,4)"}, {"amount"})
    assert str(table.schema.field("amount").type) == "decimal128(18, 4)"
    assert table.to_pylist() == [{"employee": "7", "amount": None, "_file": "payroll_1.csv", "_line": 2}]


def test_heading_alone_is_an_empty_table(tmp_path: Path) -> None:
    (tmp_path / "payroll_1.csv").write_text("employee,pay_date,amount,days\n")
    assert rows(tmp_path) == []


@pytest.mark.parametrize("folder", [".", "missing"])
def test_nothing_to_read(tmp_path: Path, folder: str) -> None:
    with pytest.raises(SourceError, match=re.escape(str(tmp_path))):
        rows(tmp_path / folder)


_SHEET = (
    "select '007' as employee, date '2026-10-31' as pay_date, 1200.5::decimal(18,4) as amount, 21 as days, 'x' as note "
    "union all select null, null, null, null, null union all select '008', null, -0.1, null, null"
)


@pytest.mark.parametrize(("kind", "lines"), [("xlsx", [2, 4]), ("parquet", [1, 3])])
def test_excel_and_parquet(tmp_path: Path, kind: str, lines: list[int]) -> None:
    with duckdb.connect() as connection:
        if kind == "xlsx":
            from duckdb_extensions import import_extension

            import_extension("excel", con=connection)
            connection.execute("load excel")
        options = "(format xlsx, header true)" if kind == "xlsx" else "(format parquet)"
        connection.execute(f"copy ({_SHEET}) to '{tmp_path}/payroll_1.{kind}' {options}")
    found = [row for row in rows(tmp_path) if row["employee"]]
    assert found == [
        {
            "employee": "007", "pay_date": date(2026, 10, 31), "amount": Decimal("1200.5"), "days": 21, "note": "x",
            "_file": f"payroll_1.{kind}", "_line": lines[0],
        },
        {
            "employee": "008", "pay_date": None, "amount": Decimal("-0.1"), "days": None, "note": None,
            "_file": f"payroll_1.{kind}", "_line": lines[1],
        },
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["payroll_1.xlsx", "payroll_1.parquet", "payroll_1.pdf"])
def test_file_that_is_not_what_its_name_says(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("no such thing")
    with pytest.raises(SourceError, match=rf"{name}: (not readable as|files of kind '.pdf' can't be read)") as error:
        rows(tmp_path)
    assert "\n" not in str(error.value)


_CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]) | st.sampled_from('\n",;\t'), min_size=1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    table=st.lists(st.tuples(_CELLS, st.decimals(-(10**12), 10**12, places=4), st.dates()), min_size=1, max_size=5),
    delimiter=st.sampled_from(",;\t"),
)
def test_written_csv_is_read_back_equal(tmp_path: Path, table: list[tuple], delimiter: str) -> None:
    import csv

    with (tmp_path / "payroll_1.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        writer.writerows([("employee", "amount", "pay_date"), *table])
    found = rows(tmp_path, {"employee": "varchar", "amount": "decimal(18,4)", "pay_date": "date"})
    assert [(row["employee"], row["amount"], row["pay_date"]) for row in found] == table


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=60) | st.text(st.sampled_from('ab1,;"\n\r\t ._-'), max_size=40).map(str.encode))
def test_any_bytes_are_read_or_rejected(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "payroll_1.csv").write_bytes(content)
    message, first_column = "", "a"
    try:
        first_column = read_files(tmp_path, "payroll_*", {"a": "integer"}, {"a"}).column_names[0]
    except SourceError as error:
        message = str(error)
    assert "\n" not in message
    assert first_column == "a"
