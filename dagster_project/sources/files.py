"""Tables from files that people send: CSV, Excel and Parquet, with declared columns checked value by value."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.sources.errors import SourceError

if TYPE_CHECKING:
    import duckdb

_DELIMITERS = (",", ";", "\t")
_ROWS_AT_ONCE = 50_000  # bounds the memory that Python strings take on the way to Arrow
_NUMERIC = (
    "DECIMAL",
    "NUMERIC",
    "DOUBLE",
    "REAL",
    "FLOAT",
    "INTEGER",
    "BIGINT",
    "SMALLINT",
    "TINYINT",
    "HUGEINT",
)
_BINARY = re.compile("[\x00\x02\x04-\x08\x0b\x0e-\x19\x1b-\x1f]")


def read_files(
    folder: Path,
    pattern: str,
    columns: dict[str, str],
    optional: set[str] | None = None,
) -> pa.Table:
    """All files of the folder that match the pattern, as one table.

    ``columns`` gives the DuckDB type of every column the contract needs; ``optional`` names those a file may lack
    (they are empty then). Headings match without regard to case. Columns that are not declared follow as text, their
    names in lower case.
    ``_file`` is the file's name and ``_line`` the line (CSV), row (Excel) or record (Parquet) a row starts on; the
    heading is line 1.

    CSV: encoding as ``decode_text`` finds it; separator comma, semicolon or tab; decimal comma where the numbers of
    the file leave no doubt; dates as 2026-10-31, 31.10.2026 or 20261031. Empty cells are NULL.

    Raises SourceError: no matching file, a declared column that is missing (with the columns found), two headings
    alike, a row with too many or too few cells, a value that does not fit its type (file, line, column, value).
    """
    if not folder.is_dir():
        raise SourceError(
            "no such folder",
            where=folder,
            do="Check the path of the source in company.yml",
        )
    files = sorted(path for path in folder.glob(pattern) if path.is_file())
    if not files:
        raise SourceError(
            f"no file matches {pattern}",
            where=folder,
            do="Put the files there, or check the path of the source in company.yml",
        )
    import duckdb

    # Files of one shape are cast together: a statement per file would cost more than the reading.
    alike: dict[tuple[bool, bool, tuple[str, ...]], list[pa.Table]] = {}
    with duckdb.connect() as connection:
        for path in files:
            table, is_text = _read_cells(connection, path)
            table = _renamed(table, path, columns, optional or set())
            has_decimal_comma = is_text and _has_decimal_comma(connection, table, columns)
            table = table.append_column("_file", pa.array([path.name] * len(table), pa.string()))
            alike.setdefault((is_text, has_decimal_comma, tuple(table.column_names)), []).append(table)
        typed = [
            _typed(connection, pa.concat_tables(tables), folder, columns, is_text, has_decimal_comma)
            for (is_text, has_decimal_comma, _), tables in alike.items()
        ]
    return pa.concat_tables(typed, promote_options="default").sort_by([("_file", "ascending"), ("_line", "ascending")])


def decode_text(raw: bytes, where: str, last: Sequence[str] = ("cp1252",)) -> str:
    """Text of a file in an encoding nobody declared.

    In this order: a byte order mark (UTF-8, UTF-16); UTF-16 without one, told by its first character; UTF-8; GB18030,
    if what comes out is mostly everyday Chinese (many Latin texts would also decode as rare characters); then the
    encodings in ``last``. Raises SourceError when none fits or the bytes are no text at all.
    """
    text = _decoded(raw, last)
    if text is None:
        raise SourceError(
            f"the encoding is none of UTF-8, UTF-16, GB18030, {', '.join(last)}",
            where=where,
            do="Save the file as UTF-8",
        )
    if match := _BINARY.search(text):
        raise SourceError(
            f"not a text file (it holds the control character {ord(match[0]):#04x})",
            where=where,
            line=text.count("\n", 0, match.start()) + 1,
            do="Check that the right file was sent",
        )
    return text


def _decoded(raw: bytes, last: Sequence[str]) -> str | None:
    first = "utf-8-sig"
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        first = "utf-16"
    elif len(raw) % 2 == 0 and b"\0" in raw[:2] and max(raw[:2]) >= ord(" "):
        first = "utf-16-le" if raw[1] == 0 else "utf-16-be"
    for encoding in (first, "gb18030", *last):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding != "gb18030" or _reads_as_chinese(text):
            return text
    return None


def _reads_as_chinese(text: str) -> bool:
    """Most characters beyond ASCII are punctuation or level-1 (common) hanzi of GB 2312: lead bytes A1 to D7."""
    beyond = [character.encode("gb18030") for character in text if character > "\x7f"]
    common = sum(len(code) == 2 and 0xA1 <= code[0] <= 0xD7 and code[1] >= 0xA1 for code in beyond)
    return common >= 0.8 * len(beyond)


def _read_cells(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[pa.Table, bool]:
    """The file's cells, and whether they are text (Parquet has types of its own)."""
    kind = path.suffix.lower()
    if kind == ".parquet":
        return _read_parquet(connection, path), False
    if kind == ".xlsx":
        return _read_excel(connection, path), True
    if kind in (".csv", ".tsv", ".txt"):
        return read_csv(path), True
    raise SourceError(
        f"files of kind '{kind}' can't be read",
        where=path,
        do="Send CSV, Excel (.xlsx) or Parquet",
    )


