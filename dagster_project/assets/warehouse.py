"""dbt models as assets, in two parts: what comes before the quality gate, and the marts after it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets

from dagster_project.assets.outcome import one_line_failures
from dagster_project.resources import Pipeline
from dagster_project.transform import NodeResult, RunContext

BEFORE_GATE = "fqn:settlehouse.staging fqn:settlehouse.intermediate resource_type:seed"
AFTER_GATE = "fqn:settlehouse.marts"


class _Layers(DagsterDbtTranslator):
    """Assets are grouped as the folders are: staging, intermediate, marts."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return str(dbt_resource_props["fqn"][1])


# A dbt test that fails ends the run by name; a hundred checks more in the run's log cost seconds and say nothing new.
_TRANSLATOR = _Layers(settings=DagsterDbtTranslatorSettings(enable_asset_checks=False))


def warehouse_assets(manifest: Path) -> list[dg.AssetsDefinition]:
    """The dbt project as Dagster assets; ``manifest`` is dbt's description of it."""
    return [_part(manifest, "settlement_model", BEFORE_GATE), _part(manifest, "marts", AFTER_GATE)]


def _part(manifest: Path, name: str, select: str) -> dg.AssetsDefinition:
    @dbt_assets(manifest=manifest, select=select, name=name, dagster_dbt_translator=_TRANSLATOR)
    def models(context: dg.AssetExecutionContext, pipeline: Pipeline) -> Iterator[Any]:
        from dagster_project.pipeline import build_models

        run: RunContext = pipeline.run_context(context)
        with one_line_failures():
            results = build_models(pipeline.settings(), run, select, name)
        yield from _events(json.loads(manifest.read_text(encoding="utf-8")), results)

    return models


def _events(manifest: dict[str, Any], results: list[NodeResult]) -> Iterator[Any]:
    for result in results:
        node = manifest["nodes"].get(result.unique_id)
        if node is None:
            continue
        if node["resource_type"] in {"model", "seed"} and node["config"]["materialized"] != "ephemeral":
            metadata: dict[str, Any] = {"seconds": round(result.seconds, 3)}
            if result.rows is not None:
                metadata["rows"] = result.rows
            yield dg.MaterializeResult(asset_key=_TRANSLATOR.get_asset_key(node), metadata=metadata)
