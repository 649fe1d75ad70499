"""Runs published every few seconds while dashboards read: a real server of pages, real sessions, real swaps.

Each run carries its number in five tables. A view that ends in an exception, or that shows two numbers, is counted.
"""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from dagster_project.publishing.publish import KEPT_FILES, publish

ROOT = Path(__file__).resolve().parents[2]
PAGE = Path(__file__).with_name("reading_page.py")


@dataclass
class Result:
    """What readers saw, and what the server held over time: (seconds, open files, of them deleted ones, MB)."""

    views: int = 0
    errors: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    runs_seen: set[str] = field(default_factory=set)
    published: int = 0
    held: list[tuple[float, int, int, float]] = field(default_factory=list)
    slowest_seconds: float = 0.0
    slowest_publish_seconds: float = 0.0


def run(published_file: Path, folder: Path, *, readers: int, seconds: float, every: float) -> Result:
    """Publish copies of a published file every so many seconds under so many readers."""
    warehouse, published = folder / "warehouse.duckdb", folder / "published"
    with duckdb.connect(str(warehouse)) as made:
        made.execute(f"attach '{published_file}' as from_file (read_only)")
        made.execute("create schema marts")
        for (table,) in made.execute(
            "select table_name from duckdb_tables() where database_name = 'from_file' and schema_name = 'marts' "
            "and table_name <> 'catalogue_column'"
        ).fetchall():
            made.execute(f"create table marts.{table} as from from_file.marts.{table}")
    result = Result()
    publish_next(warehouse, published, result)
    with server(published / "current.duckdb") as (port, process):
        stop = threading.Event()
        publisher = threading.Thread(target=keep_publishing, args=(warehouse, published, every, stop, result))
        watcher = threading.Thread(target=watch, args=(process.pid, seconds / 20, stop, result))
        publisher.start()
        watcher.start()
        try:
            asyncio.run(_read(port, readers, time.monotonic() + seconds, result))
        finally:
            stop.set()
            publisher.join()
            watcher.join()
        if process.poll() is not None:
            result.errors.append(f"the server ended with {process.returncode}")
    assert len(list(published.glob("2*.duckdb"))) <= KEPT_FILES
    return result


def publish_next(warehouse: Path, published: Path, result: Result) -> None:
    """Mark the warehouse with the next number and publish it as any run is."""
    result.published += 1
    mark = f"run-{result.published:05d}"
    with duckdb.connect(str(warehouse)) as connection:
        for table, column in (("dim_run", "run_id"), ("fct_tie_out", "run_id"), ("dim_company", "name"),
                              ("fct_receivable", "invoice_number"), ("fct_bank_movement", "reference")):  # fmt: skip
            connection.execute(f"update marts.{table} set {column} = '{mark}'")
    started = time.perf_counter()
    publish(warehouse, published, f"20261101T000000-{result.published:05d}")
    result.slowest_publish_seconds = max(result.slowest_publish_seconds, time.perf_counter() - started)


def keep_publishing(warehouse: Path, published: Path, every: float, stop: threading.Event, result: Result) -> None:
    while not stop.wait(every):
        try:
            publish_next(warehouse, published, result)
        except Exception as error:
            result.errors.append(f"publishing: {error}")


def watch(process: int, every: float, stop: threading.Event, result: Result) -> None:
    """Files that the server has open, and its memory; Linux only."""
    started = time.monotonic()
    while not stop.wait(every):
        opened = []
        for descriptor in Path(f"/proc/{process}/fd").iterdir():
            try:
                opened.append(os.readlink(descriptor))
            except OSError:
                continue
        status = Path(f"/proc/{process}/status").read_text()
        memory = int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024
        deleted = sum(name.endswith(".duckdb (deleted)") for name in opened)
        result.held.append((time.monotonic() - started, len(opened), deleted, memory))


@contextmanager
def server(published: Path) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The page, served as the dashboards are."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(PAGE), "--server.port", str(port), "--server.headless", "true",
         "--server.address", "127.0.0.1", "--browser.gatherUsageStats", "false", "--server.fileWatcherType", "none"],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=os.environ | {
            "SETTLEHOUSE_PUBLISHED": str(published), "SETTLEHOUSE_ACCESS_LOG": str(published.parent.parent / "access"),
            "SETTLEHOUSE_PERSONAS": "", "SETTLEHOUSE_ACCESS_POLICY": "",
        },
    )  # fmt: skip
    try:
        until = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2)
                break
            except OSError:
                assert process.poll() is None, "the pages did not start"
                assert time.monotonic() < until, "the pages did not answer in time"
                time.sleep(0.3)
        yield port, process
    finally:
        process.terminate()
        process.wait(30)


async def _read(port: int, readers: int, until: float, result: Result) -> None:
    await asyncio.gather(*(_reader(port, until, result) for _ in range(readers)))


async def _reader(port: int, until: float, result: Result) -> None:
    """One browser's session: asks for the page again as soon as it has it."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.asyncio.client import connect

    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    async with connect(
        address, subprotocols=["streamlit"], max_size=None, open_timeout=60, ping_timeout=None
    ) as session:
        while time.monotonic() < until:
            ask = BackMsg()
            ask.rerun_script.query_string = ""
            started = time.monotonic()
            await session.send(ask.SerializeToString())
            shown = ""
            while True:
                told = ForwardMsg()
                told.ParseFromString(await asyncio.wait_for(session.recv(), 120))
                kind = told.WhichOneof("type")
                if kind == "delta" and told.delta.WhichOneof("type") == "new_element":
                    element = told.delta.new_element
                    if element.WhichOneof("type") == "exception":
                        result.errors.append(f"{element.exception.type}: {element.exception.message}"[:300])
                    elif element.WhichOneof("type") == "text":
                        shown = element.text.body
                if kind == "script_finished":
                    break
            result.views += 1
            result.slowest_seconds = max(result.slowest_seconds, time.monotonic() - started)
            marks = re.findall(r"run-\d{5}", shown)
            result.runs_seen |= set(marks)
            if len(marks) != 1:
                result.mixed.append(shown or "nothing was shown")
