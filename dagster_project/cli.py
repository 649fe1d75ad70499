"""The command ``settlehouse``: each command says what it does, how long it took and, when it fails, what to do next."""

from __future__ import annotations

import logging
import os
import sys
import time
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dagster_project import __version__
from dagster_project.errors import SettlehouseError, out_of_room
from dagster_project.log_lines import BlottedFormatter, logged
from dagster_project.redaction import blotted
from dagster_project.stewardship.cash_commands import cash
from dagster_project.stewardship.commands import promise, steward
from dagster_project.stewardship.memo_commands import memo

if TYPE_CHECKING:
    from dagster_project.config import Settings

log = logging.getLogger("settlehouse")

_CONFIG = click.option(
    "--config", "config_file", required=True, type=click.Path(dir_okay=False), help="company.yml: describes the group."
)
_DAY = click.DateTime(formats=["%Y-%m-%d"])


class _Progress(logging.StreamHandler[Any]):
    """Lines on stdout; when nobody reads them any more (``| head``), the work goes on in silence."""

    def handleError(self, record: logging.LogRecord) -> None:
        if isinstance(sys.exc_info()[1], BrokenPipeError):
            self.setStream(open(os.devnull, "w"))  # noqa: SIM115
            os.dup2(self.stream.fileno(), sys.stdout.fileno())
        else:
            super().handleError(record)


class _Commands(click.Group):
    """Shows a person's mistake as one line on stderr, with exit code 1 and no stack trace."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except SettlehouseError as error:
            click.echo(f"settlehouse: {blotted(str(error))}", err=True)
            sys.exit(1)
        except KeyboardInterrupt:
            click.echo("settlehouse: stopped; start the same command again to go on", err=True)
            sys.exit(130)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Finance-settlement data warehouse: collect, settle, check, forecast, publish.

    \b
    A first look:    settlehouse demo && settlehouse run --config var/demo/company.yml --as-of 2026-10-31
    Your own group:  write company.yml (README, "Your own systems"), then
                     settlehouse check --config company.yml && settlehouse run --config company.yml
    """
    handler = _Progress(sys.stdout)
    handler.setFormatter(BlottedFormatter("%(message)s"))
    log.handlers[:] = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False


@main.command()
@click.option("--folder", default="var/demo", show_default=True, help="Where the demo group's systems are written.")
@click.option("--scale", default=1.0, show_default=True, help="1 is about 60,000 sales lines; 170 about 10 million.")
@click.option("--seed", default=7, show_default=True, help="The same seed gives the same group on every machine.")
@click.option("--target", help="postgresql://… or mysql://…: load the databases into that server instead of SQLite.")
@click.option("--regime-change", is_flag=True, help="Customers pay later from half a year before the end.")
@click.option("--clean", is_flag=True, help="No planted faults: every control of a run agrees.")
def demo(folder: str, scale: float, seed: int, target: str | None, regime_change: bool, clean: bool) -> None:
    """Write the demo group: two ERPs, a CRM, payroll files, bank statements, and an answer key beside them."""
    from demo import generate

    started = time.perf_counter()
    counts = generate(
        Path(folder),
        scale=scale,
        seed=seed,
        target=target,
        regime_change=regime_change,
        planted_faults=not clean,
        progress=log.info,
    )
    log.info("demo     %d rows in %d tables in %s  %.1f s", sum(counts.values()), len(counts), folder,
             time.perf_counter() - started)  # fmt: skip


@main.command()
@_CONFIG
def check(config_file: str) -> None:
    """Open every source and say what was found; stores nothing."""
    from dagster_project.config import load_settings
    from dagster_project.sources.extract import look_at_source

    settings = load_settings(config_file)
    log.info("group    %s, reporting in %s", settings.group.name, settings.group.reporting_currency)
    failures = []
    for source in settings.sources:
        try:
            found = look_at_source(source)
        except SettlehouseError as error:
            failures.append(str(error))
            log.info("source   %-14s FAILED", source.name)
            continue
        log.info(
            "source   %-14s %8d rows in %d tables (%s)",
            source.name,
            sum(rows for _, rows in found.tables),
            len(found.tables),
            source.layout.system,
        )
        for table, rows in found.tables:
            log.info("           %-40s %10d", table, rows)
        for remark in found.left_out:
            log.warning("  %s", remark)
    if failures:
        raise SettlehouseError("; ".join(failures))


