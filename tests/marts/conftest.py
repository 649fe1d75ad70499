"""Small tables stand where staging stands; the real models are built over them, in a warehouse of the test's own."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.contracts.canonical import OBJECTS, CanonicalObject
from dagster_project.sources.raw import prepare_warehouse

DBT_PROJECT = Path(__file__).parents[2] / "dbt"
STAGING_MODELS = sorted(file.stem for file in (DBT_PROJECT / "models" / "staging").glob("*/stg_*.sql"))

# What a row has when its table does not say otherwise.
USUAL: dict[str, Any] = {
    "company_id": "A",
    "source_system": "erp",
    "currency": "EUR",
    "rate_type": "spot",
    "document_currency": "EUR",
    "kind": "invoice",
    "type": "asset",
    "customer_id": "C1",
    "supplier_id": "S1",
    "is_active": True,
    "is_closed": False,
}
BY_TYPE: dict[str, Any] = {"VARCHAR": "", "DATE": "2024-01-01", "INTEGER": 0, "BOOLEAN": False}


def _project(target: Path) -> list[str]:
    return [
        "--project-dir", str(DBT_PROJECT),
        "--profiles-dir", str(DBT_PROJECT),
        "--target-path", str(target),
        "--log-path", str(target),
        "--log-level", "none",
    ]  # fmt: skip


@cache
def _parsed(target: Path) -> bytes:
    """The project, parsed once: variables that differ from build to build would make dbt parse it anew each time."""
    from dbt.cli.main import dbtRunner

    outcome = dbtRunner().invoke(["parse", *_project(target)])
    assert outcome.exception is None, outcome.exception
    return bytes(outcome.result.to_msgpack())


@dataclass
class Group:
    """A warehouse with a group's staging tables; ``add`` fills them, ``build`` runs the models, ``rows`` reads."""

    path: Path
    target: Path

    def add(self, model: str, table: str) -> None:
        """Append rows written as a table: names in the first line, ``|`` between cells, empty cells are NULL.

        ``amount_document`` is short for amount_document_currency, likewise ``_company`` and ``_bank``. Amounts in
        company currency that are not stated are those in document currency.
        """
        described = OBJECTS[model.split("__")[1]]
        names, *lines = [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]
        names = [re.sub("_(document|company|bank)$", r"_\1_currency", name) for name in names]
        rows = []
        for number, cells in enumerate(lines):
            stated = {name: cell or None for name, cell in zip(names, cells, strict=True)}
            key = stated.get(described.key) or f"{model}-{number}"
            unstated = {
                column.name: USUAL.get(column.name, BY_TYPE.get(column.type, 0))
                for column in described.columns
                if column.required or column.name in ("customer_id", "supplier_id")
            }
            same_in_books = {
                name.replace("_document_", "_company_"): value
                for name, value in stated.items()
                if name.replace("_document_", "_company_") in described.column_names
            }
            rows.append({**unstated, described.key: key, "source_key": key, **same_in_books, **stated})
        with duckdb.connect(str(self.path)) as warehouse:
            for row in rows:
                listed, marks = ", ".join(row), ", ".join("?" * len(row))
                warehouse.execute(f"insert into staging.stg_{model} ({listed}) values ({marks})", list(row.values()))

    def build(self, select: str, *, as_of: str = "2024-03-31", command: str = "run", **variables: str) -> list[Any]:
        """Build the selected models and tests with all that they read; return dbt's results."""
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner
        from dbt.contracts.graph.manifest import Manifest

        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("SETTLEHOUSE_WAREHOUSE", str(self.path))
            # A fresh copy each time: a build leaves its ephemeral models in the manifest it is given.
            outcome = dbtRunner(manifest=Manifest.from_msgpack(_parsed(self.target))).invoke(
                [
                    "build",  # seeds too
                    *(["--exclude-resource-type", "test"] if command == "run" else []),
                    "--select", *select.split(),
                    "--exclude", "path:models/staging",
                    "--indirect-selection", "cautious",
                    "--vars", str({"run_id": "test", "as_of": as_of, "reporting_currency": "EUR", **variables}),
                    *_project(self.target),
                ]
            )  # fmt: skip
        DuckDBConnectionManager.close_all_connections()
        assert outcome.exception is None, outcome.exception
        results = list(outcome.result.results)
        broken = [f"{r.node.name}: {r.message}" for r in results if str(r.status) in ("error", "fail", "runtime error")]
        assert not broken, broken
        return results

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Result of a query; dates and money as text, so that expectations read like the tables."""
        with duckdb.connect(str(self.path), read_only=True) as warehouse:
            relation = warehouse.sql(query)
            return warehouse.sql(
                "select " + ", ".join(f'"{name}"::varchar' for name in relation.columns) + " from relation"
            ).fetchall()

    def execute(self, statement: str) -> None:
        with duckdb.connect(str(self.path)) as warehouse:
            warehouse.execute(statement)


@pytest.fixture(scope="session")
def dbt_target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One target folder for all."""
    return tmp_path_factory.mktemp("dbt")


@pytest.fixture(scope="session")
def new_group(dbt_target: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Group]:
    """Makes groups of one company, A, that keeps its books in EUR, with customer C1 and supplier S1."""

    def make() -> Group:
        path = tmp_path_factory.mktemp("group") / "warehouse.duckdb"
        with duckdb.connect(str(path)) as warehouse:
            prepare_warehouse(warehouse)
            warehouse.execute("create schema staging")
            for model in STAGING_MODELS:
                described: CanonicalObject = OBJECTS[model.split("__")[1]]
                columns = ", ".join(f"{column.name} {column.type}" for column in described.columns)
                warehouse.execute(f"create table staging.{model} ({columns})")
        group = Group(path, dbt_target)
        group.add("tryton__company", "company_id | code | name\nA | A | Alder GmbH")
        group.add("tryton__customer", "customer_id | code | name | country\nC1 | 1001 | Birch Ltd | GB")
        group.add("tryton__supplier", "supplier_id | code | name\nS1 | 2001 | Cedar SA")
        group.add(
            "tryton__account",
            """
            account_id | code | name     | type      | control
            AR         | 1200 | Debtors  | asset     | receivable
            AP         | 3300 | Creditors| liability | payable
            BANK       | 1800 | Bank     | asset     | bank
            SALES      | 4000 | Sales    | income    |
            COSTS      | 5000 | Costs    | expense   |
            """,
        )
        return group

    return make