def read_csv(path: Path) -> pa.Table:
    """Every cell as text, and the exact line a row starts on, also with line breaks inside quotes."""
    text = decode_text(path.read_bytes(), str(path))
    heading_line = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=heading_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = _numbered_rows(reader, path)
    first = next(rows, None)
    if first is None:
        raise SourceError("the file is empty", where=path, do="Send the file again")
    heading = [name.strip() for name in first[1]]
    _check_heading(heading, path)
    schema = pa.schema([(name, pa.string()) for name in (*heading, "_line")])
    batches: list[pa.RecordBatch] = []
    while chunk := list(islice(rows, _ROWS_AT_ONCE)):
        wrong = next(((line, row) for line, row in chunk if len(row) != len(heading)), None)
        if wrong:
            raise SourceError(
                f"{len(wrong[1])} cells where the heading has {len(heading)} columns",
                where=path,
                line=wrong[0],
                do=f"Check the separator '{delimiter}' and the quotes, or send the file again (it may be truncated)",
            )
        cells = zip(*(row for _, row in chunk), strict=True)
        arrays = [pa.array([cell or None for cell in column], pa.string()) for column in cells]
        batches.append(pa.record_batch([*arrays, pa.array([str(line) for line, _ in chunk])], schema=schema))
    table = pa.Table.from_batches(batches, schema=schema)
    return table.set_column(len(heading), "_line", table["_line"].cast(pa.int64()))


def _numbered_rows(reader: Iterator[list[str]], path: Path) -> Iterator[tuple[int, list[str]]]:
    line = 1
    try:
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + 1  # type: ignore[attr-defined]
    except csv.Error as error:
        raise SourceError(
            f"not readable as CSV ({error})", where=path, line=line,
            do="Check the quotes, or send the file again (it may be truncated)",
        ) from None  # fmt: skip


def _read_excel(connection: duckdb.DuckDBPyConnection, path: Path) -> pa.Table:
    """First sheet, every cell as text; empty rows are skipped, not taken for the end."""
    import duckdb
    from duckdb_extensions import import_extension

    try:
        connection.execute("load excel")
    except duckdb.Error:
        import_extension("excel", con=connection)
        connection.execute("load excel")
    try:
        table = connection.execute(
            "select * from read_xlsx(?, header = true, all_varchar = true, stop_at_empty = false)",
            [str(path)],
        ).to_arrow_table()
    except duckdb.Error as error:
        raise SourceError(
            f"not readable as Excel ({str(error).splitlines()[0]})",
            where=path,
            do="Save it as .xlsx again, or as CSV",
        ) from None
    _check_heading(table.column_names, path)
    lines = pa.array(range(2, len(table) + 2), pa.int64())
    filled = pa.array([False] * len(table))
    import pyarrow.compute as pc

    for column in table.columns:
        filled = pc.or_(filled, pc.is_valid(column))
    return table.append_column("_line", lines).filter(filled)


def _read_parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> pa.Table:
    import duckdb

    try:
        table = connection.execute("select * from read_parquet(?)", [str(path)]).to_arrow_table()
    except duckdb.Error as error:
        raise SourceError(
            f"not readable as Parquet ({str(error).splitlines()[0]})",
            where=path,
            do="Send the file again",
        ) from None
    return table.append_column("_line", pa.array(range(1, len(table) + 1), pa.int64()))


def _check_heading(heading: list[str], path: Path) -> None:
    folded = [name.casefold() for name in heading]
    if "" in folded:
        raise SourceError(
            f"column {folded.index('') + 1} has no heading",
            where=path,
            line=1,
            do="Give every column a heading",
        )
    if taken := {"_file", "_line"}.intersection(folded):
        raise SourceError(
            f"the heading '{min(taken)}' is taken for the place of a row", where=path, line=1, do="Rename that column"
        )
    if repeated := next((name for name in heading if folded.count(name.casefold()) > 1), None):
        raise SourceError(
            f"two columns are headed '{repeated}'",
            where=path,
            line=1,
            do="Rename one of them",
        )


def _renamed(table: pa.Table, path: Path, columns: dict[str, str], optional: set[str]) -> pa.Table:
    declared = {name.casefold(): name for name in columns}
    table = table.rename_columns([declared.get(name.casefold(), name.lower()) for name in table.column_names])
    missing = [name for name in columns if name not in table.column_names and name not in optional]
    if missing:
        found = ", ".join(name for name in table.column_names if name != "_line")
        raise SourceError(
            f"column {', '.join(missing)} is missing; found: {found}",
            where=path,
            line=1,
            do="Restore the heading, or send the file with that column",
        )
    return table


