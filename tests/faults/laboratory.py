"""A clean group in which one fault at a time is made at a source, extracted, modelled and looked for.

A run through dbt costs half a minute. Here the product's own extractor reads the tables that changed, and the SQL that
dbt compiled from the models is executed in their order, in memory, as far as something differs and a finding can come
of it; that both give the same tables is a test of its own.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from graphlib import TopologicalSorter
from multiprocessing import get_context
from pathlib import Path
from random import Random

import duckdb

from dagster_project.config import Settings, Source, load_settings
from dagster_project.contracts.layouts import LayoutTable
from dagster_project.errors import SettlehouseError
from dagster_project.gate import MODELS_READ, check_records, run_gate, update_issue_history
from dagster_project.sources import raw, sql
from dagster_project.sources.extract import extract_source
from dagster_project.transform import RunContext, build
from dagster_project.warehouse import open_warehouse
from demo import AS_OF, generate
from tests.faults.kinds import COMPANY_IDS, Copied, FileKind, Kind

RUN = RunContext("faults", AS_OF, datetime(AS_OF.year, AS_OF.month, AS_OF.day, 22))
BEFORE_GATE, AFTER_GATE = (
    "fqn:settlehouse.staging fqn:settlehouse.intermediate resource_type:seed",
    "fqn:settlehouse.marts",
)
LOWEST_SCALE = 0.02


@dataclass(frozen=True)
class Model:
    """A table or view of the dbt project with the SELECT that dbt made of it, and the relations that it reads."""

    name: str
    schema: str
    is_view: bool
    select: str
    reads: frozenset[str]

    def create(self, warehouse: duckdb.DuckDBPyConnection) -> None:
        kind = "view" if self.is_view else "table"
        warehouse.execute(f"create or replace {kind} {self.schema}.{self.name} as\n{self.select}")


@dataclass(frozen=True)
class Finding:
    """What says that something is wrong: a control that failed, an issue, or a source that was refused.

    ``told``: all that it says, to look for the record in.
    """

    control: str
    company_id: str | None
    object: str
    told: str


@dataclass(frozen=True)
class Injection:
    """A fault as it was made: of which company (none for shared records), and by what its record may be named."""

    kind: str
    object: str
    company_id: str | None
    names: tuple[str, ...]


@dataclass(frozen=True)
class Trial:
    """A fault and all that was found after it was made."""

    injection: Injection
    findings: list[Finding]
    seconds: float

    @property
    def naming(self) -> list[Finding]:
        """Findings that name the company and the record. A refused file names its company by its file."""
        return [
            finding
            for finding in self.findings
            if any(re.search(rf"{re.escape(name)}(?!\d)", finding.told) for name in self.injection.names)
            and (finding.company_id == self.injection.company_id or finding.control == "extraction_refused")
        ]

    @property
    def is_found(self) -> bool:
        return bool(self.findings)

    @property
    def is_named(self) -> bool:
        return bool(self.naming)


def compiled_models(home: Path) -> list[Model]:
    """The models of the last build in ``home``, each after those that it reads.

    Ephemeral ones are tables here, so that one of many is built again, not all that dbt put into one statement.
    """
    nodes = json.loads((home / "dbt" / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    models = {key: node for key, node in nodes.items() if node["resource_type"] == "model"}
    order = TopologicalSorter({key: set(node["depends_on"]["nodes"]) & set(models) for key, node in models.items()})
    schemas = {node["name"]: node["schema"] for node in models.values()}
    compiled = {
        key: (home / "dbt" / "compiled" / "settlehouse" / node["original_file_path"]).read_text(encoding="utf-8")
        for key, node in models.items()
    }
    result = []
    for key in order.static_order():
        node = models[key]
        reads = frozenset(parent.rpartition(".")[2] for parent in node["depends_on"]["nodes"])
        select = compiled[key]
        if "__dbt__cte__" in select:
            # dbt put the ephemeral models that it reads before its own first CTE, each in parentheses.
            parts = [
                compiled[parent].strip() for parent in node["depends_on"]["nodes"]
                if parent in models and models[parent]["config"]["materialized"] == "ephemeral"
            ]  # fmt: skip
            end = max(select.index(part) + len(part) for part in parts)
            own = select[select.index(")", end) + 1 :].lstrip()
            select = re.sub(
                r"__dbt__cte__(\w+)",
                lambda name: f"{schemas[name[1]]}.{name[1]}",
                f"with {own[1:]}" if own.startswith(",") else own,
            )
        result.append(Model(node["name"], node["schema"], node["config"]["materialized"] == "view", select, reads))
    return result


def _statement(database: sqlite3.Connection, change: str | Copied) -> str:
    if isinstance(change, str):
        return change
    columns = [row[1] for row in database.execute(f"pragma table_info({change.table})")]
    values = ", ".join(change.values.get(column, column) for column in columns)
    return f"insert into {change.table} select {values} from {change.table} where {change.where}"


class Laboratory:
    """The clean group of one seed: its source systems, and in memory the warehouse that a run over them leaves behind.

    A trial is a process of its own, forked: it has the warehouse at once and spoils nothing for the next. The warehouse
    is opened with one thread, because threads do not outlive a fork; trials run side by side instead.
    """

    def __init__(self, folder: Path, seed: int, like: Laboratory | None = None, scale: float = LOWEST_SCALE) -> None:
        """``like``: a laboratory of another seed, whose models are taken; without it dbt compiles and builds them."""
        self.folder = folder
        self.group = folder / "group"
        generate(self.group, scale=scale, seed=seed, planted_faults=False)
        self.settings: Settings = load_settings(self.group / "company.yml")
        # Tables and views of the clean warehouse, with what a table holds in short.
        self.known: dict[str, object] = {}
        with open_warehouse(self.settings.warehouse) as file:
            raw.prepare_warehouse(file)
            for source in self.settings.sources:
                extract_source(file, source, run_id=RUN.run_id)
        if like is None:
            build(self.settings, RUN, BEFORE_GATE)
            run_gate(self.settings, RUN)
            build(self.settings, RUN, AFTER_GATE)
        self.models = compiled_models(self.settings.home) if like is None else like.models
        self.warehouse = duckdb.connect(config={"threads": 1})
        self.warehouse.execute(f"attach '{self.settings.warehouse}' as file (read_only)")
        # The models name the catalogue that they were compiled for.
        self.warehouse.execute(f"attach ':memory:' as {self.settings.warehouse.stem}")
        self.warehouse.execute(f"copy from database file to {self.settings.warehouse.stem}")
        self.warehouse.execute("detach file")
        self.warehouse.execute(f"use {self.settings.warehouse.stem}")
        sql.load_extension(self.warehouse, "sqlite_scanner")
        if like is not None:
            for schema in ("seeds", "staging", "intermediate", "marts"):
                self.warehouse.execute(f"create schema if not exists {schema}")
            for (table,) in like.warehouse.execute(
                "select table_name from duckdb_tables() where schema_name = 'seeds'"
            ).fetchall():
                seed_rows = like.warehouse.execute(f"from seeds.{table}").fetch_arrow_table()
                self.warehouse.register("seed_rows", seed_rows)
                self.warehouse.execute(f"create table seeds.{table} as from seed_rows")
            self.build({name for model in self.models for name in model.reads})
        else:
            there = {name for (name,) in self.warehouse.execute("select table_name from duckdb_tables()").fetchall()}
            for model in self.models:
                if not model.is_view and model.name not in there:
                    model.create(self.warehouse)
        for model in self.models:
            self.known[model.name] = None if model.is_view else self._fingerprint(f"{model.schema}.{model.name}")
        for source in self.settings.sources:
            for layout in source.layout.tables:
                self.known[layout.identifier] = self._latest(layout)
        # What findings are made of, and nothing else, is built for a trial.
        self.needed = _with_all_read(self.models, {"fct_tie_out", "fct_data_issue", "int_quarantine", *MODELS_READ})

    def build(self, changed: set[str], models: Iterable[Model] | None = None) -> None:
        """What a run does after extraction, short of forecasts and publication.

        ``changed``: source tables that are not as they were; only what reads them is built, as far as it differs.
        """
        models = list(models or self.models)
        self._create([model for model in models if model.schema != "marts"], changed)
        if changed & set(MODELS_READ):
            check_records(self.warehouse, RUN)
        else:
            update_issue_history(self.warehouse, RUN)
        changed |= {"data_issue", "held_master_record"}
        self._create([model for model in models if model.schema == "marts"], changed)

    def _create(self, models: list[Model], changed: set[str]) -> None:
        for model in models:
            if model.reads and not model.reads & changed:
                continue
            if model.is_view:
                changed.add(model.name)
                if model.name in self.known:
                    continue
            model.create(self.warehouse)
            if model.is_view or self._fingerprint(f"{model.schema}.{model.name}") != self.known.get(model.name):
                changed.add(model.name)

    def _fingerprint(self, table: str, columns: str = "*") -> object:
        return self.warehouse.execute(
            f"select count(*), sum(cast(hash(rows) as hugeint)) from (select {columns} from {table}) as rows"
        ).fetchone()

    def _latest(self, table: LayoutTable) -> object:
        return self._fingerprint(
            f"latest.{table.identifier}", ", ".join(f'"{column.name}"' for column in table.columns)
        )

    def findings(self) -> list[Finding]:
        """Every failed control, open issue and quarantined record of the warehouse."""
        rows = self.warehouse.execute(
            """select control, company_id, 'control', concat_ws(' ', left_label, right_label, detail)
               from marts.fct_tie_out where not passed
               union all
               select rule, company_id, object, concat_ws(' ', record_id, failed_value, detail_en)
               from marts.fct_data_issue where status = 'open'
               union all
               select 'quarantine', company_id, object, concat_ws(' ', record_id, document_id, rule)
               from intermediate.int_quarantine
               order by all"""
        ).fetchall()
        return [Finding(*row) for row in rows]

    def contents(self) -> dict[str, object]:
        """Every table of the models, in short."""
        return {
            model.name: self._fingerprint(f"{model.schema}.{model.name}") for model in self.models if not model.is_view
        }

    def _copied(self, name: str, folder: Path) -> Source:
        """A source of the group, copied to where it may be spoilt."""
        source = next(source for source in self.settings.sources if source.name == name)
        if source.path is not None:
            shutil.copytree(source.path, folder / Path(source.path).name)
            return replace(source, path=folder / Path(source.path).name)
        shutil.copy(self.group / f"{name}.sqlite", folder)
        return replace(source, url=f"sqlite:///{folder / f'{name}.sqlite'}")

    def _extracted(self, source: Source, kind: Kind | FileKind) -> set[str]:
        """Extract what the fault was made in; which tables are not as they were."""
        touched = source.layout.tables
        if isinstance(kind, Kind):
            touched = tuple(table for table in touched if table.name in kind.tables)
            source = replace(source, layout=replace(source.layout, tables=touched))
        raw.forget_source(self.warehouse, source.name)
        extract_source(self.warehouse, source, run_id=RUN.run_id)
        return {table.name for table in touched if self._latest(table) != self.known[table.identifier]}

    def trial(self, kind: Kind | FileKind, chance: Random) -> Trial:
        """One fault made, extracted and looked for. To be called in a process of its own: the warehouse is spoilt."""
        started = time.perf_counter()
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            source = self._copied(kind.source, Path(folder))
            injection = inject(kind, source, chance)
            try:
                changed = self._extracted(source, kind)
            except SettlehouseError as error:
                findings = [Finding("extraction_refused", None, kind.source, str(error))]
            else:
                self.build(changed | {"extraction_sum", "extraction_total"}, self.needed)
                findings = self.findings()
        return Trial(injection, findings, time.perf_counter() - started)

    def trials(self, kinds: Iterable[tuple[Kind | FileKind, Random]], side_by_side: int = 2) -> Iterator[Trial]:
        """A trial of each kind, in their order."""
        tasks = [(self, *kind) for kind in kinds]
        # Forked, so nothing is pickled on the way in.
        with get_context("fork").Pool(side_by_side, _keep, (tasks,), maxtasksperchild=1) as processes:
            yield from processes.imap(_trial, range(len(tasks)))


_kept: list[tuple[Laboratory, Kind | FileKind, Random]] = []


def _keep(tasks: list[tuple[Laboratory, Kind | FileKind, Random]]) -> None:
    _kept[:] = tasks


def _trial(number: int) -> Trial:
    laboratory, kind, chance = _kept[number]
    return laboratory.trial(kind, chance)


def inject(kind: Kind | FileKind, source: Source, chance: Random) -> Injection:
    """Make one fault of the kind at its source; which row is hit, ``chance`` decides."""
    if isinstance(kind, FileKind):
        assert source.path is not None
        company_id, named = kind.change(source.path, chance)
        return Injection(kind.name, kind.object, company_id, (named,))
    assert source.url is not None
    with closing(sqlite3.connect(source.url.removeprefix("sqlite:///"))) as database:
        database.row_factory = sqlite3.Row
        victims = [dict(row) for row in database.execute(kind.victims)]
        assert victims, f"{kind.name} has no victim"
        victim = chance.choice(victims)
        changed = sum(database.execute(_statement(database, c), victim).rowcount for c in kind.changes)
        assert changed > 0, f"{kind.name} changed nothing: {victim}"
        database.commit()
    company = victim["company"]
    if company is not None:
        company = COMPANY_IDS.get(company, f"{kind.source}:{company}")
    names = [str(victim["named"])]
    if "id" in victim and kind.object != "exchange_rate":
        names.append(f"{kind.source}:{victim['id']}")
    if "also" in victim:
        names.append(str(victim["also"]))
    return Injection(kind.name, kind.object, company, tuple(names))


def _with_all_read(models: list[Model], names: set[str]) -> list[Model]:
    """The models of ``names`` and all that they read, directly or not, in the order given."""
    wanted = set(names)
    for model in reversed(models):
        if model.name in wanted:
            wanted |= model.reads
    return [model for model in models if model.name in wanted]


def write_report(trials: Iterable[Trial], file: Path) -> None:
    """A line per fault: what it was, what found it, and whether a finding names company and record."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as written:
        lines = csv.writer(written)
        lines.writerow(["object", "fault", "company", "record", "found", "named", "controls", "seconds"])
        for trial in trials:
            made, controls = trial.injection, sorted({f.control for f in trial.naming or trial.findings})
            lines.writerow(
                [made.object, made.kind, made.company_id or "", made.names[0], trial.is_found,
                 trial.is_named, " ".join(controls), f"{trial.seconds:.1f}"]
            )  # fmt: skip
