"""The demo group, a tenth of its usual size, and a warehouse whose staging is built over it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.config import Source, load_settings
from dagster_project.sources import raw
from dagster_project.sources.extract import extract_source
from demo import generate

DBT = Path(__file__).resolve().parents[2] / "dbt"
SYSTEMS = ("erp_china", "erp_global", "crm", "hr_payroll", "bank_statements", "manufacturing", "planning", "governance")
SCALE = 0.1


@dataclass(frozen=True)
class Group:
    """A generated group: its folder, the rows per table it reported, its answer key."""

    folder: Path
    counts: dict[str, int]
    key: dict[str, Any]

    def faults(self, kind: str) -> list[dict[str, Any]]:
        return [fault for fault in self.key["faults"] if fault["kind"] == kind]


@pytest.fixture(scope="session")
def group(tmp_path_factory: pytest.TempPathFactory) -> Group:
    folder = tmp_path_factory.mktemp("demo")
    counts = generate(folder, scale=SCALE)
    return Group(folder, counts, json.loads((folder / "answer_key" / "answer_key.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def warehouse(group: Group, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Read-only: latest.* extracted from the group's systems, staging.* built by the real models."""
    from dbt.cli.main import dbtRunner

    folder = tmp_path_factory.mktemp("warehouse")
    few = folder / "hr"  # the last two months say all that staging needs
    few.mkdir()
    for file in sorted((group.folder / "hr").glob("*-09.csv")) + sorted((group.folder / "hr").glob("*2026*.csv")):
        shutil.copy(file, few)
    path = folder / "warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        raw.prepare_warehouse(connection)
        for source in load_settings(group.folder / "company.yml").sources:
            if source.name == "hr":
                source = Source(source.name, source.layout, None, few)
            extract_source(connection, source, run_id="test")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SETTLEHOUSE_WAREHOUSE", str(path))
        places = ["--project-dir", str(DBT), "--profiles-dir", str(DBT)]
        places += ["--target-path", str(folder / "dbt"), "--log-path", str(folder / "logs")]
        selected = [f"staging.{system}" for system in SYSTEMS]
        result = dbtRunner().invoke(["--quiet", "run", *places, "--select", *selected])
    assert result.success, result.exception
    with duckdb.connect(str(path)) as connection:
        yield connection
