"""What models promise: canonical columns in intermediate, published columns in marts, a grain in every description."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import duckdb
import pytest

from dagster_project.catalogue import CATALOGUE, COLUMNS, catalogue, data_dictionary, meanings, published_columns
from dagster_project.contracts.canonical import OBJECTS
from dagster_project.contracts.published import CASH_APPLICATION, FORECASTS, TABLES

MODELS = Path(__file__).parents[2] / "dbt" / "models"


@pytest.fixture(scope="module")
def built(new_group):
    """A group with everything built over empty systems."""
    group = new_group()
    group.build("path:seeds path:models/intermediate path:models/marts", command="build")
    return group


@pytest.fixture(scope="module")
def columns(built):
    """Columns by schema and table."""
    with duckdb.connect(str(built.path), read_only=True) as warehouse:
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
    made_later = {table.name for table in FORECASTS + CASH_APPLICATION}
    for table in set(TABLES) - made_later:
        missing = set(TABLES[table]) - set(columns["marts", table])
        assert not missing, f"{table}: {sorted(missing)}"


def test_money_is_decimal(columns):
    for (schema, table), described in columns.items():
        if schema in ("intermediate", "marts"):
            floats = [name for name, type_ in described.items() if type_ in ("DOUBLE", "FLOAT")]
            assert not floats, f"{schema}.{table}: {floats}"


@pytest.fixture(scope="module")
def published(built):
    """dbt's manifest, and the published columns by table: what the data dictionary is made from."""
    manifest = json.loads((built.target / "manifest.json").read_text(encoding="utf-8"))
    with duckdb.connect(str(built.path), read_only=True) as warehouse:
        return manifest, published_columns(warehouse)


def test_every_published_column_has_a_meaning(published):
    told = meanings(*published)
    assert set(TABLES) <= set(told)
    assert [f"{table}.{column}" for table in TABLES for column in TABLES[table] if column not in told[table]] == []
    assert [f"{table}.{column}" for table in told for column, meaning in told[table].items() if not meaning] == []


def test_the_dictionary_describes_only_columns_that_exist(published):
    manifest, columns = published
    marts = [m for m in manifest["nodes"].values() if m["resource_type"] == "model" and m["name"] in columns]
    assert marts
    unknown = [f"{mart['name']}.{name}" for mart in marts for name in set(mart["columns"]) - set(columns[mart["name"]])]
    assert unknown == []


def test_the_data_dictionary_is_up_to_date(published):
    committed = (MODELS.parents[1] / "docs" / "data_dictionary.md").read_text(encoding="utf-8")
    assert committed == data_dictionary(*published), "run `make docs` and commit docs/data_dictionary.md"


def test_the_catalogue_is_up_to_date(published):
    """All but where columns come from and which rules they come by, which takes the staging models."""
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        committed = list(csv.DictReader(file))
    unknown = {"comes_from": "", "rules": ""}
    made = [dict(zip(COLUMNS, row, strict=True)) | unknown for row in catalogue(*published, {})]
    come_from = {row["column_name"] for row in committed if row["comes_from"]}
    assert [row | unknown for row in committed] == made, "run `make docs` and commit catalogue.csv"
    assert all(row["owner"] for row in made)
    assert {"amount_document_currency", "open_amount_reporting_currency", "name", "tax_identifier"} <= come_from
