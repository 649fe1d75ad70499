"""The dbt project on Spark makes the tables that it makes on DuckDB, row for row; also when a worker dies meanwhile.

`make test-spark` runs it on the whole project, `make test-spark SPARK=small` on part of it.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dagster_project.config import load_settings
from dagster_project.pipeline import last_built_run
from dagster_project.transform import _variables, manifest_path
from tests.spark.build import KNOWN_DIFFERENCES, Comparison, build, compare, hand_over, session, shuffled_bytes
from tests.spark.cluster import Cluster, java_missing

WHOLE = os.environ.get("SETTLEHOUSE_TEST_SPARK", "")
# From the ERPs' tables to open items, orders, exchange rates and deferred revenue: some 30 tables.
PART = [
    "+int_sales_order_line",
    "+int_receivable_settlement",
    "+dim_exchange_rate_monthly",
    "+fct_deferred_revenue_roll_monthly",
]


@dataclass(frozen=True)
class Warehouse:
    """A warehouse after a run of the demo group."""

    file: Path
    manifest: dict[str, Any]
    variables: dict[str, str]

    def tables(self, built: set[str]) -> list[tuple[str, str]]:
        """Schema and name of the tables among the built models, those that are published first."""
        found = [
            (node["schema"], node["name"])
            for node in self.manifest["nodes"].values()
            if node["resource_type"] == "model"
            and node["config"]["materialized"] in {"table", "incremental"}
            and node["name"] in built
        ]
        return sorted(found, key=lambda table: (table[0] != "marts", table))


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    if not WHOLE:
        pytest.skip("make test-spark runs it")
    if missing := java_missing():
        pytest.fail(missing)
    config = os.environ.get("SETTLEHOUSE_TEST_SPARK_CONFIG")
    if config is None:
        from click.testing import CliRunner

        from dagster_project.cli import main

        folder = tmp_path_factory.mktemp("group")
        config = str(folder / "company.yml")
        for command in (
            ["demo", "--folder", str(folder), "--scale", "0.1"],
            ["run", "--config", config, "--as-of", "2026-10-31"],
        ):
            outcome = CliRunner().invoke(main, command)
            assert outcome.exit_code == 0, outcome.output
    settings = load_settings(config)
    manifest = json.loads(manifest_path(settings).read_text(encoding="utf-8"))
    return Warehouse(settings.warehouse, manifest, json.loads(_variables(settings, last_built_run(settings))))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with Cluster(tmp_path / "cluster") as started:
        yield started


@pytest.mark.parametrize("killed", [False, True] if WHOLE == "whole" else [True])
def test_same_tables_as_duckdb(warehouse: Warehouse, cluster: Cluster, tmp_path: Path, killed: bool):
    select = ["*"] if WHOLE == "whole" and not killed else PART
    with session(cluster, tmp_path) as spark:
        rows = hand_over(warehouse.file, warehouse.manifest, tmp_path, spark)
        started = time.perf_counter()
        built, failed = build(
            select, warehouse.variables, tmp_path, after=(60, lambda: cluster.kill_worker(0)) if killed else None
        )
        seconds = time.perf_counter() - started
        print(f"{len(built)} nodes in {seconds:.0f} s from {rows} rows, {shuffled_bytes(spark)} bytes shuffled")
    assert cluster.workers_alive() == (1 if killed else 2)
    compared = compare(warehouse.file, tmp_path, warehouse.tables(built))
    print(table_of(compared))
    assert not failed
    assert len(compared) >= (30 if select == PART else 170)
    assert {one.table for one in compared if not one.is_equal} == (KNOWN_DIFFERENCES if select == ["*"] else set())


def table_of(compared: list[Comparison]) -> str:
    lines = [f"{'table':<55} {'rows':>9} {'only in DuckDB':>15} {'only in Spark':>15}"]
    lines += [
        f"{one.table:<55} {one.rows:>9} {one.only_in_duckdb:>15} {one.only_in_spark:>15} {one.problem}"
        for one in compared
    ]
    equal = sum(one.is_equal for one in compared)
    return "\n".join([*lines, f"{equal} of {len(compared)} tables are equal"])