@main.command()
@_CONFIG
def verify(config_file: str) -> None:
    """Compare every source with the warehouse: rows, sums and hashes per table and period.

    Writes verification.csv beside the warehouse. Differences end with exit code 1: what changed at the source since
    the last run counts as one, so verify right after a run.
    """
    from dagster_project.config import load_settings
    from dagster_project.pipeline import verify_sources

    started = time.perf_counter()
    settings = load_settings(config_file)
    differences = verify_sources(settings)
    file = settings.home / "verification.csv"
    if differences:
        raise SettlehouseError(
            f"source and warehouse differ in {len(differences)} figures: {differences[0]}. All of them: {file}. "
            "If the source changed since the last run, run again; else run with --full-refresh"
        )
    log.info("verify   source and warehouse agree; all figures: %s  %.1f s", file, time.perf_counter() - started)


@main.command()
@_CONFIG
@click.option("--as-of", type=_DAY, help="What was known at the end of this day. Default: today, in the group's zone.")
@click.option("--full-refresh", is_flag=True, help="Compare every row of every source again.")
def run(config_file: str, as_of: datetime | None, full_refresh: bool) -> None:
    """Extract, build, check, forecast, audit and publish: the job that the schedule runs."""
    started = time.perf_counter()
    message = run_job(Path(config_file), as_of=as_of.date() if as_of else None, full_refresh=full_refresh)
    if message:
        raise SettlehouseError(message)
    log.info("done     %.1f s", time.perf_counter() - started)


def run_job(config_file: Path, *, as_of: date | None = None, full_refresh: bool = False) -> str | None:
    """Run the Dagster job in this process; return None, or the one-line message of what failed."""
    from dagster_project.config import load_settings

    settings = load_settings(config_file)
    log.info("start    %-14s as of %s", settings.group.name, as_of or settings.as_of_today())
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
    _import_ahead()
    from dagster_project.assets.outcome import first_failure
    from dagster_project.definitions import build_definitions
    from dagster_project.pipeline import report_failure
    from dagster_project.run_log import end_lost_runs, open_instance
    from dagster_project.schedules import JOB

    definitions = build_definitions(config_file.resolve())
    resource = {"config_file": str(config_file.resolve()), "full_refresh": full_refresh}
    if as_of:
        resource["as_of"] = as_of.isoformat()
    with open_instance(dagster_home(settings)) as instance:
        for lost in end_lost_runs(instance, settings.home):
            log.info("start    run %s was killed before; Dagster's record of it says so now", lost[:8])
        try:
            result = definitions.resolve_job_def(JOB).execute_in_process(
                instance=instance,
                run_config={
                    "resources": {"pipeline": {"config": resource}},
                    "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
                },
                raise_on_error=False,
            )
        except Exception as error:  # Dagster could not write its own record of the run
            room = out_of_room(error)
            if room is None:
                raise
            report_failure(settings, dagster_run_id="unknown", created_at=None, message=room)
            return room
        if result.success:
            return None
        message = first_failure(result.all_events)
        record = instance.get_run_record_by_id(result.run_id)
        report_failure(
            settings,
            dagster_run_id=result.run_id,
            created_at=record.create_timestamp if record else None,
            message=message,
        )
        return message


def _import_ahead() -> None:
    """Load the slow libraries of later steps while DuckDB extracts and builds: seconds saved on the second core."""
    import threading

    def load() -> None:
        from expectations.validate import load_great_expectations

        load_great_expectations()
        import ml.track_record  # noqa: F401

    threading.Thread(target=load, daemon=True).start()


