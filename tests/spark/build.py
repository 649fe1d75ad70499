"""The dbt project built on Spark from the raw tables of a DuckDB warehouse, and its tables held against DuckDB's.

What Python steps of a run write (golden records, matched cash, forecasts) is handed over like raw tables.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.transform import DBT_PROJECT
from tests.spark.cluster import ADDRESS, Cluster

# Tables that are not the same on Spark yet, and why: docs/spark.md.
KNOWN_DIFFERENCES: set[str] = set()


@contextmanager
def session(cluster: Cluster, folder: Path, memory_mb: int = 1024) -> Iterator[Any]:
    """The driver's session; dbt-spark's method "session" in this process finds it."""
    from pyspark.sql import SparkSession

    os.environ["SPARK_LOCAL_IP"] = ADDRESS
    builder = SparkSession.builder.master(cluster.url).appName("settlehouse")
    for name, value in {
        "spark.driver.host": ADDRESS,
        "spark.driver.bindAddress": ADDRESS,
        "spark.driver.memory": "2g",
        "spark.executor.memory": f"{memory_mb}m",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.local.dir": str(folder / "scratch"),
        "spark.sql.warehouse.dir": str(folder / "tables"),
        # Tables are files, their names live as long as the session.
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.sources.default": "parquet",
        # As DuckDB has it: "name" is a name, days and times are without a zone.
        "spark.sql.ansi.enabled": "true",
        "spark.sql.ansi.doubleQuotedIdentifiers": "true",
        "spark.sql.timestampType": "TIMESTAMP_NTZ",
        "spark.sql.session.timeZone": "UTC",
        # Too large a product fails instead of losing digits.
        "spark.sql.decimalOperations.allowPrecisionLoss": "false",
        "spark.sql.shuffle.partitions": "2",
        # The demo group is small and its queries are long: what pays off on millions of rows costs more than it gives.
        "spark.sql.constraintPropagation.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.broadcastTimeout": "1800",
        "spark.log.level": "ERROR",
    }.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    try:
        yield spark
    finally:
        spark.stop()


def hand_over(warehouse: Path, manifest: dict[str, Any], folder: Path, spark: Any) -> int:
    """Write each source of the models as Parquet and name it in Spark; how many rows that are."""
    rows = 0
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for schema in sorted({node["schema"] for node in manifest["sources"].values()}):
            spark.sql(f"create database if not exists {schema}")
        for source in manifest["sources"].values():
            schema, name = source["schema"], source["identifier"]
            file = folder / "handed_over" / schema / f"{name}.parquet"
            file.parent.mkdir(parents=True, exist_ok=True)
            rows += connection.execute(f"copy (from {schema}.\"{name}\") to '{file}' (format parquet)").fetchall()[0][0]
            columns = ", ".join(
                f"`{column}` {_in_spark(kind)}"
                for column, kind, *_ in connection.execute(f'describe {schema}."{name}"').fetchall()
            )
            spark.sql(f"create table {schema}.{name} ({columns}) using parquet location '{file}'")
    return rows


def _in_spark(of_type: str) -> str:
    return {"VARCHAR": "string", "TIMESTAMP": "timestamp_ntz"}.get(of_type, of_type.lower())


def build(
    select: list[str], variables: dict[str, str], folder: Path, after: tuple[int, Callable[[], None]] | None = None
) -> tuple[set[str], list[str]]:
    """``dbt build`` on Spark; names of the models that were built, and what failed with the first words of why.

    ``after``: how many nodes are to be finished before something is done meanwhile.
    """
    from dbt.cli.main import dbtRunner

    finished = 0

    def count(event: Any) -> None:
        nonlocal finished
        if event.info.name == "NodeFinished":
            finished += 1
            if after is not None and finished == after[0]:
                after[1]()

    outcome = dbtRunner(callbacks=[count]).invoke(
        [
            "build",
            "--select", *select,
            # Tests look at figures; here tables are held against tables.
            "--exclude-resource-type", "test",
            "--target", "spark",
            "--vars", json.dumps({**variables, "parts": "table"}),
            "--project-dir", str(DBT_PROJECT),
            "--profiles-dir", str(DBT_PROJECT),
            "--target-path", str(folder / "dbt"),
            "--log-path", str(folder / "logs"),
            "--log-level", "none",
            "--log-level-file", "debug",
        ]
    )  # fmt: skip
    if outcome.exception is not None:
        raise outcome.exception
    ended = {result.node.name: result for result in outcome.result.results}
    return (
        {name for name, result in ended.items() if result.status == "success"},
        [f"{name}: {(r.message or '')[:300]}" for name, r in ended.items() if r.status == "error"],
    )


def shuffled_bytes(spark: Any) -> int:
    """What the executors wrote for each other so far."""
    executors = spark.sparkContext._jsc.sc().statusStore().executorList(False)
    return sum(executors.apply(number).totalShuffleWrite() for number in range(executors.size()))


@dataclass(frozen=True)
class Comparison:
    """One table on both sides; equal when neither has a row the other lacks and the types are of one kind."""

    table: str
    rows: int
    only_in_duckdb: int = 0
    only_in_spark: int = 0
    problem: str = ""

    @property
    def is_equal(self) -> bool:
        return not (self.only_in_duckdb or self.only_in_spark or self.problem)


def compare(warehouse: Path, folder: Path, tables: list[tuple[str, str]]) -> list[Comparison]:
    """Each table of the warehouse, and Spark's Parquet files of it, by ``EXCEPT ALL`` both ways."""
    found = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{warehouse}' as kept (read_only)")
        for schema, name in tables:
            ours = f'kept.{schema}."{name}"'
            rows = connection.execute(f"select count(*) from {ours}").fetchall()[0][0]
            files = folder / "tables" / f"{schema}.db" / name
            if not any(files.glob("*.parquet")):
                found.append(Comparison(f"{schema}.{name}", rows, problem="not built"))
                continue
            theirs = f"read_parquet('{files}/*.parquet')"
            types = [
                {column: _kind(kind) for column, kind, *_ in connection.execute(f"describe from {one}").fetchall()}
                for one in (ours, theirs)
            ]
            if types[0] != types[1]:
                unlike = sorted(set(types[0].items()) ^ set(types[1].items()))
                found.append(Comparison(f"{schema}.{name}", rows, problem=f"types: {unlike}"))
                continue
            columns = ", ".join(f'"{column}"' for column in types[0])
            lacking = [
                connection.execute(
                    f"select count(*) from (select {columns} from {one} except all select {columns} from {other})"
                ).fetchall()[0][0]
                for one, other in ((ours, theirs), (theirs, ours))
            ]
            found.append(Comparison(f"{schema}.{name}", rows, *lacking))
    return found


def _kind(of_type: str) -> str:
    """A type without how much room it has: two decimals are of one kind when they have the same scale."""
    if of_type in {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"}:
        return "whole number"
    if of_type.startswith("DECIMAL"):
        return f"decimal of scale {of_type.rstrip(')').partition(',')[2]}"
    return of_type
