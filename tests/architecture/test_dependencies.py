"""Who may know whom, where import-linter can't see it: Dagster's wiring, and the layers of the dbt project."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAY_KNOW_DAGSTER = ("definitions.py", "resources.py", "run_log.py", "schedules.py", "sensors.py")

# Folder of a model → folders it may read. Sources are read by staging alone, but for what the run itself records.
LAYERS = {
    "staging": {"staging"},
    "intermediate": {"staging", "intermediate", "seeds"},
    "marts": {"intermediate", "marts", "seeds"},
}


def imported(file: Path, *, at_module_level: bool) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    nodes = tree.body if at_module_level else ast.walk(tree)
    names = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def test_dagster_is_imported_in_its_own_rooms_only():
    elsewhere = [
        str(file.relative_to(ROOT))
        for folder in ("dagster_project", "ml", "expectations", "dashboards", "demo")
        for file in (ROOT / folder).rglob("*.py")
        if "dagster" in imported(file, at_module_level=True)
        and file.parent.name != "assets"
        and file.name not in MAY_KNOW_DAGSTER
    ]
    assert elsewhere == []


def test_pages_know_the_stewards_store_by_one_door_and_nothing_else_of_the_pipeline():
    knowing = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "dashboards").rglob("*.py")
        if "dagster_project" in imported(file, at_module_level=False)
    }
    assert knowing == {"dashboards/stewardship.py"}
    door = ast.parse((ROOT / "dashboards" / "stewardship.py").read_text(encoding="utf-8"))
    named = {node.module for node in ast.walk(door) if isinstance(node, ast.ImportFrom) and node.module}
    assert {name for name in named if name.startswith("dagster_project")} == {
        "dagster_project.stewardship",
        *(f"dagster_project.stewardship.{name}" for name in ("cash", "chain", "directory", "memo", "rules", "store")),
    }


@pytest.mark.parametrize(
    ("library", "folders"),
    [
        ("great_expectations", ("dagster_project", "expectations")),
        ("sklearn", ("dagster_project",)),
        ("statsmodels", ("dagster_project",)),
        ("dbt", ("dagster_project",)),
    ],
)
def test_slow_imports_stay_inside_functions(library: str, folders: tuple[str, ...]):
    eager = [
        str(file.relative_to(ROOT))
        for folder in folders
        for file in (ROOT / folder).rglob("*.py")
        if library in imported(file, at_module_level=True)
    ]
    assert eager == []


def test_dbt_is_no_python_package():
    assert not (ROOT / "dbt" / "__init__.py").exists()


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    from dbt.cli.main import dbtRunner

    target = tmp_path_factory.mktemp("dbt")
    project = str(ROOT / "dbt")
    outcome = dbtRunner().invoke(
        ["parse", "--project-dir", project, "--profiles-dir", project, "--target-path", str(target),
         "--log-path", str(target), "--log-level", "none"]
    )  # fmt: skip
    assert outcome.success, outcome.exception
    return json.loads((target / "manifest.json").read_text(encoding="utf-8"))


def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def layer(node: dict[str, Any]) -> str:
    return "seeds" if node["resource_type"] == "seed" else node["fqn"][1]


def system(unique_id: str, manifest: dict[str, Any]) -> str:
    """The operational system that a source or a staging model belongs to."""
    if unique_id in manifest["sources"]:
        return manifest["sources"][unique_id]["source_name"]
    return manifest["nodes"][unique_id]["fqn"][2]


def test_each_dbt_layer_reads_only_what_it_may(manifest: dict[str, Any]):
    wrong = [
        f"{model['name']} reads {parent}"
        for model in models(manifest)
        for parent in model["depends_on"]["nodes"]
        if parent in manifest["nodes"]
        and layer(manifest["nodes"][parent]) not in LAYERS[layer(model)]
        # The certificate counts what staging gave against what is published (decision 13).
        and not (model["name"] == "control_completeness" and layer(manifest["nodes"][parent]) == "staging")
    ]
    assert wrong == []


def test_staging_reads_its_own_system_only(manifest: dict[str, Any]):
    wrong = [
        f"{model['name']} reads {parent}"
        for model in models(manifest)
        if layer(model) == "staging"
        for parent in model["depends_on"]["nodes"]
        if system(parent, manifest) != model["fqn"][2]
    ]
    assert wrong == []


def test_other_layers_read_no_operational_source(manifest: dict[str, Any]):
    wrong = [
        f"{model['name']} reads {parent}"
        for model in models(manifest)
        if layer(model) != "staging"
        for parent in model["depends_on"]["nodes"]
        if parent in manifest["sources"] and manifest["sources"][parent]["source_name"] not in {"quality", "raw"}
    ]
    assert wrong == []


def test_every_model_says_its_grain(manifest: dict[str, Any]):
    silent = [m["name"] for m in models(manifest) if not m["description"].startswith("One row per ")]
    assert silent == []


def test_every_table_of_the_marts_has_its_key_tested(manifest: dict[str, Any]):
    tested = {
        node["attached_node"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and (node.get("test_metadata") or {}).get("name") == "key"
    }
    untested = [
        model["name"]
        for model in models(manifest)
        if layer(model) == "marts"
        and model["config"]["materialized"] != "ephemeral"
        and model["unique_id"] not in tested
    ]
    assert untested == []
