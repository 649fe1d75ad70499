"""Where a column's value comes from, read out of SQL."""

from __future__ import annotations

import pytest

from dagster_project.lineage import columns_on_the_way, query_origins, source_columns, steps

SCHEMA = {
    "latest": {
        "erp__t": {"x": "int", "z": "int", "day": "date"},
        "erp__u": {"q": "int", "r": "int"},
        "erp__w": {"v": "int"},
    },
    "marts": {"first": {"y": "int", "s": "int"}, "second": {"total": "int"}},
}
T, U, W = (("latest", f"erp__{name}") for name in "tuw")


@pytest.mark.parametrize(
    ("sql", "origins"),
    [
        ("select x as a, x + z as b, 1 as c, count(*) as n from latest.erp__t group by x, z",
         {"a": {(*T, "x")}, "b": {(*T, "x"), (*T, "z")}, "c": set(), "n": set()}),
        ("with a as (select x, sum(z) as s from latest.erp__t group by x) select * from a",
         {"x": {(*T, "x")}, "s": {(*T, "z")}}),
        # Columns of a union meet by their place.
        ("select x from latest.erp__t union all select r from latest.erp__u", {"x": {(*T, "x"), (*U, "r")}}),
        # Joins and filters say which rows there are, not what the value is.
        ("select u.r from latest.erp__t t join latest.erp__u u on t.x = u.q where t.z > 0", {"r": {(*U, "r")}}),
        ("select sum(x) over (partition by z order by day) as running from latest.erp__t", {"running": {(*T, "x")}}),
        ("select (select max(v) from latest.erp__w) as most from latest.erp__t", {"most": {(*W, "v")}}),
        ("select case when z > 0 then x end as a from latest.erp__t", {"a": {(*T, "x"), (*T, "z")}}),
    ],
)  # fmt: skip
def test_origins_of_a_query(sql: str, origins: dict[str, set[tuple[str, str, str]]]) -> None:
    assert query_origins(sql, SCHEMA) == origins


def test_the_way_goes_through_all_models_to_the_sources() -> None:
    models = {
        ("marts", "first"): "select x as y, z + 1 as s from latest.erp__t",
        ("marts", "second"): "select first.s + u.r as total from marts.first join latest.erp__u as u on first.y = u.q",
    }
    taken = steps(models, SCHEMA)
    assert source_columns(taken)["marts", "second", "total"] == {(*T, "z"), (*U, "r")}
    assert columns_on_the_way(taken)["marts", "second", "total"] == {("marts", "first", "s"), (*T, "z"), (*U, "r")}
