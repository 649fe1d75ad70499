"""The quality gate: Great Expectations on master data between intermediate models and marts. Rules: expectations/."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from dagster_project.assets.outcome import one_line_failures
from dagster_project.gate import MASTER_OBJECTS, MODELS_READ
from dagster_project.resources import Pipeline

_ISSUE = dg.AssetKey(["quality", "data_issue"])
_HELD = dg.AssetKey(["quality", "held_master_record"])


@dg.multi_asset(
    name="quality_gate",
    specs=[
        dg.AssetSpec(
            key,
            deps=[dg.AssetKey(["intermediate", name]) for name in (*MODELS_READ, "int_transaction_fault")],
            group_name="quality",
            kinds={"greatexpectations"},
        )
        for key in (_ISSUE, _HELD)
    ],
    check_specs=[dg.AssetCheckSpec(f"suite_{name}", asset=_ISSUE) for name in MASTER_OBJECTS],
)
def quality_gate(context: dg.AssetExecutionContext, pipeline: Pipeline) -> Iterator[Any]:
    """All failing keys of every suite; master records with a critical fault are held."""
    from dagster_project.gate import run_gate

    with one_line_failures():
        outcome = run_gate(pipeline.settings(), pipeline.run_context(context))
    yield dg.MaterializeResult(
        asset_key=_ISSUE, metadata={"open_issues": outcome.open_issues, "seconds": round(outcome.seconds, 3)}
    )
    yield dg.MaterializeResult(asset_key=_HELD, metadata={"held_records": outcome.held_records})
    for suite in outcome.suites:
        yield dg.AssetCheckResult(
            asset_key=_ISSUE,
            check_name=f"suite_{suite['object']}",
            passed=bool(suite["success"]),
            # A failing record is held or listed, of a suite in error the faults found before stand: the run goes on.
            severity=dg.AssetCheckSeverity.ERROR if suite["error"] else dg.AssetCheckSeverity.WARN,
            description=suite["error"] or None,
            metadata={name: int(suite[name]) for name in ("rows_checked", "failed_records", "held_records")},
        )
