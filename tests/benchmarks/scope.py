"""What the scope of a reader costs: every query of every page, straight on the published file and through the door.

    .venv/bin/python tests/benchmarks/scope.py [FILE]    (default: the one that make demo publishes)

Collects the queries that the CFO's pages ask, times each ROUNDS times (the median counts) on the file itself and as the
CFO, a controller, a regional manager and a salesperson, and prints the sums, the slowest ratio and what the first query
of a reader waits for his views.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
from streamlit.testing.v1 import AppTest

sys.path.insert(0, str(Path(__file__).parents[2]))

from dashboards import access
from dashboards.policy import Grant, policy
from dashboards.scoped import Scope, ScopedFile, tables_asked_for

ROUNDS = 5
FOLDER = Path(__file__).parents[2] / "dashboards"


def queries_of_the_pages() -> dict[tuple[str, tuple[tuple[str, Any], ...]], None]:
    """Every query with its values that the pages ask when they are opened, once each, in order."""
    asked: dict[tuple[str, tuple[tuple[str, Any], ...]], None] = {}
    rows = access._rows

    def record(file: Any, scope: Scope, sql: str, tables: Any, values: Any, policy: Any) -> Any:
        if "duckdb_columns" not in sql:
            asked[sql, values] = None
        return rows(file, scope, sql, tables, values, policy)

    access._rows = record  # type: ignore[assignment]
    app = AppTest.from_file(str(FOLDER / "app.py"), default_timeout=120).run()
    for page in sorted(FOLDER.glob("app_pages/*/*.py")):
        app.switch_page(str(page.relative_to(FOLDER))).run()
        assert not app.exception, page
    access._rows = rows
    return asked


def median_seconds(cursor: duckdb.DuckDBPyConnection, sql: str, values: tuple[tuple[str, Any], ...]) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        cursor.execute(sql, dict(values)).to_arrow_table()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def main() -> None:
    file_name = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER.parent / "var/demo/var/published/current.duckdb"
    if not file_name.exists():
        print(f"scope: skipped, {file_name} is not there; make demo makes it")
        return
    path = str(file_name.resolve())
    os.environ["SETTLEHOUSE_PUBLISHED"] = path
    checked = policy().policy
    asked = list(queries_of_the_pages())
    access._opened.clear()
    with duckdb.connect(path, read_only=True) as straight:
        print(f"{len(asked)} queries of {len(list(FOLDER.glob('app_pages/*/*.py')))} pages, median of {ROUNDS}")
        baseline = [median_seconds(straight, *one) for one in asked]
        company, region, salesperson = straight.execute(
            "select (select company_id from marts.fct_receivable group by 1 order by count(*) desc, 1 limit 1), "
            "(select region from marts.dim_customer group by 1 order by count(*) desc, 1 limit 1), "
            "(select salesperson_id from marts.dim_customer group by 1 order by count(*) desc, 1 limit 1)"
        ).fetchall()[0]
    print(f"{'straight on the file':24s} {1000 * sum(baseline):7.0f} ms")
    file = ScopedFile(path)
    for role, rows in (
        ("cfo", {}), ("company_controller", {"companies": [company]}), ("regional_manager", {"regions": [region]}),
        ("salesperson", {"salespeople": [salesperson]}),
    ):  # fmt: skip
        scope = Scope("benchmark", role, Grant(role=role, rows=rows).values())
        started = time.perf_counter()
        cursor = file.cursor(scope, checked)
        opened = time.perf_counter() - started
        open_to_him = [
            place for place, (sql, _) in enumerate(asked) if not file.closed(tables_asked_for(sql), scope, checked)
        ]
        times = {place: median_seconds(cursor, *asked[place]) for place in open_to_him}
        same = sum(baseline[place] for place in open_to_him)
        slowest = max(times, key=lambda place: times[place])
        print(
            f"{role:24s} {1000 * sum(times.values()):7.0f} ms for {len(times)} queries that take {1000 * same:.0f} ms "
            f"straight; slowest {1000 * times[slowest]:.0f} ms ({1000 * baseline[slowest]:.0f} ms straight); "
            f"views made once in {1000 * opened:.0f} ms"
        )


if __name__ == "__main__":
    main()
