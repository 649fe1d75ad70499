"""The catalogue: every published table and column, what it means, who answers for it, where it comes from.

A meaning is said once, nearest to where it is decided: in the mart's ``_models.yml``, else in the canonical object that
the table is named after, else wherever the other marts and objects agree on the column. Who answers for a table stands
in ``dbt_project.yml``, rules of quality in ``expectations/``. ``python -m dagster_project.catalogue`` writes the data
dictionary for readers and the catalogue that every run publishes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.contracts.canonical import OBJECTS
from dagster_project.contracts.published import CASH_APPLICATION, FORECASTS, TABLES
from dagster_project.lineage import Column, Steps, columns_on_the_way, source_columns

CATALOGUE = Path(__file__).with_name("catalogue.csv")
COLUMNS = (
    "table_name", "column_name", "data_type", "grain", "meaning", "owner", "rules", "controls", "comes_from",
    "is_contract",
)  # fmt: skip

Columns = dict[str, dict[str, str]]
"""Published table → column → type, both in order."""

_BY_PYTHON = FORECASTS + CASH_APPLICATION

# They say which rows and days there are and give no value; they read nearly everything, so the way ends at them.
_ENDS = ("int_quarantine", "int_date", "int_as_of")

_HEAD = """# Data dictionary

Made by `make docs` from the dbt project and the contracts; not written by hand.

The published file holds these tables in its schema `marts`. Those marked *contract* keep their names, grains and
contract columns (marked •) from release to release. Amounts end in the currency they are in: of the document, of the
company's books, or the group's reporting currency.

