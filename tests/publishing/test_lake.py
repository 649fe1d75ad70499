"""A lake has whole runs only, whoever writes and reads it at the same time; needs PostgreSQL."""

from __future__ import annotations

import multiprocessing
import time
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from dagster_project.config import ConfigError, Lake, load_settings
from dagster_project.errors import SettlehouseError
from dagster_project.publishing.lake import open_lake, publish_to_lake

TABLES = ("dim_run", "fct_receivable", "fct_sale")


def published(folder: Path, number: int, rows: int = 2000) -> Path:
    """A published file whose every row, in every table, says which run it is of."""
    file = folder / f"{number}.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema marts")
        for table in TABLES:
            connection.execute(
                f"create table marts.{table} as select {number} as run, cast(i as decimal(18, 4)) as amount "
                f"from range({rows}) as t(i)"
            )
    return file


def run_seen(connection: duckdb.DuckDBPyConnection, schema: str) -> int:
    """The one run that all tables of a schema are of, read in one transaction; fails when there are two."""
    connection.execute("begin")
    found = connection.execute(
        " union all ".join(
            f"select '{table}', min(run), max(run), count(*) from lake.{schema}.{table}" for table in TABLES
        )
    ).fetchall()
    again = connection.execute(f"select min(run), max(run) from lake.{schema}.{TABLES[0]}").fetchall()
    connection.execute("commit")
    runs = {run for _, low, high, _ in found for run in (low, high)} | set(again[0])
    assert len(runs) == 1, f"mixed: {found} {again}"
    assert {count for *_, count in found} == {2000}
    return int(runs.pop())


def keep_publishing(folder: str, lake: Lake, first: int, times: int, refused: object) -> None:
    for number in range(first, first + times):
        try:
            publish_to_lake(published(Path(folder), number), lake, f"run-{number}")
        except SettlehouseError:
            refused.value += 1  # type: ignore[attr-defined]


def keep_reading(lake: Lake, schemas: list[str], stop: object, reads: object) -> None:
    while not stop.is_set():  # type: ignore[attr-defined]
        with open_lake(lake, read_only=True) as connection:
            for schema in schemas:
                for _ in range(5):
                    run_seen(connection, schema)
                    with reads.get_lock():  # type: ignore[attr-defined]
                        reads.value += 1  # type: ignore[attr-defined]


def test_many_writers_and_readers(postgresql_url: str, tmp_path: Path):
    """Two groups publish in schemas of their own, two writers race for a third; readers see one run in each, always."""
    spawn = multiprocessing.get_context("spawn")
    lakes = [Lake(postgresql_url, tmp_path / "files", schema) for schema in ("north", "south", "contested")]
    for number, lake in enumerate(lakes):
        publish_to_lake(published(tmp_path, number), lake, f"run-{number}")
    stop, reads, refused = spawn.Event(), spawn.Value("i", 0), [spawn.Value("i", 0) for _ in range(4)]
    folders = [tmp_path / f"writer-{number}" for number in range(4)]
    for folder in folders:
        folder.mkdir()
    writers = [
        spawn.Process(target=keep_publishing, args=(str(folder), lakes[min(number, 2)], 100 * (number + 1), 5, count))
        for number, (folder, count) in enumerate(zip(folders, refused, strict=True))
    ]
    readers = [
        spawn.Process(target=keep_reading, args=(lakes[0], [lake.schema for lake in lakes], stop, reads))
        for _ in range(3)
    ]
    for process in [*readers, *writers]:
        process.start()
    for writer in writers:
        writer.join(180)
    end = time.monotonic() + 60
    while reads.value < 50 and time.monotonic() < end and all(reader.is_alive() for reader in readers):
        time.sleep(0.1)
    stop.set()
    for reader in readers:
        reader.join(60)

    assert [process.exitcode for process in [*writers, *readers]] == [0] * 7
    assert reads.value >= 50
    # Schemas of their own never hinder each other.
    assert [count.value for count in refused[:2]] == [0, 0]
    with open_lake(lakes[0], read_only=True) as connection:
        assert [run_seen(connection, schema) for schema in ("north", "south")] == [104, 204]
        assert run_seen(connection, "contested") in {2, *range(300, 305), *range(400, 405)}


def test_earlier_run_stays_readable(postgresql_url: str, tmp_path: Path):
    lake = Lake(postgresql_url, tmp_path / "files")
    for number in (1, 2):
        publish_to_lake(published(tmp_path, number), lake, f"run-{number}")
    with open_lake(lake, read_only=True) as connection:
        assert run_seen(connection, "marts") == 2
        versions = dict(
            connection.execute("select commit_message, snapshot_id from ducklake_snapshots('lake')").fetchall()
        )
        before = connection.execute(
            f"select distinct run from lake.marts.fct_sale at (version => {versions['run-1']})"
        ).fetchall()
    assert before == [(1,)]


def test_failed_publication_leaves_the_run_before(postgresql_url: str, tmp_path: Path):
    lake = Lake(postgresql_url, tmp_path / "files")
    publish_to_lake(published(tmp_path, 1), lake, "run-1")
    broken = published(tmp_path, 2)
    with duckdb.connect(str(broken)) as connection:
        connection.execute("create table marts.zzz as select interval 1 month + interval 1 day as span, {'a': 1} as b")
        connection.execute("alter table marts.zzz add column c union(x integer, y varchar)")
    with pytest.raises(SettlehouseError, match="What was there before still is"):
        publish_to_lake(broken, lake, "run-2")
    with open_lake(lake, read_only=True) as connection:
        assert run_seen(connection, "marts") == 1


def test_the_audited_run_goes_to_the_lake_too(postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from dagster_project.pipeline import audit_and_publish
    from dagster_project.transform import RunContext
    from tests.publishing.test_publish import warehouse

    monkeypatch.setenv("LAKE", postgresql_url)
    config = tmp_path / "company.yml"
    config.write_text(
        "group: {name: Nord, reporting_currency: EUR}\nsources: [{name: bank, system: bank_statements, path: bank}]\n"
        "lake: {catalogue: '${LAKE}', files: lake, schema: nord}\n"
    )
    settings = load_settings(config)
    settings.home.mkdir()
    warehouse(settings.home)
    run = RunContext("20261101T020000-aaaa", datetime(2026, 10, 31).date(), datetime(2026, 11, 1, 2))
    publication = audit_and_publish(settings, run)
    assert settings.lake is not None
    with open_lake(settings.lake, read_only=True) as connection:
        connection.execute(f"attach '{publication.file}' as file (read_only)")
        for table in ("dim_company", "dim_run", "fct_sale", "fct_tie_out"):
            both = f"from lake.nord.{table} except all from file.marts.{table}"
            assert connection.execute(both).fetchall() == []
            assert connection.execute(f"select count(*) > 0 from lake.nord.{table}").fetchall() == [(True,)]


def test_catalogue_that_is_no_postgresql_is_refused(tmp_path: Path):
    config = tmp_path / "company.yml"
    config.write_text(
        "group: {name: Nord, reporting_currency: EUR}\nsources: [{name: bank, system: bank_statements, path: bank}]\n"
        "lake: {catalogue: 'sqlite:///lake.db', files: lake}\n"
    )
    with pytest.raises(ConfigError, match=r"'lake\.catalogue' must start with postgresql://"):
        load_settings(config)
