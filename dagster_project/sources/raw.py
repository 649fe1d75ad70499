"""The schemas raw and latest of the warehouse: every version of every row, and the newest one of each.

Append only: a changed row is a new version, a row deleted at the source is a version with ``_deleted_at``. All of a
source is stored in one transaction, together with its watermarks: after a crash the next run simply goes on.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import duckdb

from dagster_project.contracts.layouts import Layout, LayoutTable, all_layouts

# Columns of ours that every raw table carries.
_OWN_COLUMNS = {"_source": "VARCHAR", "_extracted_at": "TIMESTAMP", "_deleted_at": "TIMESTAMP"}

_BOOKKEEPING = """
create schema if not exists raw;
create schema if not exists latest;
create schema if not exists quality;
create table if not exists raw.watermark (
    source_name varchar, table_name varchar, changed_up_to timestamp, primary key (source_name, table_name)
);
create table if not exists raw.extraction (
    run_id varchar, source_name varchar, system varchar, table_name varchar, rows_at_source bigint, rows_latest bigint,
    rows_new bigint, rows_changed bigint, rows_deleted bigint, changed_up_to timestamp, seconds double,
    extracted_at timestamp
);
create table if not exists raw.extraction_sum (
    source_name varchar, table_name varchar, column_name varchar, sum_at_source decimal(38, 12),
    sum_latest decimal(38, 12), extracted_at timestamp
);
create table if not exists raw.source_column (
    source_name varchar, table_name varchar, column_name varchar, source_type varchar,
    primary key (source_name, table_name, column_name)
);
create table if not exists raw.schema_change (
    run_id varchar, source_name varchar, table_name varchar, column_name varchar, change varchar,
    type_before varchar, type_after varchar, noticed_at timestamp
);
create table if not exists quality.requested_as_of (as_of date primary key);
create table if not exists quality.master_data_issue (
    rule varchar, quality_dimension varchar, severity varchar, object varchar, record_id varchar,
    source_system varchar, source_key varchar, owner varchar, due_days integer, failed_value varchar,
    detail_en varchar, detail_zh varchar
);
alter table quality.master_data_issue add column if not exists company_id varchar;
create table if not exists quality.held_master_record (object varchar, record_id varchar);
create table if not exists quality.data_issue (
    issue_id varchar primary key, rule varchar, quality_dimension varchar, severity varchar, object varchar,
    record_id varchar, company_id varchar, source_system varchar, source_key varchar, owner varchar, status varchar,
    detected_at timestamp, due_at timestamp, resolved_at timestamp, first_run_id varchar, last_run_id varchar,
    failed_value varchar, detail_en varchar, detail_zh varchar, amount_company_currency decimal(18, 4)
);
alter table quality.data_issue add column if not exists accepted_until date;
create table if not exists quality.data_issue_event (
    issue_id varchar, run_id varchar, as_of date, happened_at timestamp, event varchar, severity varchar,
    status varchar, owner varchar, failed_value varchar
);
create table if not exists quality.rule (
    rule varchar, object varchar, quality_dimension varchar, severity varchar, owner varchar, due_days integer
);
create table if not exists quality.quality_score_day (
    quality_score_id varchar, score_date date, object varchar, source_system varchar, company_id varchar,
    quality_dimension varchar, records bigint, failing_records bigint, amount_reporting_currency decimal(38, 4),
    failing_amount_reporting_currency decimal(38, 4)
);
create table if not exists quality.steward_decision (
    decision_id bigint, object varchar, action varchar, record_id varchar, other_record_id varchar, attribute varchar,
    value varchar, decided_by varchar, decided_at timestamp, reason varchar
);
create table if not exists quality.memo_version (
    decision_id bigint, memo_id varchar, company_id varchar, flow varchar, currency varchar, amount decimal(18, 4),
    first_date date, recurrence varchar, end_date date, known_from date, is_withdrawn boolean, reason varchar,
    decided_by varchar, decided_at timestamp
);
create table if not exists quality.accepted_fault (decision_id bigint, issue_id varchar, accepted_until date);
create table if not exists quality.assigned_owner (decision_id bigint, issue_id varchar, owner varchar);
create table if not exists quality.steward_log (
    decision_id bigint, decided_at timestamp, decided_by varchar, action varchar, object varchar, record_id varchar,
    other_record_id varchar, issue_id varchar, attribute varchar, value_before varchar, value_after varchar,
    reason varchar, concerns_decision_id bigint, state varchar, answered_by varchar, previous_hash varchar, hash varchar
);
create table if not exists quality.steward_log_check (
    entries bigint, sound_entries bigint, problems bigint, first_problem varchar, head_hash varchar
);
create table if not exists quality.golden_member (
    object varchar, record_id varchar, golden_id varchar, resolved_by varchar
);
create table if not exists quality.match_pair (
    object varchar, record_id varchar, other_record_id varchar, probability double, zone varchar, weight double,
    weight_start double, weight_name double, level_name varchar, weight_place double, level_place varchar,
    weight_tax_identifier double, level_tax_identifier varchar, weight_bank_account_number double,
    level_bank_account_number varchar, weight_email double, level_email varchar, explanation varchar,
    decision_id bigint
);
create table if not exists quality.payment_promise (
    promise_id bigint, object varchar, record_id varchar, company_id varchar, given_date date, promised_date date,
    amount decimal(18, 4), currency varchar, noted_by varchar, noted_at timestamp, reason varchar
);
create table if not exists quality.cash_decision (
    decision_id bigint, bank_movement_id varchar, receivable_id varchar, amount decimal(18, 4), verdict varchar,
    known_from date, decided_by varchar, decided_at timestamp, reason varchar
);
create table if not exists quality.steward_head (run_id varchar, entries bigint, head_hash varchar);
"""


@dataclass(frozen=True)
class TableReport:
    """What extraction did with one table; ``warnings`` are sentences for the user."""

    table: str
    rows_at_source: int
    rows_latest: int
    rows_new: int
    rows_changed: int
    rows_deleted: int
    seconds: float
    warnings: tuple[str, ...] = ()


def quoted(name: str) -> str:
    """SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """SQL string literal."""
    return "'" + value.replace("'", "''") + "'"


