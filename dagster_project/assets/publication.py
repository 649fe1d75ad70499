"""Audit and publication: the certificate is read, and only if it holds is the published file swapped."""

from collections.abc import Sequence

import dagster as dg

from dagster_project.assets.outcome import one_line_failures
from dagster_project.resources import Pipeline


def publication_asset(marts: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """The published file, made from all tables of schema marts."""

    @dg.asset(key=dg.AssetKey(["published", "current"]), deps=list(marts), group_name="publishing", kinds={"duckdb"})
    def published(context: dg.AssetExecutionContext, pipeline: Pipeline) -> dg.MaterializeResult:
        """What dashboards and other tools read: var/published/current.duckdb."""
        from dagster_project.pipeline import audit_and_publish

        with one_line_failures():
            outcome = audit_and_publish(pipeline.settings(), pipeline.run_context(context))
        return dg.MaterializeResult(
            metadata={"file": outcome.file.name, "rows": outcome.rows, "comparisons": outcome.comparisons}
        )

    return published
