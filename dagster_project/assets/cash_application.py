"""Cash application between marts and publication: which open items each bank line pays. Methods: cash_application/."""

from collections.abc import Iterator

import dagster as dg

from dagster_project.assets.outcome import one_line_failures
from dagster_project.contracts.published import CASH_APPLICATION
from dagster_project.resources import Pipeline


@dg.multi_asset(
    name="cash_application",
    specs=[
        dg.AssetSpec(
            dg.AssetKey(["marts", table.name]),
            deps=[dg.AssetKey(["marts", name]) for name in table.made_from],
            group_name="cash_application",
            kinds={"python", "duckdb"},
        )
        for table in CASH_APPLICATION
    ],
)
def cash_application(context: dg.AssetExecutionContext, pipeline: Pipeline) -> Iterator[dg.MaterializeResult]:
    """Made anew by every run, from facts and from what persons decided."""
    from dagster_project.cash_application.run import apply_cash

    with one_line_failures():
        rows = apply_cash(pipeline.settings(), pipeline.run_context(context))
    for table, count in rows.items():
        yield dg.MaterializeResult(asset_key=dg.AssetKey(["marts", table]), metadata={"rows": count})