def prepare_warehouse(warehouse: duckdb.DuckDBPyConnection, layouts: Iterable[Layout] | None = None) -> None:
    """Create what is not there yet: bookkeeping tables, and raw and latest tables of every known system.

    Tables of systems that the group does not use stay empty, so that every dbt model always has something to read.
    """
    warehouse.execute(_BOOKKEEPING)
    there: dict[tuple[str, str], dict[str, str]] = {}
    for schema, table_name, column, type_ in warehouse.execute(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() "
        "where schema_name in ('raw', 'latest')"
    ).fetchall():
        there.setdefault((schema, table_name), {})[column.lower()] = type_
    for layout in layouts or all_layouts():
        for table in layout.tables:
            columns = {column.name: column.type for column in table.columns} | _OWN_COLUMNS
            for schema in ("raw", "latest"):
                known = there.get((schema, table.identifier))
                if known is None:
                    declared = ", ".join(f"{quoted(name)} {type_}" for name, type_ in columns.items())
                    warehouse.execute(f"create table {schema}.{table.identifier} ({declared})")
                    continue
                for name in (name for name in columns if name.lower() not in known):
                    warehouse.execute(
                        f"alter table {schema}.{table.identifier} add column {quoted(name)} {columns[name]}"
                    )
                # A column that no contract needed so far was kept as text; now one needs it.
                for name, type_ in columns.items():
                    if known.get(name.lower()) == "VARCHAR" and type_.upper() != "VARCHAR":
                        warehouse.execute(
                            f"alter table {schema}.{table.identifier} alter column {quoted(name)} set data type {type_}"
                        )


