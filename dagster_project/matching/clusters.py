"""Which records are one party: links become clusters, unless a cluster would hold what must not be one.

Two tax identifiers of one country, or a pair that a steward keeps apart, are never in one cluster, not even through
a third record: links are taken from the strongest down, and one that would join them is cut. Links of equal weight that
only together would join them are all cut, since nothing says which of them is right. So the outcome does not depend on
the order of the rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

# From the strongest: a steward's word, what the sources themselves say, what the model found likely enough.
STEWARD, SOURCE, NUMBER, MATCH = "steward", "merged at the source", "customer number", "match"
_STRENGTH = {STEWARD: 0, SOURCE: 1, NUMBER: 2, MATCH: 3}

Link = tuple[str, str, str, float]
"""record_id, other_record_id, kind, rank within the kind: the higher the stronger."""


@dataclass
class _Cluster:
    """Records that are one so far, and their tax identifiers by country."""

    records: set[str]
    identifiers: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def cluster(
    connection: duckdb.DuckDBPyConnection,
    links: str,
    identifiers: str,
    apart: Iterable[tuple[str, str]],
) -> None:
    """Make tables ``cluster_member`` (record_id, cluster) and ``cut_link`` (record_id, other_record_id, why).

    ``links``: table of record_id, other_record_id, kind, rank. ``identifiers``: table of record_id, country,
    identifier. ``apart``: pairs that a steward keeps apart. Records without a link are in no
    row; ``cluster`` is the least record_id of the cluster.
    """
    import pyarrow as pa

    kept_apart = {frozenset(pair) for pair in apart}
    connection.register(
        "apart_pair",
        pa.table(
            {"record_id": [min(p) for p in kept_apart], "other_record_id": [max(p) for p in kept_apart]},
            schema=pa.schema([("record_id", pa.string()), ("other_record_id", pa.string())]),
        ),
    )
    _components(connection, links)
    # Only components that hold a contradiction, few in any data, are taken apart link by link.
    connection.execute(
        f"""create or replace temporary table contradiction as
            select component from component inner join {identifiers} using (record_id)
            group by component, country having count(distinct identifier) > 1
            union
            select one.component from apart_pair
            inner join component as one on apart_pair.record_id = one.record_id
            inner join component as two on apart_pair.other_record_id = two.record_id
            where one.component = two.component"""
    )
    doubtful: list[Link] = connection.execute(
        f"""select link.record_id, link.other_record_id, link.kind, link.rank
            from {links} as link
            inner join component using (record_id)
            where component in (from contradiction)
            order by component, link.record_id, link.other_record_id, link.kind"""
    ).fetchall()
    known = connection.execute(
        f"""select record_id, country, identifier from {identifiers} inner join component using (record_id)
            where component in (from contradiction)"""
    ).fetchall()
    members, cut = resolve(doubtful, known, kept_apart)
    connection.register("resolved", pa.table(_columns(("record_id", "cluster"), members)))
    connection.register("cut", pa.table(_columns(("record_id", "other_record_id", "why"), cut)))
    connection.execute(
        """create or replace temporary table cluster_member as
            select record_id, component as cluster from component where component not in (from contradiction)
            union all
            select record_id, cluster from resolved"""
    )
    connection.execute("create or replace temporary table cut_link as select * from cut")
    for name in ("apart_pair", "resolved", "cut"):
        connection.unregister(name)


def resolve(
    links: Sequence[Link], identifiers: Iterable[tuple[str, str, str]], apart: set[frozenset[str]]
) -> tuple[list[tuple[str, str]], list[tuple[str, str, str]]]:
    """Clusters of the records in ``links`` as (record_id, least record_id of its cluster), and the links that were cut.

    A cut link is (record_id, other_record_id, why): ``kept_apart`` or ``tax_identifier``. A steward's merge may join
    two tax identifiers, which then count as one party's; it may not join what a steward keeps apart.
    """
    cluster_of = {record: _Cluster({record}) for link in links for record in link[:2]}
    for record, country, identifier in identifiers:
        if record in cluster_of:
            cluster_of[record].identifiers[country].add(identifier)
    cut: list[tuple[str, str, str]] = []
    groups: dict[tuple[int, float], list[Link]] = defaultdict(list)
    for link in links:
        groups[(_STRENGTH[link[2]], -link[3])].append(link)
    for (strength, _), group in sorted(groups.items()):
        for clusters, joining in _joined(group, cluster_of):
            why = _contradiction(clusters, apart, may_differ=strength == _STRENGTH[STEWARD])
            if why:
                cut += [(one, two, why) for one, two, *_ in joining]
                continue
            together = _Cluster(set().union(*(c.records for c in clusters)))
            for one in clusters:
                for country, numbers in one.identifiers.items():
                    together.identifiers[country] |= numbers
            for record in together.records:
                cluster_of[record] = together
    return (
        sorted((record, min(found.records)) for record, found in cluster_of.items()),
        sorted(cut),
    )


def _joined(group: list[Link], cluster_of: dict[str, _Cluster]) -> list[tuple[list[_Cluster], list[Link]]]:
    """Clusters that the links of a group would make one, with those links; links within a cluster join nothing."""
    parts: list[tuple[list[_Cluster], list[Link]]] = []
    for link in group:
        ends = [cluster_of[link[0]], cluster_of[link[1]]]
        if ends[0] is ends[1]:
            continue
        touched = [part for part in parts if any(end is known for end in ends for known in part[0])]
        parts = [part for part in parts if part not in touched]
        clusters = [known for part in touched for known in part[0]]
        clusters += [end for end in ends if not any(end is known for known in clusters)]
        parts.append((clusters, [known for part in touched for known in part[1]] + [link]))
    return parts


def _contradiction(clusters: list[_Cluster], apart: set[frozenset[str]], *, may_differ: bool) -> str | None:
    """Why these clusters must not be one, or None."""
    for number, one in enumerate(clusters):
        for two in clusters[number + 1 :]:
            if apart and any(frozenset((a, b)) in apart for a in one.records for b in two.records):
                return "kept_apart"
            if not may_differ and any(
                one.identifiers[country] and two.identifiers[country]
                and not one.identifiers[country] & two.identifiers[country]
                for country in set(one.identifiers) & set(two.identifiers)
            ):  # fmt: skip
                return "tax_identifier"
    return None


def _components(connection: duckdb.DuckDBPyConnection, links: str) -> None:
    """Table ``component``: one row per record with a link, and the least record_id that links lead to from it."""
    import numpy as np
    import pyarrow as pa
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    records = connection.execute(
        f"""select record_id from (select record_id from {links} union select other_record_id from {links})
            order by record_id"""
    ).to_arrow_table()
    connection.register("linked", records.append_column("n", pa.array(np.arange(len(records)))))
    ends = connection.execute(
        f"""select one.n as one, two.n as two from {links} as link
            inner join linked as one on link.record_id = one.record_id
            inner join linked as two on link.other_record_id = two.record_id"""
    ).fetchnumpy()
    size = len(records)
    graph = coo_array((np.ones(len(ends["one"]), dtype=np.int8), (ends["one"], ends["two"])), shape=(size, size))
    labels = connected_components(graph, directed=False)[1] if size else np.zeros(0, dtype=np.int32)
    connection.register("labelled", records.append_column("label", pa.array(labels)))
    connection.execute(
        """create or replace temporary table component as
            select record_id, min(record_id) over (partition by label) as component from labelled"""
    )
    connection.unregister("linked")
    connection.unregister("labelled")


def _columns(names: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    import pyarrow as pa

    return {name: pa.array([row[n] for row in rows], pa.string()) for n, name in enumerate(names)}
