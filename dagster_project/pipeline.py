"""The steps of a run as plain functions: what Dagster's assets call, and what tests call without Dagster."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from dagster_project.config import Settings
from dagster_project.errors import SettlehouseError
from dagster_project.redaction import blotted
from dagster_project.sources import raw
from dagster_project.sources.extract import extract_source
from dagster_project.transform import NodeResult, RunContext, build, run_id_of
from dagster_project.warehouse import open_warehouse

log = logging.getLogger("settlehouse")


@dataclass(frozen=True)
class Publication:
    """A published run: its file, the rows in it, the comparisons of its certificate, and those of them that differ
    and block nothing."""

    file: Path
    rows: int
    comparisons: int
    warnings: int


def extract_system(settings: Settings, system: str, run: RunContext) -> list[raw.TableReport]:
    """Bring the warehouse up to date with every source of a system; each source whole or not at all."""
    reports: list[raw.TableReport] = []
    with open_warehouse(settings.warehouse) as warehouse:
        raw.prepare_warehouse(warehouse)
        for source in settings.sources:
            if source.layout.system != system:
                continue
            started = time.perf_counter()
            if run.full_refresh:
                raw.forget_source(warehouse, source.name)
            of_source = extract_source(warehouse, source, run_id=run.run_id)
            for report in of_source:
                for warning in report.warnings:
                    log.warning("  %s", warning)
            log.info(
                "extract  %-14s %8d rows in %d tables: %d new, %d changed, %d deleted  %.1f s",
                source.name,
                sum(r.rows_latest for r in of_source),
                len(of_source),
                sum(r.rows_new for r in of_source),
                sum(r.rows_changed for r in of_source),
                sum(r.rows_deleted for r in of_source),
                time.perf_counter() - started,
            )
            reports += of_source
    return reports


def build_models(settings: Settings, run: RunContext, select: str, name: str) -> list[NodeResult]:
    """Build a part of the dbt project."""
    started = time.perf_counter()
    _prepare(settings)
    results = build(settings, run, select)
    models = sum(1 for r in results if r.unique_id.startswith("model."))
    tests = sum(1 for r in results if r.unique_id.startswith("test."))
    log.info("build    %-14s %8d models, %d tests  %.1f s", name, models, tests, time.perf_counter() - started)
    return results


def audit_and_publish(settings: Settings, run: RunContext) -> Publication:
    """Publish the marts if the certificate holds; otherwise raise AuditError and change nothing."""
    from dagster_project.publishing.audit import audit
    from dagster_project.publishing.publish import publish, report_run

    started = time.perf_counter()
    controls = audit(settings.warehouse)
    comparisons = sum(count for _, count, _ in controls)
    log.info("audit    %-14s %8d comparisons in %d controls", "certificate", comparisons, len(controls))
    file, rows = publish(settings.warehouse, settings.published, run.run_id)
    report_run(
        settings.published,
        run_id=run.run_id,
        status="published",
        started_at=run.started_at,
        message=f"as of {run.as_of}: {comparisons} comparisons in {len(controls)} controls",
    )
    log.info("publish  %-14s %8d rows in %s  %.1f s", "current", rows, file.name, time.perf_counter() - started)
    if settings.lake is not None:
        from dagster_project.publishing.lake import publish_to_lake

        started = time.perf_counter()
        rows = publish_to_lake(file, settings.lake, run.run_id)
        log.info(
            "publish  %-14s %8d rows in schema %s  %.1f s",
            "lake",
            rows,
            settings.lake.schema,
            time.perf_counter() - started,
        )
    return Publication(file, rows, comparisons, sum(failed for _, _, failed in controls))


def report_failure(settings: Settings, *, dagster_run_id: str, created_at: datetime | None, message: str) -> None:
    """Leave word of a failed run beside the published file, and alert those whom company.yml names."""
    from dagster_project.alerts import Alert, send
    from dagster_project.publishing.publish import report_run

    started_at = (created_at or datetime.now(UTC)).astimezone(UTC).replace(tzinfo=None)
    run_id = run_id_of(started_at, dagster_run_id)
    message = blotted(message)
    try:
        report_run(settings.published, run_id=run_id, status="failed", started_at=started_at, message=message)
    except OSError as error:  # a full disk: those outside of this machine are told all the same
        log.warning("  no word could be left beside the published file: %s", error)
    send(settings, Alert("failed_run", "error", run_id, message, run_id))


def last_built_run(settings: Settings) -> RunContext:
    """The run whose marts stand in the warehouse."""
    with open_warehouse(settings.warehouse, read_only=True) as warehouse:
        tables = warehouse.execute(
            "select count(*) from duckdb_tables() where schema_name = 'marts' and table_name = 'dim_run'"
        ).fetchone()
        if not tables or not tables[0]:
            raise SettlehouseError(
                f"{settings.warehouse}: no run was built yet. Run `settlehouse run --config …` first"
            )
        row = warehouse.execute("select run_id, as_of, started_at from marts.dim_run").fetchone()
    assert row is not None
    return RunContext(row[0], row[1], row[2])


def days_of_month(settings: Settings, month: date) -> list[date]:
    """The days of the month in which ``month`` lies that the warehouse knows; raises SettlehouseError when none is."""
    last = last_built_run(settings).as_of
    first = month.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    days = [first + timedelta(days=n) for n in range((following - first).days)]
    known = [day for day in days if day <= last]
    if not known:
        raise SettlehouseError(f"{first:%Y-%m} lies after {last}, the last day this warehouse knows")
    return known


def add_aging_days(settings: Settings, days: list[date]) -> list[str]:
    """Publish aging as of these days too (inclusive); later runs keep them. Return a line per side and company, as of
    the last of the days.

    The tables are built by the same models as every night, audited and published as a run of their own.
    """
    day = max(days)
    built = last_built_run(settings)
    if day > built.as_of:
        raise SettlehouseError(
            f"--as-of {day} lies after {built.as_of}, the last day this warehouse knows. "
            f"Run `settlehouse run --as-of {day}` instead"
        )
    now = datetime.now(UTC).replace(tzinfo=None)
    run = RunContext(run_id_of(now, "aging"), built.as_of, now)
    with open_warehouse(settings.warehouse) as warehouse:
        raw.prepare_warehouse(warehouse)
        warehouse.executemany("insert or ignore into quality.requested_as_of values (?)", [[each] for each in days])
    build_models(settings, run, "int_as_of+ dim_run fct_tie_out", "aging")
    audit_and_publish(settings, run)
    lines = []
    with open_warehouse(settings.warehouse, read_only=True) as warehouse:
        for side in ("receivable", "payable"):
            lines += [
                f"{side:<11} {company:<32} {count:7d} open {amount:>18,.2f} {currency}"
                for company, currency, count, amount in warehouse.execute(
                    f"""select c.name, c.currency, count(*), sum(a.open_amount_company_currency)
                        from marts.fct_{side}_aging a join marts.dim_company c using (company_id)
                        where a.as_of = ? group by all order by 1""",
                    [day],
                ).fetchall()
            ]
    return lines


def verify_sources(settings: Settings) -> list[str]:
    """Compare every source with the warehouse; write ``verification.csv`` to home; return the differences as sentences.

    A progress line per table. Columns of the file: source, table, period, measure, at_source, in_warehouse, result,
    detail.
    """
    import csv

    from dagster_project.sources.verify import verify_source

    found: list[str] = []
    file = settings.home / "verification.csv"
    with (
        open_warehouse(settings.warehouse, read_only=True) as warehouse,
        file.open("w", encoding="utf-8", newline="") as written,
    ):
        lines = csv.writer(written)
        lines.writerow(["source", "table", "period", "measure", "at_source", "in_warehouse", "result", "detail"])
        for source in settings.sources:
            for table, comparisons in verify_source(warehouse, source):
                lines.writerows(
                    [c.source, c.table, c.period, c.measure, c.at_source, c.in_warehouse,
                     "ok" if c.is_ok else "difference", c.detail]
                    for c in comparisons
                )  # fmt: skip
                differences = [c for c in comparisons if not c.is_ok]
                log.info(
                    "verify   %-14s %-40s %10d rows %4d periods  %s",
                    source.name,
                    table,
                    sum(int(c.at_source) for c in comparisons if c.measure == "rows"),
                    len({c.period for c in comparisons}),
                    f"{len(differences)} DIFFERENCES" if differences else "ok",
                )
                for c in differences:
                    log.info("           %s %s: %s at the source, %s in the warehouse. %s", c.period, c.measure,
                             c.at_source, c.in_warehouse, c.detail)  # fmt: skip
                found += [
                    f"{c.source}, {c.table}, {c.period}: {c.measure} {c.at_source} at the source, {c.in_warehouse} "
                    f"in the warehouse ({c.detail})"
                    for c in differences
                ]
    return found


def _prepare(settings: Settings) -> None:
    """Tables that every model may read exist, whichever systems the group uses."""
    with open_warehouse(settings.warehouse) as warehouse:
        raw.prepare_warehouse(warehouse)