def note_columns(
    warehouse: duckdb.DuckDBPyConnection,
    run_id: str,
    source_name: str,
    table: LayoutTable,
    found: dict[str, str],
    now: datetime,
) -> tuple[str, ...]:
    """Record which columns the source has (name → its type there); return a warning for each change since last time.

    The first look at a table records without a warning. Columns the contract does not need are kept as text.
    """
    known = dict(
        warehouse.execute(
            "select column_name, source_type from raw.source_column where source_name = ? and table_name = ?",
            [source_name, table.name],
        ).fetchall()
    )
    changes: list[tuple[str, str, str | None, str | None]] = []
    if known:
        changes += [(name, "added", None, type_) for name, type_ in found.items() if name not in known]
        changes += [(name, "removed", type_, None) for name, type_ in known.items() if name not in found]
        changes += [
            (name, "retyped", known[name], type_)
            for name, type_ in found.items()
            if name in known and known[name] != type_
        ]
    for name, change, before, after in changes:
        warehouse.execute(
            "insert into raw.schema_change values (?, ?, ?, ?, ?, ?, ?, ?)",
            [run_id, source_name, table.name, name, change, before, after, now],
        )
    if changes or not known:
        warehouse.execute(
            "delete from raw.source_column where source_name = ? and table_name = ?", [source_name, table.name]
        )
        if found:
            warehouse.executemany(
                "insert into raw.source_column values (?, ?, ?, ?)",
                [[source_name, table.name, name, type_] for name, type_ in found.items()],
            )
    return tuple(
        f"source '{source_name}', table {table.name}: column {name} was {change}"
        + (f" ({before} → {after})" if change == "retyped" else f" ({after or before})")
        for name, change, before, after in changes
    )


def add_text_columns(warehouse: duckdb.DuckDBPyConnection, table: LayoutTable, names: Iterable[str]) -> None:
    """Make room for columns of the source that no contract names."""
    for name in names:
        for schema in ("raw", "latest"):
            warehouse.execute(
                f"alter table {schema}.{table.identifier} add column if not exists {quoted(name)} varchar"
            )


