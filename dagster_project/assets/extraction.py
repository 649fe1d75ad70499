"""Source systems → schemas raw and latest: one asset per source table. How rows are read is in sources/."""

import logging
from collections.abc import Iterator

import dagster as dg

from dagster_project.assets.outcome import RETRY_EXTRACTION, one_line_failures
from dagster_project.config import Settings
from dagster_project.contracts.layouts import Layout
from dagster_project.resources import Pipeline

log = logging.getLogger("settlehouse")


def extraction_assets(settings: Settings, freshness: dg.FreshnessPolicy) -> list[dg.AssetsDefinition]:
    """One definition per operational system the group uses; it reads all sources of that system."""
    layouts = {source.layout.system: source.layout for source in settings.sources}
    return [_extraction(layout, freshness) for layout in layouts.values()]


def _extraction(layout: Layout, freshness: dg.FreshnessPolicy) -> dg.AssetsDefinition:
    # Keys are those that dbt's sources have, so that the lineage runs through.
    keys = {table.name: dg.AssetKey([layout.system, table.identifier.removeprefix(f"{layout.system}__")])
            for table in layout.tables}  # fmt: skip

    @dg.multi_asset(
        name=f"extract_{layout.system}",
        specs=[
            dg.AssetSpec(key, group_name="sources", kinds={"duckdb"}, freshness_policy=freshness)
            for key in keys.values()
        ],
        retry_policy=RETRY_EXTRACTION,
    )
    def extract(context: dg.AssetExecutionContext, pipeline: Pipeline) -> Iterator[dg.MaterializeResult]:
        from dagster_project.pipeline import extract_system

        with one_line_failures():
            reports = extract_system(pipeline.settings(), layout.system, pipeline.run_context(context))
        for name, key in keys.items():
            of_table = [report for report in reports if report.table == name]
            yield dg.MaterializeResult(
                asset_key=key,
                metadata={
                    "rows": sum(r.rows_latest for r in of_table),
                    "rows_new": sum(r.rows_new for r in of_table),
                    "rows_changed": sum(r.rows_changed for r in of_table),
                    "rows_deleted": sum(r.rows_deleted for r in of_table),
                    "seconds": round(sum(r.seconds for r in of_table), 3),
                    "warnings": [warning for r in of_table for warning in r.warnings],
                },
            )

    return extract
