"""dbt, in this process: starting it as a command costs seconds each time.

Nothing about the models belongs here; they are in dbt/.
"""

from __future__ import annotations

import hashlib
import logging
import os
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from dagster_project.config import Settings
from dagster_project.contracts.layouts import PROJECT_ROOT
from dagster_project.errors import SettlehouseError
from dagster_project.warehouse import memory_limit, open_warehouse

log = logging.getLogger("settlehouse")

DBT_PROJECT = PROJECT_ROOT / "dbt"


@dataclass(frozen=True)
class NodeResult:
    """How one model, seed or test ended; ``status`` is success, pass, warn, fail, error or skipped.

    ``rows`` is the size of the table a model made; None for views and tests.
    """

    unique_id: str
    status: str
    seconds: float
    message: str
    failures: int
    rows: int | None = None


@dataclass(frozen=True)
class RunContext:
    """What is fixed for the whole of a run: stamped on the certificate and handed to dbt as variables."""

    run_id: str
    as_of: date
    started_at: datetime
    full_refresh: bool = False


def run_id_of(created_at: datetime, name: str) -> str:
    """Id of a run: the time it was created (UTC), so that ids sort by time, and what tells it from others."""
    return f"{created_at:%Y%m%dT%H%M%S}-{name[:8]}"


def manifest_path(settings: Settings) -> Path:
    """dbt's manifest of the project as it is now."""
    _parsed(settings.home)
    return settings.home / "dbt" / "manifest.json"


@cache
def _parsed(home: Path) -> bytes:
    """The project, parsed once until one of its files changes: variables are filled in later, when models compile."""
    kept = home / "dbt" / f"parsed-{_fingerprint()}.msgpack"
    if not (kept.is_file() and (home / "dbt" / "manifest.json").is_file()):
        parsed = bytes(_invoke(home, ["parse"]).result.to_msgpack())
        for outdated in kept.parent.glob("parsed-*.msgpack"):
            outdated.unlink()
        unfinished = kept.with_suffix(".unfinished")
        unfinished.write_bytes(parsed)
        unfinished.replace(kept)
    return kept.read_bytes()


def _fingerprint() -> str:
    """Of all that parsing reads: the files of the project and dbt's version."""
    from dbt.version import __version__ as dbt_version

    content = hashlib.sha256(dbt_version.encode())
    for file in sorted(DBT_PROJECT.rglob("*")):
        if file.suffix in {".sql", ".yml", ".csv"}:
            content.update(str(file.relative_to(DBT_PROJECT)).encode())
            content.update(file.read_bytes())
    return content.hexdigest()[:16]


def build(settings: Settings, run: RunContext, select: str) -> list[NodeResult]:
    """``dbt build`` of the selected nodes into the warehouse.

    Raises SettlehouseError that names the first models or tests that failed; warnings are logged.
    """
    # Buildable: a test that also reads models which are built later waits for them.
    arguments = ["build", "--select", *select.split(), "--indirect-selection", "buildable"]
    arguments += ["--vars", _variables(settings, run)]
    if run.full_refresh:
        arguments.append("--full-refresh")
    # The manifest was written when the project was parsed.
    arguments.append("--no-write-json")
    _tell_profile(settings)
    outcome = _invoke(settings.home, arguments, _parsed(settings.home))
    results = [
        NodeResult(r.node.unique_id, str(r.status), r.execution_time, r.message or "", r.failures or 0)
        for r in getattr(outcome.result, "results", ())
    ]
    failed = [result for result in results if result.status in {"error", "fail", "runtime error"}]
    for result in results:
        if result.status == "warn":
            log.warning("  dbt: %s: %s", _short(result.unique_id), result.message)
    if failed:
        first = failed[0]
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        raise SettlehouseError(
            f"dbt: {_short(first.unique_id)} {first.status}: {' '.join(first.message.split())[:400]}{more}. "
            f"Details in {settings.home / 'logs' / 'dbt.log'}"
        )
    with open_warehouse(settings.warehouse, read_only=True) as warehouse:
        rows = dict(warehouse.execute("select table_name, estimated_size from duckdb_tables()").fetchall())
    return [replace(result, rows=rows.get(result.unique_id.rpartition(".")[2])) for result in results]


def compiled_models(settings: Settings, run: RunContext) -> dict[tuple[str, str], str]:
    """The SQL of each table and view that the models make, by schema and name."""
    _tell_profile(settings)
    arguments = ["compile", "--select", "path:models", "--vars", _variables(settings, run), "--no-write-json"]
    nodes = [result.node for result in _invoke(settings.home, arguments, _parsed(settings.home)).result.results]
    return {
        (node.schema, node.name): node.compiled_code
        for node in nodes
        if node.resource_type == "model" and node.config.materialized != "ephemeral"
    }


def _tell_profile(settings: Settings) -> None:
    """What dbt/profiles.yml takes from the environment."""
    os.environ["SETTLEHOUSE_WAREHOUSE"] = str(settings.warehouse)
    os.environ["SETTLEHOUSE_MEMORY_LIMIT"] = memory_limit()


def _variables(settings: Settings, run: RunContext) -> str:
    import json

    from dagster_project import __version__

    group = settings.group
    return json.dumps(
        {
            "run_id": run.run_id,
            "as_of": run.as_of.isoformat(),
            "started_at": run.started_at.strftime("%Y-%m-%d %H:%M:%S"),
            "group_name": group.name,
            "reporting_currency": group.reporting_currency,
            "cash_floor": str(group.cash_floor),
            "company_cash_floors": {name: str(floor) for name, floor in group.company_cash_floors.items()},
            "fiscal_year_start": group.fiscal_year_start,
            "product_version": __version__,
        }
    )


def _invoke(home: Path, arguments: list[str], parsed: bytes | None = None) -> Any:
    from dbt.cli.main import dbtRunner
    from dbt.contracts.graph.manifest import Manifest

    home.mkdir(parents=True, exist_ok=True)
    # A fresh copy each time: a build leaves its ephemeral models in the manifest it is given.
    outcome = dbtRunner(manifest=Manifest.from_msgpack(parsed) if parsed else None).invoke(
        [
            *arguments,
            "--project-dir", str(DBT_PROJECT),
            "--profiles-dir", str(DBT_PROJECT),
            "--target-path", str(home / "dbt"),
            "--log-path", str(home / "logs"),
            "--log-level", "none",
            "--log-level-file", "info",
        ]
    )  # fmt: skip
    _release_warehouse()
    if outcome.exception is not None:
        raise SettlehouseError(f"dbt {arguments[0]}: {' '.join(str(outcome.exception).split())[:600]}")
    return outcome


def _release_warehouse() -> None:
    """dbt-duckdb keeps its connection for the life of the process; others want to open the file."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    DuckDBConnectionManager.close_all_connections()


def _short(unique_id: str) -> str:
    return unique_id.split(".", 2)[-1]