_DAGSTER_YAML = """\
# Written by settlehouse at each start. Take this line away, and the file is yours.
telemetry:
  enabled: false
nux:
  enabled: false
freshness:
  enabled: true
concurrency:
  runs:
    max_concurrent_runs: 1  # one process writes the warehouse at a time
retention:
  schedule:
    purge_after_days: 90
  sensor:
    purge_after_days:
      skipped: 7
      failure: 90
      success: 90
"""
_DAGSTER_STORAGE = """\
storage:
  postgres:
    postgres_url:
      env: SETTLEHOUSE_DAGSTER_STORAGE
"""


def dagster_home(settings: Settings) -> Path:
    """Folder of Dagster's settings, and of its runs unless they are kept in PostgreSQL; no usage statistics.

    The URL of that storage goes to Dagster through the environment, never into a file.
    """
    folder = settings.home / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "dagster.yaml"
    content = _DAGSTER_YAML
    if settings.dagster_storage:
        content += _DAGSTER_STORAGE
        # The driver by name: SQLAlchemy's default changed, and Dagster's statements are written for this one.
        storage = "postgresql+psycopg2://" + settings.dagster_storage.partition("://")[2]
        os.environ["SETTLEHOUSE_DAGSTER_STORAGE"] = storage
    else:
        os.environ.pop("SETTLEHOUSE_DAGSTER_STORAGE", None)
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    # The second is how it began before it had that line.
    is_ours = not before or before.startswith(("# Written by settlehouse", "telemetry:\n  enabled: false\nnux:"))
    if is_ours and before != content:
        file.write_text(content, encoding="utf-8")
    return folder


@main.command()
@_CONFIG
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8501, show_default=True, help="Dashboards.")
@click.option("--dagster-port", default=3000, show_default=True, help="Dagster.")
def serve(config_file: str, host: str, port: int, dagster_port: int) -> None:
    """Serve the dashboards and Dagster (with its schedule) until stopped by Ctrl-C."""
    from dagster_project.serving import serve_until_stopped

    serve_until_stopped(Path(config_file), host=host, port=port, dagster_port=dagster_port)


@main.command()
@_CONFIG
def publish(config_file: str) -> None:
    """Audit the warehouse as it stands and publish it."""
    from dagster_project.config import load_settings
    from dagster_project.pipeline import audit_and_publish, last_built_run
    from dagster_project.run_lock import only_run

    settings = load_settings(config_file)
    with logged(settings.home), only_run(settings.home, "settlehouse publish"):
        audit_and_publish(settings, last_built_run(settings))


@main.command()
@_CONFIG
def rollback(config_file: str) -> None:
    """Put the previously published file back; readers see it at once."""
    from dagster_project.config import load_settings
    from dagster_project.publishing.publish import rollback as put_back

    settings = load_settings(config_file)
    with logged(settings.home):
        before, after = put_back(settings.published)
        log.info("rollback from %s to %s", before, after)


@main.command()
@_CONFIG
@click.option("--as-of", type=_DAY, help="The day, inclusive.")
@click.option("--month", type=click.DateTime(formats=["%Y-%m"]), help="Every day of the month instead.")
def aging(config_file: str, as_of: datetime | None, month: datetime | None) -> None:
    """Add a day, or every day of a month, to the published aging of receivables and payables."""
    from dagster_project.config import load_settings
    from dagster_project.pipeline import add_aging_days, days_of_month
    from dagster_project.run_lock import only_run

    if (as_of is None) == (month is None):
        raise click.UsageError("say which day or days: --as-of DATE or --month YYYY-MM")
    settings = load_settings(config_file)
    with logged(settings.home), only_run(settings.home, "settlehouse aging"):
        days = [as_of.date()] if as_of else days_of_month(settings, month.date() if month else date.min)
        for line in add_aging_days(settings, days):
            log.info("aging    %s", line)


