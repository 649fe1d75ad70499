"""The log for machines: one JSON object a line in ``<home>/logs/log-<month>.jsonl``, without secrets.

Fields: at (UTC), level, event (the first word of a progress line), message, values (what was filled into the message),
run_id within a run, error (type and text of an exception).
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from dagster_project.redaction import blotted

log = logging.getLogger("settlehouse")


class JsonLines(logging.Handler):
    """Appends each record in one write, so that several processes may have the file open."""

    def __init__(self, home: Path, run_id: str | None = None) -> None:
        super().__init__(logging.INFO)
        self.folder = home / "logs"
        self.run_id = run_id

    def emit(self, record: logging.LogRecord) -> None:
        try:
            at = datetime.fromtimestamp(record.created, UTC)
            message = record.getMessage()
            line = {
                "at": at.isoformat(timespec="milliseconds"),
                "level": record.levelname.lower(),
                "event": next(iter(message.split()), ""),
                "message": blotted(message),
                "values": [
                    value if isinstance(value, bool | int | float) or value is None else blotted(str(value))
                    for value in (record.args if isinstance(record.args, tuple) else ())
                ],
            }
            if self.run_id:
                line["run_id"] = self.run_id
            if record.exc_info and record.exc_info[1] is not None:
                line["error"] = blotted(f"{type(record.exc_info[1]).__name__}: {record.exc_info[1]}")
            self.folder.mkdir(parents=True, exist_ok=True)
            written = (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8", "replace")
            file = os.open(self.folder / f"log-{at:%Y-%m}.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
            try:
                os.write(file, written)
            finally:
                os.close(file)
        except OSError:  # a full disk is told by the work itself; the log must not add to it
            pass
        except Exception:
            self.handleError(record)


class BlottedFormatter(logging.Formatter):
    """For the lines that people read: as they are, without secrets."""

    def format(self, record: logging.LogRecord) -> str:
        return blotted(super().format(record))


@contextmanager
def logged(home: Path, run_id: str | None = None) -> Iterator[None]:
    """What is logged within the block also goes to the file."""
    handler = JsonLines(home, run_id)
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(before)
