"""Audit and publication: the certificate is read, and only if it holds is the published file swapped."""

from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from dagster_project.assets.outcome import one_line_failures
from dagster_project.resources import Pipeline

_CURRENT = dg.AssetKey(["published", "current"])


def publication_asset(marts: Sequence[dg.AssetKey], freshness: dg.FreshnessPolicy) -> dg.AssetsDefinition:
    """The published file, made from all tables of schema marts; checked by controls that block and those that warn."""

    @dg.asset(
        key=_CURRENT,
        deps=list(marts),
        group_name="publishing",
        kinds={"duckdb"},
        freshness_policy=freshness,
        check_specs=[
            dg.AssetCheckSpec("blocking_controls", asset=_CURRENT, description="Without them nothing is published."),
            dg.AssetCheckSpec("other_controls", asset=_CURRENT, description="Published, and told as a warning."),
        ],
    )
    def published(context: dg.AssetExecutionContext, pipeline: Pipeline) -> Iterator[Any]:
        """What dashboards and other tools read: var/published/current.duckdb."""
        from dagster_project.pipeline import audit_and_publish
        from dagster_project.publishing.audit import AuditError

        try:
            with one_line_failures(but=AuditError):
                outcome = audit_and_publish(pipeline.settings(), pipeline.run_context(context))
        except AuditError as error:
            yield _check("blocking_controls", False, dg.AssetCheckSeverity.ERROR, str(error))
            raise dg.Failure(description=str(error), allow_retries=False) from None
        yield dg.MaterializeResult(
            metadata={"file": outcome.file.name, "rows": outcome.rows, "comparisons": outcome.comparisons}
        )
        yield _check("blocking_controls", True, dg.AssetCheckSeverity.ERROR, f"{outcome.comparisons} comparisons")
        yield _check("other_controls", not outcome.warnings, dg.AssetCheckSeverity.WARN, f"{outcome.warnings} differ")

    return published


def _check(name: str, passed: bool, severity: dg.AssetCheckSeverity, told: str) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(asset_key=_CURRENT, check_name=name, passed=passed, severity=severity, description=told)
