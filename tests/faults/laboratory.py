"""A clean group in which one fault at a time is made at a source, extracted, modelled and looked for.

A run through dbt costs half a minute. Here the product's own extractor reads the one source that changed, and the SQL
that dbt compiled from the models is executed in their order; that both give the same tables is a test of its own.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb

from dagster_project.config import Settings, load_settings
from dagster_project.errors import SettlehouseError
from dagster_project.gate import MASTER_OBJECTS, run_gate, update_issue_history
from dagster_project.sources import raw
from dagster_project.sources.extract import extract_source
from dagster_project.transform import RunContext, build
from dagster_project.warehouse import open_warehouse
from demo import AS_OF, generate

RUN = RunContext("faults", AS_OF, datetime(AS_OF.year, AS_OF.month, AS_OF.day, 22))
BEFORE_GATE, AFTER_GATE = "fqn:settlehouse.staging fqn:settlehouse.intermediate resource_type:seed", "fqn:settlehouse.marts"
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


class Laboratory:
    """The clean group of one seed: its source systems, and the warehouse that a run over them leaves behind."""

    def __init__(self, folder: Path, seed: int, models: list[Model] | None = None, scale: float = LOWEST_SCALE) -> None:
        """``models``: compiled for another seed; without them dbt builds the warehouse and compiles them."""
        self.group = folder / "group"
        generate(self.group, scale=scale, seed=seed, planted_faults=False)
        self.settings: Settings = load_settings(self.group / "company.yml")
        self.clean = folder / "clean" / self.settings.warehouse.name
        self.spare = folder / "spare"
        for source in self.settings.sources:
            self._extract(self.settings, source.name)
        if models is None:
            build(self.settings, RUN, BEFORE_GATE)
            run_gate(self.settings, RUN)
            build(self.settings, RUN, AFTER_GATE)
            self.models = compiled_models(self.settings.home)
        else:
            self.models = models
            with open_warehouse(self.settings.warehouse) as warehouse:
                for schema in ("staging", "intermediate", "marts"):
                    warehouse.execute(f"create schema if not exists {schema}")
            self.build(with_gate=True)
        self.clean.parent.mkdir()
        shutil.copy(self.settings.warehouse, self.clean)
        shutil.copytree(self.group, self.spare, ignore=shutil.ignore_patterns("var", "answer_key"))

    def _extract(self, settings: Settings, name: str) -> None:
        source = next(source for source in settings.sources if source.name == name)
        with open_warehouse(settings.warehouse) as warehouse:
            raw.prepare_warehouse(warehouse)
            raw.forget_source(warehouse, name)
            extract_source(warehouse, source, run_id=RUN.run_id)

    def build(self, with_gate: bool) -> None:
        """What a run does after extraction, short of forecasts and publication."""
        before = [model for model in self.models if model.schema != "marts"]
        after = [model for model in self.models if model.schema == "marts"]
        self._create(before)
        if with_gate:
            run_gate(replace(self.settings, home=self.settings.home), RUN)
        else:
            with open_warehouse(self.settings.warehouse) as warehouse:
                update_issue_history(warehouse, RUN)
        self._create(after)

    def _create(self, models: list[Model]) -> None:
        with open_warehouse(self.settings.warehouse) as warehouse:
            warehouse.execute("set threads = 2")
            for model in models:
                model.create(warehouse)

    def rebuild(self, source: str) -> list[Finding]:
        """Extract ``source`` as it is now over the clean warehouse, build what follows from it, and look."""
        shutil.copy(self.clean, self.settings.warehouse)
        try:
            self._extract(self.settings, source)
        except SettlehouseError as error:
            return [Finding("extraction_refused", None, source, str(error))]
        self.build(with_gate=False)
        if self._master_data_changed():
            self.build(with_gate=True)
        return self.findings()

    def _master_data_changed(self) -> bool:
        with duckdb.connect() as both:
            both.execute(f"attach '{self.settings.warehouse}' as now (read_only); attach '{self.clean}' as before (read_only)")
            return any(
                both.execute(
                    f"select count(*) from (from now.intermediate.int_{name} except from before.intermediate.int_{name})"
                ).fetchone() != (0,)
                or both.execute(
                    f"select count(*) from (from before.intermediate.int_{name} except from now.intermediate.int_{name})"
                ).fetchone() != (0,)
                for name in MASTER_OBJECTS
            )

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

    def restore(self, source: str) -> None:
        """Bring back one source as it was."""
        kept = next(s for s in self.settings.sources if s.name == source)
        if kept.path is None:
            shutil.copy(self.spare / f"{source}.sqlite", self.group / f"{source}.sqlite")
        else:
            shutil.rmtree(self.group / Path(kept.path).name)
            shutil.copytree(self.spare / Path(kept.path).name, self.group / Path(kept.path).name)

    def connect(self, source: str) -> closing[sqlite3.Connection]:
        return closing(sqlite3.connect(self.group / f"{source}.sqlite"))


def day(text: str) -> date:
    return date.fromisoformat(text)