def _typed(
    connection: duckdb.DuckDBPyConnection,
    table: pa.Table,
    folder: Path,
    columns: dict[str, str],
    is_text: bool,
    has_decimal_comma: bool,
) -> pa.Table:
    """Declared columns first, in their types, then the others as text, then _file and _line."""
    present = [name for name in columns if name in table.column_names]
    connection.register("cells", table)
    casts = {}
    for name, type_ in columns.items():
        if name not in present:
            casts[name] = f"null::{type_}"
        elif is_text:
            casts[name] = _cast(_quoted(name), type_, _is_numeric(type_), has_decimal_comma)
        else:
            casts[name] = f"try_cast({_quoted(name)} as {type_})"
    # Trimmed, because a cell of spaces is an empty cell; text keeps its spaces.
    misfits = {
        name: f"(coalesce(trim({_quoted(name)}::varchar), '') <> '' and {casts[name]} is null)" for name in present
    }
    if misfits:
        bad = connection.execute(
            f"select _file, _line, {', '.join(misfits.values())}, "
            f"{', '.join(f'{_quoted(name)}::varchar' for name in misfits)} "
            f"from cells where {' or '.join(misfits.values())} order by _file, _line limit 1"
        ).fetchone()
        if bad:
            place = bad[2 : 2 + len(misfits)].index(True)
            name = list(misfits)[place]
            raise SourceError(
                f"column {name}: '{bad[2 + len(misfits) + place]}' does not fit the type {columns[name].lower()}",
                where=folder / bad[0],
                line=bad[1],
                do="Correct the value in the source and send the file again",
            )
    others = [name for name in table.column_names if name not in columns and name not in ("_file", "_line")]
    selected = [f"{cast} as {_quoted(name)}" for name, cast in casts.items()]
    selected += [f"{_quoted(name)}::varchar as {_quoted(name)}" for name in others]
    result = connection.execute(f"select {', '.join(selected)}, _file, _line from cells").to_arrow_table()
    connection.unregister("cells")
    return result


def _is_numeric(type_: str) -> bool:
    return type_.upper().startswith(_NUMERIC)


def _has_decimal_comma(connection: duckdb.DuckDBPyConnection, table: pa.Table, columns: dict[str, str]) -> bool:
    """True when some number can only be read with a decimal comma (1.234,5 or 0,12) and none only with a point.

    1,234 alone proves nothing: without other proof a point is the decimal sign and such a value is an error.
    """
    numeric = [name for name, type_ in columns.items() if _is_numeric(type_) and name in table.column_names]
    if not any(pc.any(pc.match_substring(table[name], ",")).as_py() for name in numeric):
        return False
    connection.register("cells", table)
    proofs = {}
    for sign, other in ((",", "[.]"), ("[.]", ",")):
        decimals = f"^[+-]?(\\d{{1,3}}({other}\\d{{3}})+|\\d+){sign}(\\d*)$"
        thousands = f"^[+-]?[1-9]\\d{{0,2}}{sign}\\d{{3}}$"
        tests = (
            f"(regexp_matches(trim({_quoted(name)}), '{decimals}') "
            f"and not regexp_matches(trim({_quoted(name)}), '{thousands}'))"
            for name in numeric
        )
        proofs[sign] = f"coalesce(bool_or({' or '.join(f'coalesce({test}, false)' for test in tests)}), false)"
    found = connection.execute(f"select {proofs[',']}, {proofs['[.]']} from cells").fetchone()
    connection.unregister("cells")
    return bool(found and found[0] and not found[1])


def _cast(cell: str, type_: str, is_numeric: bool, has_decimal_comma: bool) -> str:
    """SQL that turns a text cell into its type, NULL where it can't without loss."""
    upper = type_.upper()
    if upper.startswith("VARCHAR"):
        return cell
    cell = f"nullif(trim({cell}), '')"
    if is_numeric:
        if has_decimal_comma:
            cell = f"replace(replace({cell}, '.', ''), ',', '.')"
        if upper.startswith(("DOUBLE", "REAL", "FLOAT")):
            return f"try_cast({cell} as {type_})"
        # A cast alone would round what has too many decimals; 1e-9 lets Excel's binary fractions pass.
        exact = f"try_cast({cell} as double)"
        return f"case when abs({exact} - try_cast({cell} as {type_})) <= 1e-9 * greatest(1, abs({exact})) " + (
            f"then try_cast({cell} as {type_}) end"
        )
    if upper == "DATE":
        serial = (
            f"case when regexp_matches({cell}, '^\\d{{5}}(\\.0)?$') then date '1899-12-30' + {cell}::double::int end"
        )
        return f"coalesce(try_cast({cell} as date), try_strptime({cell}, ['%d.%m.%Y', '%Y%m%d'])::date, {serial})"
    return f"try_cast({cell} as {type_})"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
