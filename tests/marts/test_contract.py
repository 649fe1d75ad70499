"""What models promise: canonical columns in intermediate, published columns in marts, a grain in every description."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import yaml

from dagster_project.contracts.canonical import OBJECTS
from dagster_project.contracts.published import TABLES

MODELS = Path(__file__).parents[2] / "dbt" / "models"


@pytest.fixture(scope="module")
def columns(new_group):
    """Columns by schema and table after building everything over empty systems."""
    group = new_group()
    group.build("path:models/intermediate path:models/marts", command="build")
    with duckdb.connect(str(group.path), read_only=True) as warehouse:
        found: dict[tuple[str, str], dict[str, str]] = {}
        for schema, table, column, type_ in warehouse.execute(
            "select schema_name, table_name, column_name, data_type from duckdb_columns() order by column_index"
        ).fetchall():
            found.setdefault((schema, table), {})[column] = type_
    return found


def test_intermediate_has_the_canonical_columns(columns):
    for name, described in OBJECTS.items():
        built = columns["intermediate", f"int_{name}"]
        for column in described.columns:
            assert built.get(column.name) == column.type, f"int_{name}.{column.name}"


def test_marts_have_the_published_columns(columns):
    made_later = {table for table in TABLES if "forecast" in table}
    for table in set(TABLES) - made_later:
        missing = set(TABLES[table]) - set(columns["marts", table])
        assert not missing, f"{table}: {sorted(missing)}"


def test_money_is_decimal(columns):
    for (schema, table), described in columns.items():
        if schema in ("intermediate", "marts"):
            floats = [name for name, type_ in described.items() if type_ in ("DOUBLE", "FLOAT")]
            assert not floats, f"{schema}.{table}: {floats}"


def test_every_model_says_its_grain():
    for layer in ("intermediate", "marts"):
        folder = MODELS / layer
        described = {
            model["name"]: model.get("description", "")
            for file in folder.rglob("_models.yml")
            for model in yaml.safe_load(file.read_text())["models"]
        }
        assert {file.stem for file in folder.rglob("*.sql")} == set(described)
        assert [name for name, text in described.items() if not text.strip().startswith("One row per ")] == []
