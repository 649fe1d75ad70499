"""Random histories of the demo's databases over several runs, and what a full refresh makes of the same sources."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from dagster_project.cash_application.run import apply_cash
from dagster_project.config import Settings, load_settings
from dagster_project.gate import run_gate
from dagster_project.matching.golden import match_master_data
from dagster_project.pipeline import extract_system
from dagster_project.transform import RunContext, build
from demo import AS_OF, generate

DATABASES = {"erp_china": "xgsj", "erp_global": "updated_at", "crm": "modified_at"}
FIRST_DAY = AS_OF - timedelta(days=20)
_BEFORE_GATE = "fqn:settlehouse.staging fqn:settlehouse.intermediate resource_type:seed"
_AFTER_GATE = "fqn:settlehouse.marts"
# Of a run, not of what it found.
_STAMPS = {
    "run_id", "detected_at", "due_at", "first_run_id", "last_run_id", "resolved_at", "happened_at", "started_at",
    "finished_at",
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """Something that happens at a source. Numbers choose table, row and column among those that there are.

    ``kind``: insert (a copy under a new key), change, delete, bring_back (a deleted row, entered late), reverse (a copy
    with its amounts negated). ``stamp``: now, late (behind what was read, as a long transaction commits), unmoved (as a
    hand-written UPDATE leaves it; only where amounts change, which is what extraction promises to notice).
    """

    kind: str
    database: str
    table: int
    row: int
    column: int
    stamp: str


@dataclass
class History:
    """A group whose sources change, and the warehouse that runs over it keep up to date."""

    folder: Path
    like: Path

    def __post_init__(self) -> None:
        """``like`` holds a group with a warehouse that was built once as of FIRST_DAY; it is copied."""
        shutil.copytree(self.like, self.folder, symlinks=True)
        self.settings = load_settings(self.folder / "company.yml")
        self.gone: list[tuple[str, str, list[object]]] = []
        self.day = FIRST_DAY
        self.done: list[str] = []

    def next_day(self) -> None:
        self.day += timedelta(days=1)

    def make(self, change: Change) -> None:
        """Let it happen; where there is nothing to do it to, nothing happens."""
        stamp_column = DATABASES[change.database]
        now = datetime(self.day.year, self.day.month, self.day.day, 9) + timedelta(minutes=len(self.done))
        if change.stamp == "late":
            now -= timedelta(hours=20)
        stamp = f"{now:%Y-%m-%d %H:%M:%S}"
        with closing(sqlite3.connect(self.folder / f"{change.database}.sqlite")) as source, source:
            if change.kind == "bring_back":
                if not self.gone:
                    return
                database, table, values = self.gone.pop(change.row % len(self.gone))
                with closing(sqlite3.connect(self.folder / f"{database}.sqlite")) as its_own, its_own:
                    its_own.execute(f"insert into {table} values ({', '.join('?' * len(values))})", values)
                self.done.append(f"bring_back {table}")
                return
            tables = [
                name
                for (name,) in source.execute("select name from sqlite_master where type = 'table' order by 1")
                if name not in ("companies", "t_gongsi")
            ]
            table = tables[change.table % len(tables)]
            columns = {row[1]: row[2] for row in source.execute(f"pragma table_info({table})")}
            decimals = [name for name, type_ in columns.items() if type_.startswith("DECIMAL")]
            (count,) = source.execute(f"select count(*) from {table}").fetchone()
            if not count:
                return
            (row_id,) = source.execute(
                f"select rowid from {table} order by rowid limit 1 offset ?", [change.row % count]
            ).fetchone()
            if change.kind == "delete":
                values = list(source.execute(f"select * from {table} where rowid = ?", [row_id]).fetchone())
                self.gone.append((change.database, table, values))
                source.execute(f"delete from {table} where rowid = ?", [row_id])
            elif change.kind == "change":
                unmoved = change.stamp == "unmoved"
                texts = [
                    name for name, type_ in columns.items()
                    if type_ == "VARCHAR" and any(part in name for part in ("name", "title", "memo", "zhaiyao", "khmc"))
                ]  # fmt: skip
                candidates = decimals if unmoved else [*decimals, *texts]
                if not candidates:
                    return
                column = candidates[change.column % len(candidates)]
                new = f"round({column} + 1, 2)" if column in decimals else f"{column} || '·'"
                source.execute(f"update {table} set {column} = {new} where rowid = ?", [row_id])
                if not unmoved:
                    source.execute(f"update {table} set {stamp_column} = ? where rowid = ?", [stamp, row_id])
            else:
                key = next(iter(columns))
                fresh = f"(select max(cast({key} as integer)) + 1 from {table})" if columns[key] == "BIGINT" else \
                    f"{key} || '-{len(self.done)}'"  # fmt: skip
                other = {key: fresh, stamp_column: f"'{stamp}'"}
                if change.kind == "reverse":
                    other |= {name: f"-{name}" for name in decimals}
                listed = ", ".join(other.get(name, name) for name in columns)
                source.execute(f"insert into {table} select {listed} from {table} where rowid = ?", [row_id])
        self.done.append(f"{change.kind} {table} {change.stamp}")

    def run(self, *, full_refresh: bool = False) -> None:
        """What the nightly run does up to the marts."""
        run(self.settings, self.day, full_refresh)

    def refreshed(self) -> Settings:
        """The marts of the same sources in a warehouse that never saw anything before."""
        return self._beside("fresh", full_refresh=False, keep=False)

    def refreshed_in_place(self) -> Settings:
        """The marts that `run --full-refresh` makes, in a copy of the warehouse."""
        return self._beside("in_place", full_refresh=True, keep=True)

    def _beside(self, name: str, *, full_refresh: bool, keep: bool) -> Settings:
        home = self.folder / name
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir()
        shutil.copytree(self.settings.home / "dbt", home / "dbt")
        if keep:
            shutil.copy(self.settings.warehouse, home)
        settings = replace(self.settings, home=home)
        run(settings, self.day, full_refresh)
        return settings


def first_group(folder: Path, scale: float = 0.01) -> Path:
    """A demo group and its warehouse as of FIRST_DAY."""
    generate(folder, scale=scale)
    run(load_settings(folder / "company.yml"), FIRST_DAY, False)
    return folder


def run(settings: Settings, day: date, full_refresh: bool) -> None:
    started_at = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    context = RunContext(f"run-{day}", day, started_at, full_refresh)
    for system in dict.fromkeys(source.layout.system for source in settings.sources):
        extract_system(settings, system, context)
    build(settings, context, _BEFORE_GATE)
    run_gate(settings, context)
    match_master_data(settings)
    build(settings, context, _AFTER_GATE)
    apply_cash(settings, context)


def differences(one: Path, other: Path, without: frozenset[str] = frozenset()) -> dict[str, int]:
    """Tables of schema marts of two warehouses that differ, with the number of rows that only one has."""
    found = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only)")
        connection.execute(f"attach '{other}' as other (read_only)")
        columns: dict[str, list[str]] = {}
        for table, column in connection.execute(
            "select table_name, column_name from duckdb_columns() "
            "where database_name = 'one' and schema_name = 'marts' order by all"
        ).fetchall():
            if column not in _STAMPS and (table, column) != ("fct_tie_out", "detail"):
                columns.setdefault(table, []).append(f'"{column}"')
        for table, listed in columns.items():
            if table in without:
                continue
            rows = {name: f"select {', '.join(listed)} from {name}.marts.{table}" for name in ("one", "other")}
            (count,) = connection.execute(
                f"""select (select count(*) from ({rows["one"]} except all {rows["other"]}))
                    + (select count(*) from ({rows["other"]} except all {rows["one"]}))"""
            ).fetchone() or (0,)
            if count:
                found[table] = int(count)
    return found
