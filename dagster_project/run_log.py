"""Dagster's own log of a run, written faster; the files are those of its default storage, and its page reads them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dagster import DagsterInstance, DagsterRunStatus, RunsFilter
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import StaticPool

from dagster_project.run_lock import forget, is_alive

STORAGE_VARIABLE = "SETTLEHOUSE_DAGSTER_STORAGE"
# A run that starts gives its sign within seconds; longer than any start, in case the machine is busy.
START_WITHIN = timedelta(minutes=10)


class OpenEventLog(SqliteEventLogStorage):
    """The default storage opens and closes its file for every event, a tenth of a small run; this one keeps it open."""

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> OpenEventLog:
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, self._engine(shard).begin() as connection:
            yield connection

    def _engine(self, shard: str) -> Engine:
        engines: dict[str, Engine] = self.__dict__.setdefault("_engines", {})
        if shard not in engines:
            # One connection for all threads: the lock lets them have it in turn.
            engine = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=StaticPool,
                connect_args={"timeout": 60, "check_same_thread": False},
            )
            # In WAL mode NORMAL loses no commit when the process is killed.
            event.listen(engine, "connect", lambda raw, _: raw.execute("pragma synchronous = normal"))
            self._initdb(engine)
            engines[shard] = engine
        return engines[shard]

    def dispose(self) -> None:
        for engine in self.__dict__.pop("_engines", {}).values():
            engine.dispose()
        super().dispose()


def open_instance(folder: Path) -> DagsterInstance:
    """The instance that keeps its runs in ``folder``, for a process that writes many events; close it after use."""
    if os.environ.get(STORAGE_VARIABLE):
        return DagsterInstance.from_ref(InstanceRef.from_dir(str(folder)))
    log: dict[str, Any] = {
        "module": OpenEventLog.__module__,
        "class": OpenEventLog.__name__,
        "config": {"base_dir": str(folder / "history" / "runs")},
    }
    return DagsterInstance.from_ref(InstanceRef.from_dir(str(folder), overrides={"event_log_storage": log}))


def end_lost_runs(instance: DagsterInstance, home: Path, now: datetime | None = None) -> list[str]:
    """Call failed what Dagster thinks is in progress while its process is gone; return the ids of these runs.

    Only processes of this machine are known, so all runs of an instance must be on one.
    """
    lost = []
    in_progress = RunsFilter(statuses=[DagsterRunStatus.STARTING, DagsterRunStatus.STARTED, DagsterRunStatus.CANCELING])
    for record in instance.get_run_records(in_progress):
        run = record.dagster_run
        living = is_alive(home, run.run_id)
        is_young = (now or datetime.now(UTC)) - record.create_timestamp < START_WITHIN
        if living or (living is None and is_young):
            continue
        instance.report_run_failed(
            run, "the run's process ended without a word: it was killed, or the machine stopped. Start the run again"
        )
        forget(home, run.run_id)
        lost.append(run.run_id)
    return lost


def forget_old_runs(instance: DagsterInstance, home: Path, days: int) -> int:
    """Delete Dagster's records of runs that ended more than ``days`` ago, and their files; return how many."""
    before = datetime.now(UTC) - timedelta(days=days)
    ended = RunsFilter(
        statuses=[DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED], created_before=before
    )
    runs = [record.dagster_run.run_id for record in instance.get_run_records(ended)]
    for run_id in runs:
        instance.delete_run(run_id)
        # Dagster empties its files and leaves them, and what the run printed besides.
        for file in (home / "dagster" / "history" / "runs").glob(f"{run_id}.db*"):
            file.unlink()
        shutil.rmtree(home / "dagster" / "storage" / run_id, ignore_errors=True)
    return len(runs)
