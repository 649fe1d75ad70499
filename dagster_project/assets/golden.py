"""Golden records between quality gate and marts: which records of all systems are one party. Methods: matching/."""

from collections.abc import Iterator

import dagster as dg

from dagster_project.assets.outcome import one_line_failures
from dagster_project.resources import Pipeline

_MEMBER = dg.AssetKey(["quality", "golden_member"])
_PAIR = dg.AssetKey(["quality", "match_pair"])


@dg.multi_asset(
    name="golden_records",
    specs=[
        dg.AssetSpec(
            key,
            # After the gate, which takes over what stewards decided.
            deps=[
                dg.AssetKey(["quality", "data_issue"]),
                *(dg.AssetKey(["intermediate", name]) for name in ("int_customer", "int_crm_account", "int_supplier")),
            ],
            group_name="quality",
            kinds={"duckdb"},
        )
        for key in (_MEMBER, _PAIR)
    ],
)
def golden_records(context: dg.AssetExecutionContext, pipeline: Pipeline) -> Iterator[dg.MaterializeResult]:
    """Clusters of records, links with their weights, and pairs in doubt for the stewards."""
    from dagster_project.matching.golden import match_master_data

    with one_line_failures():
        outcomes = match_master_data(pipeline.settings())
    yield dg.MaterializeResult(asset_key=_MEMBER, metadata={f"{o.object}_records_merged": o.merged for o in outcomes})
    yield dg.MaterializeResult(
        asset_key=_PAIR, metadata={f"{o.object}_pairs_in_doubt": o.pairs_in_doubt for o in outcomes}
    )
