"""A clean group in which one fault at a time is made at a source, extracted, modelled and looked for.

A run through dbt costs half a minute. Here the product's own extractor reads the one source that changed, and the SQL
that dbt compiled from the models is executed in their order; that both give the same tables is a test of its own.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from graphlib import TopologicalSorter
from pathlib import Path
from random import Random

import duckdb

from dagster_project.config import Settings, load_settings
from dagster_project.errors import SettlehouseError
from dagster_project.gate import MASTER_OBJECTS, run_gate, update_issue_history
from dagster_project.sources import raw
from dagster_project.sources.extract import extract_source
from dagster_project.transform import RunContext, build
from dagster_project.warehouse import open_warehouse
from demo import AS_OF, generate
from tests.faults.kinds import Copied, FileKind, Kind

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

    kind: Kind | FileKind
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
    """The models of the last build in ``home``, each after those that it reads."""
    nodes = json.loads((home / "dbt" / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    models = {key: node for key, node in nodes.items() if node["resource_type"] == "model"}
    order = TopologicalSorter({key: set(node["depends_on"]["nodes"]) & set(models) for key, node in models.items()})
    sources: dict[str, frozenset[str]] = {}
    result = []
    for key in order.static_order():
        node = models[key]
        reads: frozenset[str] = frozenset()
        for parent in node["depends_on"]["nodes"]:
            # An ephemeral model is part of the SQL of those who read it.
            reads |= {parent.rpartition(".")[2]} | sources.get(parent, frozenset())
        sources[key] = reads if node["config"]["materialized"] == "ephemeral" else frozenset({node["name"]})
        if node["config"]["materialized"] == "ephemeral":
            continue
        select = (home / "dbt" / "compiled" / "settlehouse" / node["original_file_path"]).read_text(encoding="utf-8")
        result.append(Model(node["name"], node["schema"], node["config"]["materialized"] == "view", select, reads))
    return result


def _statement(database: sqlite3.Connection, change: str | Copied) -> str:
    if isinstance(change, str):
        return change
    columns = [row[1] for row in database.execute(f"pragma table_info({change.table})")]
    values = ", ".join(change.values.get(column, column) for column in columns)
    return f"insert into {change.table} select {values} from {change.table} where {change.where}"


def _fingerprint(warehouse: duckdb.DuckDBPyConnection, table: str, columns: list[str] | None = None) -> object:
    listed = ", ".join(f'"{name}"' for name in columns) if columns else "*"
    return warehouse.execute(
        f"select count(*), sum(cast(hash(rows) as hugeint)) from (select {listed} from {table}) as rows"
    ).fetchone()


class Laboratory:
    """The clean group of one seed: its source systems, and the warehouse that a run over them leaves behind."""

    def __init__(self, folder: Path, seed: int, like: Laboratory | None = None, scale: float = LOWEST_SCALE) -> None:
        """``like``: a laboratory of another seed, whose models are taken; without it dbt compiles and builds them."""
        self.group = folder / "group"
        generate(self.group, scale=scale, seed=seed, planted_faults=False)
        self.settings: Settings = load_settings(self.group / "company.yml")
        # Tables and views of the clean warehouse, with what a table holds in short.
        self.known: dict[str, object] = {}
        self.clean = folder / "clean" / self.settings.warehouse.name
        self.spare = folder / "spare"
        for source in self.settings.sources:
            self._extract(self.settings, source.name)
        if like is None:
            build(self.settings, RUN, BEFORE_GATE)
            run_gate(self.settings, RUN)
            build(self.settings, RUN, AFTER_GATE)
            self.models = compiled_models(self.settings.home)
        else:
            self.models = like.models
            with open_warehouse(self.settings.warehouse) as warehouse:
                for schema in ("seeds", "staging", "intermediate", "marts"):
                    warehouse.execute(f"create schema if not exists {schema}")
                warehouse.execute(f"attach '{like.clean}' as other (read_only)")
                for (table,) in warehouse.execute(
                    "select table_name from duckdb_tables() where database_name = 'other' and schema_name = 'seeds'"
                ).fetchall():
                    warehouse.execute(f"create or replace table seeds.{table} as from other.seeds.{table}")
                warehouse.execute("detach other")
            self.build(with_gate=True)
        with open_warehouse(self.settings.warehouse, read_only=True) as warehouse:
            for model in self.models:
                self.known[model.name] = (
                    None if model.is_view else _fingerprint(warehouse, f"{model.schema}.{model.name}")
                )
            for source in self.settings.sources:
                for layout in source.layout.tables:
                    columns = [column.name for column in layout.columns]
                    self.known[layout.identifier] = _fingerprint(warehouse, f"latest.{layout.identifier}", columns)
        self.clean.parent.mkdir()
        shutil.copy(self.settings.warehouse, self.clean)
        shutil.copytree(self.group, self.spare, ignore=shutil.ignore_patterns("var", "answer_key"))

    def _extract(self, settings: Settings, name: str) -> None:
        source = next(source for source in settings.sources if source.name == name)
        with open_warehouse(settings.warehouse) as warehouse:
            raw.prepare_warehouse(warehouse)
            raw.forget_source(warehouse, name)
            extract_source(warehouse, source, run_id=RUN.run_id)

    def build(self, with_gate: bool, changed: set[str] | None = None) -> None:
        """What a run does after extraction, short of forecasts and publication.

        ``changed``: source tables that are not as they were; only what reads them is built, as far as it differs.
        """
        changed = changed if changed is not None else {name for model in self.models for name in model.reads}
        with open_warehouse(self.settings.warehouse) as warehouse:
            self._create(warehouse, [model for model in self.models if model.schema != "marts"], changed)
            update_issue_history(warehouse, RUN)
        if with_gate or changed & {f"int_{name}" for name in MASTER_OBJECTS}:
            run_gate(self.settings, RUN)
        with open_warehouse(self.settings.warehouse) as warehouse:
            changed |= {"data_issue", "held_master_record"}
            self._create(warehouse, [model for model in self.models if model.schema == "marts"], changed)

    def _create(self, warehouse: duckdb.DuckDBPyConnection, models: list[Model], changed: set[str]) -> None:
        warehouse.execute("set threads = 2")
        warehouse.execute("begin")
        for model in models:
            if model.reads and not model.reads & changed:
                continue
            if model.is_view:
                changed.add(model.name)
                if model.name in self.known:
                    continue
            model.create(warehouse)
            if model.is_view or _fingerprint(warehouse, f"{model.schema}.{model.name}") != self.known.get(model.name):
                changed.add(model.name)
        warehouse.execute("commit")

    def rebuild(self, source: str) -> list[Finding]:
        """Extract ``source`` as it is now over the clean warehouse, build what follows from it, and look."""
        shutil.copy(self.clean, self.settings.warehouse)
        try:
            self._extract(self.settings, source)
        except SettlehouseError as error:
            return [Finding("extraction_refused", None, source, str(error))]
        with open_warehouse(self.settings.warehouse, read_only=True) as warehouse:
            layout = next(s.layout for s in self.settings.sources if s.name == source)
            changed = {
                table.name
                for table in layout.tables
                if _fingerprint(warehouse, f"latest.{table.identifier}", [c.name for c in table.columns])
                != self.known[table.identifier]
            }
        self.build(False, changed | {"extraction_sum", "extraction_total"})
        return self.findings()

    def findings(self) -> list[Finding]:
        """Every failed control, open issue and quarantined record of the warehouse."""
        with open_warehouse(self.settings.warehouse, read_only=True) as warehouse:
            rows = warehouse.execute(
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
        with open_warehouse(self.settings.warehouse, read_only=True) as warehouse:
            return {
                model.name: _fingerprint(warehouse, f"{model.schema}.{model.name}")
                for model in self.models
                if not model.is_view
            }

    def restore(self, source: str) -> None:
        """Bring back one source as it was."""
        kept = next(s for s in self.settings.sources if s.name == source)
        if kept.path is None:
            shutil.copy(self.spare / f"{source}.sqlite", self.group / f"{source}.sqlite")
        else:
            shutil.rmtree(self.group / Path(kept.path).name)
            shutil.copytree(self.spare / Path(kept.path).name, self.group / Path(kept.path).name)

    def inject(self, kind: Kind | FileKind, chance: Random) -> Injection:
        """Make one fault of the kind at its source; which row is hit, ``chance`` decides."""
        if isinstance(kind, FileKind):
            company_id, named = kind.change(self.group / kind.source, chance)
            return Injection(kind, company_id, (named,))
        with closing(sqlite3.connect(self.group / f"{kind.source}.sqlite")) as database:
            database.row_factory = sqlite3.Row
            victims = [dict(row) for row in database.execute(kind.victims)]
            victim = chance.choice(victims)
            changed = sum(database.execute(_statement(database, c), victim).rowcount for c in kind.changes)
            assert changed > 0, f"{kind.name} changed nothing: {victim}"
            database.commit()
        company = None if victim["company"] is None else f"{kind.source}:{victim['company']}"
        names = [str(victim["named"])]
        if "id" in victim and kind.object != "exchange_rate":
            names.append(f"{kind.source}:{victim['id']}")
        if "also" in victim:
            names.append(str(victim["also"]))
        return Injection(kind, company, tuple(names))

    def trial(self, kind: Kind | FileKind, chance: Random) -> Trial:
        """One fault made, looked for, and mended again."""
        started = time.perf_counter()
        injection = self.inject(kind, chance)
        try:
            findings = self.rebuild(kind.source)
        finally:
            self.restore(kind.source)
        return Trial(injection, findings, time.perf_counter() - started)


def write_report(trials: Iterable[Trial], file: Path) -> None:
    """A line per fault: what it was, what found it, and whether a finding names company and record."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as written:
        lines = csv.writer(written)
        lines.writerow(["object", "fault", "company", "record", "found", "named", "controls", "seconds"])
        for trial in trials:
            made, controls = trial.injection, sorted({f.control for f in trial.naming or trial.findings})
            lines.writerow(
                [made.kind.object, made.kind.name, made.company_id or "", made.names[0], trial.is_found,
                 trial.is_named, " ".join(controls), f"{trial.seconds:.1f}"]
            )  # fmt: skip
