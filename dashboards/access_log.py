"""Who looked at and exported what: one line of JSON for every view and export, in one file per month.

A line has when, who, role, page, what was done, the queries with the number of rows that each returned, and the tables
they read. It has no figure, no filter value and no text that a reader typed. Files are only ever appended to; those
older than the policy keeps are deleted when a month's first line is written. Without a folder nothing is logged.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

LOG_VARIABLE = "SETTLEHOUSE_ACCESS_LOG"
ACTIONS = VIEW, EXPORT, REFUSED = "view", "export", "refused"
LISTED = 5_000
KEPT_MONTHS = 24
_LOCK = threading.Lock()


def log_folder() -> Path | None:
    """Where the log is, from the environment."""
    place = os.environ.get(LOG_VARIABLE, "").strip()
    return Path(place) if place else None


def open_log(kept_months: int = KEPT_MONTHS) -> None:
    """Make sure that this month's file can be appended to; raises OSError where it can't. Do it before showing a page.

    A month's first call deletes the files of months before the kept ones.
    """
    folder = log_folder()
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC)
    file = _file(folder, now)
    is_new = not file.exists()
    with file.open("ab"):
        pass
    if is_new:
        oldest = now.year * 12 + now.month - 1 - kept_months
        for old in folder.glob("access-????-??.jsonl"):
            year, month = old.stem.removeprefix("access-").split("-")
            if year.isdigit() and month.isdigit() and int(year) * 12 + int(month) - 1 < oldest:
                old.unlink(missing_ok=True)


def append(
    action: str,
    page: str,
    *,
    who: str,
    role: str,
    rows_of: Mapping[str, tuple[str, ...]],
    queries: Mapping[str, int],
    tables: tuple[str, ...],
    file: str = "",
) -> None:
    """Add a line. ``queries``: name of a query → rows returned; ``rows_of``: row scope → values; raises OSError."""
    folder = log_folder()
    if folder is None:
        return
    now = datetime.now(UTC)
    entry: dict[str, Any] = {
        "at": now.isoformat(timespec="seconds"),
        "who": who,
        "role": role,
        "rows_of": {name: list(values) for name, values in rows_of.items()},
        "page": page,
        "action": action,
        "queries": dict(queries),
        "tables": list(tables),
        "rows": sum(queries.values()),
    }
    if file:
        entry["file"] = file
    line = (json.dumps(entry, ensure_ascii=False) + "\n").encode()
    with _LOCK:  # one write of a whole line, so that two readers' lines never mix
        handle = os.open(_file(folder, now), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        try:
            os.write(handle, line)
        finally:
            os.close(handle)


def entries() -> Iterator[dict[str, Any]]:
    """Every line there is, newest first; a line that is no JSON is told as one with the ``action`` broken."""
    folder = log_folder()
    for file in sorted(folder.glob("access-????-??.jsonl"), reverse=True) if folder else []:
        for line in reversed(file.read_text(encoding="utf-8", errors="replace").splitlines()):
            try:
                entry = json.loads(line)
            except ValueError:
                entry = None
            yield entry if isinstance(entry, dict) else {"action": "broken"}


def newest(most: int = LISTED) -> pd.DataFrame:
    """The newest lines as rows: happened_at (UTC), who, role, page, log_action, rows, queries (by name), file."""
    told = [
        {
            "happened_at": str(entry.get("at") or "").replace("T", " ").removesuffix("+00:00"),
            "who": str(entry.get("who") or ""),
            "role": str(entry.get("role") or ""),
            "page": str(entry.get("page") or ""),
            "log_action": str(entry.get("action") or ""),
            "rows": int(entry.get("rows") or 0),
            "queries": ", ".join(entry.get("queries") or ()),
            "file": str(entry.get("file") or ""),
        }
        for entry in islice(entries(), most)
    ]
    columns = ["happened_at", "who", "role", "page", "log_action", "rows", "queries", "file"]
    return pd.DataFrame(told, columns=columns)


def _file(folder: Path, day: datetime) -> Path:
    return folder / f"access-{day:%Y-%m}.jsonl"