def store(
    warehouse: duckdb.DuckDBPyConnection,
    *,
    run_id: str,
    source_name: str,
    system: str,
    table: LayoutTable,
    columns: list[str],
    staged_is_whole: bool,
    rows_at_source: int,
    keys_at_source: str | None,
    changed_up_to: datetime | None,
    now: datetime,
    started: float,
    warnings: tuple[str, ...] = (),
) -> TableReport:
    """Append what changed from the temporary table ``staged`` (``columns``) to raw, and bring latest up to date.

    ``staged_is_whole``: staged holds every row of the source, so what is missing in it was deleted. Otherwise
    ``keys_at_source`` names a table with the keys and the decimal columns of all rows there, also of those that were
    not read again. Runs inside the caller's transaction.
    """
    raw, latest = f"raw.{table.identifier}", f"latest.{table.identifier}"
    listed = ", ".join(quoted(name) for name in columns)
    same_key = " and ".join(f"l.{quoted(name)} is not distinct from s.{quoted(name)}" for name in table.key)
    same_row = " and ".join(f"l.{quoted(name)} is not distinct from s.{quoted(name)}" for name in columns)
    source = text(source_name)
    whole = "staged" if staged_is_whole else str(keys_at_source)
    at = f"timestamp '{now:%Y-%m-%d %H:%M:%S.%f}'"

    is_first = not _count(warehouse, f"select 1 from {latest} where _source = {source} limit 1")
    if is_first:
        new, changed, deleted = _count(warehouse, "select 1 from staged"), 0, 0
        for target in (raw, latest):
            warehouse.execute(
                f"insert into {target} ({listed}, _source, _extracted_at) select {listed}, {source}, {at} from staged"
            )
    else:
        warehouse.execute(
            f"""create or replace temporary table fresh as
                select s.*, exists (select 1 from {latest} l where l._source = {source} and {same_key}) as is_known
                from staged s
                where not exists (select 1 from {latest} l where l._source = {source} and {same_row})"""
        )
        changed = _count(warehouse, "select 1 from fresh where is_known")
        new = _count(warehouse, "select 1 from fresh where not is_known")
        warehouse.execute(
            f"""create or replace temporary table gone as select l.* from {latest} l
                where l._source = {source} and not exists (select 1 from {whole} s where {same_key})"""
        )
        deleted = _count(warehouse, "select 1 from gone")
        if deleted:
            warehouse.execute(
                f"insert into {raw} by name select * replace ({at} as _extracted_at, {at} as _deleted_at) from gone"
            )
            _forget(warehouse, latest, "gone", source, same_key)
        if new or changed:
            warehouse.execute(
                f"insert into {raw} ({listed}, _source, _extracted_at) select {listed}, {source}, {at} from fresh"
            )
            _forget(warehouse, latest, "fresh", source, same_key)
            warehouse.execute(
                f"insert into {latest} ({listed}, _source, _extracted_at) select {listed}, {source}, {at} from fresh"
            )
    rows_latest = _count(warehouse, f"select 1 from {latest} where _source = {source}")
    if staged_is_whole and rows_latest != _count(warehouse, "select 1 from staged"):
        # A key that has come to stand on several rows, or no longer does: all its rows are stored, as the first time,
        # so that the rules can tell which key it is.
        keys = ", ".join(quoted(name) for name in table.key)
        warehouse.execute(
            f"""create or replace temporary table repeated as
                (select {keys}, count(*) as times from staged group by all
                 except select {keys}, count(*) from {latest} where _source = {source} group by all)"""
        )
        rows = f"select {listed}, {source}, {at} from staged l where exists (select 1 from repeated s where {same_key})"
        changed += _count(warehouse, rows)
        warehouse.execute(f"insert into {raw} ({listed}, _source, _extracted_at) {rows}")
        _forget(warehouse, latest, "repeated", source, same_key)
        warehouse.execute(f"insert into {latest} ({listed}, _source, _extracted_at) {rows}")
        rows_latest = _count(warehouse, f"select 1 from {latest} where _source = {source}")
    if changed_up_to is not None:
        warehouse.execute(
            "insert or replace into raw.watermark values (?, ?, ?)", [source_name, table.name, changed_up_to]
        )
    for column in (column.name for column in table.decimals if column.name in columns):
        # Twelve decimals are the most that any contract has, so that no digit is lost.
        added_up = f"select cast(sum({quoted(column)}) as decimal(38, 12)) from"
        warehouse.execute(
            f"""insert into raw.extraction_sum values ({source}, {text(table.name)}, {text(column)},
                ({added_up} {whole}), ({added_up} {latest} where _source = {source}), {at})"""
        )
    seconds = time.perf_counter() - started
    warehouse.execute(
        "insert into raw.extraction values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [run_id, source_name, system, table.name, rows_at_source, rows_latest, new, changed, deleted, changed_up_to,
         seconds, now],
    )  # fmt: skip
    return TableReport(table.name, rows_at_source, rows_latest, new, changed, deleted, seconds, warnings)


def watermark(warehouse: duckdb.DuckDBPyConnection, source_name: str, table_name: str) -> datetime | None:
    """Time of the last change that was read from a table, or None before the first time."""
    row = warehouse.execute(
        "select changed_up_to from raw.watermark where source_name = ? and table_name = ?", [source_name, table_name]
    ).fetchone()
    return row[0] if row else None


def forget_source(warehouse: duckdb.DuckDBPyConnection, source_name: str) -> None:
    """For ``--full-refresh``: compare every row again, whatever its time of change. History in raw stays."""
    warehouse.execute("delete from raw.watermark where source_name = ?", [source_name])


def _forget(warehouse: duckdb.DuckDBPyConnection, latest: str, keys: str, source: str, same_key: str) -> None:
    warehouse.execute(f"delete from {latest} l using {keys} s where l._source = {source} and {same_key}")


def _count(warehouse: duckdb.DuckDBPyConnection, query: str) -> int:
    row = warehouse.execute(f"select count(*) from ({query})").fetchone()
    return int(row[0]) if row else 0