@main.command()
@click.argument("invoices", type=click.Path(), required=False)
@click.option("--score-from", type=_DAY, help="Invoices due from this day on are forecast and scored (with INVOICES).")
@click.option(
    "--days-before-due", default=15, show_default=True, help="Each is forecast as of so many days before due."
)
@click.option("--columns", help="Other headings, e.g. customer=customerID,due_date=DueDate,cleared_date=SettledDate.")
@click.option("--out", type=click.Path(file_okay=False), help="Folder for predictions, scores, report (with INVOICES).")
@click.option(
    "--config", "config_file", type=click.Path(dir_okay=False), help="Score the warehouse of this company.yml."
)
@click.option("--origins", default=52, show_default=True, help="Weekly origins to score (with --config).")
def backtest(
    invoices: str | None,
    score_from: datetime | None,
    days_before_due: int,
    columns: str | None,
    out: str | None,
    config_file: str | None,
    origins: int,
) -> None:
    """Score the receipts forecaster on the past, from nothing but what was known then.

    \b
    settlehouse backtest INVOICES.csv --score-from DATE --out DIR
        any invoice history: columns customer, due_date, cleared_date, amount; invoice_date, currency, terms when there
        are any. Writes predictions.csv, scores.json, report.md and its picture calibration.svg.
    settlehouse backtest --config company.yml
        the group's warehouse on weekly origins, each beside naive baselines; origins made before are kept, so a stopped
        one goes on. Publishes the scores.
    """
    if (invoices is None) == (config_file is None):
        raise SettlehouseError("give either a file of invoices or --config company.yml")
    if config_file is not None:
        from dagster_project.backtesting import backtest_warehouse
        from dagster_project.config import load_settings
        from dagster_project.pipeline import audit_and_publish, last_built_run
        from dagster_project.run_lock import only_run

        if origins < 1:
            raise SettlehouseError(f"--origins {origins}: at least one is needed")
        settings = load_settings(config_file)
        with logged(settings.home), only_run(settings.home, "settlehouse backtest"):
            built = last_built_run(settings)
            backtest_warehouse(settings, built.as_of, origins)
            audit_and_publish(settings, built)
        return
    if score_from is None or out is None:
        raise SettlehouseError("a file of invoices also needs --score-from DATE and --out FOLDER")
    from dagster_project.forecasting import backtest_file

    backtest_file(Path(str(invoices)), Path(out), score_from.date(), days_before_due, columns)


@main.command()
@_CONFIG
@click.argument("table", required=False)
@click.option("--board-pack", is_flag=True, help="The board pack as PDF instead of a table.")
@click.option(
    "--language",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="Of the board pack, and of what an .xlsx says of its columns.",
)
@click.option("--format", "format_", type=click.Choice(["csv", "xlsx", "parquet"]), default="csv", show_default=True)
@click.option(
    "--out", type=click.Path(dir_okay=False), help="File to write. Default: TABLE.FORMAT or board_pack.pdf here."
)
def export(config_file: str, table: str | None, board_pack: bool, language: str, format_: str, out: str | None) -> None:
    """Write a published table (such as fct_receivable_aging), or the board pack, to a file."""
    from dagster_project.config import load_settings
    from dagster_project.publishing.export import export_board_pack, export_table

    if board_pack == (table is not None):
        raise click.UsageError("say what to export: the name of a published table, or --board-pack")
    if table is None:
        pdf = Path(out or "board_pack.pdf")
        export_board_pack(load_settings(config_file).published, language, pdf)
        log.info("export   board pack in %s", pdf)
        return
    file = Path(out or f"{table}.{format_}")
    rows = export_table(load_settings(config_file).published, table, format_, file, language)
    log.info("export   %d rows of %s in %s", rows, table, file)


main.add_command(steward)
main.add_command(promise)
main.add_command(cash)
main.add_command(memo)


if __name__ == "__main__":
    main()