Below each table: the models its values come through, then the source tables they come from, by system. Behind
int_quarantine (what is kept out), int_date and int_as_of (which days there are) stands nearly every source; what lies
behind these three is left out.
"""


def published_columns(warehouse: duckdb.DuckDBPyConnection) -> Columns:
    """Columns of the marts in a built warehouse, and of the forecasts whether there are any yet or not."""
    columns: Columns = {forecast.name: {c.name: c.type for c in forecast.columns} for forecast in _BY_PYTHON}
    for table, column, type_ in warehouse.execute(
        """select table_name, column_name, data_type from duckdb_columns()
           where schema_name = 'marts' order by table_name, column_index"""
    ).fetchall():
        columns.setdefault(table, {})[column] = type_
    return dict(sorted(columns.items()))


def meanings(manifest: dict[str, Any], columns: Columns) -> dict[str, dict[str, str]]:
    """Meaning of each column by table; empty where nobody says it, or others say it in different ways."""
    said = {
        node["name"]: {name: " ".join(c["description"].split()) for name, c in node["columns"].items()}
        for node in _models(manifest).values()
    }
    said_of_forecasts = {forecast.name: {c.name: c.meaning for c in forecast.columns} for forecast in _BY_PYTHON}
    in_contract = {name: {c.name: c.meaning for c in described.columns} for name, described in OBJECTS.items()}

    def agreed(column: str, among: dict[str, dict[str, str]]) -> str:
        different = {told[column] for told in among.values() if column in told}
        return different.pop() if len(different) == 1 else ""

    def meaning(table: str, column: str) -> str:
        subject = table.partition("_")[2]
        # fct_sales_invoice_line: its own object first, then the invoice that the line is part of.
        own = sorted((name for name in OBJECTS if f"{subject}_".startswith(f"{name}_")), key=len, reverse=True)
        told_here = (said | said_of_forecasts).get(table, {}).get(column)
        candidates = [told_here, *(in_contract[name].get(column) for name in own)]
        marts = {name: told for name, told in said.items() if name in columns}
        return next(filter(None, candidates), "") or agreed(column, marts) or agreed(column, in_contract)

    return {table: {column: meaning(table, column) for column in types} for table, types in columns.items()}


def data_dictionary(manifest: dict[str, Any], columns: Columns) -> str:
    """The data dictionary as Markdown."""
    told = meanings(manifest, columns)
    index = [f"[{table}](#{table})" for table in columns]
    return "\n".join(
        [_HEAD, " · ".join(index), "", *(_table(manifest, table, columns[table], told[table]) for table in columns)]
    )


def _table(manifest: dict[str, Any], table: str, types: dict[str, str], told: dict[str, str]) -> str:
    contract = TABLES.get(table, ())
    grain, parents = _origin(manifest, table)
    through, sources = _lineage(manifest, parents)
    lines = [
        f"## {table}",
        "",
        " ".join(grain.split()) + (" *contract*" if contract else ""),
        "",
        "| column | type | meaning |",
        "|---|---|---|",
        *(
            f"| {name}{' •' if name in contract else ''} | {type_.lower()} | {told[name].replace('|', '/')} |"
            for name, type_ in types.items()
        ),
        "",
        f"Through: {', '.join(through)}" if through else "",
        "",
        *(f"- {system}: {', '.join(tables)}" for system, tables in sources.items()),
        "",
    ]
    return "\n".join(line for number, line in enumerate(lines) if line or not number or lines[number - 1])


def _models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}


def _origin(manifest: dict[str, Any], table: str) -> tuple[str, list[str]]:
    """Grain of a published table, and the nodes it is made from."""
    by_name = {node["name"]: key for key, node in _models(manifest).items()}
    for forecast in _BY_PYTHON:
        if forecast.name == table:
            return forecast.grain, [by_name[name] for name in forecast.made_from]
    node = manifest["nodes"][by_name[table]]
    return node["description"], node["depends_on"]["nodes"]


def _lineage(manifest: dict[str, Any], parents: list[str]) -> tuple[list[str], dict[str, list[str]]]:
    """All intermediate models and marts on the way, and the source tables at its end by system, both sorted."""
    seen: set[str] = set()
    ahead = list(parents)
    while ahead:
        key = ahead.pop()
        if key not in seen:
            seen.add(key)
            if key.rpartition(".")[2] in _ENDS:
                continue
            ahead += manifest["nodes"].get(key, {}).get("depends_on", {}).get("nodes", [])
    models = [manifest["nodes"][key] for key in seen if key in manifest["nodes"]]
    sources: dict[str, set[str]] = {}
    for key in seen & set(manifest["sources"]):
        sources.setdefault(manifest["sources"][key]["source_name"], set()).add(manifest["sources"][key]["name"])
    through = sorted(node["name"] for node in models if "staging" not in node["fqn"])
    return through, {system: sorted(tables) for system, tables in sorted(sources.items())}


def catalogue(manifest: dict[str, Any], columns: Columns, steps: Steps) -> list[tuple[str, ...]]:
    """One row per published column, with the COLUMNS of the catalogue.

    ``steps``: the columns that each model's columns are made of. ``rules`` names the quality rules of the attributes of
    master data that the value comes through, and at the key of a master record all that endanger the table.
    ``controls`` names the controls that read the table, ``comes_from`` lists source columns by system and table.
    """
    told = meanings(manifest, columns)
    ways, ends = columns_on_the_way(steps), source_columns(steps)
    by_name = {node["name"]: node for node in _models(manifest).values()}
    controls = _controls(manifest)
    rows: list[tuple[str, ...]] = []
    for table, types in columns.items():
        grain, parents = _origin(manifest, table)
        # A forecast is answered for by whoever answers for what it is made from.
        described = by_name.get(table) or next(manifest["nodes"][parent] for parent in parents)
        owner = described["config"]["meta"].get("owner", "")
        controlled = ", ".join(sorted(controls.get(table, ())))
        for name, type_ in types.items():
            place = ("marts", table, name)
            rules = _rules(table, name, ways.get(place, set()))
            comes_from = _by_table(ends.get(place, set()))
            is_contract = str(name in TABLES.get(table, ())).lower()
            meaning = told[table][name]
            rows.append(
                (table, name, type_.lower(), " ".join(grain.split()), meaning, owner, rules, controlled, comes_from,
                 is_contract)
            )  # fmt: skip
    return rows


def _rules(table: str, column: str, way: set[Column]) -> str:
    from expectations.suites import SUITES

    found = [
        rule.id
        for suite in SUITES.values()
        for rule in suite.rules
        if ("intermediate", f"int_{suite.object}", rule.attribute) in way
        # A golden record chooses among values by attribute: a choice that SQL does not show column by column.
        or (table in (f"dim_{suite.object}", f"dim_{suite.object}_source") and column == rule.attribute)
        or (column == suite.key and table in rule.endangers and table != f"dim_{suite.object}")
    ]
    return ", ".join(sorted(found))


def _controls(manifest: dict[str, Any]) -> dict[str, set[str]]:
    """Names of the controls by the table that they read."""
    controls: dict[str, set[str]] = {}
    for node in _models(manifest).values():
        if node["name"].startswith("control_"):
            for parent in node["depends_on"]["nodes"]:
                controls.setdefault(parent.rpartition(".")[2], set()).add(node["name"].removeprefix("control_"))
    return controls


def _by_table(ends: set[tuple[str, str, str]]) -> str:
    """erp: orders (price, quantity); seeds: rates (rate)"""
    tables: dict[tuple[str, str], set[str]] = {}
    for schema, table, column in ends:
        system, _, source_table = table.partition("__") if schema == "latest" else (schema, "", table)
        tables.setdefault((system, source_table), set()).add(column)
    return "; ".join(
        f"{system}: {table} ({', '.join(sorted(found))})" for (system, table), found in sorted(tables.items())
    )


def main() -> None:
    """Write ``docs/data_dictionary.md`` and ``catalogue.csv``, from a group of companies without data."""
    import csv
    import tempfile
    from datetime import date, datetime

    from dagster_project.config import GroupSettings, Settings
    from dagster_project.contracts.layouts import PROJECT_ROOT
    from dagster_project.lineage import steps
    from dagster_project.pipeline import build_models
    from dagster_project.transform import RunContext, compiled_models, manifest_path
    from dagster_project.warehouse import open_warehouse

    with tempfile.TemporaryDirectory() as folder:
        nobody = GroupSettings(name="Nobody", reporting_currency="EUR")
        settings = Settings(file=Path(folder) / "company.yml", group=nobody, home=Path(folder), sources=())
        run = RunContext("docs", date(2024, 1, 31), datetime(2024, 1, 31))
        build_models(settings, run, "path:seeds path:models", "catalogue")
        manifest = json.loads(manifest_path(settings).read_text(encoding="utf-8"))
        compiled = compiled_models(settings, run)
        with open_warehouse(settings.warehouse, read_only=True) as warehouse:
            columns = published_columns(warehouse)
            schema: dict[str, dict[str, dict[str, str]]] = {}
            for place, table, column, type_ in warehouse.execute(
                "select schema_name, table_name, column_name, data_type from duckdb_columns()"
            ).fetchall():
                schema.setdefault(place, {}).setdefault(table, {})[column] = type_
    (PROJECT_ROOT / "docs" / "data_dictionary.md").write_text(data_dictionary(manifest, columns), encoding="utf-8")
    with CATALOGUE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(catalogue(manifest, columns, steps(compiled, schema)))


if __name__ == "__main__":
    main()
