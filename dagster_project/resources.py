"""What assets are handed: the group's settings and the run they belong to. No work is done here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import dagster as dg

from dagster_project.config import Settings, load_settings
from dagster_project.log_lines import logged
from dagster_project.run_lock import alive, only_run
from dagster_project.transform import RunContext, run_id_of


class Pipeline(dg.ConfigurableResource):
    """The group's company.yml, and what a run may be asked: another as_of, a full refresh."""

    config_file: str
    as_of: str | None = None
    full_refresh: bool = False

    @contextmanager
    def yield_for_execution(self, context: Any) -> Iterator[Pipeline]:
        """For the whole of a run: no other run beside it, and its log kept as JSON lines."""
        home, run = self.settings().home, context.run_id
        with logged(home, run), alive(home, run), only_run(home, f"run {run[:8]}"):
            yield self

    def settings(self) -> Settings:
        return load_settings(self.config_file)

    def run_context(self, context: dg.AssetExecutionContext) -> RunContext:
        """The same for every asset of a run; the run id begins with the time it was created, so ids sort by time."""
        record = context.instance.get_run_record_by_id(context.run_id)
        started_at = (record.create_timestamp if record else datetime.now(UTC)).astimezone(UTC).replace(tzinfo=None)
        as_of = date.fromisoformat(self.as_of) if self.as_of else self.settings().as_of_today()
        run_id = run_id_of(started_at, context.run_id)
        return RunContext(run_id, as_of, started_at, self.full_refresh)
